#include "hub/main/api_client.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "core/wire/kind.hpp"
#include "hub/http/guard.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/data_directory.hpp"

namespace espial::main {
namespace {

std::string number_text(double number, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, number);
  return text;
}

const wire::FieldInfo* find_field(std::string_view kind, std::string_view field) {
  const wire::KindInfo* const info = wire::find_standard_kind(kind);
  if (info == nullptr) return nullptr;
  for (const wire::FieldInfo& candidate : info->fields) {
    if (candidate.name == field) return &candidate;
  }
  return nullptr;
}

/// S0's own name of a field of a kind that a configuration defines: field_5 is F1.
std::string own_field_name(const std::string& field) {
  constexpr std::string_view kPrefix = "field_";
  constexpr int kOwnBytes = 5;
  if (field.size() != kPrefix.size() + 1 || field.rfind(kPrefix, 0) != 0) return field;
  const int place = field.back() - '0';
  return place < kOwnBytes ? "U" + std::to_string(place + 1)
                           : "F" + std::to_string(place - kOwnBytes + 1);
}

/// As describe_value, with the name and the unit that a configuration gives; nothing where it names
/// other fields only.
std::string describe_own_field(const nlohmann::json& function, const std::string& field,
                               const nlohmann::json& value) {
  const auto notes = function.find("fields");
  if (notes == function.end()) return own_field_name(field) + " " + describe_value("", "", value);
  const auto note = notes->find(field);
  if (note == notes->end()) return {};
  const std::string title = note->value("title", std::string());
  const std::string unit = value.is_number() ? note->value("unit", std::string()) : std::string();
  return (title.empty() ? own_field_name(field) : title) + " " + describe_value("", "", value) +
         (unit.empty() ? "" : " " + unit);
}

}  // namespace

void HubOption::add_to(CLI::App& command) {
  command.add_option("--hub", text, "HOST:PORT of the hub")
      ->envname("ESPIAL_HUB")
      ->capture_default_str();
  command.add_option("--token", token, "Token for the hub, where it demands one")
      ->envname("ESPIAL_TOKEN");
  command.add_option("--data", data, "Data of a hub on this machine, for its owner's token")
      ->default_val(kDefaultData);
}

http::HubAddress HubOption::address() const {
  const auto address = http::parse_hub_address(text);
  if (!address)
    throw CLI::ValidationError("--hub", "must be HOST:PORT, for example 127.0.0.1:8080");
  http::HubAddress hub = *address;
  hub.token = token;
  if (!hub.token.empty() || !http::names_loopback(hub.place.text())) return hub;
  // Without data of its own a hub may demand no token; who names some means them.
  if (data != kDefaultData && !is_data_directory(data)) {
    throw CLI::ValidationError("--data", no_data_in(data));
  }
  hub.token = local_secret(data);
  return hub;
}

const nlohmann::json* find_device(const nlohmann::json& snapshot, std::string_view word) {
  for (const auto& device : snapshot.at("devices")) {
    if (device.at("name") == word || device.at("mac") == word) return &device;
  }
  return nullptr;
}

std::optional<nlohmann::json> fetch_snapshot(const http::HubAddress& hub) {
  const auto answer = http::ask(hub, "GET", "/api/devices");
  if (answer.status == 0) {
    std::fprintf(stderr, "espial: %s\n", answer.error.c_str());
    return std::nullopt;
  }
  auto snapshot = nlohmann::json::parse(answer.body, nullptr, false);
  if (answer.status == 401 || answer.status == 403) {
    std::fprintf(stderr,
                 "espial: the hub at %s demands a token; give one with --token, or its data "
                 "directory with --data\n",
                 hub.place.text().c_str());
    return std::nullopt;
  }
  if (answer.status == 503 && snapshot.is_object() && snapshot.contains("code")) {
    std::fprintf(stderr, "espial: the hub at %s can't say now: %s\n", hub.place.text().c_str(),
                 snapshot.value("error", std::string()).c_str());
    return std::nullopt;
  }
  if (answer.status != 200 || !snapshot.is_object() || !snapshot["devices"].is_array()) {
    std::fprintf(stderr, "espial: what answers at %s is not an Espial hub (HTTP %u)\n",
                 hub.place.text().c_str(), answer.status);
    return std::nullopt;
  }
  return snapshot;
}

std::optional<nlohmann::json> ask_json(const HubOption& hub, const std::string& method,
                                       const std::string& target, const std::string& body) {
  const auto answer = http::ask(hub.address(), method, target, body);
  if (answer.status == 0) {
    std::fprintf(stderr, "espial: %s\n", answer.error.c_str());
    return std::nullopt;
  }
  auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (answer.status / 100 == 2 && !json.is_discarded()) return json;
  const std::string why = json.is_object() ? json.value("error", answer.body) : answer.body;
  std::fprintf(stderr, "espial: %s\n", why.c_str());
  return std::nullopt;
}

int report(const HubOption& hub, const std::string& method, const std::string& target,
           const std::string& body, const std::string& done) {
  if (!ask_json(hub, method, target, body)) return 1;
  std::printf("%s\n", done.c_str());
  return 0;
}

int print_json(const nlohmann::json& list) {
  std::printf("%s\n", list.dump(2).c_str());
  return 0;
}

int print_named(const HubOption& hub, const std::string& target, bool as_json) {
  const auto list = ask_json(hub, "GET", target, "");
  if (!list || !list->is_array()) return 1;
  if (as_json) return print_json(*list);
  for (const auto& one : *list) {
    std::printf("%-32s %s\n", one.value("name", std::string()).c_str(),
                one.value("role", std::string()).c_str());
  }
  return 0;
}

std::string describe_value(std::string_view kind, std::string_view field,
                           const nlohmann::json& value) {
  if (value.is_null()) return "none";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return value.dump();
  const double number = value.get<double>();
  const wire::FieldInfo* const info = find_field(kind, field);
  if (info == nullptr) return value.dump();
  const double index = std::max(0.0, number);
  if (index < static_cast<double>(info->states.size())) {
    return std::string(info->states[static_cast<std::size_t>(index)]);
  }
  if (info->type == wire::FieldType::kBool) return number != 0 ? "yes" : "no";
  std::string text = number_text(number, info->decimals);
  if (!info->unit.empty()) text += " " + std::string(info->unit);
  return text;
}

std::string describe_function(const nlohmann::json& function) {
  const std::string kind = function.at("kind");
  std::string text;
  const bool is_own = wire::find_standard_kind(kind) == nullptr;
  for (const auto& [field, value] : function.at("values").items()) {
    const std::string one = is_own ? describe_own_field(function, field, value)
                                   : field + " " + describe_value(kind, field, value);
    text += (text.empty() || one.empty() ? "" : ", ") + one;
  }
  const std::string kind_title = function.value("kind_title", std::string());
  if (text.empty()) text = (kind_title.empty() ? kind : kind_title) + " -";
  const std::string title = function.value("title", std::string());
  return title.empty() ? text : title + ": " + text;
}

std::string describe_age(std::int64_t at_ms, std::int64_t now_ms) {
  if (at_ms == 0) return "never";
  const std::int64_t seconds = std::max<std::int64_t>(0, (now_ms - at_ms) / 1000);
  if (seconds < 120) return std::to_string(seconds) + " s ago";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + " min ago";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + " h ago";
  return std::to_string(seconds / 86400) + " days ago";
}

std::string describe_moment(std::int64_t at_ms) {
  const std::time_t seconds = at_ms / 1000;
  std::tm local{};
  char text[32] = "";
  if (::localtime_r(&seconds, &local) != nullptr) {
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  }
  return text;
}

std::string escape_path(const std::string& name) {
  std::string text;
  for (const char c : name) {
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(c));
    text += code;
  }
  return text;
}

nlohmann::json command_value(const std::string& text) {
  if (text == "on" || text == "true" || text == "yes") return 1;
  if (text == "off" || text == "false" || text == "no") return 0;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0') return number;
  return text;
}

StopSignal::StopSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC);
}

StopSignal::~StopSignal() { ::close(fd_); }

}  // namespace espial::main
