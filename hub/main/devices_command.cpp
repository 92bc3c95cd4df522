#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

struct DevicesCommand {
  HubOption hub;
  bool json = false;

  int run() const {
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    if (json) return print_json(snapshot->at("devices"));
    const auto& devices = snapshot->at("devices");
    if (devices.empty()) {
      std::printf("No device has joined yet. Open a pairing window: espial hub --pair 10\n");
      return 0;
    }
    const std::int64_t now_ms = snapshot->at("now");
    std::printf("%-30s %-17s %-8s %-12s %s\n", "NAME", "MAC", "STATE", "SEEN", "FUNCTIONS");
    for (const auto& device : devices) print(device, now_ms);
    return 0;
  }

  static void print(const nlohmann::json& device, std::int64_t now_ms) {
    std::string functions;
    for (const auto& function : device.at("functions")) {
      if (!functions.empty()) functions += "; ";
      functions += describe_function(function);
    }
    std::printf("%-30s %-17s %-8s %-12s %s\n", device.at("name").get<std::string>().c_str(),
                device.at("mac").get<std::string>().c_str(),
                device.at("online").get<bool>() ? "online" : "offline",
                describe_age(device.at("last_seen"), now_ms).c_str(), functions.c_str());
  }
};

}  // namespace

void add_devices_command(CLI::App& app, int& exit_code) {
  auto* const command =
      app.add_subcommand("devices", "List the hub's devices and what they said last");
  const auto options = std::make_shared<DevicesCommand>();
  options->hub.add_to(*command);
  command->add_flag("--json", options->json, "As JSON, for scripts");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
