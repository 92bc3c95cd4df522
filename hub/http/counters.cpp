#include "hub/http/counters.hpp"

namespace espial::http {

void Counters::collect(std::vector<Metric>& metrics) const {
  const auto add = [&](const char* name, const char* help, std::uint64_t value,
                       Metric::Kind kind = Metric::Kind::kCounter) {
    metrics.push_back({name, help, kind, static_cast<double>(value), {}});
  };
  const auto refused = [&](const char* reason, std::uint64_t value) {
    metrics.push_back({"espial_http_refused_total",
                       "Requests and connections refused, by reason.",
                       Metric::Kind::kCounter,
                       static_cast<double>(value),
                       {{"reason", reason}}});
  };
  add("espial_http_requests_total", "Requests answered.", requests);
  add("espial_http_client_errors_total", "Answers with status 4xx.", client_errors);
  add("espial_http_server_errors_total", "Answers with status 5xx.", server_errors);
  refused("not_http", garbage);
  refused("header_too_large", headers_too_large);
  refused("body_too_large", bodies_too_large);
  refused("body_not_understood", bodies_not_understood);
  refused("foreign_site", guard_refusals);
  refused("too_slow", timeouts);
  refused("no_tls", tls_failures);
  refused("too_many_connections", connections_refused);
  refused("too_many_streams", streams_refused);
  refused("too_many_bytes", bytes_refused);
  add("espial_http_events_sent_total", "Events written to pages.", events_sent);
  add("espial_http_events_coalesced_total", "Events replaced by a newer one before they were sent.",
      events_coalesced);
  add("espial_http_streams_resynced_total", "Slow pages that were given a fresh snapshot.",
      streams_resynced);
  add("espial_http_connections", "Connections open now.", connections_open, Metric::Kind::kGauge);
  add("espial_http_event_streams", "Pages listening now.", streams_open, Metric::Kind::kGauge);
}

}  // namespace espial::http
