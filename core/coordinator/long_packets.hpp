#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"
#include "core/transfer/long_sender.hpp"
#include "core/transfer/reassembler.hpp"

namespace espial::coordinator {

/// Parts of one long packet that wait in a gateway at most: it queues eight commands a module, and
/// commands shall have room beside them.
inline constexpr std::uint32_t kDownWindow = 4;
/// Parts wait in the gateway like commands, under numbers that no command ever has.
inline constexpr std::uint32_t kFirstPartCommand = 0xfffffff0;
inline constexpr std::uint32_t kPartExpiry_s = 10;
/// How soon a part that could not go down now is tried again.
inline constexpr Duration kPartRetry = Duration::milliseconds(200);
/// How long a long packet, and a part of it in the gateway, waits for a sleeper to be heard again.
inline constexpr std::uint32_t kSleeperPatience_s = 900;
/// Acks that say how a node's long packet stands, after its last part was heard.
inline constexpr std::uint8_t kFragackSends = 3;

/// A long packet on its way down. Memory for a coordinator; its owner does not look inside.
struct LongDown {
  bool used = false;
  std::uint32_t node = 0;  ///< index in the node table
  transfer::LongSource* source = nullptr;
  std::uint32_t size = 0;
  std::uint32_t frames = 0;  ///< sent so far
  MacAddress gateway;        ///< where its parts wait
  Instant sent_at;
  Instant progress_at;
  Instant not_before;
  transfer::LongSender sender;
};

/// Memory for packets longer than a frame; without it each is refused as too long.
struct LongStorage {
  /// Long packets arriving at once; one a node.
  Span<transfer::LongSlot> slots;
  /// Split evenly among the slots: the longest that is taken is bytes.size() / slots.size().
  MutableByteView bytes;
  /// Long packets on their way down at once; one a node.
  Span<LongDown> downs;
};

/// Why a long packet was not taken.
enum class LongStatus : std::uint8_t {
  kOk,
  kUnknownNode,
  kNoSession,
  kTooLong,  ///< longer than the node takes
  kBusy,     ///< one is on its way to this node, or as many as there can be to others
};

}  // namespace espial::coordinator
