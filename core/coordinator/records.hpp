#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/port/crypto.hpp"
#include "core/session/sequence_window.hpp"
#include "core/session/session.hpp"

namespace espial::coordinator {

/// Names one call of the Ledger; the coordinator hands them out and each is in use once at a time.
using Ticket = std::uint32_t;
/// Names one frame of on_uplink(); the caller's own number, given back by Ledger::finished().
using Token = std::uint64_t;

/// A per-node key and which one of its kind it is.
struct NodeKey {
  Key key{};
  std::uint8_t generation = 0;
  /// Generation of the network key that was in force when it was drawn.
  std::uint8_t network_generation = 0;
};

/// The keys that a node had when it was forgotten; the second one where it was renewing.
struct FormerKeys {
  std::optional<NodeKey> key;
  std::optional<NodeKey> pending_key;
};

/// What a node is to its coordinator.
struct NodeRecord {
  MacAddress mac;
  ModuleId module;
  /// The key it has proved to hold; absent until the first sealed frame after its first join.
  std::optional<NodeKey> key;
  /// The key that a JOIN_ACCEPT carried and no sealed frame has confirmed yet.
  std::optional<NodeKey> pending_key;
  /// Lost or stolen: its keys are known so that they can be refused with a proof.
  bool revoked = false;
  /// From before it was forgotten, until it has proved a key since: known so that it can be told so
  /// with a proof. Where these are all it has, it is no node.
  FormerKeys former{};
  /// Only for restore(): the identity its next command takes, one more than the highest that was
  /// ever committed; 1 when there was none.
  std::uint32_t next_command = 1;
};

/// A node's current session. `state` holds its keys: wrap it (core/session/key_wrap.hpp) before it
/// reaches a disk.
struct SessionRecord {
  MacAddress mac;
  session::Session::State state{};
  /// Names the sequence numbers of this node's streams.
  std::uint32_t stream_id = 0;
  /// Only for restore(): the highest uplink counter that any ReportRecord or CommandRecord of this
  /// session committed; nothing when there was none.
  std::optional<std::uint64_t> highest_uplink_counter;
};

using StreamProgress = std::array<std::uint8_t, session::SequenceWindow::kStateSize>;

/// One report, and with it how far its stream has come: both become durable together or neither.
struct ReportRecord {
  MacAddress mac;
  ModuleId module;
  std::uint32_t stream_id = 0;
  /// The events' stream instead of the readings'.
  bool events = false;
  /// Absent at QoS 0: such a report has no place in the stream, and `progress` is to be ignored.
  std::optional<std::uint32_t> sequence;
  /// When the readings were taken, and when the coordinator heard of it; 0 = no time known.
  UnixTime taken_at;
  UnixTime received_at;
  /// One or more readings of `protocol/air.md` section 5. Valid only during the call.
  ByteView readings;
  /// The stream as it is when this record and all before it are durable.
  StreamProgress progress{};
  /// Which session, and the highest uplink counter accepted in it.
  std::uint8_t session = 0;
  std::uint64_t highest_uplink_counter = 0;
};

/// The longest value that a command carries.
inline constexpr std::size_t kMaxCommandValue = 200;
/// Commands a node may have outstanding.
inline constexpr std::size_t kMaxCommandsPerNode = 8;

enum class CommandState : std::uint8_t {
  kQueued,    ///< to be brought to the node
  kExecuted,  ///< ended: the node did it
  kRefused,   ///< ended: the node would not
  kExpired,   ///< ended: too late, said by the node or by the coordinator
};

/// A command and how it stands.
struct CommandRecord {
  MacAddress mac;
  /// Identity, counting up for each node from 1.
  std::uint32_t id = 0;
  std::uint8_t slot = 0;
  std::uint8_t kind = 0;
  /// Valid only during the call.
  ByteView value;
  /// Unix seconds, 0 = never.
  std::uint32_t expiry_s = 0;
  CommandState state = CommandState::kQueued;
};

/// What a node says of itself: the properties of an inner CONNECT (`protocol/air.md` section 7).
struct DescriptionRecord {
  MacAddress mac;
  /// |number|length|bytes| … Well-formed. Valid only during the call.
  ByteView properties;
};

}  // namespace espial::coordinator
