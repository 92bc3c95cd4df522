#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/gateway/counters.hpp"
#include "core/gateway/down_queue.hpp"
#include "core/gateway/frame_pool.hpp"
#include "core/gateway/peer_slots.hpp"
#include "core/port/radio.hpp"

namespace espial::gateway {

/// Answers and auth frames waiting to be sent.
inline constexpr std::uint8_t kMaxUrgent = 16;
/// A transmission whose end the radio never told is given up after this.
inline constexpr Duration kSendTimeout = Duration::seconds(1);
/// When the radio was busy though nothing of ours was in flight.
inline constexpr Duration kRadioBusyRetry = Duration::milliseconds(2);

/// One frame in flight: urgent ones first (answers, auth, announcements), then what waits for
/// modules.
class Transmitter {
 public:
  Transmitter(Radio& radio, FramePool& pool, DownQueue& queue, Counters& counters);

  /// Queues a frame to be sent at once. A unicast that fails is tried again a few times.
  void urgent(const MacAddress& to, ByteView body);
  /// Queues an answer to who listens for a short while only: sent once, or dropped and counted when
  /// its turn comes after `until`. It takes at most half the queue.
  void answer(const MacAddress& to, ByteView body, Instant until);

  /// A frame of `mac` was heard: see PeerSlots.
  void heard(Instant now, const MacAddress& mac) { peers_.heard(now, mac); }
  /// Sends what is due, if the radio is free.
  void pump(Instant now);
  void on_sent(Instant now, bool ok);
  /// When pump() has something to do; kNever when nothing is due.
  Instant next_pump() const;

  bool idle() const { return !in_flight_ && urgent_count_ == 0; }
  std::uint8_t urgent_count() const { return urgent_count_; }

 private:
  struct Urgent {
    MacAddress to;
    std::uint32_t frame = 0;
    std::uint8_t attempts = 0;
    Instant not_before{INT64_MIN};
    Instant until = kNever;
  };
  struct InFlight {
    bool urgent = false;
    DownQueue::Pick pick;
    std::uint32_t version = 0;
    Instant give_up_at;
  };

  bool add_urgent(const MacAddress& to, ByteView body, Instant until);
  bool send(Instant now, const MacAddress& to, ByteView body);
  bool pump_urgent(Instant now);
  bool pump_queue(Instant now);
  void pop_urgent();

  Radio& radio_;
  FramePool& pool_;
  DownQueue& queue_;
  Counters& counters_;
  PeerSlots peers_;
  std::array<Urgent, kMaxUrgent> urgent_{};
  std::uint8_t urgent_begin_ = 0;
  std::uint8_t urgent_count_ = 0;
  std::optional<InFlight> in_flight_;
  Instant radio_retry_{INT64_MIN};
};

}  // namespace espial::gateway
