#include "hub/http/event_log.hpp"

#include <set>
#include <utility>
#include <vector>

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
    case Event::Kind::kKeys:
      return "keys";
    case Event::Kind::kChanged:
      return "changed";
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

std::optional<std::uint64_t> EventLog::continues(std::string_view last_event_id) const {
  const auto number = parse_number(last_event_id);
  if (!number) return std::nullopt;
  const auto seen = static_cast<std::uint64_t>(*number);
  return reaches(seen) ? std::optional(seen) : std::nullopt;
}

void EventLog::add(Event event) {
  events_.push_back(std::move(event));
  ++revision_;
  if (events_.size() > limit_) {
    events_.pop_front();
    ++floor_;
  }
  batch_.reset();
}

void EventLog::forget() {
  events_.clear();
  floor_ = ++revision_;
  batch_.reset();
}

std::shared_ptr<const EventBatch> EventLog::since(std::uint64_t from, std::size_t max_bytes) {
  if (from == revision_) return nullptr;
  if (batch_ && batch_from_ == from) return batch_;
  std::set<std::pair<Event::Kind, std::string_view>> seen;
  std::vector<std::uint64_t> newest;  // latest first
  for (std::uint64_t revision = revision_; revision > from; --revision) {
    const Event& event = at(revision);
    if (seen.emplace(event.kind, event.key).second) newest.push_back(revision);
  }
  auto batch = std::make_shared<EventBatch>();
  while (!newest.empty() && batch->text.size() < max_bytes) {
    batch->to = newest.back();
    newest.pop_back();
    batch->text += event_text(at(batch->to), batch->to);
    ++batch->events;
  }
  batch->coalesced = static_cast<std::size_t>(batch->to - from) - batch->events;
  batch_from_ = from;
  batch_ = std::move(batch);
  return batch_;
}

}  // namespace espial::http
