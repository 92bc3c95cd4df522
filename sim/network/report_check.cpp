#include "sim/network/report_check.hpp"

#include <cstdlib>
#include <string>

#include "core/base/byte_reader.hpp"
#include "core/session/sequence_window.hpp"
#include "core/transfer/report_ring.hpp"
#include "sim/network/board.hpp"
#include "sim/network/scene.hpp"

namespace espial::sim {
namespace {

/// How far a stored time may be off, beside what clocks drift while a report waits: brokers count
/// whole seconds.
constexpr std::int64_t kTimeTolerance_ms = 2'500;
/// How old a time of day may be from which a report's place in time follows: an acknowledgement
/// that carries it may have waited in the gateway while its board was away.
constexpr std::int64_t kVague_ms = 60'000;
constexpr std::int64_t kDrift_ppm = 500;
constexpr std::int64_t kMillion = 1'000'000;

std::string named(std::uint32_t board, const Numbered& report) {
  return "board " + std::to_string(board) + " life " + std::to_string(report.life) +
         (report.event ? " event " : " reading ") + std::to_string(report.index);
}

/// Milliseconds to the nearest of about 16 steps a doubling.
std::int64_t coarse(std::int64_t delay_ms) {
  std::int64_t step = 1;
  while (delay_ms / step >= 32) step *= 2;
  return (delay_ms + step - 1) / step * step;
}

}  // namespace

std::uint8_t* ReportCheck::fate_of(std::uint32_t board, const Numbered& report) {
  if (board >= boards_.size() || report.life == 0) return nullptr;
  auto& lives = boards_[board].lives;
  if (report.life > lives.size()) return nullptr;
  auto& fates = lives[report.life - 1U][report.event ? 1 : 0].fates;
  return report.index < fates.size() ? &fates[report.index] : nullptr;
}

void ReportCheck::on_power(Instant at, std::uint32_t board, bool on) {
  (void)at;
  auto& lives = boards_[board].lives;
  if (on) {
    lives.emplace_back();
    return;
  }
  for (Stream& stream : lives.back()) {
    for (std::uint8_t& fate : stream.fates) {
      if ((fate & (kStored | kSettled | kDropped)) == 0) fate |= kGone;
    }
  }
}

void ReportCheck::on_submitted(Instant at, std::uint32_t board, const Numbered& report) {
  auto& fates = boards_[board].lives.back()[report.event ? 1 : 0].fates;
  ++submitted_;
  // One that a reset kept from being written down was never sent: the next one takes its place.
  const bool again = !fates.empty() && report.index == fates.size() - 1 &&
                     (fates.back() & ~kAboutTime) == kDropped;
  if (again) {
    ++replaced_;
    fates.back() = 0;
    return;
  }
  if (report.index != fates.size()) violations_.add(at, "a board miscounts", named(board, report));
  fates.push_back(0);
}

void ReportCheck::on_dropped(Instant at, std::uint32_t board, const Numbered& report) {
  (void)at;
  std::uint8_t* const fate = fate_of(board, report);
  if (fate == nullptr) {
    ++refused_;
  } else {
    *fate |= kDropped;
  }
}

void ReportCheck::on_time_lost(Instant at, std::uint32_t board, const Numbered& report,
                               bool entirely) {
  (void)at;
  std::uint8_t* const fate = fate_of(board, report);
  if (fate == nullptr) return;
  *fate |= entirely ? kTimeLost : kTimeVague;
  if (!entirely) return;
  // The record before the torn one brought it back, settled as it may have been.
  if ((*fate & kForgottenSettled) != 0) *fate |= kForgotten;
  *fate &= static_cast<std::uint8_t>(~(kSettled | kForgottenSettled));
}

void ReportCheck::on_settled(Instant at, std::uint32_t board, const Numbered& report) {
  std::uint8_t* const fate = fate_of(board, report);
  if (fate == nullptr || (*fate & kStored) == 0) {
    violations_.add(at, "acknowledged, but not stored", named(board, report));
    return;
  }
  *fate |= kSettled;
}

void ReportCheck::on_stored_once(Instant at, std::uint32_t board, const StoredReport& report) {
  const Numbered& once = *report.numbered;
  if (report.sequence) violations_.add(at, "stored out of its place", named(board, once));
  if (!boards_[board].once_taken_ms.insert(once.taken_at.ms).second) {
    violations_.add(at, "stored twice", named(board, once));
  }
}

void ReportCheck::follow(const StoredReport& report, Stream& stream) {
  constexpr std::uint32_t kHalfALap = 0x8000;
  const std::uint32_t index = report.numbered->index;
  if (!report.sequence || index < stream.floor + kHalfALap) return;
  const std::uint32_t more = index - *report.sequence;
  if (more % transfer::kPassedOver == 0) stream.more = more;
}

void ReportCheck::check_progress(Instant at, std::uint32_t board, const StoredReport& stored) {
  const Numbered& report = *stored.numbered;
  Stream& stream = boards_[board].lives[report.life - 1U][report.event ? 1 : 0];
  follow(stored, stream);
  if (stored.sequence != report.index - stream.more) {
    violations_.add(at, "stored out of its place", named(board, report));
  }
  session::SequenceWindow window;
  ByteReader reader(stored.progress);
  window.load(reader);
  const session::Acknowledgement told = window.acknowledgement();
  const auto check = [&](std::uint32_t index) {
    const std::uint8_t fate = index < stream.fates.size() ? stream.fates[index] : std::uint8_t{0};
    if ((fate & (kStored | kDropped | kGone)) != 0) return;
    Numbered other = report;
    other.index = index;
    violations_.add(at, "counted as stored, and is not", named(board, other));
  };
  const std::uint32_t floor = told.floor + stream.more;
  for (; stream.floor < floor; ++stream.floor) check(stream.floor);
  for (std::uint32_t rest = told.bitmap, index = floor + 1; rest != 0; rest >>= 1U, ++index) {
    if ((rest & 1U) != 0) check(index);
  }
}

void ReportCheck::on_stored(Instant at, const StoredReport& stored) {
  const auto board = board_number(stored.mac);
  if (board && stored.numbered && stored.numbered->index == kOnceIndex) {
    return on_stored_once(at, *board, stored);
  }
  std::uint8_t* const fate = board && stored.numbered ? fate_of(*board, *stored.numbered) : nullptr;
  if (fate == nullptr) {
    violations_.add(at, "stored, but never submitted",
                    board ? "board " + std::to_string(*board) : "an unknown address");
    return;
  }
  const Numbered& report = *stored.numbered;
  const bool again = (*fate & kStored) != 0;
  if (again && (*fate & kForgotten) == 0) {
    violations_.add(at, "stored twice", named(*board, report));
  }
  if (again) ++stored_again_;
  *fate = static_cast<std::uint8_t>((*fate | kStored) & ~kForgotten);
  if (report.padding > 0) ++stored_long_;
  check_progress(at, *board, stored);
  const std::int64_t delay_ms = kSimEpoch.ms + at.us / 1000 - report.taken_at.ms;
  const std::int64_t off_ms = std::abs(stored.taken_at.ms - report.taken_at.ms);
  const std::int64_t vague_ms = (*fate & kTimeVague) != 0 ? kVague_ms : 0;
  const std::int64_t allowed_ms = kTimeTolerance_ms + vague_ms + most_delay_.ms() +
                                  delay_ms * (kDrift_ppm + sleep_drift_ppm_) / kMillion;
  // What its board no longer has is not sent again: whoever holds it back sets its time.
  const bool anytime = (*fate & (kGone | kDropped)) != 0 && most_delay_ > Duration{};
  if ((*fate & kTimeLost) == 0 && !anytime && off_ms > allowed_ms) {
    violations_.add(at, "stored with a wrong time",
                    named(*board, report) + ", off by " + std::to_string(off_ms) + " ms");
  }
  if (!again) ++delays_[coarse(delay_ms)];
}

void ReportCheck::on_forgotten(Instant at, std::uint32_t board) {
  (void)at;
  for (auto& life : boards_[board].lives) {
    for (Stream& stream : life) {
      for (std::uint8_t& fate : stream.fates) {
        if ((fate & kStored) != 0) fate |= (fate & kSettled) != 0 ? kForgottenSettled : kForgotten;
      }
    }
  }
}

void ReportCheck::check_complete(Instant at) {
  for (std::uint32_t board = 0; board < boards_.size(); ++board) {
    auto& lives = boards_[board].lives;
    for (std::size_t life = 0; life < lives.size(); ++life) {
      for (const bool event : {false, true}) {
        const auto& fates = lives[life][event ? 1 : 0].fates;
        for (std::uint32_t index = 0; index < fates.size(); ++index) {
          if ((fates[index] & ~kAboutTime) != 0) continue;
          Numbered report;
          report.life = static_cast<std::uint16_t>(life + 1);
          report.event = event;
          report.index = index;
          violations_.add(at, "neither stored, held nor counted as dropped", named(board, report));
        }
      }
    }
  }
}

ReportCheck::Totals ReportCheck::totals() const {
  Totals totals;
  totals.submitted = submitted_;
  totals.refused = refused_;
  totals.dropped = replaced_;
  for (const Board& board : boards_) {
    totals.stored_once += board.once_taken_ms.size();
    for (const auto& life : board.lives) {
      for (const Stream& stream : life) {
        for (const std::uint8_t fate : stream.fates) {
          if ((fate & kSettled) != 0) ++totals.settled;
          if ((fate & kStored) != 0) {
            ++totals.stored;
          } else if ((fate & kDropped) != 0) {
            ++totals.dropped;
          } else if ((fate & kGone) != 0) {
            ++totals.gone_with_ring;
          } else {
            ++totals.held;
          }
        }
      }
    }
  }
  return totals;
}

std::int64_t ReportCheck::delay_ms(std::uint32_t permille) const {
  std::uint64_t all = 0;
  for (const auto& [delay, count] : delays_) all += count;
  std::uint64_t passed = 0;
  for (const auto& [delay, count] : delays_) {
    passed += count;
    if (passed * 1000 >= all * permille) return delay;
  }
  return 0;
}

std::uint64_t ReportCheck::stored_within(Duration limit) const {
  std::uint64_t in_time = 0;
  for (const auto& [delay, count] : delays_) {
    if (delay <= limit.ms()) in_time += count;
  }
  return in_time;
}

}  // namespace espial::sim
