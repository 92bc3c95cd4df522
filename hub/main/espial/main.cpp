#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "hub/main/commands.hpp"
#include "hub/main/version.hpp"

namespace {

constexpr const char* kFooter =
    "Examples\n"
    "  espial up                          everything at once, with a simulated house\n"
    "  espial hub --pair 10               the hub alone; new modules may join for ten minutes\n"
    "  espial devices                     what is there\n"
    "  espial watch                       what they say, as it comes\n"
    "  espial set \"Hall lamp\" on 1        one command, and how it ended\n"
    "  espial pair 120                    let new modules join for two minutes\n"
    "`espial COMMAND --help` lists a command's options.";

void set_up_log(bool verbose) {
  auto log = spdlog::stderr_color_mt("espial");
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  log->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(log);
}

/// The word that stands where a command is wanted and is none; empty when that is not the trouble.
std::string unknown_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  if (!chosen.empty()) return unknown_command(*chosen.front());
  const auto words = app.remaining();
  return app.get_require_subcommand_min() == 0 || words.empty() ? std::string() : words.front();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace espial::main;
  CLI::App app{"Espial: sensors and actuators over ESP-NOW, and the hub they report to", "espial"};
  app.set_version_flag("--version", std::string("espial ") + kVersion);
  app.require_subcommand(1);
  bool verbose = false;
  app.add_flag("-v,--verbose", verbose, "Say more on standard error");
  app.parse_complete_callback([&] { set_up_log(verbose); });

  int exit_code = 0;
  add_up_command(app, exit_code);
  add_hub_command(app, exit_code);
  add_gateway_command(app, exit_code);
  add_house_command(app, exit_code);
  add_node_command(app, exit_code);
  add_box_command(app, exit_code);
  add_air_command(app, exit_code);
  add_sim_command(app, exit_code);
  add_devices_command(app, exit_code);
  add_watch_command(app, exit_code);
  add_restart_command(app, exit_code);
  add_set_command(app, exit_code);
  add_keys_commands(app, exit_code);
  add_backup_commands(app, exit_code);
  add_export_command(app, exit_code);
  add_import_command(app, exit_code);
  add_doctor_command(app, exit_code);
  add_trace_command(app, exit_code);
  add_configure_command(app, exit_code);
  add_group_command(app, exit_code);
  add_alarm_command(app, exit_code);
  add_hours_command(app, exit_code);
  add_replace_command(app, exit_code);
  add_forget_command(app, exit_code);
  add_account_command(app, exit_code);
  add_token_command(app, exit_code);
  add_application_command(app, exit_code);
  add_tls_command(app, exit_code);
  add_audit_command(app, exit_code);
  app.footer(kFooter);  // now, or each command would repeat it below its own help
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (const std::string word = unknown_command(app); !word.empty()) {
      std::fprintf(stderr, "espial: there is no command \"%s\"; --help lists them\n", word.c_str());
      return error.get_exit_code();
    }
    return app.exit(error);
  } catch (const nlohmann::json::exception& error) {
    std::fprintf(stderr,
                 "espial: an answer is not what this version understands: is that a hub, and of "
                 "this version? (%s)\n",
                 error.what());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "espial: %s\n", error.what());
    return 1;
  }
  return exit_code;
}
