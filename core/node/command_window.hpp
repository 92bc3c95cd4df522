#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/port/settings.hpp"
#include "core/wire/command.hpp"

namespace espial::node {

/// How many identities behind the highest a node remembers.
inline constexpr std::uint32_t kCommandWindowSize = 32;

/// Remembers which commands have run, so that none runs twice: not when a frame is repeated, not
/// after a reset. The record is written *before* the command runs; a reset between the two leaves a
/// command that counts as executed and was not, which is the side to err on.
///
///     record, 24 bytes: |version 1|server|0|0|highest:4|done bitmap:4|outcomes, 2 bits each:8|0:4|
///     bit i of the bitmap and bits 2i, 2i+1 of the outcomes stand for highest - i
class CommandWindow {
 public:
  static constexpr std::size_t kRecordSize = 24;

  enum class Verdict : std::uint8_t {
    kNew,     ///< run it, after begin()
    kEnded,   ///< ended before: answer outcome()
    kTooOld,  ///< further behind than the window: never run it
  };

  /// Reads the record of network `server`; another network's, or a damaged one, leaves the window
  /// empty.
  void load(Settings& settings, ServerId server);

  /// Forgets everything, on record too: the node has joined anew, and its commands count from 1.
  /// @retval false  it could not be written; nothing is forgotten.
  [[nodiscard]] bool reset(Settings& settings);

  [[nodiscard]] Verdict check(std::uint32_t command) const;
  /// How a command that kEnded ended.
  wire::Outcome outcome(std::uint32_t command) const;

  /// Writes that `command` ended with `outcome`, before it runs.
  /// @retval false  it could not be written: don't run it.
  [[nodiscard]] bool begin(Settings& settings, std::uint32_t command, wire::Outcome outcome);
  /// The outcome turned out otherwise. If this can't be written the first one stays on record.
  [[nodiscard]] bool amend(Settings& settings, std::uint32_t command, wire::Outcome outcome);

 private:
  void set(std::uint32_t command, wire::Outcome outcome);
  bool save(Settings& settings) const;

  ServerId server_;
  bool any_ = false;
  std::uint32_t highest_ = 0;
  std::uint32_t done_ = 0;
  std::uint64_t outcomes_ = 0;
};

}  // namespace espial::node
