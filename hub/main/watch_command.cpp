#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

std::string clock_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S", &local);
  return text;
}

struct WatchCommand {
  HubOption hub;
  std::string device;
  bool json = false;
  std::map<std::string, std::string> names;  ///< by MAC

  int run() {
    const StopSignal stop;
    const std::string error = http::follow_events(
        hub.address(), stop.fd(),
        [this](std::string_view name, std::string_view data) { return on_event(name, data); });
    if (error.empty()) return 0;
    std::fprintf(stderr, "espial: %s\n", error.c_str());
    return 1;
  }

  bool on_event(std::string_view name, std::string_view data) {
    const auto event = nlohmann::json::parse(data, nullptr, false);
    if (!event.is_object()) return true;
    learn_names(name, event);
    if (!wanted(name, event)) return true;
    if (json) {
      const nlohmann::json line{{"event", name}, {"data", event}};
      std::printf("%s\n", line.dump().c_str());
    } else {
      print(name, event);
    }
    std::fflush(stdout);
    return true;
  }

  void learn_names(std::string_view name, const nlohmann::json& event) {
    if (name == "snapshot") {
      for (const auto& one : event.at("devices")) names[one.at("mac")] = one.at("name");
    } else if (name == "device" && event.contains("name")) {
      names[event.at("mac")] = event.at("name");
    }
  }

  bool wanted(std::string_view name, const nlohmann::json& event) const {
    // Neither is news: one is how all stand at the start, the other says that the hub is there.
    if (name == "snapshot" || name == "here") return false;
    if (device.empty()) return true;
    const std::string mac = event.value("mac", std::string());
    const auto known = names.find(mac);
    return mac == device || (known != names.end() && known->second == device);
  }

  void print(std::string_view name, const nlohmann::json& event) const {
    const std::string mac = event.value("mac", std::string());
    const auto known = names.find(mac);
    const std::string who = known == names.end() ? mac : known->second;
    if (name == "reading") {
      std::printf("%s  %-30s %s\n", clock_text(event.at("taken_at")).c_str(), who.c_str(),
                  describe_function(event).c_str());
    } else if (name == "device" && event.contains("online")) {
      std::printf("%s  %-30s %s\n", clock_text(event.at("last_seen")).c_str(), who.c_str(),
                  event.at("online").get<bool>() ? "is online" : "is offline");
    } else if (name == "command") {
      std::printf("%s  %-30s command %lld %s\n", clock_text(std::time(nullptr) * 1000).c_str(),
                  who.c_str(), event.at("command_id").get<long long>(),
                  event.at("state").get<std::string>().c_str());
    }
  }
};

}  // namespace

void add_watch_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand("watch", "Follow what devices say, as it is stored");
  const auto options = std::make_shared<WatchCommand>();
  options->hub.add_to(*command);
  command->add_option("device", options->device, "Only this one: its name or MAC");
  command->add_flag("--json", options->json, "Lines of JSON, for scripts");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
