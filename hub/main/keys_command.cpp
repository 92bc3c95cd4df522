// espial pair, label, revoke, key: who may join, and whose keys are good.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/mac_address.hpp"
#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/label_sheet.hpp"
#include "ports/linux/private_file.hpp"

namespace espial::main {
namespace {

using Json = nlohmann::json;

int fail(const std::string& sentence) {
  std::fprintf(stderr, "espial: %s\n", sentence.c_str());
  return 1;
}

/// The hub's answer; on failure prints why to standard error and returns nothing.
std::optional<Json> ask_keys(const HubOption& hub, const std::string& word, const Json& body) {
  const bool reads = word.empty();
  const auto answer =
      http::ask(hub.address(), reads ? "GET" : "POST", reads ? "/api/keys" : "/api/keys/" + word,
                reads ? std::string() : body.dump());
  const Json json = Json::parse(answer.body, nullptr, false);
  if (answer.status == 200 && json.is_object()) return json;
  const bool explained = json.is_object() && json.contains("error");
  fail(answer.status == 0 ? answer.error
       : explained        ? json["error"].get<std::string>()
                          : "the hub refused: " + answer.body);
  return std::nullopt;
}

/// The address that a person means by `word`: a MAC, or the name of a device.
std::optional<std::string> mac_of(const HubOption& hub, const std::string& word) {
  if (parse_mac(word)) return word;
  const auto snapshot = fetch_snapshot(hub.address());
  if (!snapshot) return std::nullopt;
  if (const Json* const device = find_device(*snapshot, word)) return device->at("mac");
  fail("there is no device \"" + word + "\"; `espial devices` lists them");
  return std::nullopt;
}

int tell_hub(const HubOption& hub, const std::string& word, const Json& body,
             const std::string& done) {
  if (!ask_keys(hub, word, body)) return 1;
  std::printf("%s\n", done.c_str());
  return 0;
}

int about_module(const HubOption& hub, const std::string& device, const std::string& word,
                 const std::string& done) {
  const auto mac = mac_of(hub, device);
  return mac ? tell_hub(hub, word, {{"mac", *mac}}, device + ": " + done) : 1;
}

struct PairCommand {
  HubOption hub;
  std::uint32_t seconds = 120;
  std::vector<std::string> approve;
  std::vector<std::string> refuse;
  std::string policy;
  std::vector<int> modules;
  bool list = false;

  int run() const;
  int show() const;
  int settle() const;
};

int PairCommand::show() const {
  const auto keys = ask_keys(hub, {}, {});
  if (!keys) return 1;
  std::printf("policy: %s\n", keys->at("policy").get<std::string>().c_str());
  std::printf("pairing window: %s\n", keys->at("pairing_until") == 0 ? "closed" : "open");
  for (const Json& one : keys->at("waiting")) {
    std::printf("waiting: %s\n", one.at("mac").get<std::string>().c_str());
  }
  for (const char* list_name : {"approved", "refused", "labels", "revoked"}) {
    for (const Json& mac : keys->at(list_name)) {
      std::printf("%s: %s\n", list_name, mac.get<std::string>().c_str());
    }
  }
  return 0;
}

/// Who may join from now on, beside whoever comes in a window.
int PairCommand::settle() const {
  Json settings = Json::object();
  if (!policy.empty()) settings["policy"] = policy;
  if (!modules.empty()) settings["modules"] = modules;
  return tell_hub(hub, "settings", settings, "that is how modules are admitted from now on");
}

int PairCommand::run() const {
  if (list) return show();
  if (!policy.empty() || !modules.empty()) return settle();
  for (const std::string& mac : approve) {
    if (about_module(hub, mac, "approve", "may join") != 0) return 1;
  }
  for (const std::string& mac : refuse) {
    if (about_module(hub, mac, "refuse", "may not join") != 0) return 1;
  }
  if (!approve.empty() || !refuse.empty()) return 0;
  return tell_hub(hub, "pairing", {{"seconds", seconds}},
                  seconds == 0
                      ? "the pairing window is closed"
                      : "new modules may join for " + std::to_string(seconds) + " seconds");
}

struct LabelCommand {
  HubOption hub;
  std::vector<std::string> macs;
  std::string scan;
  std::string svg;
  bool json = false;

  int run() const;
  void show(const std::vector<SheetLabel>& labels) const;
};

int LabelCommand::run() const {
  if (macs.empty() == scan.empty()) {
    return fail("name the modules to make labels for, or give --scan TEXT of one");
  }
  const auto answer =
      ask_keys(hub, "labels", scan.empty() ? Json{{"macs", macs}} : Json{{"label", scan}});
  if (!answer) return 1;
  if (!scan.empty()) {
    std::printf("%s may join with the key on its label\n",
                answer->at("labels").at(0).at("mac").get<std::string>().c_str());
    return 0;
  }
  std::vector<SheetLabel> labels;
  for (const Json& label : answer->at("labels"))
    labels.push_back({label.at("mac"), label.at("text")});
  if (!svg.empty()) {
    const std::string sheet = label_sheet(labels);
    if (const auto error = write_private_file(svg, as_bytes(sheet))) return fail(*error);
  }
  show(labels);
  return 0;
}

void LabelCommand::show(const std::vector<SheetLabel>& labels) const {
  if (json) {
    Json list = Json::array();
    for (const SheetLabel& label : labels)
      list.push_back({{"mac", label.mac}, {"text", label.text}});
    std::printf("%s\n", list.dump().c_str());
    return;
  }
  for (const SheetLabel& label : labels) {
    const auto code = svg.empty() ? make_qr(label.text) : std::nullopt;
    std::printf("%s%s\n%s\n\n", code ? qr_as_text(*code).c_str() : "", label.mac.c_str(),
                label.text.c_str());
  }
  if (!svg.empty())
    std::printf("the sheet is %s; it is as secret as the keys on it\n", svg.c_str());
}

int show_key(const HubOption& hub, bool json) {
  const auto keys = ask_keys(hub, {}, {});
  if (!keys) return 1;
  const Json& key = keys->at("key");
  if (json) {
    std::printf("%s\n", key.dump().c_str());
    return 0;
  }
  std::printf("the network key is of generation %d\n", key.at("generation").get<int>());
  if (!key.at("changing").get<bool>()) return 0;
  std::printf("it is being changed: %d of %d modules have renewed theirs\n",
              key.at("renewed").get<int>(), key.at("modules").get<int>());
  const auto snapshot = key.at("left").empty() ? std::nullopt : fetch_snapshot(hub.address());
  for (const Json& mac : key.at("left")) {
    const auto text = mac.get<std::string>();
    const Json* const device = snapshot ? find_device(*snapshot, text) : nullptr;
    std::printf("left: %s%s\n", text.c_str(),
                device == nullptr ? "" : (", " + device->at("name").get<std::string>()).c_str());
  }
  std::printf("`espial key finish` refuses the old one now; it ends by itself when all have\n");
  return 0;
}

void add_key_command(CLI::App& app, int& exit_code) {
  struct KeyCommand {
    HubOption hub;
    std::string device;
    bool json = false;
  };
  const auto keys = std::make_shared<KeyCommand>();
  auto* const key = app.add_subcommand("key", "Change the network key, or renew a module's own");
  key->require_subcommand(1);
  keys->hub.add_to(*key);
  auto* const status = key->add_subcommand("status", "Which one is in force, and who has followed");
  status->add_flag("--json", keys->json, "As JSON, for scripts");
  status->callback([keys, &exit_code] { exit_code = show_key(keys->hub, keys->json); });
  auto* const rotate = key->add_subcommand(
      "rotate", "Begin a change: both keys admit until every module has followed");
  rotate->callback([keys, &exit_code] {
    exit_code = tell_hub(keys->hub, "begin_change", Json::object(), "the change has begun");
  });
  auto* const finish = key->add_subcommand("finish", "End it now: the old network key is refused");
  finish->callback([keys, &exit_code] {
    exit_code = tell_hub(keys->hub, "end_change", Json::object(), "the change has ended");
  });
  auto* const renew = key->add_subcommand("renew", "Bring one module to draw a new key of its own");
  renew->add_option("device", keys->device, "Its name or MAC")->required();
  renew->callback([keys, &exit_code] {
    exit_code = about_module(keys->hub, keys->device, "renew", "is asked for a new key");
  });
  for (auto* const sub : {status, rotate, finish, renew}) sub->fallthrough();
}

}  // namespace

void add_keys_commands(CLI::App& app, int& exit_code) {
  const auto pairing = std::make_shared<PairCommand>();
  auto* const pair = app.add_subcommand("pair", "Let new modules join: open the pairing window");
  pair->add_option("seconds", pairing->seconds, "For how long; 0 closes it")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  pair->add_option("--approve", pairing->approve, "Let these join that wait for a word");
  pair->add_option("--refuse", pairing->refuse, "Turn these away");
  pair->add_option("--policy", pairing->policy,
                   "Who may join with the network key: nobody but the listed, whoever comes in a "
                   "pairing window, whoever is approved, anybody")
      ->check(CLI::IsMember({"closed", "window", "approval", "open"}));
  pair->add_option("--modules", pairing->modules,
                   "List these module IDs: who asks for one may always join")
      ->check(CLI::Range(1, 255));
  pair->add_flag("--list", pairing->list, "Show who waits, and what was decided");
  pairing->hub.add_to(*pair);
  pair->callback([pairing, &exit_code] { exit_code = pairing->run(); });

  const auto labelling = std::make_shared<LabelCommand>();
  auto* const label =
      app.add_subcommand("label", "Make keys to print on modules, or take in what a label says");
  label->add_option("mac", labelling->macs, "Addresses of the modules");
  label->add_option("--svg", labelling->svg, "Write a sheet for the printer to this file");
  label->add_option("--scan", labelling->scan, "What a label says that was printed elsewhere");
  label->add_flag("--json", labelling->json, "As JSON, for scripts");
  labelling->hub.add_to(*label);
  label->callback([labelling, &exit_code] { exit_code = labelling->run(); });

  struct Revocation {
    HubOption hub;
    std::string device;
    bool undo = false;
  };
  const auto revocation = std::make_shared<Revocation>();
  auto* const revoke = app.add_subcommand("revoke", "End a lost or stolen module");
  revoke->add_option("device", revocation->device, "Its name or MAC")->required();
  revoke->add_flag("--undo", revocation->undo, "It was found: its key is good again");
  revocation->hub.add_to(*revoke);
  revoke->callback([revocation, &exit_code] {
    exit_code = revocation->undo
                    ? about_module(revocation->hub, revocation->device, "unrevoke", "good again")
                    : about_module(revocation->hub, revocation->device, "revoke", "revoked");
  });
  add_key_command(app, exit_code);
}

}  // namespace espial::main
