#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "hub/http/host_port.hpp"

namespace espial::http {

/// Where a hub's API is.
struct HubAddress {
  HostPort place{"127.0.0.1", 8080};
  /// Sent as "Authorization: Bearer"; empty: none.
  std::string token;
};

/// Reads "http://host:port", "host:port" or "host" (HostPort); nothing for anything else.
std::optional<HubAddress> parse_hub_address(std::string_view text);

/// What the hub answered, or why there is no answer.
struct Answer {
  unsigned status = 0;  ///< 0: no answer, `error` says why
  std::string body;
  std::string error;  ///< a sentence for a person
};

/// Asks the hub once and waits, at most ten seconds. An empty `body` is sent as none.
Answer ask(const HubAddress& hub, std::string_view method, std::string_view target,
           std::string_view body = {});

/// Follows the hub's events and calls `on_event` for each until that returns false, the hub closes
/// the stream, or `stop_fd` becomes readable.
/// @returns why it ended; empty when `on_event` or `stop_fd` ended it.
std::string follow_events(
    const HubAddress& hub, int stop_fd,
    const std::function<bool(std::string_view name, std::string_view data)>& on_event);

}  // namespace espial::http
