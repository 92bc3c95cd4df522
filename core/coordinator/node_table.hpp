#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/fixed_text.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/mac_table.hpp"
#include "core/base/time.hpp"
#include "core/coordinator/counters.hpp"
#include "core/coordinator/records.hpp"
#include "core/coordinator/wake_rhythm.hpp"
#include "core/session/sequence_window.hpp"
#include "core/session/session.hpp"
#include "core/transfer/reassembler.hpp"
#include "core/wire/auth.hpp"
#include "core/wire/report.hpp"
#include "core/wire/rooms.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::coordinator {

/// The longest name of a module (`protocol/air.md` section 7).
inline constexpr std::size_t kMaxName = 29;

/// One stream of a node: what is durable, and what will be once the ledger has caught up.
struct Stream {
  session::SequenceWindow window;
  session::SequenceWindow handed;
  /// A report of it was heard in this session, so acknowledgements name it.
  bool heard = false;
};

/// How a node shall behave. What is absent is as the node was made.
struct Configuration {
  std::optional<std::uint16_t> slots;                 ///< bit i: slot i is in use
  std::optional<std::uint16_t> max_airtime_permille;  ///< 1..1000
  std::optional<wire::WeekSchedule> schedule;
};

/// What the node shall be: the properties of an inner CONNACK.
struct NodeConfig {
  FixedText<kMaxName> name;
  /// Seconds, 0 = the node's own choice.
  std::uint16_t report_interval_s = 0;
  Configuration configuration;
  /// Follows from `configuration` and the interval, so that it needs no memory of its own; 0 =
  /// there is none.
  std::uint32_t configuration_id = 0;
};

/// A node that has joined, or is about to.
struct NodeEntry : MacEntry {
  ModuleId module;
  std::optional<NodeKey> key;
  std::optional<NodeKey> pending_key;
  bool pending_committed = false;  ///< the ledger has pending_key: it may be spoken
  std::uint8_t key_commits = 0;    ///< so many pending keys of it are on the way to the ledger
  bool recorded = false;           ///< the ledger has it, perhaps with an earlier pending key
  bool revoked = false;
  bool renew = false;        ///< a person wants it to draw a new key
  Instant renew_ask_at;      ///< it is not asked for that before
  bool renew_asked = false;  ///< in this session
  session::Session session;
  std::uint32_t session_round = 0;  ///< counts sessions: their ids come again
  std::uint64_t last_counter = 0;   ///< of the newest frame that opened
  std::uint64_t described_by = 0;   ///< the counter of its newest description in this session
  std::uint32_t stream_id = 0;
  std::array<Stream, wire::kStreamCount> streams;  ///< by wire::Stream
  NodeConfig config;
  std::uint32_t confirmed_id = 0;  ///< the configuration that the node said it keeps to

  MacAddress gateway;  ///< downlinks go there
  bool has_gateway = false;
  std::optional<std::int8_t> rssi_dbm;
  Channel channel;
  Instant heard_at;
  WakeRhythm rhythm;  ///< of one that sleeps
  bool online = false;
  /// By its newest frame: a sleeper listens too while it waits for an answer that it needs.
  bool listening = false;
  /// By its Hello, or a frame since that did not listen.
  bool sleeps = false;
  Instant answers_until;  ///< it was heard shortly before

  bool ack_due = false;     ///< in the list of nodes whose ack goes out soon
  bool ack_wanted = false;  ///< put off until counters are reserved
  Instant ack_at;
  std::uint32_t next_ack = UINT32_MAX;
  std::uint8_t config_sends = 0;  ///< acks that shall still carry the config
  Instant config_said_at;
  Instant confirmable_from = kNever;  ///< since when its configuration has been said
  bool reserving = false;             ///< a commit_session is under way
  /// This session's record is durable, or asked for before anything that is asked from now on.
  bool session_recorded = false;
  bool forgetting = false;

  /// Its receive limit is 2^n bytes, 0 = none. A session from the store does not say: the node
  /// refuses what it does not take.
  std::uint8_t receive_limit_log2 = wire::kMaxReceiveLimitLog2;
  transfer::Incoming long_in;      ///< its long packet, or its last one
  std::uint8_t fragack_sends = 0;  ///< acks that shall still say how it stands

  wire::FunctionList functions;  ///< as it described itself; empty = not known
  /// What its next acknowledgements say of a bond, as the node would ask for it.
  std::optional<wire::Subscribe> suback_due;
  std::uint8_t suback_sends = 0;  ///< so many of them

  std::uint32_t next_command = 1;
  std::uint8_t commands_outstanding = 0;
  std::uint64_t description_hash = 0;        ///< of the one that the ledger has
  std::uint64_t heard_description_hash = 0;  ///< of the newest in this session; 0 = none
  std::array<std::uint32_t, static_cast<std::size_t>(Grade::kNumber)> refused{};
};

/// The key printed on a module that has not joined yet.
struct LabelEntry : MacEntry {
  Key key{};
};

/// The keys of a node that was forgotten: it takes only a proof under one of them for an answer,
/// and joins anew then.
struct FormerEntry : MacEntry {
  FormerKeys keys;
};

/// JOIN_ACCEPT's length, the longer of the two.
inline constexpr std::size_t kMaxAccept = wire::kAuthHeaderSize + wire::kEphemeralKeySize +
                                          wire::kMaxJoinWelcomeSize + wire::kAuthTagSize;

/// A JOIN or RESUME that was answered and not yet followed by a sealed frame.
struct Handshake : MacEntry {
  session::Session session;
  std::uint32_t stream_id = 0;
  std::uint8_t receive_limit_log2 = 0;
  bool sleeps = false;
  /// Generation of the node key that its first sealed frame proves the node to hold.
  std::uint8_t proves_generation = 0;
  MacAddress gateway;
  /// fnv1a() of the JOIN or RESUME: a copy of it gets the same answer.
  std::uint64_t request = 0;
  /// The answer, held back until the ledger has the key.
  std::array<std::uint8_t, kMaxAccept> accept{};
  std::uint8_t accept_size = 0;
  bool answered = false;
};

/// One outstanding command.
struct CommandEntry {
  bool used = false;
  bool committed = false;
  bool ending = false;        ///< its end is on the way to the ledger
  bool sent = false;          ///< its gateway has it, as far as is known
  bool may_have_run = false;  ///< it was sent at some time, or nobody remembers
  std::uint32_t node = 0;     ///< index in the node table
  std::uint32_t id = 0;
  std::uint8_t slot = 0;
  std::uint8_t kind = 0;
  std::uint8_t value_size = 0;
  std::uint32_t expiry_s = 0;
  CommandState state = CommandState::kQueued;
  /// What its node said of its end, should that not have been stored; kQueued = nothing yet.
  CommandState said = CommandState::kQueued;
  MacAddress gateway;  ///< where it was sent last
  Instant next_send = kNever;
  Instant sent_at;
  Instant resend_after;  ///< a sleeper's command: once it was heard at or after this
  Duration backoff;
  std::array<std::uint8_t, kMaxCommandValue> value{};
};

/// Why a node's record was committed.
enum class NodeChange : std::uint8_t {
  kPendingKey,  ///< a key was drawn and may be spoken afterwards
  kConfirmed,   ///< the node has proved that it has its key
  kRevocation,  ///< it was revoked, or no longer is
};

/// What the ledger was asked and for whom.
struct PendingCommit {
  enum class What : std::uint8_t {
    kNothing,
    kNode,
    kSession,
    kReport,
    kCommandQueued,
    kCommandEnded,
    kDescription,
    kForgotten,
  };

  What what = What::kNothing;
  std::uint16_t round = 0;  ///< part of the ticket, so that a late answer to an earlier use is seen
  MacAddress mac;
  std::uint32_t frame = UINT32_MAX;  ///< which frame in flight waits for it
  bool doomed = false;               ///< one before it failed, so it will (Ledger, promise 3)
  std::uint32_t next_free = UINT32_MAX;
  // kReport
  std::uint32_t stream_id = 0;
  wire::Stream stream = wire::Stream::kReadings;
  bool has_sequence = false;
  std::uint32_t sequence = 0;
  // kDescription
  std::uint64_t description_hash = 0;
  // kNode
  std::uint8_t generation = 0;  ///< of the pending key, for kPendingKey
  NodeChange change = NodeChange::kPendingKey;
  // kCommandQueued, kCommandEnded
  std::uint32_t command = 0;
  // kSession
  std::uint32_t session_round = 0;
  std::uint64_t reserve_limit = 0;
};

/// A frame that waits for the ledger.
struct FrameInFlight {
  Token token = 0;
  std::uint32_t outstanding = 0;
  std::uint32_t next_free = UINT32_MAX;
};

}  // namespace espial::coordinator
