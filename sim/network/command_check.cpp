#include "sim/network/command_check.hpp"

#include <string>
#include <utility>

#include "sim/network/scene.hpp"

namespace espial::sim {
namespace {

/// A board's clock may be so far off: the time it was told travelled, and it drifts.
constexpr std::int64_t kClockTolerance_ms = 3'000;

std::string named(std::uint32_t board, std::uint32_t number) {
  return "board " + std::to_string(board) + " number " + std::to_string(number);
}

}  // namespace

void CommandCheck::on_power(Instant at, std::uint32_t board, bool on) {
  (void)at;
  if (!on) ++boards_[board].power_cuts;
}

void CommandCheck::on_command(Instant at, std::uint32_t board, std::uint32_t id,
                              std::uint32_t number, UnixTime expiry) {
  Board& told = boards_[board];
  // What never became durable was never sent: its identity may be given again.
  const auto known = told.commands.find(id);
  if (known != told.commands.end()) {
    if (known->second.durable) {
      violations_.add(at, "a command's identity is used again", named(board, number));
    }
    told.id_of.erase(known->second.number);
  }
  told.commands[id] = {number, expiry, told.power_cuts, false, false, std::nullopt};
  told.id_of[number] = id;
  ++totals_.given;
}

void CommandCheck::on_command_stored(Instant at, std::uint32_t board, std::uint32_t id,
                                     coordinator::CommandState state) {
  Board& told = boards_[board];
  const auto found = told.commands.find(id);
  if (found == told.commands.end()) {
    violations_.add(at, "a command is stored that nobody gave", "board " + std::to_string(board));
    return;
  }
  Command& command = found->second;
  if (!std::exchange(command.durable, true)) {
    ++open_;
    if (++told.open > coordinator::kMaxCommandsPerNode) {
      violations_.add(at, "more commands are open than may be", named(board, command.number));
    }
  }
  if (state == coordinator::CommandState::kQueued) return;
  if (command.end) {
    violations_.add(at, "a command ended twice", named(board, command.number));
    return;
  }
  command.end = state;
  --open_;
  --told.open;
  count_end(at, board, told, command);
}

void CommandCheck::count_end(Instant at, std::uint32_t board, const Board& told,
                             const Command& command) {
  switch (*command.end) {
    case coordinator::CommandState::kExecuted:
      ++totals_.ended_executed;
      if (!command.executed && command.power_cuts == told.power_cuts) {
        violations_.add(at, "ended as executed, but was not", named(board, command.number));
      }
      return;
    case coordinator::CommandState::kRefused:
      ++totals_.ended_refused;
      return;
    default:
      ++totals_.ended_expired;
      return;
  }
}

void CommandCheck::on_executed(Instant at, std::uint32_t board, std::uint32_t number) {
  Board& told = boards_[board];
  const auto id = told.id_of.find(number);
  if (id == told.id_of.end() && told.forgotten.erase(number) > 0) return;
  if (id == told.id_of.end()) {
    violations_.add(at, "executed what nobody commanded", named(board, number));
    return;
  }
  Command& command = told.commands[id->second];
  if (!command.durable) violations_.add(at, "executed before it was stored", named(board, number));
  if (command.executed) violations_.add(at, "executed twice", named(board, number));
  command.executed = true;
  ++totals_.executed;
  const std::int64_t now_ms = kSimEpoch.ms + at.us / 1000;
  if (command.expiry.known() && now_ms > command.expiry.ms + kClockTolerance_ms) {
    violations_.add(at, "executed after it had expired", named(board, number));
  }
}

void CommandCheck::on_command_ended(Instant at, std::uint32_t board, std::uint32_t id,
                                    coordinator::CommandState state) {
  const Board& told = boards_[board];
  const auto found = told.commands.find(id);
  // One that could not be stored is told as refused.
  const bool right = found != told.commands.end() &&
                     (found->second.durable ? found->second.end == state
                                            : state == coordinator::CommandState::kRefused);
  if (!right) violations_.add(at, "an end was told that is not", "board " + std::to_string(board));
}

void CommandCheck::on_forgotten(Instant at, std::uint32_t board) {
  (void)at;
  Board& told = boards_[board];
  for (const auto& [id, command] : told.commands) {
    if (!command.executed) told.forgotten.insert(command.number);
  }
  open_ -= told.open;
  told.open = 0;
  told.commands.clear();
  told.id_of.clear();
}

void CommandCheck::check_complete(Instant at) {
  for (std::uint32_t board = 0; board < boards_.size(); ++board) {
    for (const auto& [id, command] : boards_[board].commands) {
      if (command.durable && !command.end) {
        violations_.add(at, "a command has no end", named(board, command.number));
      }
    }
  }
}

}  // namespace espial::sim
