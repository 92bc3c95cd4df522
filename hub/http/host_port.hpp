#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace espial::http {

/// A machine, by name or address, and a port of it.
struct HostPort {
  std::string host;  ///< an IPv6 address without brackets
  std::uint16_t port = 0;

  /// As it stands in a URL: "hub.local:8080", "[::1]:8080".
  std::string text() const;
};

/// Reads "host:port" or "host". An IPv6 address stands in brackets before a port, and may do so
/// without one. Nothing for anything else, and for port 0.
std::optional<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port);

}  // namespace espial::http
