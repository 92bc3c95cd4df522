#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/time.hpp"
#include "sim/air/neighbours.hpp"

namespace espial::sim {

/// What the air has to do at a moment.
struct AirEvent {
  enum class Kind : std::uint8_t {
    kWake,     ///< a radio's wait before a frame may be over
    kEnd,      ///< what a radio sends is over
    kAck,      ///< a radio acknowledges
    kTimeout,  ///< an acknowledgement should have been there
    kLate,     ///< a delayed frame reaches its program
  };
  Instant at;
  Kind kind = Kind::kWake;
  RadioIndex radio = 0;
  /// What it is about: an event whose serial is no longer the current one is void.
  std::uint32_t serial = 0;
  std::uint64_t order = 0;
};

/// Events, earliest first; those of the same moment in the order they were added.
class EventQueue {
 public:
  bool empty() const { return events_.empty(); }
  const AirEvent& front() const { return events_.front(); }

  void add(AirEvent event) {
    event.order = order_++;
    events_.push_back(event);
    std::push_heap(events_.begin(), events_.end(), later);
  }
  void pop() {
    std::pop_heap(events_.begin(), events_.end(), later);
    events_.pop_back();
  }
  void reserve(std::size_t count) { events_.reserve(count); }

 private:
  static bool later(const AirEvent& a, const AirEvent& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  std::vector<AirEvent> events_;
  std::uint64_t order_ = 0;
};

}  // namespace espial::sim
