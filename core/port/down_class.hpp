#pragma once

#include <cstdint>

namespace espial {

/// How a gateway treats a frame on its way down (`protocol/mqtt.md`).
enum class DownClass : std::uint8_t {
  kAuth,     ///< sent at once, not kept
  kAck,      ///< replaces the module's cached ack
  kCommand,  ///< queued until a clear with its id, or until it expires
  kClear,    ///< carries no frame: the command with this id is over
};

}  // namespace espial
