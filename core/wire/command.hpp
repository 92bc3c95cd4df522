#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/wire/header.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// PUBLISH, inner, down: a command.
///
///     0    1    2      5 6      9 10
///    |32  |len |command |expiry   |reading (one)|
struct Command {
  std::uint32_t id = 0;        ///< counts up for each node; it runs at most once
  std::uint32_t expiry_s = 0;  ///< Unix seconds; 0 = never
  Reading reading;             ///< what the function shall become
};

/// How a command ended; the numbers of the air.
enum class Outcome : std::uint8_t { kExecuted = 0, kRefused = 1, kExpired = 2 };

/// PUBACK, inner, up: a command's end.
///
///     0    1    2      5 6
///    |40  |05  |command |outcome|
struct CommandEnd {
  std::uint32_t id = 0;
  Outcome outcome = Outcome::kExecuted;
};

Parsed<Command> parse_command(const Packet& packet);
Parsed<CommandEnd> parse_command_end(const Packet& packet);

/// Each writes a whole inner packet. @returns its size, or 0 when it does not fit.
std::size_t encode(const Command& command, MutableByteView out);
std::size_t encode(const CommandEnd& end, MutableByteView out);

}  // namespace espial::wire
