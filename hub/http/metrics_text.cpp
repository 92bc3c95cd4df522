#include "hub/http/metrics_text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>

namespace espial::http {
namespace {

prometheus::MetricFamily& family_of(const Metric& metric,
                                    std::vector<prometheus::MetricFamily>& families) {
  const auto found = std::find_if(
      families.begin(), families.end(),
      [&](const prometheus::MetricFamily& family) { return family.name == metric.name; });
  if (found != families.end()) return *found;
  prometheus::MetricFamily& family = families.emplace_back();
  family.name = metric.name;
  family.help = metric.help;
  family.type = metric.kind == Metric::Kind::kCounter ? prometheus::MetricType::Counter
                                                      : prometheus::MetricType::Gauge;
  return family;
}

}  // namespace

std::string metrics_text(const std::vector<Metric>& metrics) {
  std::vector<prometheus::MetricFamily> families;
  for (const Metric& metric : metrics) {
    prometheus::ClientMetric& sample = family_of(metric, families).metric.emplace_back();
    for (const auto& [name, value] : metric.labels) sample.label.push_back({name, value});
    if (metric.kind == Metric::Kind::kCounter) {
      sample.counter.value = metric.value;
    } else {
      sample.gauge.value = metric.value;
    }
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

}  // namespace espial::http
