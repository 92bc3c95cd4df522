#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/doctor.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {
namespace {

struct DoctorCommand {
  HubOption hub;
  bool json = false;
  int watch_s = 10;

  /// Nothing, and the reason told, when the hub does not give them.
  std::optional<Figures> fetch_figures() const {
    const auto metrics = http::ask(hub.address(), "GET", "/metrics");
    if (metrics.status == 200) return read_figures(metrics.body);
    const std::string why =
        metrics.status == 0 ? metrics.error : "HTTP " + std::to_string(metrics.status);
    std::fprintf(stderr, "espial: the hub does not give its figures (/metrics): %s\n", why.c_str());
    return std::nullopt;
  }

  int run() const {
    auto figures = fetch_figures();
    Figures earlier;
    if (figures && watch_s > 0 && needs_second_look(*figures)) {
      std::fprintf(stderr, "Watching for %d s whether what was counted goes on ...\n", watch_s);
      std::this_thread::sleep_for(std::chrono::seconds(watch_s));
      earlier = std::exchange(*figures, {});
      figures = fetch_figures();
    }
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot || !figures) return 1;
    const auto findings = diagnose(*snapshot, *figures, earlier, unix_now().ms);
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
  command
      ->add_option("--watch", options->watch_s,
                   "Seconds to watch whether refusals and the like go on, when there were any; 0 "
                   "judges by all since the hub's start")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  command->add_flag("--json", options->json, "As JSON, for scripts");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
