#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/wire/kind.hpp"
#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/lifetime_option.hpp"

namespace espial::main {
namespace {

int fail(const std::string& sentence) {
  std::fprintf(stderr, "espial: %s\n", sentence.c_str());
  return 1;
}

struct SetCommand {
  HubOption hub;
  std::string device;
  std::string field;
  std::string value;
  int slot = -1;
  std::optional<std::uint32_t> lifetime_s;
  bool no_wait = false;
  bool json = false;

  int run() const;
  const nlohmann::json* choose(const nlohmann::json& functions) const;
  int wait_for_end(const std::string& mac, const nlohmann::json& request) const;
  int send(const std::string& mac, const nlohmann::json& request, long long& id) const;
  int conclude(const nlohmann::json& command) const;
};

bool is_commanded(const nlohmann::json& function, const std::string& field) {
  if (!function.at("commands").get<bool>()) return false;
  const wire::KindInfo* const kind =
      wire::find_standard_kind(function.at("kind").get<std::string>());
  if (kind != nullptr) {
    return kind->accepts_commands() && kind->fields[kind->command_field].name == field;
  }
  const auto fields = function.value("fields", nlohmann::json::object());
  return fields.contains(field) && fields[field].contains("set");
}

/// The function whose commanded field is the one named.
const nlohmann::json* SetCommand::choose(const nlohmann::json& functions) const {
  for (const auto& function : functions) {
    if (slot >= 0 && function.at("slot") != slot) continue;
    if (is_commanded(function, field)) return &function;
  }
  return nullptr;
}

int SetCommand::run() const {
  const auto address = hub.address();
  const auto snapshot = fetch_snapshot(address);
  if (!snapshot) return 1;
  const nlohmann::json* const found = find_device(*snapshot, device);
  if (found == nullptr) {
    return fail("there is no device \"" + device + "\"; `espial devices` lists them");
  }
  const nlohmann::json* const function = choose(found->at("functions"));
  if (function == nullptr) {
    return fail("\"" + device + "\" has no function whose \"" + field + "\" can be set");
  }
  nlohmann::json request{{"slot", function->at("slot")},
                         {"values", {{field, command_value(value)}}}};
  if (lifetime_s) request["lifetime_s"] = *lifetime_s;
  const std::string mac = found->at("mac");
  if (!no_wait) return wait_for_end(mac, request);
  long long id = 0;
  return send(mac, request, id);
}

int SetCommand::send(const std::string& mac, const nlohmann::json& request, long long& id) const {
  const auto answer =
      http::ask(hub.address(), "POST", "/api/devices/" + mac + "/commands", request.dump());
  if (answer.status == 0) return fail(answer.error);
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  if (answer.status != 202 || !body.is_object()) {
    return fail(body.is_object() && body.contains("error") ? body["error"].get<std::string>()
                                                           : "the hub refused: " + answer.body);
  }
  id = body.at("command_id").get<long long>();
  const bool waits = body.at("waits_for_wake").get<bool>();
  const std::string asleep = device + " sleeps: command " + std::to_string(id) +
                             " waits until it wakes, for " + time_left(body.at("expires_at")) +
                             " at most";
  if (no_wait && json) {
    std::printf("%s\n", body.dump().c_str());
  } else if (no_wait && waits) {
    std::printf("%s\n", asleep.c_str());
  } else if (no_wait) {
    std::printf("command %lld is on its way\n", id);
  } else if (waits) {
    std::fprintf(stderr, "espial: %s\n", asleep.c_str());
  }
  return 0;
}

/// Listens before it sends, so that an end that comes at once is not missed.
int SetCommand::wait_for_end(const std::string& mac, const nlohmann::json& request) const {
  const StopSignal stop;
  long long id = -1;
  int result = 1;
  const std::string error = http::follow_events(
      hub.address(), stop.fd(), [&](std::string_view name, std::string_view data) {
        if (id < 0) {
          result = send(mac, request, id);
          if (result != 0) return false;
          result = 1;
        }
        if (name != "command") return true;
        const auto command = nlohmann::json::parse(data, nullptr, false);
        if (!command.is_object() || command.at("command_id") != id || command.at("mac") != mac ||
            command.at("state") == "pending") {
          return true;
        }
        result = conclude(command);
        return false;
      });
  return error.empty() ? result : fail(error);
}

int SetCommand::conclude(const nlohmann::json& command) const {
  const std::string state = command.at("state");
  if (json) {
    std::printf("%s\n", command.dump().c_str());
  } else if (state == "executed") {
    std::printf("%s: %s %s\n", device.c_str(), field.c_str(), value.c_str());
  } else if (state == "expired") {
    fail(device + " did not answer in time; the command has expired");
  } else {
    fail(device + " refused the command");
  }
  return state == "executed" ? 0 : 1;
}

}  // namespace

void add_set_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "set", "Send a command and wait for its end; fails unless the device executed it");
  const auto options = std::make_shared<SetCommand>();
  command->add_option("device", options->device, "Its name or MAC")->required();
  command
      ->add_option("field", options->field,
                   "What to set: on, brightness, set_point, field_6 of a configuration's own kind")
      ->required();
  command->add_option("value", options->value, "A number, on, off or a text")->required();
  command->add_option("--slot", options->slot, "Which function, where several have that field")
      ->check(CLI::Range(0, 11));
  add_lifetime_option(*command, options->lifetime_s);
  command->add_flag("--no-wait", options->no_wait, "Do not wait for the end");
  command->add_flag("--json", options->json, "As JSON, for scripts");
  options->hub.add_to(*command);
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
