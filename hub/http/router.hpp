#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hub/http/counters.hpp"
#include "hub/http/dashboard.hpp"
#include "hub/http/event_log.hpp"
#include "hub/http/handler.hpp"
#include "hub/http/message.hpp"
#include "hub/http/target.hpp"

namespace espial::http {

/// What a page gets first: revision, the hub's clock (ms UTC), devices and system, in one line.
std::string snapshot_json(const Snapshot& snapshot, std::uint64_t revision);

/// Decides what answers a request. No sockets: tests and the fuzzer drive it directly.
class Router {
 public:
  using Reply = http::Reply;

  Router(Dashboard& dashboard, Counters& counters, const EventLog& events)
      : dashboard_(dashboard), counters_(counters), events_(events) {}

  /// Lets `handler` answer whatever lies below these parts of a path: {"api", "groups"}.
  void serve(std::vector<std::string> parts, Handler handler) {
    handlers_.emplace_back(std::move(parts), std::move(handler));
  }

  /// Answers every request, whatever its bytes, by exactly one call of `reply`, now or later. Each
  /// answer bears the security headers.
  void handle(const Request& request, const Reply& reply);

 private:
  void route(const Request& request, const Reply& reply);
  void route_api(const Request& request, const Target& target, const Reply& reply);
  void route_device(const Request& request, const Target& target, const Reply& reply);
  void route_keys(const Request& request, const Target& target, const Reply& reply);
  void history(const MacAddress& mac, const Target& target, const Reply& reply);
  void command(const MacAddress& mac, const Request& request, const Reply& reply);
  void rename(const MacAddress& mac, const Request& request, const Reply& reply);
  void restart(const MacAddress& mac, const Reply& reply);
  Response health();
  Response metrics();

  Dashboard& dashboard_;
  Counters& counters_;
  const EventLog& events_;
  std::vector<std::pair<std::vector<std::string>, Handler>> handlers_;
};

}  // namespace espial::http
