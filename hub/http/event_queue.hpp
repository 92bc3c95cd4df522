#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "hub/http/server.hpp"

namespace espial::http {

/// One event in the form of a server-sent event:
///
///     event: reading
///     id: 118
///     data: {"mac": ...}
///     (empty line)
std::string event_text(const Event& event, std::uint64_t revision);

struct NumberedEvent {
  std::uint64_t revision = 0;
  Event event;
};

/// What waits for one slow or fast page. Bounded: it coalesces, and past its limit it forgets
/// everything and asks for a snapshot instead.
class EventQueue {
 public:
  enum class Outcome { kQueued, kCoalesced, kOverflowed };

  explicit EventQueue(std::size_t limit) : limit_(limit) {}

  /// 1. kQueued: it waits at the end.
  /// 2. kCoalesced: an older one of its kind and key is gone, it waits at the end.
  /// 3. kOverflowed: everything waiting is gone; `needs_snapshot` until `snapshot_taken`.
  /// While a snapshot is needed events are swallowed (kCoalesced): the snapshot will hold them.
  Outcome push(const NumberedEvent& event);

  bool empty() const { return waiting_.empty() && !needs_snapshot_; }
  bool needs_snapshot() const { return needs_snapshot_; }
  void snapshot_taken() { needs_snapshot_ = false; }

  /// The oldest waiting event.
  std::optional<NumberedEvent> pop();

 private:
  std::size_t limit_;
  std::deque<NumberedEvent> waiting_;
  bool needs_snapshot_ = true;
};

/// Numbers the events and keeps the newest, for pages that come back after a short absence.
class EventHistory {
 public:
  /// `first` should be higher after every restart (the wall clock in milliseconds is), so that an
  /// ID from an earlier run is not taken for one of this.
  EventHistory(std::size_t limit, std::uint64_t first)
      : limit_(limit), floor_(first), revision_(first) {}

  /// The number of the newest event.
  std::uint64_t revision() const { return revision_; }

  /// Gives the event its number and keeps it.
  const NumberedEvent& add(Event event);

  /// Changes happened that no event tells of: nothing before this moment can be replayed.
  void forget();

  /// Fills `queue` with everything after `last_event_id`. False, with `queue` untouched, when that
  /// ID is no number of this run, or older than what is kept: then a snapshot is due.
  bool replay(std::string_view last_event_id, EventQueue& queue) const;

 private:
  std::size_t limit_;
  /// The number before the oldest event kept.
  std::uint64_t floor_;
  std::uint64_t revision_;
  std::deque<NumberedEvent> events_;
};

}  // namespace espial::http
