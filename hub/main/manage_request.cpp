#include "hub/main/manage_request.hpp"

#include <cstdio>

#include "hub/main/api_client.hpp"

namespace espial::main {

using nlohmann::json;

int fail(const std::string& sentence) {
  std::fprintf(stderr, "espial: %s\n", sentence.c_str());
  return 1;
}

std::optional<json> request(const http::HubAddress& hub, const char* method,
                            const std::string& target, const json& body) {
  const std::string text = std::string_view(method) == "GET" ? "" : body.dump();
  const auto answer = http::ask(hub, method, target, text);
  auto result = json::parse(answer.body, nullptr, false);
  if (answer.status >= 200 && answer.status < 300 && result.is_object()) return result;
  const bool said = result.is_object() && result.contains("error");
  fail(said                 ? result["error"].get<std::string>()
       : answer.status == 0 ? answer.error
                            : "the hub refused: " + answer.body);
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
