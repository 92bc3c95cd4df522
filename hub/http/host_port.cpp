#include "hub/http/host_port.hpp"

#include <charconv>

namespace espial::http {

std::string HostPort::text() const {
  const bool has_colons = host.find(':') != std::string::npos;
  return (has_colons ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::optional<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  HostPort place{{}, default_port};
  const std::size_t colon = text.rfind(':');
  const bool is_only = colon == text.find(':');
  if (colon != std::string_view::npos && (is_only || text[colon - 1] == ']')) {
    const std::string_view port = text.substr(colon + 1);
    const char* const end = port.data() + port.size();
    const auto result = std::from_chars(port.data(), end, place.port);
    if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
    text = text.substr(0, colon);
  }
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  if (text.empty() || text.find_first_of("/ @?#[]") != std::string_view::npos || place.port == 0) {
    return std::nullopt;
  }
  place.host.assign(text);
  return place;
}

}  // namespace espial::http
