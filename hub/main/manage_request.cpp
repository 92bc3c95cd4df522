#include "hub/main/manage_request.hpp"

#include <cstdio>

#include "hub/main/api_client.hpp"

namespace espial::main {

using nlohmann::json;

int fail(const std::string& sentence) {
  std::fprintf(stderr, "espial: %s\n", sentence.c_str());
  return 1;
}

namespace {

constexpr unsigned kNotFound = 404;

/// What the hub gave, or nothing once it is said why.
std::optional<json> take(const http::Answer& answer) {
  auto result = json::parse(answer.body, nullptr, false);
  if (answer.status >= 200 && answer.status < 300 && result.is_object()) return result;
  const bool said = result.is_object() && result.contains("error");
  fail(said                 ? result["error"].get<std::string>()
       : answer.status == 0 ? answer.error
                            : "the hub refused: " + answer.body);
  return std::nullopt;
}

http::Answer send(const http::HubAddress& hub, const char* method, const std::string& target,
                  const json& body) {
  return http::ask(hub, method, target, std::string_view(method) == "GET" ? "" : body.dump());
}

}  // namespace

std::optional<json> request(const http::HubAddress& hub, const char* method,
                            const std::string& target, const json& body) {
  return take(send(hub, method, target, body));
}

std::optional<json> request_one(const http::HubAddress& hub, const char* method,
                                const std::string& target, const char* what,
                                const std::string& name, const json& body) {
  const auto answer = send(hub, method, target, body);
  if (answer.status != kNotFound) return take(answer);
  fail(std::string("there is no ") + what + " \"" + name + "\"; `espial " + what +
       " list` lists them");
  return std::nullopt;
}

std::string find_mac(const json& snapshot, const std::string& word) {
  const json* const device = find_device(snapshot, word);
  if (device == nullptr) fail("there is no device \"" + word + "\"; `espial devices` lists them");
  return device == nullptr ? "" : (*device)["mac"].get<std::string>();
}

std::string name_of(const json& snapshot, const std::string& mac) {
  const json* const device = find_device(snapshot, mac);
  return device == nullptr ? mac : (*device)["name"].get<std::string>();
}

}  // namespace espial::main
