#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "hub/http/client.hpp"

/// What the commands share by which people decide about devices: groups, alarms, replacements.
namespace espial::main {

/// Says it on standard error. The program's exit code.
int fail(const std::string& sentence);

/// Asks the hub; what it refuses is said on standard error and gives nothing.
std::optional<nlohmann::json> request(const http::HubAddress& hub, const char* method,
                                      const std::string& target,
                                      const nlohmann::json& body = nlohmann::json::object());

/// The same about the `what` ("group") of that name: where there is none, that says so and names
/// the command that lists them.
std::optional<nlohmann::json> request_one(const http::HubAddress& hub, const char* method,
                                          const std::string& target, const char* what,
                                          const std::string& name,
                                          const nlohmann::json& body = nlohmann::json::object());

/// The address that a person means by a name or a MAC; empty, and said, when there is none.
std::string find_mac(const nlohmann::json& snapshot, const std::string& word);

/// The name of the device at `mac`, or the address.
std::string name_of(const nlohmann::json& snapshot, const std::string& mac);

/// Adds a subcommand that runs `method` of `options`.
template <typename Options>
CLI::App* add_request(CLI::App& parent, const char* name, const char* what,
                      const std::shared_ptr<Options>& options, int (Options::*method)() const,
                      int& exit_code) {
  auto* const command = parent.add_subcommand(name, what);
  options->hub.add_to(*command);
  command->callback([options, method, &exit_code] { exit_code = (options.get()->*method)(); });
  return command;
}

}  // namespace espial::main
