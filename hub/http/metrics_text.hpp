#pragma once

#include <string>
#include <vector>

#include "hub/http/dashboard.hpp"

namespace espial::http {

/// The figures in Prometheus' text form. Metrics of one name are gathered under one heading, in
/// the order in which the names first appear.
std::string metrics_text(const std::vector<Metric>& metrics);

}  // namespace espial::http
