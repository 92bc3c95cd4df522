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
};
using CommandListener = std::function<void(const CommandChange&)>;

/// Why a command was not accepted, with a sentence for the person who gave it.
struct CommandRefusal {
  bool try_again_later = false;
  station::Problem problem = station::Problem::kBadRequest;
  std::string reason;
};
/// The command's identity, or why there is none.
using CommandAccepted = std::variant<std::uint32_t, CommandRefusal>;

}  // namespace espial::features
