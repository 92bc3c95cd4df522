#include "hub/features/trace/report_trace.hpp"

#include <utility>

namespace espial::trace {
namespace {

std::uint64_t key_of(const MacAddress& mac) {
  std::uint64_t key = 0;
  for (const std::uint8_t octet : mac.octets) key = key << 8 | octet;
  return key;
}

void add_hearing(ReportTimes& times, const Arrival& arrival) {
  if (!arrival.gateway) return;
  if (times.hearings == kMaxHearings) {
    if (times.more_hearings < UINT8_MAX) ++times.more_hearings;
    return;
  }
  times.heard[times.hearings++] = {*arrival.gateway, arrival.rssi_dbm, arrival.channel,
                                   arrival.held,     arrival.waited,   arrival.at};
}

}  // namespace

std::uint64_t mark_of(ByteView body) {
  std::uint64_t mark = 0;
  if (body.size() < sizeof mark) return mark;
  for (const std::uint8_t byte : body.subview(body.size() - sizeof mark, sizeof mark)) {
    mark = mark << 8 | byte;
  }
  return mark;
}

ReportTrace::ReportTrace(std::function<bool()> page_open, std::size_t kept)
    : page_open_(std::move(page_open)), ring_(kept) {
  newest_.reserve(kept);
}

ReportTrace::Entry* ReportTrace::at(Number number) {
  Entry& entry = ring_[number % ring_.size()];
  return number != 0 && entry.number == number ? &entry : nullptr;
}

const ReportTrace::Entry* ReportTrace::at(Number number) const {
  const Entry& entry = ring_[number % ring_.size()];
  return number != 0 && entry.number == number ? &entry : nullptr;
}

const ReportTrace::Entry* ReportTrace::newest_of(const MacAddress& mac) const {
  const auto found = newest_.find(key_of(mac));
  return found == newest_.end() ? nullptr : at(found->second);
}

void ReportTrace::arrive(const Arrival& arrival) {
  arrival_ = arrival;
  if (arrival.mark == 0) return;
  const auto found = newest_.find(key_of(arrival.mac));
  if (found == newest_.end()) return;
  // A frame brings several reports, one after the other.
  for (Entry* entry = at(found->second); entry != nullptr && entry->mark == arrival.mark;
       entry = at(entry->previous)) {
    add_hearing(entry->times, arrival);
  }
}

ReportTrace::Number ReportTrace::begin(Instant now, const ReportName& name) {
  Entry& entry = ring_[++last_ % ring_.size()];
  if (entry.number != 0) {
    const auto former = newest_.find(key_of(entry.times.mac));
    if (former != newest_.end() && former->second == entry.number) newest_.erase(former);
  }
  Number& newest = newest_[key_of(arrival_.mac)];
  entry.previous = std::exchange(newest, last_);
  entry.number = last_;
  entry.mark = arrival_.mark;
  ReportTimes& times = entry.times;
  times.mac = arrival_.mac;
  times.sequence = name.sequence ? *name.sequence : last_;
  times.numbered_by_hub = !name.sequence;
  times.events = name.events;
  times.since_taken = name.since_taken;
  times.received_unix_us = arrival_.at_unix_us;
  times.received_at = arrival_.at;
  times.opened_at = now;
  times.ended_at = times.announced_at = {};
  times.revision = 0;
  times.fate = Fate::kWaiting;
  times.showing = Showing::kWaiting;
  times.hearings = times.more_hearings = 0;
  add_hearing(times, arrival_);
  return last_;
}

void ReportTrace::stored(Number number, Instant now, bool shown) {
  Entry* const entry = at(number);
  if (entry == nullptr) return;
  entry->times.ended_at = now;
  entry->times.fate = Fate::kStored;
  if (!shown) {
    entry->times.showing = Showing::kNotShown;
  } else if (!page_open_()) {
    entry->times.showing = Showing::kNobody;
  } else if (unannounced_.size() < ring_.size()) {
    unannounced_.push_back(number);
  }
}

void ReportTrace::turned_away(Number number, Instant now) {
  Entry* const entry = at(number);
  if (entry == nullptr) return;
  entry->times.ended_at = now;
  entry->times.fate = Fate::kTurnedAway;
}

void ReportTrace::announced(std::uint64_t revision, Instant now) {
  for (const Number number : unannounced_) {
    Entry* const entry = at(number);
    if (entry == nullptr) continue;
    entry->times.showing = Showing::kAnnounced;
    entry->times.revision = revision;
    entry->times.announced_at = now;
  }
  unannounced_.clear();
}

const ReportTimes* ReportTrace::find(const MacAddress& mac, std::uint64_t sequence,
                                     std::optional<bool> events) const {
  for (const Entry* entry = newest_of(mac); entry != nullptr; entry = at(entry->previous)) {
    const ReportTimes& times = entry->times;
    if (times.sequence == sequence && (!events || times.events == *events)) return &times;
  }
  return nullptr;
}

std::vector<const ReportTimes*> ReportTrace::newest(const MacAddress& mac,
                                                    std::size_t limit) const {
  std::vector<const ReportTimes*> found;
  for (const Entry* entry = newest_of(mac); entry != nullptr && found.size() < limit;
       entry = at(entry->previous)) {
    found.push_back(&entry->times);
  }
  return found;
}

const ReportTimes* ReportTrace::oldest_after_loss() const {
  const bool lost = last_ > ring_.size();
  return lost ? &ring_[(last_ + 1) % ring_.size()].times : nullptr;
}

}  // namespace espial::trace
