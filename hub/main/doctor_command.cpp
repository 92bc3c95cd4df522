#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/doctor.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {
namespace {

struct DoctorCommand {
  HubOption hub;
  bool json = false;

  int run() const {
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    const auto metrics = http::ask(hub.address(), "GET", "/metrics");
    const auto findings = diagnose(*snapshot, read_figures(metrics.body), unix_now().ms);
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    bool urgent = false;
    for (const Finding& finding : findings) {
      urgent = urgent || finding.urgent;
      list.push_back(
          {{"urgent", finding.urgent}, {"what", finding.what}, {"repair", finding.repair}});
      if (json) continue;
      std::printf("%s %s\n  -> %s\n", finding.urgent ? "WRONG " : "notice", finding.what.c_str(),
                  finding.repair.c_str());
    }
    if (json) {
      std::printf("%s\n", list.dump(2).c_str());
    } else if (findings.empty()) {
      std::printf("Nothing is wrong that the hub could know of.\n");
    }
    return urgent ? 2 : 0;
  }
};

}  // namespace

void add_doctor_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "doctor", "Find what is wrong and say the repair; ends with 2 when something is");
  const auto options = std::make_shared<DoctorCommand>();
  options->hub.add_to(*command);
  command->add_flag("--json", options->json, "As JSON, for scripts");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
