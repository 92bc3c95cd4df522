// What people decide about devices: groups, and which module stands for which, or for none.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/mac_address.hpp"
#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/lifetime_option.hpp"
#include "hub/main/manage_request.hpp"

namespace espial::main {
namespace {

using nlohmann::json;

/// Why a device can't be a member with that slot, as a sentence that names those it has; nothing
/// where it can, or the device has not said yet what it has.
std::optional<std::string> no_such_slot(const json& device, const std::string& slot) {
  std::string known;
  for (const auto& function : device.at("functions")) {
    const std::string number = std::to_string(function.at("slot").get<int>());
    if (number == slot) return std::nullopt;
    known +=
        (known.empty() ? "" : ", ") + number + " (" + function.at("kind").get<std::string>() + ")";
  }
  if (known.empty()) return std::nullopt;
  const std::string name = device.at("name").get<std::string>();
  return name + " has no slot " + slot + "; it has " + known;
}

struct GroupCommand {
  HubOption hub;
  std::string name;
  std::vector<std::string> members;
  std::string field;
  std::string value;
  std::optional<std::uint32_t> lifetime_s;
  bool as_json = false;

  int list() const {
    const auto groups = request(hub.address(), "GET", "/api/groups");
    if (!groups) return 1;
    if (as_json) return print_json(groups->at("groups"));
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    for (const auto& group : groups->at("groups")) {
      std::string text = group.at("name").get<std::string>() + ":";
      for (const auto& member : group.at("members")) {
        text += " " + name_of(*snapshot, member.at("mac")) + ":" +
                std::to_string(member.at("slot").get<int>());
      }
      std::printf("%s\n", text.c_str());
    }
    return 0;
  }

  int save() const {
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    json list = json::array();
    for (const std::string& word : members) {
      // "Hall lamp:1"; a MAC has colons of its own.
      const std::size_t colon = word.rfind(':');
      const bool whole = find_device(*snapshot, word) != nullptr || colon == std::string::npos;
      const std::string mac = find_mac(*snapshot, whole ? word : word.substr(0, colon));
      if (mac.empty()) return 1;
      const std::string slot = whole ? "0" : word.substr(colon + 1);
      if (slot.empty() || slot.find_first_not_of("0123456789") != std::string::npos) {
        return fail("write a member as DEVICE or DEVICE:SLOT, for example \"Hall lamp:1\"");
      }
      if (const auto problem = no_such_slot(*find_device(*snapshot, mac), slot)) {
        return fail(*problem);
      }
      list.push_back({{"mac", mac}, {"slot", std::stoi(slot)}});
    }
    return request(hub.address(), "PUT", "/api/groups/" + escape_path(name), {{"members", list}})
               ? 0
               : 1;
  }

  int remove() const {
    const std::string target = "/api/groups/" + escape_path(name);
    return request_one(hub.address(), "DELETE", target, "group", name) ? 0 : 1;
  }

  int set() const {
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    json wish{{"values", {{field, command_value(value)}}}};
    if (lifetime_s) wish["lifetime_s"] = *lifetime_s;
    const auto sent =
        request_one(hub.address(), "POST", "/api/groups/" + escape_path(name) + "/commands",
                    "group", name, wish);
    if (!sent) return 1;
    int result = 0;
    for (const auto& member : sent->at("members")) {
      const std::string who = name_of(*snapshot, member.at("mac"));
      if (member.at("state") == "not_sent") {
        result = fail(who + ": " + member.at("error").get<std::string>());
      } else {
        const bool waits =
            member.at("state") == "pending" && member.at("waits_for_wake").get<bool>();
        const std::string how =
            waits ? "waits until it wakes, for " + time_left(member.at("expires_at")) + " at most"
                  : "is on its way";
        std::printf("%s: %s %s %s\n", who.c_str(), field.c_str(), value.c_str(), how.c_str());
      }
    }
    return result;
  }
};

struct ReplaceCommand {
  HubOption hub;
  std::string broken;
  std::string fresh;

  int run() const {
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    const std::string from = find_mac(*snapshot, broken);
    if (from.empty()) return 1;
    // One of S0's may not be a device yet: it asks for a number that the broken one has.
    const bool address = find_device(*snapshot, fresh) == nullptr && parse_mac(fresh);
    const std::string to = address ? fresh : find_mac(*snapshot, fresh);
    if (to.empty()) return 1;
    const auto done =
        request(hub.address(), "POST", "/api/replace", {{"broken", from}, {"with", to}});
    if (!done) return 1;
    std::printf("%s has the new board now; its address is %s\n", name_of(*snapshot, from).c_str(),
                done->value("mac", to).c_str());
    return 0;
  }
};

struct ForgetCommand {
  HubOption hub;
  std::string device;
  bool with_history = false;

  int run() const {
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    const std::string mac = find_mac(*snapshot, device);
    if (mac.empty()) return 1;
    const std::string target = "/api/devices/" + mac + (with_history ? "?history=erase" : "");
    if (!request(hub.address(), "DELETE", target)) return 1;
    std::printf("%s at %s is forgotten%s\n", name_of(*snapshot, mac).c_str(), mac.c_str(),
                with_history ? ", with all it has measured" : "");
    return 0;
  }
};

}  // namespace

void add_group_command(CLI::App& app, int& exit_code) {
  auto* const group = app.add_subcommand("group", "Functions that are switched together");
  group->require_subcommand(1);
  const auto options = std::make_shared<GroupCommand>();
  add_request(*group, "list", "All groups", options, &GroupCommand::list, exit_code)
      ->add_flag("--json", options->as_json, "As JSON, for scripts");
  auto* const save = add_request(*group, "save", "Make or change a group", options,
                                 &GroupCommand::save, exit_code);
  save->add_option("name", options->name)->required();
  save->add_option("members", options->members, "DEVICE or DEVICE:SLOT, up to 64")->required();
  auto* const remove =
      add_request(*group, "remove", "Forget a group", options, &GroupCommand::remove, exit_code);
  remove->add_option("name", options->name)->required();
  auto* const set = add_request(*group, "set", "Tell all members the same", options,
                                &GroupCommand::set, exit_code);
  set->add_option("name", options->name)->required();
  set->add_option("field", options->field, "What to set: on, brightness, set_point")->required();
  set->add_option("value", options->value, "A number, on, off or a text")->required();
  add_lifetime_option(*set, options->lifetime_s);
}

void add_replace_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ReplaceCommand>();
  auto* const command = add_request(
      app, "replace", "Let a new board take the place of a broken one: name, history, groups",
      options, &ReplaceCommand::run, exit_code);
  command->add_option("broken", options->broken, "The one that is gone, by name or MAC")
      ->required();
  command
      ->add_option("with", options->fresh,
                   "The new one, which has joined and speaks the same protocol, by name or MAC")
      ->required();
}

void add_forget_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ForgetCommand>();
  auto* const command = add_request(
      app, "forget", "Forget a device that is sold or broken: key, name, waiting commands", options,
      &ForgetCommand::run, exit_code);
  command->add_option("device", options->device, "Its name or MAC")->required();
  command->add_flag("--with-history", options->with_history, "What it has measured, too");
}

}  // namespace espial::main
