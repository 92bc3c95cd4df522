#include "hub/http/guard.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace espial::http {

using station::Problem;

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Four decimal octets, the first of them 127.
bool is_loopback_v4(std::string_view text) {
  int count = 0;
  for (; count < 4; ++count) {
    const std::size_t dot = text.find('.');
    const std::string_view octet = text.substr(0, dot);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(octet.data(), octet.data() + octet.size(), value);
    if (error != std::errc() || end != octet.data() + octet.size() || value > 255) return false;
    if (count == 0 && value != 127) return false;
    if (dot == std::string_view::npos) return count == 3;
    text.remove_prefix(dot + 1);
  }
  return false;
}

std::string own_origin(const Request& request) {
  return (request.secure ? "https://" : "http://") + lower(request.host);
}

bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return lower(type) == "application/json";
}

}  // namespace

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

bool names_loopback(std::string_view host) {
  std::string_view name = host;
  if (host.substr(0, 1) == "[") {
    const std::size_t bracket = host.find(']');
    if (bracket == std::string_view::npos) return false;
    name = host.substr(0, bracket + 1);
  } else {
    name = host.substr(0, host.find(':'));
  }
  const std::string_view rest = host.substr(name.size());
  if (!rest.empty() && (rest.front() != ':' || !all_digits(rest.substr(1)))) return false;
  const std::string plain = lower(name);
  return plain == "localhost" || plain == "[::1]" || is_loopback_v4(plain);
}

std::optional<Response> guard(const Request& request, bool any_host) {
  if (any_host ? request.host.empty() : !names_loopback(request.host)) {
    return error_response(421, Problem::kWrongHost,
                          "This hub answers only under its own address. Open it as "
                          "http://127.0.0.1 with the port it was started on.");
  }
  if (!request.origin.empty() && lower(request.origin) != own_origin(request)) {
    return error_response(403, Problem::kForeignPage,
                          "Another site's page may not use this hub. Open the hub's own page.");
  }
  if (changes_something(request.method) && !is_json(request.content_type)) {
    return error_response(415, Problem::kNotJson,
                          "Send the body as JSON, with Content-Type: application/json.");
  }
  return std::nullopt;
}

}  // namespace espial::http
