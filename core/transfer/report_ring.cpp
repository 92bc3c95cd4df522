#include "core/transfer/report_ring.hpp"

#include <algorithm>
#include <numeric>

#include "core/session/sequence_window.hpp"

namespace espial::transfer {
namespace {

constexpr std::array<ReportClass, 3> kSendOrder{ReportClass::kEvent, ReportClass::kReading,
                                                ReportClass::kOnce};

std::size_t index_of(ReportClass report_class) { return static_cast<std::size_t>(report_class); }

/// `a` was taken before `b`, of the same class.
bool before(const ReportSlot& a, const ReportSlot& b) {
  return static_cast<std::int32_t>(a.sequence - b.sequence) < 0;
}

}  // namespace

ReportRing::ReportRing(const ReportMemory& memory)
    : memory_(memory),
      report_size_(memory.slots.empty() ? 0 : memory.bytes.size() / memory.slots.size()) {
  for (ReportSlot& slot : memory_.slots) slot = {};
}

std::size_t ReportRing::max_report_size() const {
  return std::min(std::max(report_size_, memory_.long_bytes.size()), kMaxReportSize);
}

ReportSlot* ReportRing::free_slot() const {
  for (ReportSlot& slot : memory_.slots) {
    if (!slot.used) return &slot;
  }
  return nullptr;
}

bool ReportRing::long_held() const {
  for (const ReportSlot& slot : memory_.slots) {
    if (is_long(slot)) return true;
  }
  return false;
}

std::uint8_t* ReportRing::place_of(const ReportSlot& slot) const {
  return is_long(slot) ? memory_.long_bytes.data()
                       : memory_.bytes.data() + slot_index(slot) * report_size_;
}

ReportSlot* ReportRing::oldest(ReportClass report_class) const {
  ReportSlot* found = nullptr;
  for (ReportSlot& slot : memory_.slots) {
    if (!slot.used || slot.report_class != report_class) continue;
    if (found == nullptr || before(slot, *found)) found = &slot;
  }
  return found;
}

ReportSlot* ReportRing::make_room(ReportClass report_class) {
  ReportSlot* victim = oldest(ReportClass::kOnce);
  if (victim == nullptr && report_class != ReportClass::kOnce) {
    victim = oldest(ReportClass::kReading);
    if (victim == nullptr && report_class == ReportClass::kEvent) {
      victim = oldest(ReportClass::kEvent);
    }
  }
  if (victim != nullptr) give_up(slot_index(*victim));
  return victim;
}

std::uint32_t ReportRing::dropped() const {
  return std::accumulate(counters_.dropped.begin(), counters_.dropped.end(),
                         counters_.dropped_before);
}

/// Makes `slot` hold these readings.
void ReportRing::fill(ReportSlot& slot, ReportClass report_class, Instant taken_at,
                      ByteView readings) {
  slot = {};
  slot.used = true;
  slot.report_class = report_class;
  slot.size = static_cast<std::uint16_t>(readings.size());
  slot.taken_at = taken_at;
  slot.due_at = taken_at;
  std::copy(readings.begin(), readings.end(), place_of(slot));
}

AddStatus ReportRing::add(Instant now, ReportClass report_class, ByteView readings) {
  if (readings.size() > max_report_size()) return AddStatus::kTooLong;
  if (readings.size() > report_size_ && long_held()) {
    ++counters_.dropped[index_of(report_class)];
    return AddStatus::kFull;
  }
  AddStatus status = AddStatus::kStored;
  ReportSlot* slot = free_slot();
  if (slot == nullptr) {
    slot = make_room(report_class);
    status = AddStatus::kStoredForOther;
  }
  if (slot == nullptr) {
    ++counters_.dropped[index_of(report_class)];
    return AddStatus::kFull;
  }
  fill(*slot, report_class, now, readings);
  slot->sequence = take_sequence(report_class);
  return status;
}

std::uint32_t ReportRing::take_sequence(ReportClass report_class) {
  const std::size_t index = index_of(report_class);
  std::uint32_t& next = next_sequence_[index];
  if (report_class == ReportClass::kOnce) return next++;
  const std::uint32_t ahead = next - (std::uint32_t{floor_high_[index]} << 12U);
  if ((ahead & kNearlyALap) == kNearlyALap) next += kPassedOver;
  return next++;
}

std::uint32_t ReportRing::oldest_held(ReportClass report_class) const {
  const ReportSlot* const found = oldest(report_class);
  return found != nullptr ? found->sequence : next_sequence_[index_of(report_class)];
}

std::optional<ReportRing::Chosen> ReportRing::next_due(Instant now, std::uint32_t frame) const {
  for (const ReportClass report_class : kSendOrder) {
    const ReportSlot* const first = oldest(report_class);
    if (first == nullptr) continue;
    const std::uint32_t oldest_sequence = first->sequence;
    const ReportSlot* found = nullptr;
    for (const ReportSlot& slot : memory_.slots) {
      if (!slot.used || slot.report_class != report_class || slot.due_at > now) continue;
      if (slot.frame == frame || slot.sequence - oldest_sequence >= kMaxInFlight) continue;
      if (found == nullptr || before(slot, *found)) found = &slot;
    }
    if (found == nullptr) continue;
    constexpr std::int64_t kOldestMs = UINT32_MAX;
    const std::int64_t age_ms =
        std::clamp<std::int64_t>((now - found->taken_at).ms(), 0, kOldestMs);
    return Chosen{slot_index(*found),
                  report_class,
                  found->sequence,
                  found->sequence - oldest_sequence,
                  static_cast<std::uint32_t>(age_ms),
                  readings(slot_index(*found))};
  }
  return std::nullopt;
}

void ReportRing::sent(Instant now, std::size_t index, std::uint32_t frame, Duration repeat_after) {
  ReportSlot& slot = memory_.slots[index];
  slot.frame = frame;
  if (slot.report_class == ReportClass::kOnce) {
    slot.used = false;
    return;
  }
  if (slot.attempts < UINT8_MAX) ++slot.attempts;
  slot.waited = false;
  slot.due_at = now + repeat_after;
}

void ReportRing::failed(Instant now, std::uint32_t frame, Duration repeat_after, bool refused) {
  for (ReportSlot& slot : memory_.slots) {
    if (slot.frame != frame) continue;
    slot.due_at = now + repeat_after;
    slot.used = slot.used || refused;
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
  return {place_of(slot), slot.size};
}

void ReportRing::give_up(std::size_t index) {
  ++counters_.dropped[index_of(memory_.slots[index].report_class)];
  memory_.slots[index].used = false;
}

std::size_t ReportRing::acknowledge(ReportClass stream, std::uint16_t floor_low_bits,
                                    std::uint32_t bitmap) {
  if (stream == ReportClass::kOnce) return 0;
  const std::uint32_t next = next_sequence_[index_of(stream)];
  const std::uint32_t held = oldest_held(stream);
  const std::uint32_t floor = session::restore_sequence(held, floor_low_bits);
  // Nobody can have stored what was never taken: such a floor is another stream's, or made up, or
  // one from a lap ago among what was passed over. One past what the air holds is none of these: a
  // torn record may have taken this ring back.
  if (floor > next || floor >= held + kPassedOver / 8) return 0;
  floor_high_[index_of(stream)] = static_cast<std::uint8_t>(floor_low_bits >> 12U);
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
  std::copy(streams.next_sequence.begin(), streams.next_sequence.end(), next_sequence_.begin());
  counters_.dropped_before = streams.dropped;
  floor_high_ = streams.floor_high;
}

bool ReportRing::restore(Instant now, const Kept& report, Duration patience) {
  ReportSlot* const slot = free_slot();
  const std::size_t size = report.readings.size();
  const bool second_long = size > report_size_ && long_held();
  if (slot == nullptr || size > max_report_size() || second_long) {
    ++counters_.dropped_before;
    return false;
  }
  fill(*slot, report.report_class, now - report.age, report.readings);
  const bool once = report.report_class == ReportClass::kOnce;
  slot->restored = true;
  slot->attempts = report.sent ? 1 : 0;
  slot->waited = report.sent;
  slot->sequence = once ? next_sequence_[index_of(ReportClass::kOnce)]++ : report.sequence;
  slot->due_at = report.sent && !report.waited ? now + patience : now;
  return true;
}

void ReportRing::age_restored(Duration span) {
  for (ReportSlot& slot : memory_.slots) {
    if (slot.restored) slot.taken_at = slot.taken_at - span;
  }
}

Instant ReportRing::next_due_at() const {
  Instant earliest = kNever;
  for (const ReportClass report_class : kSendOrder) {
    const ReportSlot* const first = oldest(report_class);
    if (first == nullptr) continue;
    for (const ReportSlot& slot : memory_.slots) {
      if (!slot.used || slot.report_class != report_class) continue;
      if (slot.sequence - first->sequence < kMaxInFlight)
        earliest = std::min(earliest, slot.due_at);
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
