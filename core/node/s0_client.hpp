#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/node/application.hpp"
#include "core/port/radio.hpp"
#include "core/port/settings.hpp"
#include "core/wire/s0.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::node {

/// How long a channel is listened to; S0's servers answer late.
inline constexpr Duration kS0Dwell = Duration::milliseconds(500);
inline constexpr std::uint8_t kS0Rounds = 2;
inline constexpr Duration kS0Pause = Duration::seconds(10);
/// An answer that gives a module nothing to do may have been garbled, its channel too, and a module
/// that sends nothing never notices: it asks again.
inline constexpr Duration kS0AskAgain = Duration::seconds(60);
/// More failed sends in a row than this, and the server is looked for again.
inline constexpr std::uint8_t kS0FailuresBorne = 3;
inline constexpr Duration kS0SendRetry = Duration::milliseconds(100);
/// Pings are sent back no more often: a server may send back what it takes for a module's own ping,
/// and the two would go on for ever.
inline constexpr Duration kS0EchoInterval = Duration::seconds(1);
/// When the radio does not take a frame, and when it never says how one ended.
inline constexpr Duration kS0RadioRetry = Duration::milliseconds(5);
inline constexpr Duration kS0SendGuard = Duration::seconds(2);

/// What a node is to an S0 server.
struct S0Config {
  ServerId server;
  ModuleId module;               ///< its number there, 1..255
  wire::FunctionList functions;  ///< the first twelve count
};

struct S0Ports {
  Radio& radio;
  Settings& settings;
  Application& application;
};

enum class S0ReportStatus : std::uint8_t {
  kTaken,      ///< each is sent once, if nothing newer of its function comes before
  kMalformed,  ///< not one or more readings
  kNoPlace,    ///< some of it is dropped: S0, or this server, has no such function
};

struct S0Counters {
  std::uint32_t searches = 0;
  std::uint32_t pauses = 0;
  std::uint32_t pairings = 0;
  std::uint32_t data_sent = 0;     ///< acknowledged by the server's radio
  std::uint32_t sends_failed = 0;  ///< unicasts that no radio acknowledged, or never ended
  std::uint32_t replaced = 0;      ///< readings that a newer one overtook
  std::uint32_t no_place = 0;      ///< readings that the server has no function for
  std::uint32_t commands = 0;
  std::uint32_t commands_refused = 0;  ///< no such function, or the application would not
  std::uint32_t echoes = 0;
  std::uint32_t pings_passed_over = 0;  ///< too soon after the one before
  std::uint32_t resets = 0;
  std::uint32_t not_for_us = 0;  ///< whole messages of others
  std::uint32_t malformed = 0;
};

/// A node as a module of an S0 server: an Espial board joins a house that has one, with the same
/// Application as for the node's role (node.hpp).
///
///               start()             answered
///      IDLE ------------> SEARCHING ---------> ONLINE
///                          |   ^  ^              |
///       two rounds, nobody |   |  +--------------+ more than 3 failed sends, or RESET;
///                          v   | 10 s             60 s, where it was given nothing to do
///                         PAUSED
///
/// S0 has no keys, no numbers and no acknowledgements: whoever knows the server's address can give
/// commands, each message that is heard is executed, and of a reading it is known only that a radio
/// heard it. A function's newest reading is kept until then; there is no ring.
///
/// The server says which functions there are. The application's are given its slots in order, each
/// the first free one of its type.
///
/// Nothing blocks; after every call ask next_timer() and call on_timer() at or after it.
class S0Client {
 public:
  S0Client(const S0Config& config, const S0Ports& ports);
  S0Client(const S0Client&) = delete;
  S0Client& operator=(const S0Client&) = delete;

  /// Begins to search, on the channel that was good last.
  void start(Instant now);
  void on_frame(Instant now, const ReceivedFrame& frame);
  void on_sent(Instant now, bool acknowledged);
  void on_timer(Instant now);
  Instant next_timer() const;

  /// Takes readings as Node::report() does. Works in every state, and from inside
  /// Application::execute().
  S0ReportStatus report(Instant now, ByteView readings);

  /// kIdle, kSearching, kPaused or kOnline.
  NodeState state() const { return state_; }
  Channel channel() const { return channel_; }
  /// Where to send; meaningful while online.
  const MacAddress& server_address() const { return address_; }
  /// True once after the server has asked this module to start again. The client has begun to
  /// search; whoever can restart the board may do that.
  bool take_restart();

  const S0Counters& counters() const { return counters_; }

 private:
  enum class Flight : std::uint8_t { kNone, kSearch, kEcho, kData };
  /// One of the application's functions.
  struct Place {
    std::uint8_t server_slot = kSlotCount;
    bool due = false;
    s0::Values data;
  };

  void search(Instant now);
  void ask(Instant now);
  void next_channel(Instant now);
  void on_pairing(Instant now, const ReceivedFrame& frame);
  bool is_answer(const ReceivedFrame& frame, const s0::Pairing& pairing) const;
  bool map_functions();
  void on_set_points(Instant now, ByteView body);
  void on_ping(Instant now, ByteView body);
  void on_reset(Instant now, ByteView body);
  bool from_server(const MacAddress& source) const;
  void enter(Instant now, NodeState state);
  void pump(Instant now);
  bool transmit(Instant now, Flight flight, const MacAddress& to, ByteView body);
  std::size_t index_of(std::uint8_t slot, std::uint8_t kind) const;

  S0Config config_;
  S0Ports ports_;
  NodeState state_ = NodeState::kIdle;
  Channel channel_;
  std::uint8_t channels_asked_ = 0;
  bool ask_due_ = false;
  Instant timer_ = kNever;     ///< end of a dwell or a pause, or of being online for nothing
  Instant send_at_ = kNever;   ///< not to be sent before
  Instant guard_at_ = kNever;  ///< a send that never ended
  Flight flight_ = Flight::kNone;
  std::size_t flying_ = 0;  ///< which place's data
  std::uint8_t failed_in_a_row_ = 0;
  MacAddress address_;  ///< the server's softAP's
  MacAddress station_;  ///< where it answered from
  s0::Functions given_{};
  std::array<Place, kSlotCount> places_{};
  std::size_t next_place_ = 0;
  std::array<std::uint8_t, s0::kPingSize> echo_{};
  bool echo_due_ = false;
  Instant next_echo_{INT64_MIN};  ///< none before
  bool restart_ = false;
  S0Counters counters_;
};

}  // namespace espial::node
