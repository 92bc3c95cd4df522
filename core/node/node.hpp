#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/span.hpp"
#include "core/base/static_vector.hpp"
#include "core/base/time.hpp"
#include "core/link/backoff.hpp"
#include "core/link/channel_search.hpp"
#include "core/link/link_quality.hpp"
#include "core/node/application.hpp"
#include "core/node/command_window.hpp"
#include "core/node/conduct.hpp"
#include "core/node/node_counters.hpp"
#include "core/node/part.hpp"
#include "core/node/records.hpp"
#include "core/node/retention.hpp"
#include "core/port/crypto.hpp"
#include "core/port/radio.hpp"
#include "core/port/random.hpp"
#include "core/port/settings.hpp"
#include "core/session/handshake.hpp"
#include "core/session/session.hpp"
#include "core/transfer/report_ring.hpp"
#include "core/wire/acknowledgement.hpp"
#include "core/wire/auth.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/report.hpp"
#include "core/wire/sealed.hpp"
#include "core/wire/search.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::node {

/// How long an AUTH waits for its answer; doubles with each of kAuthTries at one gateway.
inline constexpr Duration kAuthTimeout = Duration::milliseconds(400);
inline constexpr std::uint32_t kAuthTries = 3;
/// How long a refused or unlucky node waits before it asks again, doubling up to the limit.
inline constexpr Duration kFirstRefusalPause = Duration::seconds(2);
inline constexpr Duration kMaxRefusalPause = Duration::seconds(60);
/// After so many "unknown key" without proof to a key that the coordinator has not proved to have,
/// the next try at the same gateway is a JOIN. More tries than one gateway's a sleeper does not
/// have in a wake.
inline constexpr std::uint32_t kUnknownKeyHints = 2;
/// How long CONNECT, PINGREQ and the like wait for their answer, doubling up to the limit.
inline constexpr Duration kExchangeTimeout = Duration::milliseconds(400);
inline constexpr Duration kMaxExchangeTimeout = Duration::seconds(5);
/// How long a report waits for its acknowledgement, doubling up to the limit.
inline constexpr Duration kReportTimeout = Duration::milliseconds(500);
inline constexpr Duration kMaxReportTimeout = Duration::seconds(20);
/// The pause after a sealed frame: none while all goes well, doubling with each failed send from
/// the first to the limit, a quarter less after each that did not fail. What is reported meanwhile
/// travels together, so a crowded air carries the same readings in fewer frames.
inline constexpr Duration kSendRetry = Duration::milliseconds(20);
inline constexpr Duration kMaxSendRetry = Duration::seconds(10);
/// When the radio does not take a frame, doubling up to the limit, and when it never says how one
/// ended.
inline constexpr Duration kRadioBusyRetry = Duration::milliseconds(5);
inline constexpr Duration kMaxRadioBusyRetry = Duration::milliseconds(640);
inline constexpr Duration kSendGuard = Duration::seconds(2);
/// A report sent so often without an answer makes the node ask with PINGREQ whether anybody is
/// there.
inline constexpr std::uint8_t kAttemptsBeforePing = 2;
/// A report sent so often without an answer makes the node doubt that its gateway takes long
/// bodies: what says so is plain, and may be damaged or made up. Where nobody answers anything, the
/// link is lost earlier.
inline constexpr std::uint8_t kAttemptsBeforeShort = 4;
/// How long a sleeper listens after a frame, and how long MORE keeps it awake at most.
inline constexpr Duration kListenAfterSend = Duration::milliseconds(50);
inline constexpr Duration kMaxAwakeForMore = Duration::milliseconds(50);
/// After so many wakes in a row without any answer a sleeper asks whether anybody is there.
inline constexpr std::uint8_t kMaxSilentWakes = 3;
/// A time that is further behind a listener's clock is believed only when nothing else was heard
/// for the second span.
inline constexpr Duration kTimeBehind = Duration::seconds(1);
inline constexpr Duration kTimeBehindForGood = Duration::seconds(120);
/// A search waits so long for the answer to a part's frame.
inline constexpr Duration kPartAnswer = Duration::milliseconds(60);
/// "Channel moved" is followed at most this often: anybody may repeat one.
inline constexpr Duration kMovedHold = Duration::seconds(30);
/// Ends of commands waiting to be sent; the oldest gives way (it is sent when the command comes
/// again).
inline constexpr std::size_t kMaxCommandEnds = 8;
/// The longest report of a node without long packets: what fits one frame of any radio beside the
/// longest header of a PUBLISH.
inline constexpr std::size_t kMaxReport = wire::sealed_room(kMaxBodyV1) - 12;

/// A key to join with.
struct JoinKey {
  wire::KeyId id = wire::KeyId::kNetwork;  ///< kNetwork or kLabel
  std::uint8_t generation = 0;
  Key key{};
};

/// What a node is. Texts must outlive it.
struct Config {
  ServerId server;
  ModuleId wanted_module;  ///< 0 = any
  /// The radio stays on: the gateway sends at any time. Otherwise see awake_until().
  bool always_listening = true;
  wire::FunctionList functions;
  std::string_view firmware;  ///< at most wire::kMaxFirmwareSize bytes; longer ones are cut
  std::string_view chip;      ///< at most wire::kMaxChipSize bytes
  std::string_view name;      ///< a name of its own; the coordinator's goes first
  wire::ResetReason reset_reason = wire::ResetReason::kPower;
  JoinKey join_key;
  /// A silent node says that it is there this often; 0 = never.
  Duration keepalive = Duration::seconds(30);
};

struct Ports {
  Radio& radio;
  Crypto& crypto;
  Random& random;
  Settings& settings;
  Application& application;
  // What a node may be handed beside its role, each for this node alone. What is not handed over is
  // not there, and firmware that makes none does not carry its code.
  Retention* retention = nullptr;  ///< keeps ring and session over sleep and resets
  Conduct* conduct = nullptr;      ///< limits, schedule, the coordinator's configuration
  Span<Part* const> parts{};       ///< longer packets, rooms
};

/// What a node is made of beside itself.
struct Memory {
  transfer::ReportMemory reports;
  /// For one frame, at least kMaxBodyV1 bytes; longer frames are used with kMaxBodyV2.
  MutableByteView frame;
};

/// Memory for a ring as transfer::ReportStorage has it, and for frames of `kFrameSize`.
template <std::size_t kSlots, std::size_t kReportSize, std::size_t kLongSize = 0,
          std::size_t kFrameSize = kMaxBodyV2>
struct Storage {
  static_assert(kFrameSize >= kMaxBodyV1);
  transfer::ReportStorage<kSlots, kReportSize, kLongSize> reports;
  std::array<std::uint8_t, kFrameSize> frame{};
  Memory memory() { return {reports.memory(), frame}; }
};

enum class ReportStatus : std::uint8_t {
  kTaken,          ///< held until it is stored (kOnce: until it is sent)
  kTakenForOther,  ///< taken; an older one had to be given up
  kFull,           ///< dropped: nothing may give way to it
  kTooLong,        ///< dropped: longer than the ring takes; or, of a node without long packets or
                   ///< at QoS 0, than one frame carries
  kMalformed,      ///< dropped: not one or more readings
  kNotInUse,       ///< dropped: none of its slots is in use, as configured
};

/// The node's role: finds a gateway, keeps a session with the coordinator, reports, runs commands.
///
///              start()              candidate, no session       accepted
///     IDLE ------------> SEARCHING -------------------------> JOINING / RESUMING
///      ^                  ^  |   ^ |                              |       |
///      |  all rounds with |  |   | | candidate, session kept      |       | accepted
///      |  nobody: PAUSED -+<-+   | +--------------------------+   |       v
///      |                         |                            +---|-> CONFIRMING
///      |   no answer, refused    |                                |    |  ^   |
///      |                         +<-------------------------------+    |  |   | first frame opened
///      |                         +<--- no answer, new session ---------+  |   v: gateway saved
///      |                         +<--- link lost (session kept) ------ ONLINE
///      |   a kept session nobody answers, or one that is over: RESUMING at the same gateway
///      +--- LEAVING <--- leave()          a moved channel: CONFIRMING there ---+
///
/// It never blocks and never calls back later: after every call ask next_timer(), and call
/// on_timer() at or after it. The first JOIN's per-node key is stored before it is used; after a
/// reset the node resumes with it. Reports leave the ring only when acknowledged.
///
/// A node that finds its session in retained memory begins online (after a deep sleep) or
/// CONFIRMING (after any other reset, whose reason it tells), and searches only when nobody
/// answers:
///
///     boot ── Node(..., now) ── report() ── start() ──> one frame up, one down ── sleep
///
/// The record is written before each sealed frame leaves, so that no counter is used twice, and at
/// the end of each call that changed something of it.
///
/// The object does not move. Everything it refuses is counted.
class Node {
 public:
  /// Loads what the settings and the retained memory hold; touches no radio. `now` counts only
  /// with Ports::retention.
  Node(const Config& config, const Ports& ports, const Memory& memory, Instant now = {});
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Begins to search, or goes on with the session that retained memory holds. Has no effect on a
  /// node that runs. A sleeper reports first and starts then: all travels in one frame.
  void start(Instant now);
  /// A frame was heard.
  void on_frame(Instant now, const ReceivedFrame& frame);
  /// The transmission that Radio::send() began has ended.
  void on_sent(Instant now, bool acknowledged);
  void on_timer(Instant now);
  /// When on_timer() wants to be called; kNever when nothing is due.
  Instant next_timer() const;

  /// Takes readings, encoded one behind the other as in air.md section 5 (wire::encode). `taken_at`
  /// of all of them is `now`. Works in every state, and from inside Application::execute().
  /// @param stream        kEvents for what shall overtake: button, presence.
  /// @param acknowledged  QoS 1; false is QoS 0: sent once and forgotten.
  ReportStatus report(Instant now, wire::Stream stream, bool acknowledged, ByteView readings);

  /// Says good-bye and becomes kIdle once the frame is out. Reports are kept; start() goes on.
  void leave(Instant now);

  NodeState state() const { return state_; }
  /// The short name in the network; 0 before the first join.
  ModuleId module() const { return assigned_.module; }
  /// The name the coordinator gave, else the configured one.
  std::string_view name() const;
  Duration report_interval() const { return Duration::seconds(assigned_.interval_s); }
  /// The gateway in use; meaningful while there is a session.
  const MacAddress& gateway() const { return gateway_.address; }
  Channel channel() const { return gateway_.channel; }
  /// UTC; not known before the first sealed downlink that carries it.
  UnixTime utc(Instant now) const;
  std::int16_t zone_minutes() const { return zone_minutes_; }
  /// A sleeper may switch its radio off from here on; kNever for who listens always.
  Instant awake_until() const;

  const Counters& counters() const { return counters_; }
  const link::ChannelSearch::Counters& search_counters() const { return search_.counters(); }
  const transfer::ReportRing& ring() const { return ring_; }
  /// Why the coordinator last refused; nothing if it never did or has accepted since.
  std::optional<wire::RefusedReason> refused() const { return refused_; }

 private:
  friend class Conduct;
  friend class Retention;

  /// Something sealed that wants an answer and is repeated until it comes. `due_at` is when to send
  /// it, or, while it waits, when its answer is late.
  struct Exchange {
    bool open = false;
    bool waiting = false;
    std::uint32_t tries = 0;
    Instant due_at = kNever;
    void begin(Instant now) { *this = {true, false, 0, now}; }
    void end() { *this = {}; }
    bool to_send(Instant now) const { return open && !waiting && due_at <= now; }
  };
  /// The frame that the radio is sending.
  enum class Flight : std::uint8_t { kNone, kProbe, kAuth, kSealed, kPart };
  struct Gateway {
    MacAddress address;
    Channel channel;
    bool long_bodies = false;
  };

  // node.cpp
  void enter(Instant now, NodeState state);
  void pump(Instant now);
  void retry_radio_later(Instant now);
  bool transmit(Instant now, Flight flight, Channel channel, const MacAddress& destination,
                ByteView body);
  bool in_session() const;
  void handle_timers(Instant now);
  Instant role_timer() const;
  void sealed_sent(Instant now, bool acknowledged);
  void finish_send(Instant now, bool acknowledged);
  // node_search.cpp
  void search(Instant now, bool keep_session);
  void step_search(Instant now);
  void send_probe(Instant now);
  void on_connack(Instant now, const ReceivedFrame& frame);
  void on_moved(Instant now, const ReceivedFrame& frame);
  void check_moved(Instant now);
  void try_candidate(Instant now, const link::Candidate& candidate);
  void give_up_gateway(Instant now);
  void lose_link(Instant now);
  void become_online(Instant now);
  void retain(Instant now);
  void retain_if_changed(Instant now);
  bool in_use(std::uint8_t slot) const;
  Part* long_reports() const;
  // node_auth.cpp
  void authenticate(Instant now, bool renew = false);
  void send_auth(Instant now);
  void on_auth(Instant now, ByteView body);
  void on_accept(Instant now, ByteView body, bool join);
  void on_refused(Instant now, ByteView body);
  void auth_timed_out(Instant now);
  void pause_after_refusal(Instant now);
  bool store_node_key(const wire::Welcome& welcome);
  bool forget_membership();
  bool key_proven() const { return last_good_.channel.valid(); }
  void drop_session();
  // node_traffic.cpp
  void on_sealed(Instant now, ByteView body);
  void on_packet(Instant now, const wire::Packet& packet);
  bool take_packet(Instant now, const wire::Packet& packet);
  bool on_assignment(Instant now, const wire::Packet& packet);
  void tell_assigned(Instant now);
  bool on_stored(const wire::Packet& packet);
  bool on_command(Instant now, const wire::Packet& packet);
  void end_command(std::uint32_t command, wire::Outcome outcome);
  bool on_ping_response(Instant now, const wire::Packet& packet);
  bool on_session_end(Instant now, const wire::Packet& packet);
  bool on_parts_frame(Instant now, const ReceivedFrame& frame);
  bool send_parts_frame(Instant now);
  Instant parts_frame_at() const;
  void on_others_packet(Instant now, wire::Packet packet);
  void schedule_ping(Instant now);
  bool believes(Instant now, UnixTime time);
  void set_time(Instant now, UnixTime utc, std::int16_t zone_minutes);
  void send_traffic(Instant now);
  void traffic_failed(Instant now, Duration wait);
  void append_reports(Instant now, wire::PacketsBuilder& packets);
  void check_exchanges(Instant now);
  void exchange_sent(Instant now, Exchange& exchange);
  void exchange_failed(Instant now, Exchange& exchange, Duration retry_after);
  bool append_small(Instant now, wire::PacketsBuilder& packets);
  Instant traffic_due_at() const;
  Instant air_free_at() const;
  bool may_talk(Instant now);
  Instant traffic_timer() const;
  wire::Description description() const;
  bool takes_long_bodies() const;
  std::size_t body_limit() const;

  // Small things first: what lies near the beginning costs a chip less code to reach.
  NodeState state_ = NodeState::kIdle;
  bool inside_ = false;  ///< a call is being handled: report() only adds
  Flight flight_ = Flight::kNone;
  bool held_back_ = false;  ///< what is due waits for its share of the air
  bool probe_due_ = false;
  bool checking_moved_ = false;
  bool renewing_ = false;     ///< a JOIN under the per-node key, for the next one
  bool session_new_ = false;  ///< nothing was opened with it yet
  bool changed_ = false;      ///< what retained memory holds is behind
  bool keys_over_ = false;    ///< the older copy holds those of a session that is over
  bool leave_sent_ = false;
  bool utc_known_ = false;
  std::uint8_t silent_wakes_ = 0;
  Channel moved_to_;
  std::int16_t zone_minutes_ = 0;
  std::optional<wire::RefusedReason> refused_;
  std::uint32_t auth_tries_ = 0;
  std::uint32_t unknown_key_hints_ = 0;
  std::uint32_t stream_id_ = 0;
  std::uint32_t radio_refusals_ = 0;
  std::size_t ends_in_flight_ = 0;

  Instant flight_guard_ = kNever;
  Instant radio_retry_;  ///< the radio takes no frame before this
  Instant retry_at_;     ///< no sealed frame before this
  Instant awake_until_;
  Instant auth_due_ = kNever;
  Instant next_ping_ = kNever;
  Instant search_waits_until_;        ///< for an answer to a part's frame
  Instant search_again_at_ = kNever;  ///< a pause after a refusal
  Instant moved_at_ = kNever;         ///< follow the gateway then
  Instant next_moved_check_;          ///< hints before this are not followed
  Instant behind_since_ = kNever;     ///< since when every time heard was behind ours
  std::int64_t utc_offset_ms_ = 0;
  Duration pace_;  ///< the pause after the last sealed frame
  Exchange describe_;
  Exchange ping_;
  link::LinkQuality quality_;
  Gateway gateway_;
  /// Where a session under the present key was last had, which proves that the coordinator has
  /// that key too: from then on only its own word makes the node join with another.
  GatewayRecord last_good_;
  wire::SearchNonce nonce_{};
  /// A frame being built, or what one that was heard holds. Never both: frames are built in pump()
  /// only, when all that was heard has been dealt with.
  MutableByteView buffer_;

  Config config_;
  Ports ports_;
  Counters counters_;
  link::Backoff refusal_pause_{kFirstRefusalPause, kMaxRefusalPause};
  transfer::ReportRing ring_;
  Around around_{ports_.random, ring_, counters_};
  StaticVector<wire::CommandEnd, kMaxCommandEnds> ends_;
  // Braces clear the large ones as a whole, which takes less code than member by member.
  CommandWindow commands_{};
  AssignedRecord assigned_;
  /// Its discovery key: as told with the per-node key, else as the network key gives it.
  NodeKeyRecord node_key_{};
  link::ChannelSearch search_{};
  session::Session session_{};
  session::ResumeInitiator resume_{};
  session::JoinInitiator join_{};
};

}  // namespace espial::node
