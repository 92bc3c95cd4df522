#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/network/watch.hpp"

namespace espial::sim {

/// Looks after every command:
///  1. a board executes only what it was told, and nothing twice, also over resets;
///  2. nothing is executed after it has expired;
///  3. one that ended as executed was executed, unless the board lost its power between keeping
///     the command and running it: at most once is the promise, and then nobody can know;
///  4. one that ended as expired before it was executed is not executed any more;
///  5. no more of one board are open than may be;
///  6. at the end every command that became durable has ended.
class CommandCheck final : public Observer {
 public:
  struct Totals {
    std::uint64_t given = 0;
    std::uint64_t executed = 0;
    std::uint64_t ended_executed = 0;
    std::uint64_t ended_refused = 0;
    std::uint64_t ended_expired = 0;
  };

  CommandCheck(Violations& violations, std::size_t boards)
      : violations_(violations), boards_(boards) {}

  void check_complete(Instant at);
  const Totals& totals() const { return totals_; }
  /// Durable commands that have not ended.
  std::uint64_t open_commands() const { return open_; }

  void on_power(Instant at, std::uint32_t board, bool on) override;
  void on_command(Instant at, std::uint32_t board, std::uint32_t id, std::uint32_t number,
                  UnixTime expiry) override;
  void on_command_stored(Instant at, std::uint32_t board, std::uint32_t id,
                         coordinator::CommandState state) override;
  void on_executed(Instant at, std::uint32_t board, std::uint32_t number) override;
  void on_command_ended(Instant at, std::uint32_t board, std::uint32_t id,
                        coordinator::CommandState state) override;
  /// Its commands are over, and identities count from 1 again.
  void on_forgotten(Instant at, std::uint32_t board) override;

 private:
  struct Command {
    std::uint32_t number = 0;
    UnixTime expiry;
    std::uint64_t power_cuts = 0;  ///< of the board, when it was given
    bool durable = false;
    bool executed = false;
    std::optional<coordinator::CommandState> end;
  };
  struct Board {
    std::map<std::uint32_t, Command> commands;     ///< by identity
    std::map<std::uint32_t, std::uint32_t> id_of;  ///< by number
    std::set<std::uint32_t> forgotten;  ///< numbers under way then: a board may still do them
    std::uint64_t power_cuts = 0;
    std::size_t open = 0;  ///< durable, and not ended
  };

  void count_end(Instant at, std::uint32_t board, const Board& told, const Command& command);

  Violations& violations_;
  std::vector<Board> boards_;
  Totals totals_;
  std::uint64_t open_ = 0;
};

}  // namespace espial::sim
