#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

int fail(const std::string& sentence) {
  std::fprintf(stderr, "espial: %s\n", sentence.c_str());
  return 1;
}

struct RestartCommand {
  HubOption hub;
  std::string device;

  int run() const {
    const auto address = hub.address();
    const auto snapshot = fetch_snapshot(address);
    if (!snapshot) return 1;
    const nlohmann::json* const found = find_device(*snapshot, device);
    if (found == nullptr) {
      return fail("there is no device \"" + device + "\"; `espial devices` lists them");
    }
    const std::string mac = found->at("mac");
    const auto answer = http::ask(address, "POST", "/api/devices/" + mac + "/restart", "{}");
    if (answer.status == 0) return fail(answer.error);
    if (answer.status == 202) {
      std::printf("%s was told to start again\n", device.c_str());
      return 0;
    }
    const auto body = nlohmann::json::parse(answer.body, nullptr, false);
    const bool said = body.is_object() && body.contains("error") && body["error"].is_string();
    return fail(said ? body["error"].get<std::string>() : "the hub refused: " + answer.body);
  }
};

}  // namespace

void add_restart_command(CLI::App& app, int& exit_code) {
  auto* const command =
      app.add_subcommand("restart", "Tell a module of S0's to start again and pair anew");
  const auto options = std::make_shared<RestartCommand>();
  command->add_option("device", options->device, "Its name or MAC")->required();
  options->hub.add_to(*command);
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
