#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/coordinator/records.hpp"
#include "core/port/down_class.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// What MQTT 5 at QoS 1 does between many gateways and one coordinator, without MQTT.
///
///     gateway 0 --link--\                      up:   kept until finished(), given out again after
///     gateway 1 --link---+-- broker -- hub           a restart of the hub, at most receive_maximum
///     gateway n --link--/                            at a time
///                                              down: in order for each gateway, kept while its
///                                                    link is cut, gone when it restarts
///
/// Delays are drawn from the seed; the order of what one sender sent is kept. Pull-based: ask when,
/// then take what is due.
class Backbone {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    Duration least_delay = Duration::milliseconds(1);
    Duration most_delay = Duration::milliseconds(8);
    std::size_t receive_maximum = 256;
    /// Messages for a gateway whose link is cut; the oldest makes room.
    std::size_t max_waiting_down = 256;
  };
  struct Up {
    coordinator::Token token = 0;
    Instant published_at;
    Instant at;
    std::uint32_t gateway = 0;
    MacAddress mac;
    std::vector<std::uint8_t> body;
    std::optional<std::int8_t> rssi_dbm;
    Channel channel;
    Duration held;    ///< in the gateway
    Duration waited;  ///< at the broker, as far as a broker tells (protocol/mqtt.md)
    bool finished = false;
  };
  struct Down {
    Instant published_at;
    Instant at;
    MacAddress mac;
    DownClass down_class = DownClass::kAck;
    std::vector<std::uint8_t> body;
    std::uint32_t command = 0;
    std::uint32_t expires_s = 0;
  };
  struct Counters {
    std::uint64_t up = 0;
    std::uint64_t down = 0;
    std::uint64_t redelivered = 0;
    std::uint64_t lost_by_broker = 0;  ///< forgotten by a broker that was killed
    std::uint64_t lost_down = 0;       ///< for a gateway that is away or restarted
    std::uint64_t expired_down = 0;    ///< commands whose lifetime ended here
  };

  Backbone(const Settings& settings, std::size_t gateways);

  /// A cut link carries nothing; what was on the way still arrives.
  void set_link(std::uint32_t gateway, bool up) { links_[gateway].up = up; }
  bool link(std::uint32_t gateway) const { return alive_ && links_[gateway].up; }
  /// The gateway starts anew: what waited for it is gone.
  void restart_gateway(std::uint32_t gateway);

  /// A stopped broker carries nothing and keeps everything.
  void set_alive(bool alive) { alive_ = alive; }
  bool alive() const { return alive_; }
  /// A killed broker forgets what came after its last save: up to `unsaved` messages each way,
  /// though it had acknowledged them.
  void forget_newest(std::size_t unsaved);

  /// @retval false  no way to the broker: the gateway keeps it.
  [[nodiscard]] bool publish_up(Instant now, std::uint32_t gateway, const MacAddress& mac,
                                ByteView body, std::optional<std::int8_t> rssi_dbm, Channel channel,
                                Duration held);
  void publish_down(Instant now, std::uint32_t gateway, const MacAddress& mac, DownClass down_class,
                    ByteView body, std::uint32_t command, std::uint32_t expires_s);

  /// When take_up() has something for a hub that listens, and take_down() for any gateway.
  Instant next_up() const;
  Instant next_down() const;
  /// The next message due for the hub; valid until the next call of this object.
  const Up* take_up(Instant now);
  struct Delivery {
    std::uint32_t gateway = 0;
    Down down;
  };
  std::optional<Delivery> take_down(Instant now);

  void finished(coordinator::Token token);
  /// The hub came back: everything unfinished is given out again.
  void redeliver(Instant now);

  std::size_t unfinished() const { return up_.size() - finished_count_; }
  std::size_t waiting_down() const;
  const Counters& counters() const { return counters_; }

 private:
  struct Link {
    bool up = true;
    Instant last_down;
    std::deque<Down> down;
  };

  Instant arrival(Instant now, Instant& last);

  Settings settings_;
  SplitMix random_;
  bool alive_ = true;
  std::vector<Link> links_;
  std::deque<Up> up_;  ///< consecutive tokens, the first one first_token_
  coordinator::Token first_token_ = 1;
  std::size_t given_out_ = 0;  ///< of `up_`, from the front
  std::size_t finished_count_ = 0;
  Instant last_up_;
  Counters counters_;
};

}  // namespace espial::sim
