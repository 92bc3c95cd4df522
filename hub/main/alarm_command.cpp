#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "hub/features/alarms/alarm_rule.hpp"
#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/manage_request.hpp"

namespace espial::main {
namespace {

using nlohmann::json;

struct AlarmCommand {
  HubOption hub;
  std::string name;
  std::string device;
  std::string field;
  int slot = 0;
  std::optional<double> above;
  std::optional<double> below;
  double hysteresis = 0;
  std::uint32_t hold_s = 0;
  std::string webhook;
  std::uint32_t hours = 0;
  bool as_json = false;

  int list() const {
    const auto alarms = request(hub.address(), "GET", "/api/alarms");
    if (!alarms) return 1;
    if (as_json) return print_json(alarms->at("alarms"));
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    for (const auto& alarm : alarms->at("alarms")) {
      std::string text = alarm.at("name").get<std::string>() + ": " +
                         name_of(*snapshot, alarm.at("device")) + " " +
                         alarm.at("field").get<std::string>();
      for (const char* limit : {"above", "below"}) {
        if (alarm.contains(limit)) text += std::string(" ") + limit + " " + alarm[limit].dump();
      }
      text += ", now " + alarm.at("value").dump();
      const bool raised = alarm.at("state") == "raised";
      const bool seen = !alarm.at("acknowledged").is_null();
      if (seen) text += ", acknowledged by " + alarm.at("acknowledged").at("by").get<std::string>();
      if (!alarm.at("silenced").is_null())
        text += ", silent " + until(alarm.at("silenced").at("until"));
      std::printf("%-7s %s\n", !raised ? "ok" : seen ? "raised" : "RAISED", text.c_str());
    }
    return 0;
  }

  int save() const {
    // The hub says so, too, but to what it can read as an address.
    if (!alarms::is_plain_name(name)) {
      std::fprintf(stderr, "espial: %s\n", alarms::kPlainNameWanted);
      return 1;
    }
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    const std::string mac = find_mac(*snapshot, device);
    if (mac.empty()) return 1;
    json rule{{"device", mac},
              {"slot", slot},
              {"field", field},
              {"hold_s", hold_s},
              {"hysteresis", hysteresis},
              {"webhook", webhook}};
    if (above) rule["above"] = *above;
    if (below) rule["below"] = *below;
    return request(hub.address(), "PUT", "/api/alarms/" + escape_path(name), rule) ? 0 : 1;
  }

  int remove() const { return say("DELETE", ""); }
  int acknowledge() const { return say("PUT", "/acknowledgement"); }
  int silence() const {
    return say("PUT", "/silence", hours == 0 ? json::object() : json{{"seconds", hours * 3600}});
  }
  int unsilence() const { return say("DELETE", "/silence"); }

  int say(const char* method, const std::string& part, const json& body = json::object()) const {
    const std::string target = "/api/alarms/" + escape_path(name) + part;
    return request_one(hub.address(), method, target, "alarm", name, body) ? 0 : 1;
  }

  static std::string until(const json& moment) {
    if (moment.is_null()) return "until switched on";
    return "until " + describe_moment(moment.get<std::int64_t>());
  }
};

}  // namespace

void add_alarm_command(CLI::App& app, int& exit_code) {
  auto* const alarm =
      app.add_subcommand("alarm", "Thresholds on values, told to MQTT and webhooks");
  alarm->require_subcommand(1);
  const auto options = std::make_shared<AlarmCommand>();
  add_request(*alarm, "list", "All alarms and how they stand", options, &AlarmCommand::list,
              exit_code)
      ->add_flag("--json", options->as_json, "As JSON, for scripts");
  auto* const save = add_request(*alarm, "save", "Make or change an alarm", options,
                                 &AlarmCommand::save, exit_code);
  save->add_option("name", options->name)->required();
  save->add_option("device", options->device, "Its name or MAC")->required();
  save->add_option("field", options->field, "Whose value: temperature, level")->required();
  save->add_option("--slot", options->slot, "Which function; 15 is the module itself")
      ->check(CLI::Range(0, 15));
  save->add_option("--above", options->above, "Raised over this value");
  save->add_option("--below", options->below, "Raised under this value");
  save->add_option("--hysteresis", options->hysteresis, "How far it has to come back");
  save->add_option("--hold", options->hold_s, "Seconds that it has to last");
  save->add_option("--webhook", options->webhook, "http or https address to post to");
  const auto add_one = [&](const char* word, const char* what, int (AlarmCommand::*run)() const) {
    auto* const command = add_request(*alarm, word, what, options, run, exit_code);
    command->add_option("name", options->name)->required();
    return command;
  };
  add_one("remove", "Forget an alarm", &AlarmCommand::remove);
  add_one("acknowledge", "Say that you take care of an alarm that is raised",
          &AlarmCommand::acknowledge);
  add_one("silence", "Tell nobody of an alarm; the page shows it all the same",
          &AlarmCommand::silence)
      ->add_option("--hours", options->hours, "For how long; otherwise until `unsilence`")
      ->check(CLI::Range(1, 8'784));
  add_one("unsilence", "Tell of an alarm again", &AlarmCommand::unsilence);
}

}  // namespace espial::main
