#include "hub/http/event_queue.hpp"

#include <algorithm>

#include "hub/http/target.hpp"

namespace espial::http {
namespace {

std::string_view name_of(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::kDevice:
      return "device";
    case Event::Kind::kReading:
      return "reading";
    case Event::Kind::kCommand:
      return "command";
    case Event::Kind::kSystem:
      return "system";
  }
  return "device";
}

}  // namespace

std::string event_text(const Event& event, std::uint64_t revision) {
  std::string text = "event: ";
  text += name_of(event.kind);
  text += "\nid: ";
  text += std::to_string(revision);
  text += "\ndata: ";
  text += event.json;
  text += "\n\n";
  return text;
}

EventQueue::Outcome EventQueue::push(const NumberedEvent& event) {
  if (needs_snapshot_) return Outcome::kCoalesced;
  const auto older =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const NumberedEvent& other) {
        return other.event.kind == event.event.kind && other.event.key == event.event.key;
      });
  if (older != waiting_.end()) {
    waiting_.erase(older);
    waiting_.push_back(event);
    return Outcome::kCoalesced;
  }
  if (waiting_.size() >= limit_) {
    waiting_.clear();
    needs_snapshot_ = true;
    return Outcome::kOverflowed;
  }
  waiting_.push_back(event);
  return Outcome::kQueued;
}

std::optional<NumberedEvent> EventQueue::pop() {
  if (waiting_.empty()) return std::nullopt;
  NumberedEvent event = std::move(waiting_.front());
  waiting_.pop_front();
  return event;
}

const NumberedEvent& EventHistory::add(Event event) {
  events_.push_back({++revision_, std::move(event)});
  if (events_.size() > limit_) {
    floor_ = events_.front().revision;
    events_.pop_front();
  }
  return events_.back();
}

void EventHistory::forget() {
  events_.clear();
  floor_ = ++revision_;
}

bool EventHistory::replay(std::string_view last_event_id, EventQueue& queue) const {
  const auto number = parse_number(last_event_id);
  if (!number) return false;
  const auto seen = static_cast<std::uint64_t>(*number);
  if (seen < floor_ || seen > revision_) return false;
  queue.snapshot_taken();
  for (const NumberedEvent& event : events_) {
    if (event.revision > seen) queue.push(event);
  }
  return true;
}

}  // namespace espial::http
