#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <variant>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/configuration_bringing.hpp"
#include "hub/main/configuration_file.hpp"

namespace espial::main {
namespace {

struct ConfigureCommand {
  HubOption hub;
  std::string file;
  bool check = false;

  int run() const {
    // Here and not only in the hub, so that the message names the file as it was given.
    const auto read = read_configuration_file(file);
    if (const auto* problem = std::get_if<std::string>(&read)) {
      std::fprintf(stderr, "%s\n", problem->c_str());
      return 1;
    }
    const auto& configuration = std::get<ConfigurationFile>(read);
    if (check) {
      print_checked(configuration);
      return 0;
    }
    const auto problem = tell_hub(hub.address(), configuration);
    if (!problem) return 0;
    std::fprintf(stderr, "espial: %s\n", problem->c_str());
    return 1;
  }
};

}  // namespace

void add_configure_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "configure",
      "Bring an S0 configuration file to the hub that runs; the page gets the file's name. "
      "`espial import` brings it to one that is stopped, too, and day files with it");
  const auto options = std::make_shared<ConfigureCommand>();
  options->hub.add_to(*command);
  command->add_option("file", options->file, "The JSON file, in either of S0's forms")->required();
  command->add_flag("--check", options->check, "Only say whether it is in order");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
