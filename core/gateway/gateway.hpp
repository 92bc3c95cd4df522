#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"
#include "core/gateway/counters.hpp"
#include "core/gateway/down_queue.hpp"
#include "core/gateway/frame_pool.hpp"
#include "core/gateway/held_ring.hpp"
#include "core/gateway/keyed_list.hpp"
#include "core/gateway/search_limit.hpp"
#include "core/gateway/transmitter.hpp"
#include "core/gateway/uplink.hpp"
#include "core/port/crypto.hpp"
#include "core/port/down_class.hpp"
#include "core/port/radio.hpp"
#include "core/wire/refusal.hpp"
#include "core/wire/s0.hpp"

namespace espial::gateway {

/// Networks that one gateway serves.
inline constexpr std::size_t kMaxNetworks = 8;

/// How soon an uplink that refused a message is asked again.
inline constexpr Duration kUplinkRetry = Duration::milliseconds(20);
/// Who searches listens a little longer than this; an answer that waited for as long is dropped.
inline constexpr Duration kAnswerWithin = Duration::milliseconds(30);
/// A move to another channel is announced this often, this far apart; then the radio is told.
inline constexpr int kMoveAnnouncements = 5;
inline constexpr Duration kMoveSpacing = Duration::milliseconds(20);
/// After each change of its channel it says for so long where it is when it hears a module; after
/// its start when it hears one that listens.
inline constexpr Duration kChannelNews = Duration::seconds(600);
/// A sleeper is told in so many of its wakes, however long that takes.
inline constexpr std::uint8_t kSleeperNews = 16;
/// No more often than this in each network. Who listens hears what another one's frame brought
/// about, but a sleeper only what its own did: it has little use for what the others were told.
inline constexpr Duration kChannelNewsSpacing = Duration::seconds(1);
inline constexpr Duration kSleeperNewsSpacing = Duration::milliseconds(100);

/// A network that this gateway serves.
struct Network {
  ServerId server;
  /// HKDF-SHA256(network key, "espial discovery" ‖ server): tags CONNACK and MOVED. The gateway
  /// never holds the network key itself.
  Key discovery_key{};
};

struct Config {
  /// Where nodes shall send: the softAP's address, which need not be the radio's own.
  MacAddress address;
  std::array<Network, kMaxNetworks> networks;
  std::size_t network_count = 0;
  SearchLimits search_limits;
};

/// The tables' memory, handed in so that a Linux gateway may have thousands of modules and an ESP32
/// 255. It must outlive the gateway.
struct Storage {
  /// Modules heard or addressed; the one not seen for the longest makes room.
  Span<Module> modules;
  /// Frames waiting for modules, of all modules together.
  Span<DownFrame> down_frames;
  /// Their bytes: down_frames.size() equal parts, each as long as the longest body that can go
  /// down.
  MutableByteView down_bytes;
  /// Frames heard while the uplink is down, oldest dropped first.
  MutableByteView held_bytes;
  /// MACs whose plain PUBLISH packets are refused.
  Span<KeyedMac> keyed;
};

struct Ports {
  Radio& radio;
  Crypto& crypto;
  Uplink& uplink;
};

/// The gateway's role: answers searches by itself, relays frames it can't read between the air and
/// the coordinator, and keeps frames for those who sleep. It holds no session key.
///
///   air --on_frame--> refuse and count | answer CONNECT | relay --> Uplink, or held ring
///   coordinator --on_down--> at once (auth, listeners) | behind the module's next frame --> air
///
/// Nothing blocks and nothing calls back: after every call, ask next_timer() and call on_timer() at
/// or after it. Frames must come without radio-level repeats: dropping those is the radio port's
/// job.
class Gateway {
 public:
  Gateway(const Config& config, const Storage& storage, const Ports& ports);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// A frame from the air.
  ///  1. CONNECT for a served network: a CONNACK is sent, SUCCESS when the uplink is ready and the
  ///     network's coordinator alive, FAILURE otherwise; above the search limits it is dropped.
  ///  2. AUTH and SEALED going up in a served network: relayed as they are.
  ///  3. Plain PUBLISH: to /device/<mac>, unless that MAC is keyed.
  ///  4. S0's messages, by exact length, where a network's S0 switch is on: to that network; those
  ///     that name none to each that has it on. Never from a keyed MAC.
  ///  5. Anything else is dropped and counted.
  /// A relayed frame lets the module's waiting frames follow it down.
  void on_frame(Instant now, const ReceivedFrame& frame);

  /// The end of the transmission that Radio::send() began.
  void on_sent(Instant now, bool ok);

  /// It begins, perhaps on another channel than before: for a while it says where it is.
  void on_started(Instant now);

  void on_timer(Instant now);
  /// When on_timer() wants to be called; kNever when nothing is due.
  Instant next_timer() const;

  /// The uplink can take messages (again), or can't. Also to be called when it has room again
  /// after it refused a message.
  void on_uplink_ready(Instant now, bool ready);

  /// A network's coordinator came or went.
  void on_coordinator(Instant now, ServerId server, bool alive);

  /// A network's S0 switch, off until told otherwise. It stays as it is while the coordinator is
  /// away.
  void on_s0(Instant now, ServerId server, bool on);

  /// A network's list of keyed MACs: 6 bytes each, replacing the one before. A list of another
  /// length, or of a network not served, is ignored and counted. When the list does not fit, every
  /// plain PUBLISH is dropped: better deaf than forged.
  void on_keyed(Instant now, ServerId server, ByteView macs);

  /// The discovery key of a served network has changed: tags are made with this one from now on.
  void set_discovery_key(ServerId server, const Key& discovery_key);

  /// A frame from a coordinator: sealed, AUTH, or, of class kAuth where the network's S0 switch is
  /// on and `mac` is not keyed, a message of S0's. `body` is empty for kClear; `command` counts for
  /// kCommand and kClear, `expires_s` (seconds from now, 0 = never) for kCommand only. A command
  /// with an id that waits already replaces it in its place.
  void on_down(Instant now, ServerId server, const MacAddress& mac, DownClass down_class,
               ByteView body, std::uint32_t command, std::uint32_t expires_s);

  /// Bytes of an application for an unkeyed module, sent at once.
  void on_device_set(Instant now, const MacAddress& mac, ByteView body);

  /// The network moves to `channel`: announced several times on the present one, then the radio is
  /// told.
  void on_channel(Instant now, Channel channel);

  const Counters& counters() const { return counters_; }
  bool uplink_ready() const { return uplink_ready_; }
  bool coordinator_alive(ServerId server) const;
  /// Modules known now.
  std::size_t module_count() const { return down_.module_count(); }
  /// Frames that wait for the uplink now.
  std::size_t held_count() const { return held_.count(); }
  /// Frames that wait for modules now, or are in the air.
  std::size_t waiting_count() const { return pool_.taken(); }
  /// The same, counted by who they are for; another number than waiting_count() means that places
  /// are lost. Takes as long as there are modules.
  std::size_t claimed_count() const {
    return down_.frame_count() + std::size_t{transmitter_.urgent_count()};
  }
  /// Writes down which commands wait for a module, in order of arrival, as far as `out` goes.
  /// @returns how many it wrote.
  std::size_t waiting_commands(ServerId server, const MacAddress& mac,
                               Span<std::uint32_t> out) const {
    return down_.commands(server, mac, out);
  }
  /// It has announced another channel and is not there yet.
  bool moving() const { return move_.switch_at != kNever; }

 private:
  struct Move {
    Channel to;
    Instant switch_at = kNever;
    Instant next_announcement = kNever;
  };
  /// Since when a network may be told again where the gateway is.
  struct News {
    Instant to_listeners;
    Instant to_sleepers;
  };

  static Count grade(wire::Refusal refusal);
  const Network* find_network(ServerId server) const;
  std::size_t index_of(const Network& network) const;
  void on_connect(Instant now, const ReceivedFrame& frame);
  void on_auth(Instant now, const ReceivedFrame& frame);
  void on_sealed(Instant now, const ReceivedFrame& frame);
  void on_publish(Instant now, const ReceivedFrame& frame);
  void on_s0_message(Instant now, const ReceivedFrame& frame);
  void on_s0_pairing(Instant now, const ReceivedFrame& frame);
  bool s0_fits_down(const Network& network, const MacAddress& mac, ByteView body) const;
  bool fits_down(const Network& network, const MacAddress& mac, DownClass down_class,
                 ByteView body) const;
  void relay_up(Instant now, const Network& network, const ReceivedFrame& frame);
  void hand_up(Instant now, const HeldFrame& frame);
  bool offer(Instant now, const HeldFrame& frame);
  void drain_held(Instant now);
  void announce_move(Instant now);
  void say_channel(const Network& network, Channel channel, Duration after);
  void remind_of_channel(Instant now, const Network& network, Module* module, bool listening);
  std::uint8_t load() const;

  Config config_;
  Ports ports_;
  Counters counters_;
  FramePool pool_;
  DownQueue down_;
  Transmitter transmitter_;
  HeldRing held_;
  KeyedList keyed_;
  SearchLimit search_limit_;
  std::array<bool, kMaxNetworks> coordinator_alive_{};
  std::array<bool, kMaxNetworks> s0_on_{};
  bool uplink_ready_ = false;
  Instant retry_uplink_ = kNever;
  Move move_;
  Channel channel_;  ///< when a module was heard last
  Instant started_until_;
  Instant moved_until_;
  std::array<News, kMaxNetworks> next_news_;
};

}  // namespace espial::gateway
