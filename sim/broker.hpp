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

/// What MQTT at QoS 1 does between one gateway and one coordinator, without MQTT: messages are
/// delayed, keep their order, and those going up are kept until the coordinator has finished them;
/// a restarted coordinator gets them again. Pull-based: ask when, then take what is due.
class Broker {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    Duration least_delay = Duration::milliseconds(1);
    Duration most_delay = Duration::milliseconds(8);
    /// Unfinished messages the coordinator is given at a time.
    std::size_t receive_maximum = 64;
  };
  struct Up {
    coordinator::Token token = 0;
    Instant at;
    MacAddress mac;
    std::vector<std::uint8_t> body;
    std::optional<std::int8_t> rssi_dbm;
    Channel channel;
    Duration held;
    bool delivered = false;
  };
  struct Down {
    Instant at;
    MacAddress mac;
    DownClass down_class = DownClass::kAck;
    std::vector<std::uint8_t> body;
    std::uint32_t command = 0;
    std::uint32_t expires_s = 0;
  };

  explicit Broker(const Settings& settings) : settings_(settings), random_(settings.seed) {}

  /// @retval false  the broker is away.
  [[nodiscard]] bool publish_up(Instant now, const MacAddress& mac, ByteView body,
                                std::optional<std::int8_t> rssi_dbm, Channel channel,
                                Duration held);
  /// Lost when the broker is away.
  void publish_down(Instant now, const MacAddress& mac, DownClass down_class, ByteView body,
                    std::uint32_t command, std::uint32_t expires_s);

  /// While away nothing is taken and nothing delivered; what it has, it keeps.
  void set_alive(bool alive) { alive_ = alive; }
  bool alive() const { return alive_; }

  /// When take_up() and take_down() have something.
  Instant next_up() const;
  Instant next_down() const;
  /// The next message due for the coordinator; valid until the next call of this object.
  const Up* take_up(Instant now);
  /// The next message due for the gateway.
  std::optional<Down> take_down(Instant now);

  void finished(coordinator::Token token);
  /// The coordinator came back: everything unfinished is delivered again.
  void redeliver(Instant now);

  std::size_t unfinished() const { return up_.size(); }
  std::uint64_t redelivered() const { return redelivered_; }

 private:
  Instant arrival(Instant now, Instant& last);

  Settings settings_;
  SplitMix random_;
  bool alive_ = true;
  std::deque<Up> up_;
  std::deque<Down> down_;
  std::size_t delivered_ = 0;
  coordinator::Token next_token_ = 1;
  Instant last_up_;
  Instant last_down_;
  std::uint64_t redelivered_ = 0;
};

}  // namespace espial::sim
