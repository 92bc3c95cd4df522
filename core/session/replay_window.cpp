#include "core/session/replay_window.hpp"

#include <algorithm>

namespace espial::session {
namespace {

constexpr std::uint64_t kLap = 0x10000;

}  // namespace

std::uint64_t restore_counter(std::uint64_t highest, std::uint16_t low_bits) {
  const auto step = static_cast<std::int16_t>(low_bits - static_cast<std::uint16_t>(highest));
  const std::uint64_t counter = highest + static_cast<std::uint64_t>(std::int64_t{step});
  // Past either end of the numbers the nearest one left is a lap away.
  if (step < 0 && counter > highest) return counter + kLap;
  if (step > 0 && counter < highest) return counter - kLap;
  return counter;
}

ReplayWindow::Verdict ReplayWindow::check(std::uint64_t counter) const {
  if (counter == UINT64_MAX) return Verdict::kTooOld;  // no sender reaches it; next_ could not pass
  if (counter >= next_) return Verdict::kAcceptable;
  if (next_ - counter > kReplayWindowSize) return Verdict::kTooOld;
  return bit(counter) ? Verdict::kSeen : Verdict::kAcceptable;
}

void ReplayWindow::accept(std::uint64_t counter) {
  if (check(counter) != Verdict::kAcceptable) return;
  if (counter >= next_) {
    if (counter - next_ >= kReplayWindowSize) {
      bits_.fill(0);
    } else {
      for (std::uint64_t skipped = next_; skipped < counter; ++skipped) set_bit(skipped, false);
    }
    next_ = counter + 1;
  }
  set_bit(counter, true);
}

void ReplayWindow::restart_after(std::uint64_t highest) {
  next_ = std::min(highest, UINT64_MAX - 1) + 1;
  bits_.fill(UINT32_MAX);
}

void ReplayWindow::save(ByteWriter& out) const {
  out.u64(next_);
  for (const std::uint32_t word : bits_) out.u32(word);
}

void ReplayWindow::load(ByteReader& in) {
  next_ = in.u64();
  for (std::uint32_t& word : bits_) word = in.u32();
}

void ReplayWindow::save_recent(ByteWriter& out) const {
  std::uint64_t accepted = 0;
  for (std::uint64_t behind = 0; behind < std::min(kRecent, next_); ++behind) {
    if (bit(next_ - 1 - behind)) accepted |= std::uint64_t{1} << behind;
  }
  out.u64(next_).u64(accepted);
}

void ReplayWindow::load_recent(ByteReader& in) {
  next_ = in.u64();
  const std::uint64_t accepted = in.u64();
  bits_.fill(UINT32_MAX);
  for (std::uint64_t behind = 0; behind < std::min(kRecent, next_); ++behind) {
    set_bit(next_ - 1 - behind, (accepted >> behind & 1U) != 0);
  }
}

bool ReplayWindow::bit(std::uint64_t counter) const {
  const auto index = static_cast<std::size_t>(counter % kReplayWindowSize);
  return ((bits_[index / 32] >> (index % 32)) & 1) != 0;
}

void ReplayWindow::set_bit(std::uint64_t counter, bool value) {
  const auto index = static_cast<std::size_t>(counter % kReplayWindowSize);
  const std::uint32_t mask = std::uint32_t{1} << (index % 32);
  bits_[index / 32] = value ? bits_[index / 32] | mask : bits_[index / 32] & ~mask;
}

}  // namespace espial::session
