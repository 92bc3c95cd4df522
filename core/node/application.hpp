#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/node/records.hpp"
#include "core/wire/command.hpp"
#include "core/wire/reading.hpp"

namespace espial::node {

/// Where a node stands; drawn in node.hpp.
enum class NodeState : std::uint8_t {
  kIdle,        ///< not started, or left
  kSearching,   ///< asks channel after channel for a gateway
  kPaused,      ///< nobody answered: rests until the next search
  kJoining,     ///< asks for its first session, with the network or label key
  kResuming,    ///< asks for a session with its own key
  kConfirming,  ///< has a session, waits for the first frame it opens through this gateway
  kOnline,      ///< the coordinator answers
  kLeaving,     ///< says good-bye
};

/// The state's name: "searching", "online" and so on.
std::string_view to_text(NodeState state);

/// What the coordinator made of this node.
struct Assignment {
  ModuleId module;
  /// UTF-8; empty when none was given.
  std::string_view name;
  /// How often to report; zero when the coordinator does not say.
  Duration report_interval;
};

/// The program that a node serves. Calls come from inside the node's own functions; of the node
/// only report() may be called in return.
class Application {
 public:
  virtual ~Application() = default;

  /// Runs a command, which happens at most once for each, even over a loss of power. `command` is
  /// valid during the call.
  /// @returns kExecuted or kRefused.
  virtual wire::Outcome execute(Instant now, const wire::Reading& command) = 0;

  virtual void on_state(Instant now, NodeState state) {
    (void)now;
    (void)state;
  }
  /// The time of day is known, or known better.
  virtual void on_time(Instant now, UnixTime utc, std::int16_t zone_minutes) {
    (void)now;
    (void)utc;
    (void)zone_minutes;
  }
  /// The coordinator has changed how the node shall behave. Limits and slots the node sees to
  /// itself; a thermostat asks Conduct::scheduled().
  virtual void on_configured(Instant now, const Configuration& configuration) {
    (void)now;
    (void)configuration;
  }
  /// Called when something of it has changed. `assignment` is valid during the call.
  virtual void on_assigned(Instant now, const Assignment& assignment) {
    (void)now;
    (void)assignment;
  }
};

}  // namespace espial::node
