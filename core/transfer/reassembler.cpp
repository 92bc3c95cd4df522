#include "core/transfer/reassembler.hpp"

#include <algorithm>

namespace espial::transfer {
namespace {

bool is_last(const wire::Fragment& part) { return part.offset + part.bytes.size() == part.total; }

std::uint32_t part_count(std::uint32_t total, std::uint16_t unit) {
  return (total + unit - 1) / unit;
}

/// What a sender must hear of soon, whatever else it is waiting for.
bool wants_answer(PartVerdict verdict) {
  return verdict == PartVerdict::kComplete || verdict == PartVerdict::kRepeated ||
         verdict >= PartVerdict::kTooLong || verdict == PartVerdict::kBeyondWindow;
}

}  // namespace

LongBuffers::LongBuffers(MutableByteView bytes, std::size_t slots)
    : bytes_(bytes),
      capacity_(slots == 0 ? 0
                           : static_cast<std::uint32_t>(std::min<std::size_t>(
                                 bytes.size() / slots, wire::kMaxFragmentedSize))) {}

bool LongBuffers::write(std::size_t slot, std::uint32_t offset, ByteView bytes) {
  std::copy(bytes.begin(), bytes.end(), bytes_.data() + slot * capacity_ + offset);
  return true;
}

ByteView LongBuffers::packet(std::size_t slot, std::uint32_t size) const {
  return ByteView(bytes_).subview(slot * capacity_, size);
}

Reassembler::Reassembler(Span<LongSlot> slots, LongStore& store) : slots_(slots), store_(store) {
  for (LongSlot& slot : slots_) slot = {};
}

std::uint16_t Reassembler::index_of(const LongSlot& slot) const {
  return static_cast<std::uint16_t>(&slot - slots_.data());
}

/// An unfinished packet is remembered as long as its slot is held.
bool Reassembler::remembers(Instant now, const Incoming& from, const wire::Fragment& part) const {
  if (!from.known) return false;
  if (from.slot == Incoming::kNoSlot && now - from.heard_at > kRemembered) return false;
  return static_cast<std::int16_t>(part.message - from.message) <= 0;
}

Arrival Reassembler::on_fragment(Instant now, Instant heard_at, Incoming& from,
                                 const wire::Fragment& part) {
  Arrival arrival;
  if (!remembers(now, from, part)) {
    arrival.verdict = open(now, heard_at, from, part, arrival);
  } else if (part.message != from.message) {
    arrival.verdict = PartVerdict::kOld;
  } else {
    from.heard_at = now;
    const bool ended =
        from.code == wire::FragackCode::kComplete || from.code == wire::FragackCode::kTooLong;
    if (ended) {
      arrival.verdict = PartVerdict::kRepeated;
    } else if (from.slot != Incoming::kNoSlot) {
      arrival.verdict = take(now, heard_at, from, part, arrival);
    } else {
      arrival.verdict = open(now, heard_at, from, part, arrival);
    }
  }
  arrival.answer = arrival.answer || wants_answer(arrival.verdict);
  return arrival;
}

PartVerdict Reassembler::open(Instant now, Instant heard_at, Incoming& from,
                              const wire::Fragment& part, Arrival& arrival) {
  const bool last = is_last(part);
  if (last && part.offset != 0) return PartVerdict::kNoUnit;
  const std::size_t unit = part.bytes.size();
  if (part.offset % unit != 0 || (!last && unit < kMinPart)) return PartVerdict::kNotSane;
  if (from.slot != Incoming::kNoSlot) {
    release(slots_[from.slot]);
    arrival.dropped_other = true;
  }
  from.known = true;
  from.message = part.message;
  from.unit = static_cast<std::uint16_t>(unit);
  from.heard_at = now;
  if (slots_.empty() || part.total > store_.capacity()) {
    from.code = wire::FragackCode::kTooLong;
    return PartVerdict::kTooLong;
  }
  LongSlot* const slot = find_slot(now, from);
  if (slot == nullptr) {
    from.code = wire::FragackCode::kBusy;
    return PartVerdict::kBusy;
  }
  if (slot->from != nullptr) {
    release(*slot);
    arrival.dropped_other = true;
  }
  *slot = {};
  slot->from = &from;
  slot->total = part.total;
  slot->opened_at = heard_at;
  slot->progress_at = now;
  from.slot = index_of(*slot);
  from.code = wire::FragackCode::kReceiving;
  from.served_at = now;
  return take(now, heard_at, from, part, arrival);
}

PartVerdict Reassembler::take(Instant now, Instant heard_at, Incoming& from,
                              const wire::Fragment& part, Arrival& arrival) {
  LongSlot& slot = slots_[from.slot];
  const std::size_t size = part.bytes.size();
  const bool right_size = is_last(part) ? size <= from.unit : size == from.unit;
  if (part.total != slot.total || part.offset % from.unit != 0 || !right_size) {
    return PartVerdict::kNotSane;
  }
  const std::uint32_t index = part.offset / from.unit;
  // A repeat, or a part that only fits a beginning which was lost: the sender is behind the times.
  const std::uint32_t ahead = index - slot.floor;
  const bool here = index < slot.floor || (ahead > 0 && ahead < kReceiveWindow &&
                                           ((slot.bitmap >> (ahead - 1)) & 1U) != 0);
  if (here || ahead >= kReceiveWindow) {
    slot.answer_at = now;
    return here ? PartVerdict::kRepeated : PartVerdict::kBeyondWindow;
  }
  if (!store_.write(from.slot, part.offset, part.bytes)) {
    release(slot);
    from.code = wire::FragackCode::kBusy;
    return PartVerdict::kNotWritten;
  }
  if (part.offset == 0) slot.opened_at = heard_at;
  slot.received += static_cast<std::uint32_t>(size);
  slot.progress_at = now;
  if (ahead > 0) {
    slot.bitmap |= std::uint32_t{1} << (ahead - 1);
  } else {
    bool next_is_here = true;
    for (; next_is_here; slot.bitmap >>= 1) {
      ++slot.floor;
      next_is_here = (slot.bitmap & 1U) != 0;
    }
  }
  if (slot.floor == part_count(slot.total, from.unit)) {
    arrival.slot = from.slot;
    arrival.size = slot.total;
    arrival.since = slot.opened_at;
    from.code = wire::FragackCode::kComplete;
    from.floor = static_cast<std::uint16_t>(slot.floor);
    release(slot);
    return PartVerdict::kComplete;
  }
  arrival.answer = ++slot.unsaid >= kPartsPerFragack;
  slot.answer_at = arrival.answer ? now : now + kFragackDelay;
  return PartVerdict::kTaken;
}

bool Reassembler::gives_way(Instant now, const LongSlot& slot) const {
  if (now - slot.progress_at >= kStalled) return true;
  const Duration counted = now - slot.from->served_at - kFairGrace;
  return counted > Duration{} && slot.received < counted.ms() * kFairRate_Bps / 1000;
}

LongSlot* Reassembler::find_slot(Instant now, Incoming& from) {
  LongSlot* best = nullptr;
  std::size_t to_be_had = 0;
  for (LongSlot& slot : slots_) {
    const bool free = slot.from == nullptr;
    if (!free && !gives_way(now, slot)) continue;
    ++to_be_had;
    const bool better = best == nullptr ||
                        (best->from != nullptr && (free || slot.progress_at < best->progress_at));
    if (better) best = &slot;
  }
  const bool others_wait = waiting_ != nullptr && waiting_ != &from && now < waiting_until_;
  if (to_be_had > (others_wait ? 1U : 0U)) {
    if (waiting_ == &from) waiting_ = nullptr;
    return best;
  }
  if (!others_wait || from.served_at < waiting_->served_at) waiting_ = &from;
  if (waiting_ == &from) waiting_until_ = now + kReservation;
  return nullptr;
}

void Reassembler::release(LongSlot& slot) {
  slot.from->slot = Incoming::kNoSlot;
  slot = {};
}

wire::Fragack Reassembler::fragack(const Incoming& from) const {
  wire::Fragack said;
  said.code = from.code;
  said.message = from.message;
  said.unit = from.unit;
  if (from.code == wire::FragackCode::kComplete) said.floor = from.floor;
  if (from.slot != Incoming::kNoSlot) {
    said.floor = static_cast<std::uint16_t>(slots_[from.slot].floor);
    said.bitmap = slots_[from.slot].bitmap;
  }
  return said;
}

void Reassembler::told(const Incoming& from) {
  if (from.slot == Incoming::kNoSlot) return;
  slots_[from.slot].unsaid = 0;
  slots_[from.slot].answer_at = kNever;
}

void Reassembler::forget(Incoming& from) {
  if (from.slot != Incoming::kNoSlot) release(slots_[from.slot]);
  if (waiting_ == &from) waiting_ = nullptr;
  const std::uint32_t sender = from.sender;
  const Instant served_at = from.served_at;
  from = {};
  from.sender = sender;
  // A sender does not come to the front of those who wait by beginning a new session.
  from.served_at = served_at;
}

Incoming* Reassembler::next_to_tell(Instant now) {
  for (LongSlot& slot : slots_) {
    if (slot.from == nullptr || now < slot.answer_at) continue;
    slot.answer_at = kNever;
    return slot.from;
  }
  return nullptr;
}

Instant Reassembler::next_to_tell_at() const {
  Instant earliest = kNever;
  for (const LongSlot& slot : slots_) earliest = std::min(earliest, slot.answer_at);
  return earliest;
}

bool Reassembler::drop_silent(Instant now) {
  for (LongSlot& slot : slots_) {
    if (slot.from == nullptr || now - slot.progress_at < kPartsTimeout) continue;
    slot.from->known = false;
    release(slot);
    return true;
  }
  return false;
}

Instant Reassembler::next_timer() const {
  Instant earliest = next_to_tell_at();
  for (const LongSlot& slot : slots_) {
    if (slot.from != nullptr) earliest = std::min(earliest, slot.progress_at + kPartsTimeout);
  }
  return earliest;
}

std::size_t Reassembler::in_use() const {
  return static_cast<std::size_t>(std::count_if(
      slots_.begin(), slots_.end(), [](const LongSlot& slot) { return slot.from != nullptr; }));
}

}  // namespace espial::transfer
