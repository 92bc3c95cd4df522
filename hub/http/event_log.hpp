#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
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

/// What came between two revisions, as text for a page.
struct EventBatch {
  std::uint64_t to = 0;  ///< the page has seen everything up to this revision then
  std::string text;
  std::size_t events = 0;
  std::size_t coalesced = 0;  ///< left out, since a newer one of the same kind and key follows
};

/// The newest events, numbered. Pages have no queues of their own: each knows the revision up to
/// which it was told, and what it still needs is made from here, once for all pages that stand at
/// the same place.
class EventLog {
 public:
  /// Keeps `limit` events. `first` should be higher after every restart (the wall clock in
  /// milliseconds is), so that an ID from an earlier run is not taken for one of this.
  EventLog(std::size_t limit, std::uint64_t first)
      : limit_(limit), floor_(first), revision_(first) {}

  /// The number of the newest event.
  std::uint64_t revision() const { return revision_; }
  /// Whether everything after `revision` is kept: otherwise a page at it needs a snapshot.
  bool reaches(std::uint64_t revision) const { return floor_ <= revision && revision <= revision_; }
  /// The revision that a page names when it comes back; nothing when that is no number of this
  /// run, or older than what is kept.
  std::optional<std::uint64_t> continues(std::string_view last_event_id) const;

  void add(Event event);
  /// Changes happened that no event tells of: nothing before this moment can be continued.
  void forget();

  /// What a page at `from` needs, of one kind and key only the newest; about `max_bytes` of it, at
  /// least one event. `reaches(from)` must hold. nullptr: it has everything.
  std::shared_ptr<const EventBatch> since(std::uint64_t from, std::size_t max_bytes);

 private:
  const Event& at(std::uint64_t revision) const { return events_[revision - floor_ - 1]; }

  std::size_t limit_;
  /// The number before the oldest event kept.
  std::uint64_t floor_;
  std::uint64_t revision_;
  std::deque<Event> events_;
  /// The last batch that was made, while nothing has come since.
  std::uint64_t batch_from_ = 0;
  std::shared_ptr<const EventBatch> batch_;
};

}  // namespace espial::http
