#include "core/transfer/report_ring.hpp"

#include <algorithm>

#include "core/session/sequence_window.hpp"

namespace espial::transfer {
namespace {

constexpr std::array<ReportClass, 3> kSendOrder{ReportClass::kEvent, ReportClass::kReading,
                                                ReportClass::kOnce};

/// Restored reports keep their places, within their class, by their sequences; new ones come after.
constexpr std::uint64_t kFirstNewOrder = std::uint64_t{1} << 32U;

std::size_t index_of(ReportClass stream) { return static_cast<std::size_t>(stream); }

}  // namespace

ReportRing::ReportRing(const ReportMemory& memory)
    : memory_(memory),
      report_size_(memory.slots.empty() ? 0 : memory.bytes.size() / memory.slots.size()) {
  for (ReportSlot& slot : memory_.slots) slot = {};
}

std::optional<std::size_t> ReportRing::free_slot() const {
  for (std::size_t i = 0; i < memory_.slots.size(); ++i) {
    if (!memory_.slots[i].used) return i;
  }
  return std::nullopt;
}

bool ReportRing::long_held() const {
  return std::any_of(memory_.slots.begin(), memory_.slots.end(),
                     [this](const ReportSlot& slot) { return is_long(slot); });
}

std::uint8_t* ReportRing::place_of(std::size_t slot, std::size_t size) const {
  return size > report_size_ ? memory_.long_bytes.data()
                             : memory_.bytes.data() + slot * report_size_;
}

std::optional<std::size_t> ReportRing::oldest(ReportClass report_class) const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < memory_.slots.size(); ++i) {
    const ReportSlot& slot = memory_.slots[i];
    if (!slot.used || slot.report_class != report_class) continue;
    if (!found.has_value() || slot.order < memory_.slots[*found].order) found = i;
  }
  return found;
}

std::optional<std::size_t> ReportRing::make_room(ReportClass report_class) {
  std::optional<std::size_t> victim = oldest(ReportClass::kOnce);
  if (!victim.has_value() && report_class != ReportClass::kOnce) {
    victim = oldest(ReportClass::kReading);
    if (!victim.has_value() && report_class == ReportClass::kEvent) {
      victim = oldest(ReportClass::kEvent);
    }
  }
  if (victim.has_value()) {
    count_drop(memory_.slots[*victim].report_class);
    memory_.slots[*victim].used = false;
  }
  return victim;
}

void ReportRing::count_drop(ReportClass report_class) {
  switch (report_class) {
    case ReportClass::kReading:
      ++counters_.dropped_readings;
      return;
    case ReportClass::kEvent:
      ++counters_.dropped_events;
      return;
    case ReportClass::kOnce:
      ++counters_.dropped_once;
      return;
  }
}

AddStatus ReportRing::add(Instant now, ReportClass report_class, ByteView readings) {
  if (readings.size() > max_report_size()) {
    ++counters_.too_long;
    return AddStatus::kTooLong;
  }
  if (readings.size() > report_size_ && long_held()) {
    count_drop(report_class);
    return AddStatus::kFull;
  }
  AddStatus status = AddStatus::kStored;
  std::optional<std::size_t> place = free_slot();
  if (!place.has_value()) {
    place = make_room(report_class);
    status = AddStatus::kStoredForOther;
  }
  if (!place.has_value()) {
    count_drop(report_class);
    return AddStatus::kFull;
  }
  ReportSlot& slot = memory_.slots[*place];
  slot = {};
  slot.used = true;
  slot.report_class = report_class;
  slot.size = static_cast<std::uint16_t>(readings.size());
  slot.order = order_++;
  slot.taken_at = now;
  slot.due_at = now;
  if (report_class != ReportClass::kOnce) slot.sequence = next_sequence_[index_of(report_class)]++;
  std::copy(readings.begin(), readings.end(), place_of(*place, readings.size()));
  ++counters_.added;
  return status;
}

std::uint32_t ReportRing::oldest_held(ReportClass stream) const {
  const std::optional<std::size_t> found = oldest(stream);
  return found.has_value() ? memory_.slots[*found].sequence : next_sequence_[index_of(stream)];
}

bool ReportRing::sendable(const ReportSlot& slot, std::uint32_t oldest_sequence) const {
  return slot.report_class == ReportClass::kOnce || slot.sequence - oldest_sequence < kMaxInFlight;
}

std::optional<ReportRing::Chosen> ReportRing::next_due(Instant now, std::uint32_t frame) const {
  for (const ReportClass report_class : kSendOrder) {
    const bool once = report_class == ReportClass::kOnce;
    const std::uint32_t oldest_sequence = once ? 0 : oldest_held(report_class);
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < memory_.slots.size(); ++i) {
      const ReportSlot& slot = memory_.slots[i];
      if (!slot.used || slot.report_class != report_class || slot.due_at > now) continue;
      if (slot.frame == frame || !sendable(slot, oldest_sequence)) continue;
      if (!found.has_value() || slot.order < memory_.slots[*found].order) found = i;
    }
    if (!found.has_value()) continue;
    const ReportSlot& slot = memory_.slots[*found];
    constexpr std::int64_t kOldestMs = UINT32_MAX;
    const std::int64_t age_ms = std::clamp<std::int64_t>((now - slot.taken_at).ms(), 0, kOldestMs);
    return Chosen{*found,
                  report_class,
                  slot.sequence,
                  once ? 0 : slot.sequence - oldest_sequence,
                  static_cast<std::uint32_t>(age_ms),
                  readings(*found)};
  }
  return std::nullopt;
}

void ReportRing::sent(Instant now, std::size_t index, std::uint32_t frame, Duration repeat_after) {
  ReportSlot& slot = memory_.slots[index];
  if (slot.report_class == ReportClass::kOnce) {
    slot.used = false;
    return;
  }
  if (slot.attempts > 0) ++counters_.repeated;
  if (slot.attempts < UINT8_MAX) ++slot.attempts;
  slot.frame = frame;
  slot.waited = false;
  slot.due_at = now + repeat_after;
}

void ReportRing::failed(Instant now, std::uint32_t frame, Duration repeat_after) {
  for (ReportSlot& slot : memory_.slots) {
    if (slot.used && slot.frame == frame) slot.due_at = now + repeat_after;
  }
}

void ReportRing::resend_all(Instant now) {
  for (ReportSlot& slot : memory_.slots) {
    slot.due_at = now;
    slot.attempts = std::min<std::uint8_t>(slot.attempts, 1);
  }
}

bool ReportRing::holds(const Chosen& chosen) const {
  const ReportSlot& slot = memory_.slots[chosen.slot];
  return slot.used && slot.report_class == chosen.report_class && slot.sequence == chosen.sequence;
}

ByteView ReportRing::readings(std::size_t index) const {
  const ReportSlot& slot = memory_.slots[index];
  return {place_of(index, slot.size), slot.size};
}

void ReportRing::give_up(std::size_t index) {
  count_drop(memory_.slots[index].report_class);
  memory_.slots[index].used = false;
}

std::size_t ReportRing::acknowledge(ReportClass stream, std::uint16_t floor_low_bits,
                                    std::uint32_t bitmap) {
  if (stream == ReportClass::kOnce) return 0;
  const std::uint32_t next = next_sequence_[index_of(stream)];
  const std::uint32_t floor = session::restore_sequence(oldest_held(stream), floor_low_bits);
  // Nobody can have stored what was never taken: such a floor is another stream's, or made up.
  if (floor > next) return 0;
  const session::Acknowledgement acknowledgement{floor, bitmap};
  std::size_t freed = 0;
  for (ReportSlot& slot : memory_.slots) {
    if (!slot.used || slot.report_class != stream || slot.attempts == 0) continue;
    if (!acknowledgement.covers(slot.sequence)) continue;
    slot.used = false;
    ++freed;
  }
  counters_.acknowledged += static_cast<std::uint32_t>(freed);
  return freed;
}

std::optional<ReportRing::Kept> ReportRing::keep(Instant now, std::size_t index) const {
  const ReportSlot& slot = memory_.slots[index];
  if (!slot.used) return std::nullopt;
  Kept kept;
  kept.report_class = slot.report_class;
  kept.sent = slot.attempts > 0;
  kept.waited = slot.waited;
  kept.sequence = slot.sequence;
  kept.age = now - slot.taken_at;
  kept.readings = readings(index);
  return kept;
}

void ReportRing::restore(const Streams& streams) {
  next_sequence_ = streams.next_sequence;
  counters_.dropped_before = streams.dropped;
  order_ = kFirstNewOrder;
}

bool ReportRing::restore(Instant now, const Kept& report, Duration patience) {
  const std::optional<std::size_t> place = free_slot();
  const std::size_t size = report.readings.size();
  const bool second_long = size > report_size_ && long_held();
  if (!place.has_value() || size > max_report_size() || second_long) {
    ++counters_.dropped_before;
    return false;
  }
  ReportSlot& slot = memory_.slots[*place];
  slot = {};
  slot.used = true;
  slot.report_class = report.report_class;
  slot.attempts = report.sent ? 1 : 0;
  slot.waited = report.sent;
  slot.size = static_cast<std::uint16_t>(size);
  slot.sequence = report.sequence;
  slot.order = report.sequence;
  slot.taken_at = now - report.age;
  slot.due_at = report.sent && !report.waited ? now + patience : now;
  std::copy(report.readings.begin(), report.readings.end(), place_of(*place, size));
  return true;
}

void ReportRing::age_restored(Duration span) {
  for (ReportSlot& slot : memory_.slots) {
    if (slot.order < kFirstNewOrder) slot.taken_at = slot.taken_at - span;
  }
}

void ReportRing::put_off_restored(Instant at) {
  for (ReportSlot& slot : memory_.slots) {
    if (slot.order < kFirstNewOrder) slot.due_at = std::max(slot.due_at, at);
  }
}

Instant ReportRing::next_due_at() const {
  Instant earliest = kNever;
  for (const ReportClass report_class : kSendOrder) {
    const std::uint32_t oldest_sequence =
        report_class == ReportClass::kOnce ? 0 : oldest_held(report_class);
    for (const ReportSlot& slot : memory_.slots) {
      if (!slot.used || slot.report_class != report_class) continue;
      if (sendable(slot, oldest_sequence)) earliest = std::min(earliest, slot.due_at);
    }
  }
  return earliest;
}

std::uint8_t ReportRing::most_attempts() const {
  std::uint8_t most = 0;
  for (const ReportSlot& slot : memory_.slots) {
    if (slot.used) most = std::max(most, slot.attempts);
  }
  return most;
}

std::size_t ReportRing::held() const {
  return static_cast<std::size_t>(std::count_if(memory_.slots.begin(), memory_.slots.end(),
                                                [](const ReportSlot& s) { return s.used; }));
}

}  // namespace espial::transfer
