#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/mac_table.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"
#include "core/coordinator/admission.hpp"
#include "core/coordinator/command_pool.hpp"
#include "core/coordinator/counters.hpp"
#include "core/coordinator/long_packets.hpp"
#include "core/coordinator/node_table.hpp"
#include "core/coordinator/pending.hpp"
#include "core/coordinator/ports.hpp"
#include "core/coordinator/records.hpp"
#include "core/port/radio.hpp"
#include "core/session/handshake.hpp"
#include "core/session/session.hpp"
#include "core/wire/auth.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/sealed.hpp"

namespace espial::coordinator {

struct Config {
  ServerId server;
  /// Admits, and identifies nobody.
  Key network_key{};
  std::uint8_t network_key_generation = 0;
  /// While the network key is being changed: the one before, which admits as well.
  std::optional<Key> former_network_key;
  JoinPolicy join_policy = JoinPolicy::kWindow;
  /// A node not heard for this long is offline; for one with a longer report interval configured,
  /// or that is seen to sleep longer (WakeRhythm), three of those.
  Duration offline_after = Duration::seconds(180);
};

/// The tables' memory, handed in so that a hub may have thousands of nodes and a pocket server 255.
/// It must outlive the coordinator.
struct Storage {
  /// The first 255 get a short name (ModuleId); all are known by their MAC.
  Span<NodeEntry> nodes;
  /// Joins and resumes waiting for their first sealed frame; the oldest makes room.
  Span<Handshake> handshakes;
  /// Commands outstanding, of all nodes together.
  Span<CommandEntry> commands;
  /// Calls of the ledger under way: at least kMaxReportsPerFrame + 8.
  Span<PendingCommit> pending;
  /// Frames waiting for the ledger; as many as the broker hands out unacknowledged.
  Span<FrameInFlight> frames;
  LongStorage long_packets{};
  /// Modules with a label that have not joined yet.
  Span<LabelEntry> labels{};
  /// Modules that were forgotten and have not joined since; the oldest makes room.
  Span<FormerEntry> former{};
};

/// New reports that one frame may bring; the node repeats what lies beyond.
inline constexpr std::size_t kMaxReportsPerFrame = 32;
/// How long a stored report waits for others before their acknowledgement goes down.
inline constexpr Duration kAckDelay = Duration::milliseconds(5);
/// Downlink counters reserved by one commit, and how few may be left before the next.
inline constexpr std::uint64_t kCounterBlock = 256;
inline constexpr std::uint64_t kCounterLowWater = 64;
/// What goes down says for so long that the node was heard.
inline constexpr Duration kAnswersFor = Duration::seconds(2);
/// A JOIN or RESUME that was held for longer is answered no more: its node has given up on it, and
/// who works off a heap of them comes too late for the next ones, too.
inline constexpr Duration kAuthPatience = Duration::seconds(3);
/// JOINs of one node that may wait for the ledger: its last two tries.
inline constexpr std::uint8_t kMaxKeyCommits = 2;
/// A command that has not ended is sent again after this long, doubling up to the second.
inline constexpr Duration kCommandBackoffFirst = Duration::seconds(2);
inline constexpr Duration kCommandBackoffMost = Duration::seconds(60);
/// A command that went unanswered although the node was heard is sent again after this: its end may
/// be on the way.
inline constexpr Duration kCommandSettle = Duration::seconds(1);
/// And a listener's not sooner than this after it was sent. The gateway has just heard the node,
/// too: one with few places may have had none for it in between.
inline constexpr Duration kCommandAgainHeard = Duration::seconds(5);
/// A command that may have reached its node ends as expired only so long after its expiry, though
/// it is not sent any more: the word that it ran may be on its way through a gateway that is busy
/// or reconnects.
inline constexpr Duration kCommandEndGrace = Duration::seconds(10);
/// REFUSED answers said at once, and how long each takes to be worked off.
inline constexpr int kRefusalBurst = 16;
inline constexpr Duration kRefusalPace = Duration::milliseconds(50);
/// How often silent nodes and expired commands are looked for.
inline constexpr Duration kSweepPeriod = Duration::seconds(1);
/// Another gateway's copy of the newest frame takes the downlink over when it came this soon after
/// it and this much stronger.
inline constexpr Duration kCopyWithin = Duration::milliseconds(500);
inline constexpr int kCopyStronger_db = 6;
/// Acks that carry a node's configuration after it changed or a session began: an ack may be lost,
/// and nothing confirms this part of it.
inline constexpr std::uint8_t kConfigSends = 3;
/// After those a configuration that is not confirmed is said again, no more often than this.
inline constexpr Duration kConfigAgainAfter = Duration::seconds(30);
/// A node that was asked to draw a new key, and came back with the old one, is asked again after
/// this.
inline constexpr Duration kRenewPace = Duration::seconds(30);

/// One frame a gateway relayed. `body` is valid only during the call.
struct UplinkFrame {
  ServerId server;
  MacAddress gateway;
  MacAddress mac;
  ByteView body;
  std::optional<std::int8_t> rssi_dbm;
  Channel channel;
  /// How long it waited in the gateway.
  Duration held;
};

/// Why a command was not taken.
enum class CommandStatus : std::uint8_t {
  kOk,
  kUnknownNode,
  kRevoked,      ///< its keys are refused
  kBadValue,     ///< slot, kind or value outside what the wire can carry
  kAlreadyOver,  ///< its expiry has passed
  kTooMany,      ///< kMaxCommandsPerNode are outstanding
  kBusy,         ///< no room among all nodes' commands
};

struct CommandTicket {
  CommandStatus status = CommandStatus::kUnknownNode;
  /// With kOk: the command's identity.
  std::uint32_t id = 0;
};

/// How far the modules are with a change of the network key: who has renewed its own key since.
struct KeyChange {
  bool under_way = false;
  std::uint8_t generation = 0;  ///< of the network key in force
  std::size_t renewed = 0;
  std::size_t modules = 0;  ///< revoked ones don't count
};

/// The coordinator's role for one network: who may join, sessions, reports, commands. It commits
/// before it speaks (`docs/adr/0007`): a key before the JOIN_ACCEPT that carries it, a report
/// before its PUBACK, a command before it is sent, a block of counters before one is used.
///
///     Downlink, Events, finished()          Ledger
///            ^                                | ^
///            |          on_committed          v |
///     on_uplink --------------------------> coordinator <--- command(), approve(), ...
///
/// Nothing blocks, and no port calls back: after every call, ask next_timer() and call on_timer()
/// at or after it.
class Coordinator {
 public:
  Coordinator(const Config& config, const Storage& storage, const Ports& ports);
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  // --- at the start, before anything else; false: the record is not sane or does not fit ---

  [[nodiscard]] bool restore_node(const NodeRecord& record);
  /// A session goes on where its reserved counters end; it receives from the highest committed
  /// uplink counter on. Its node must have been restored before.
  [[nodiscard]] bool restore_session(const SessionRecord& record);
  /// How far a stream had come when the last of its reports was committed.
  [[nodiscard]] bool restore_stream(const MacAddress& mac, std::uint32_t stream_id, bool events,
                                    const StreamProgress& progress);
  /// An outstanding command.
  [[nodiscard]] bool restore_command(Instant now, const CommandRecord& record);
  /// What the node shall be, as set_config() takes it; nothing is sent.
  [[nodiscard]] bool restore_config(const MacAddress& mac, std::string_view name,
                                    std::uint16_t report_interval_s);
  /// What the node offers, as it described itself: others can be bound to it at once.
  [[nodiscard]] bool restore_functions(const MacAddress& mac, const wire::FunctionList& functions);
  /// How the node shall behave, as configure() takes it; nothing is sent.
  [[nodiscard]] bool restore_configuration(const MacAddress& mac,
                                           const Configuration& configuration);

  // --- from the network ---

  /// A frame from a gateway. Ledger::finished(token) follows exactly once.
  /// @retval false  the lease is over: nothing was done, and finished() will not come. The frame is
  /// for whoever owns the network next.
  bool on_uplink(Instant now, const UplinkFrame& frame, Token token);

  /// The ledger's answer. Once with ok, what waited for it goes out; otherwise it is as if what
  /// asked for it had not come, and the node's or the caller's repeat tries again.
  void on_committed(Instant now, Ticket ticket, bool ok);

  void on_timer(Instant now);
  /// When on_timer() wants to be called; kNever when nothing is due.
  Instant next_timer() const;

  /// This process owns the network until `until`; for ever, unless this is called. From then on it
  /// takes no frame and says nothing, also not what a late answer of the ledger would let it say:
  /// somebody else may own the network, and whoever was paused for long can't know.
  void set_lease(Instant now, Instant until);

  /// A gateway went away; its nodes are offline until they are heard elsewhere.
  void on_gateway_lost(Instant now, const MacAddress& gateway);

  // --- from people and programs ---

  /// The wall clock as it is at `now`, and local time's offset from UTC.
  void set_time(Instant now, UnixTime time, std::int16_t zone_minutes);

  /// New modules may join with the network key until `open_until` (JoinPolicy::kWindow).
  void set_pairing(Instant open_until) { admission_.open_window(open_until); }
  bool pairing_open(Instant now) const { return admission_.window_open(now); }
  /// Who else may join with the network key. What is said here and below of who may join, and of
  /// keys, the caller keeps durable.
  Admission& admission() { return admission_; }
  const Admission& admission() const { return admission_; }

  /// The key printed on a module's label: it joins with that one, at any time, and no longer with
  /// the network's. Its first join uses the label up.
  /// @retval false  no room, or it has joined already.
  [[nodiscard]] bool add_label(const MacAddress& mac, const Key& key);
  void remove_label(const MacAddress& mac);

  /// Ends a lost or stolen module: its session is over, its keys are refused with a proof, also
  /// after a restart. Told by Events::on_node_revoked() once it is durable, obeyed at once.
  /// @retval false  there is no such node, or no room for the commit now.
  [[nodiscard]] bool revoke(Instant now, const MacAddress& mac);
  /// It was found again: its keys are good as before. The result is as of revoke().
  [[nodiscard]] bool unrevoke(const MacAddress& mac);

  /// Brings one node to draw a new key of its own, by a JOIN under the present one; asked as often
  /// as it takes until the coordinator restarts.
  /// @retval false  there is no such node.
  [[nodiscard]] bool renew_key(Instant now, const MacAddress& mac);

  /// Puts a new network key in force, one generation higher; the one before admits beside it until
  /// end_key_change(). Each node is brought to draw a new key as it is heard; one that was away
  /// comes back with its present key, however late, and is brought to it then.
  /// @retval false  a change is under way.
  [[nodiscard]] bool begin_key_change(const Key& fresh);
  /// The former network key is refused from now on.
  void end_key_change();
  /// Looks at every node.
  KeyChange key_change() const;
  /// end_key_change() would leave this node out, or might: it has not renewed its key, or has not
  /// proved one, and may have to join once more with the network key that it knows.
  bool awaits_key_change(const NodeEntry& node) const;

  /// Brings the value of a kind to a node's function slot (0..11, 15 = the module itself).
  /// `expiry_s` is Unix time, 0 = never. Its end is told by Events::on_command_ended().
  CommandTicket command(Instant now, const MacAddress& mac, std::uint8_t slot, std::uint8_t kind,
                        ByteView value, std::uint32_t expiry_s);

  /// Names a node (UTF-8, cut at 29 bytes at the end of a character) and sets its report interval
  /// (0 = leave it to the node). The caller keeps them durable.
  /// @retval false  there is no such node, or the name is not UTF-8.
  [[nodiscard]] bool set_config(Instant now, const MacAddress& mac, std::string_view name,
                                std::uint16_t report_interval_s);

  /// Says how a node shall behave: at once, without a reset, and until it is said otherwise. The
  /// caller keeps it durable. Acknowledgements carry it until the node confirms it.
  /// @retval false  there is no such node, or something of it is out of its range.
  [[nodiscard]] bool configure(Instant now, const MacAddress& mac,
                               const Configuration& configuration);
  /// True when the node keeps to what configure() said last, by its own word. Told after
  /// Events::on_description().
  bool configured(const MacAddress& mac) const;

  /// Sends a whole inner packet of `size` bytes that is too long for a frame: the node takes it as
  /// if a frame had brought it. Best effort: how it ended is told by Events::on_long_ended(), until
  /// which `source` must live; a restart of the coordinator forgets it.
  LongStatus send_long(Instant now, const MacAddress& mac, transfer::LongSource& source,
                       std::uint32_t size);

  /// Ends a node for good: key, session and outstanding commands. It may join again as a new one.
  /// @retval false  there is no such node, or no room for the commit now.
  [[nodiscard]] bool forget(Instant now, const MacAddress& mac);

  // --- to look at ---

  const Counters& counters() const { return counters_; }
  std::size_t node_count() const { return nodes_.size(); }
  const NodeEntry* find(const MacAddress& mac) const;
  /// How many seconds may pass between two reports of a node: as it is configured, or as it is seen
  /// to sleep, whichever is longer. 0: neither is known.
  static std::uint32_t interval_s(const NodeEntry& node);
  /// Calls `look(node)` for every node, the newest first.
  template <typename Look>
  void for_each(Look look) const {
    for (const NodeEntry* node = nodes_.newest(); node != nullptr; node = nodes_.older(*node)) {
      look(*node);
    }
  }
  /// The MACs whose plain packets gateways shall refuse, sorted: for the retained topic `keyed`.
  /// Writes at most out.size() of them, and @returns how many there are.
  std::size_t keyed(Span<MacAddress> out) const;
  /// The address of a node that `module` names in this network.
  std::optional<MacAddress> find_module(ModuleId module) const;

 private:
  /// A sealed frame that opened, while its packets are worked off.
  struct FrameContext {
    Instant now;
    const UplinkFrame& frame;
    std::uint32_t flight;
    NodeEntry& node;
    std::uint64_t counter;
    Duration held;  ///< since what is worked off was sent, as far as the gateway and we know
    std::size_t new_reports = 0;
  };

  // coordinator.cpp
  void settle(PendingCommit& commit);
  void refuse_frame(NodeEntry* node, Count count, Grade grade);
  UnixTime unix_time(Instant now) const;
  std::uint32_t index_of(const NodeEntry& node) const { return nodes_.index_of(node); }

  // join.cpp
  void on_auth(Instant now, const UplinkFrame& frame, std::uint32_t flight);
  const Key* find_key(const MacAddress& mac, const wire::AuthHeader& header) const;
  bool may_use(const NodeEntry* node, const MacAddress& mac, wire::KeyId key_id) const;
  bool repeat_answer(const UplinkFrame& frame);
  void answer_join(Instant now, const UplinkFrame& frame, const session::Credentials& credentials,
                   std::uint32_t flight);
  void accept_join(Instant now, const UplinkFrame& frame, const session::Credentials& credentials,
                   const wire::Hello& hello, session::JoinResponder& responder,
                   std::uint32_t flight);
  void answer_resume(Instant now, const UplinkFrame& frame,
                     const session::Credentials& credentials);
  void accept_resume(Instant now, const UplinkFrame& frame, const session::Credentials& credentials,
                     const wire::Hello& hello, session::ResumeResponder& responder);
  bool read_failed(Instant now, const UplinkFrame& frame, const Key& key,
                   session::HandshakeStatus status, const wire::Hello& hello);
  bool admits(Instant now, const UplinkFrame& frame, const Key& key, ModuleId wanted);
  std::optional<ModuleId> choose_module(const NodeEntry* node, ModuleId wanted) const;
  void give_module(NodeEntry& node, ModuleId module);
  void draw_pending_key(NodeEntry& node);
  void commit_node(NodeEntry& node, NodeChange change, std::uint32_t flight);
  void on_node_committed(const PendingCommit& commit, bool ok);
  Handshake& open_handshake(const MacAddress& mac);
  void end_handshake(Handshake& handshake);
  std::uint8_t new_session_id(const NodeEntry& node);
  wire::Welcome welcome(Instant now, const NodeEntry& node);
  void send_accept(Handshake& handshake);
  void refuse(Instant now, const UplinkFrame& frame, const Key* key, Refusal reason);

  // session_frames.cpp
  void on_sealed(Instant now, const UplinkFrame& frame, std::uint32_t flight);
  void refuse_sealed(Instant now, const UplinkFrame& frame, const wire::SealedHeader& header,
                     NodeEntry& node, session::OpenStatus status);
  void adopt(Instant now, NodeEntry& node, Handshake& handshake, std::uint32_t flight);
  void on_heard(Instant now, const UplinkFrame& frame, NodeEntry& node);
  void on_packets(FrameContext& context, ByteView plaintext);
  void on_packet(FrameContext& context, const wire::Packet& packet);
  void on_description(FrameContext& context, const wire::Packet& packet);
  void answer_description(Instant now, NodeEntry& node);
  void go_offline(NodeEntry& node, OfflineReason reason);

  // reports.cpp
  void on_report(FrameContext& context, const wire::Packet& packet);
  void on_report_committed(Instant now, const PendingCommit& commit, Ticket ticket, bool ok);
  void doom(const MacAddress& mac);

  // long_packets.cpp
  void on_fragment(FrameContext& context, const wire::Packet& packet);
  void on_fragack(FrameContext& context, const wire::Packet& packet);
  void append_fragack(NodeEntry& node, wire::PacketsBuilder& packets);
  std::uint32_t receive_limit(const NodeEntry& node) const;
  void begin_long_session(Instant now, NodeEntry& node);
  void forget_long(NodeEntry& node);
  LongDown* find_long(const NodeEntry& node);
  void begin_long(Instant now, NodeEntry& node, LongDown& down);
  void end_long(LongDown& down, transfer::LongEnd how);
  void clear_parts(const LongDown& down);
  void run_long(Instant now);
  void send_parts(Instant now, LongDown& down);
  Instant long_timer() const;

  // rooms.cpp
  void on_subscribe(FrameContext& context, const wire::Packet& packet);
  NodeEntry* find_provider(const NodeEntry& subscriber, const wire::Subscribe& subscribe);
  std::optional<Key> pair_key(const NodeEntry& subscriber, std::uint8_t subscriber_slot,
                              const NodeEntry& provider, std::uint8_t provider_slot) const;
  void say_bond(Instant now, NodeEntry& node, const wire::Subscribe& due);
  void append_suback(NodeEntry& node, wire::PacketsBuilder& packets);

  // commands.cpp
  void on_command_end(FrameContext& context, const wire::Packet& packet);
  void expire_command(NodeEntry& node, CommandEntry& entry);
  void end_command(NodeEntry& node, CommandEntry& entry, CommandState state, std::uint32_t flight);
  void on_command_committed(Instant now, const PendingCommit& commit, bool ok);
  void send_command(Instant now, CommandEntry& entry);
  void remove_command(NodeEntry& node, CommandEntry& entry);
  void wake_commands(Instant now, const NodeEntry& node);
  void arm(CommandEntry& entry, Instant at);
  void run_commands(Instant now);
  void expire_commands(Instant now);
  bool is_over(Instant now, const CommandEntry& entry) const;

  // configuration.cpp
  bool apply_configuration(NodeEntry& node, const Configuration& configuration);
  void on_configuration_told(NodeEntry& node, Instant since, std::uint32_t id);
  bool wants_assignment(Instant now, const NodeEntry& node) const;
  bool append_assignment(NodeEntry& node, wire::PacketsBuilder& packets);

  // downlink.cpp
  void schedule_ack(Instant now, NodeEntry& node);
  void unlink_ack(NodeEntry& node);
  void run_acks(Instant now);
  void send_ack(Instant now, NodeEntry& node);
  bool can_send(Instant now, NodeEntry& node);
  bool append_time(Instant now, wire::PacketsBuilder& packets) const;
  void send_down(const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
                 ByteView body, std::uint32_t command = 0, std::uint32_t expires_s = 0);
  bool send_sealed(Instant now, NodeEntry& node, ByteView plaintext, DownClass down_class,
                   std::uint32_t command, std::uint32_t expires_s);
  void reserve_counters(NodeEntry& node, std::uint32_t flight);
  void on_session_committed(Instant now, const PendingCommit& commit, bool ok);

  // keys.cpp
  FormerKeys former_keys(const NodeEntry& node) const;
  void wipe(std::optional<NodeKey>& key);
  void wipe(FormerKeys& keys);
  void keep_former(const MacAddress& mac, const FormerKeys& keys);
  void forget_former(const MacAddress& mac);
  const Key* find_former(const MacAddress& mac, const wire::AuthHeader& header) const;
  void ask_again(const PendingCommit& commit);
  void end_session(NodeEntry& node);
  void say_end(Instant now, NodeEntry& node, wire::EndReason reason);
  bool wants_renewal(const NodeEntry& node) const;
  void ask_renewal(Instant now, NodeEntry& node, wire::PacketsBuilder& packets);
  void check_lease(Instant now) { owner_ = now < lease_until_; }

  // nodes.cpp
  void on_forgotten(const PendingCommit& commit, bool ok);
  void remove_node(NodeEntry& node);
  bool apply_config(const MacAddress& mac, std::string_view name, std::uint16_t report_interval_s);
  Duration silence_limit(const NodeEntry& node) const;
  void sweep(Instant now);

  static constexpr std::uint32_t kNone = UINT32_MAX;

  Config config_;
  Ports ports_;
  Counters counters_;
  Key discovery_key_{};  ///< of the network key in force
  mutable MacTable<NodeEntry> nodes_;
  MacTable<Handshake> handshakes_;
  mutable MacTable<LabelEntry> labels_;
  mutable MacTable<FormerEntry> former_;
  CommandPool commands_;
  Pending pending_;
  Admission admission_;
  transfer::LongBuffers long_buffers_;
  transfer::Reassembler reassembler_;
  Span<LongDown> long_downs_;
  std::array<std::uint32_t, 256> node_of_module_;

  Instant lease_until_ = kNever;
  bool owner_ = true;  ///< as it was when time was told last
  Instant time_set_at_;
  UnixTime time_;
  std::int16_t zone_minutes_ = 0;

  std::uint32_t first_ack_ = kNone;  ///< nodes whose ack is due, in the order of ack_at
  std::uint32_t last_ack_ = kNone;
  Instant command_timer_ = kNever;
  Instant sweep_at_ = kNever;
  Instant refusals_until_{INT64_MIN};  ///< when the refusals said so far are worked off
};

}  // namespace espial::coordinator
