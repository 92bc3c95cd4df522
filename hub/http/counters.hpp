#pragma once

#include <cstdint>
#include <vector>

#include "hub/http/dashboard.hpp"

namespace espial::http {

/// What the HTTP server has seen, for /metrics. Every refusal has a figure here.
struct Counters {
  std::uint64_t requests = 0;
  std::uint64_t server_errors = 0;
  std::uint64_t client_errors = 0;
  /// Bytes that were no HTTP request.
  std::uint64_t garbage = 0;
  std::uint64_t headers_too_large = 0;
  std::uint64_t bodies_too_large = 0;
  std::uint64_t bodies_not_understood = 0;
  /// Wrong Host, Origin or Content-Type.
  std::uint64_t guard_refusals = 0;
  std::uint64_t timeouts = 0;
  /// Connections that broke off before TLS stood.
  std::uint64_t tls_failures = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t streams_refused = 0;
  /// Large answers, and pages' snapshots, for which too much was under way to others.
  std::uint64_t bytes_refused = 0;
  std::uint64_t events_sent = 0;
  std::uint64_t events_coalesced = 0;
  /// Times a slow client was dropped to a fresh snapshot.
  std::uint64_t streams_resynced = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t streams_open = 0;

  void collect(std::vector<Metric>& metrics) const;
};

}  // namespace espial::http
