#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "core/base/time.hpp"
#include "hub/store/changes.hpp"
#include "station/problem.hpp"

namespace espial::features {

/// A command's fate, told to whoever shows it: once when it is accepted, once when it ends.
struct CommandChange {
  station::DeviceId device{};
  std::uint32_t command_id = 0;
  std::uint8_t slot = 0;
  store::CommandState state = store::CommandState::pending;
  UnixTime expires_at{};        ///< only while it is pending
  bool waits_for_wake = false;  ///< likewise, see TakenCommand
};
using CommandListener = std::function<void(const CommandChange&)>;

/// Why a command was not accepted, with a sentence for the person who gave it.
struct CommandRefusal {
  bool try_again_later = false;
  station::Problem problem = station::Problem::kBadRequest;
  std::string reason;
};
/// A command that will be tried until it ends.
struct TakenCommand {
  std::uint32_t id = 0;
  UnixTime expires_at{};
  /// Its module sleeps, as far as is known: it gets the command when it wakes.
  bool waits_for_wake = false;
};
using CommandAccepted = std::variant<TakenCommand, CommandRefusal>;

}  // namespace espial::features
