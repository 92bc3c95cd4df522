#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "hub/http/client.hpp"

namespace CLI {
class App;
}

/// What `espial devices`, `watch` and `set` share.
namespace espial::main {

/// The option --hub, and the answers of the hub it names.
struct HubOption {
  std::string text = "127.0.0.1:8080";
  std::string token;
  std::string data;

  /// Adds the options to a command; ESPIAL_HUB and ESPIAL_TOKEN in the environment set their
  /// defaults.
  void add_to(CLI::App& command);
  /// The hub, with the token given, or else the one that a hub on this machine has left for its
  /// owner in the data directory.
  /// @throws CLI::ValidationError
  http::HubAddress address() const;
};

/// The device that a person means by `word`: its name or its MAC; nullptr when there is none.
const nlohmann::json* find_device(const nlohmann::json& snapshot, std::string_view word);

/// All devices and the system. On failure prints why to standard error and returns nothing.
std::optional<nlohmann::json> fetch_snapshot(const http::HubAddress& hub);

/// Asks the hub; an empty `body` is sent as none. Prints to standard error why there is no answer,
/// or why the hub refused.
std::optional<nlohmann::json> ask_json(const HubOption& hub, const std::string& method,
                                       const std::string& target, const std::string& body);

/// Asks for a change and prints `done` when it was made. The program's exit code.
int report(const HubOption& hub, const std::string& method, const std::string& target,
           const std::string& body, const std::string& done);

/// Prints a list for scripts. The program's exit code: 0.
int print_json(const nlohmann::json& list);

/// Prints a list of accounts or tokens, for people or as JSON. The program's exit code.
int print_named(const HubOption& hub, const std::string& target, bool as_json);

/// "21.63 °C", "on", "pressed": one field for people.
std::string describe_value(std::string_view kind, std::string_view field,
                           const nlohmann::json& value);

/// "temperature 21.63 °C": all values of a function for people; "-" before the first. Of a kind
/// that a configuration defines, those that it names, as it calls them, or else S0 does: "pH 7.2,
/// F2 14".
std::string describe_function(const nlohmann::json& function);

/// A name as a part of a path.
std::string escape_path(const std::string& name);

/// What a person means by a value: "on", "true" and numbers are numbers; anything else is a text.
nlohmann::json command_value(const std::string& text);

/// "12 s ago", "3 min ago", "never".
std::string describe_age(std::int64_t at_ms, std::int64_t now_ms);

/// "2026-03-27 21:15:02", by the clocks of this machine.
std::string describe_moment(std::int64_t at_ms);

/// Turns Ctrl-C and SIGTERM into a descriptor that becomes readable.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace espial::main
