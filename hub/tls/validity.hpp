#pragma once

#include <filesystem>
#include <optional>

#include "core/base/time.hpp"

namespace espial::tls {

/// Until when the first certificate of this PEM file is good; nothing when there is none to read.
std::optional<UnixTime> end_of_certificate(const std::filesystem::path& file);

}  // namespace espial::tls
