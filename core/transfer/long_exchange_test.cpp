// Sender and receiver with a bad way between them, in virtual time: everything from one seed.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "core/transfer/long_parts_test.hpp"

namespace espial::transfer {
namespace {

struct Way {
  std::uint32_t lost_percent = 0;
  std::uint32_t twice_percent = 0;
  /// Frames take 2 ms and up to so much more: what exceeds the time between two frames overtakes.
  std::uint32_t jitter_ms = 0;
  /// How often a lost frame is one that the sender's radio knows to be lost.
  std::uint32_t told_percent = 50;
};

/// One sender and one receiver of one packet.
class Exchange {
 public:
  Exchange(std::uint64_t seed, std::uint32_t size, std::uint16_t unit, const Way& way)
      : random_(seed), way_(way), source_(size, static_cast<std::uint8_t>(seed)) {
    bytes_.resize(size);
    buffers_.emplace(MutableByteView(bytes_.data(), bytes_.size()), 1);
    pool_.emplace(slots_, *buffers_);
    sender_.begin(now_, 1, size, unit);
  }

  /// Runs until the sender ends, and on until the air is empty.
  std::optional<LongEnd> run() {
    while (now_ < Instant{} + Duration::seconds(3600)) {
      send();
      const Instant next = next_event();
      if (next == kNever) break;
      now_ = std::max(now_, next);
      deliver();
      if (const auto how = sender_.on_timer(now_)) end_ = how;
      if (pool_->next_to_tell(now_) != nullptr) answer();
      (void)pool_->drop_silent(now_);
    }
    return end_;
  }

  /// A planted fault: the receiver does not remember what it has completed.
  bool forgets_the_complete = false;
  int delivered = 0;
  int answers = 0;
  std::uint32_t parts_sent = 0;
  bool right = true;

 private:
  struct Flight {
    Instant at;
    std::optional<SentPart> part;
    wire::Fragack answer;
  };

  bool percent(std::uint32_t limit) { return random_.below(100) < limit; }
  Instant arrival() {
    const std::uint32_t us =
        2000 + (way_.jitter_ms == 0 ? 0 : random_.below(way_.jitter_ms * 1000));
    return now_ + Duration{us};
  }
  void launch(const Flight& flight) {
    if (percent(way_.lost_percent)) {
      if (flight.part && percent(way_.told_percent)) sender_.failed(now_, flight.part->frame);
      return;
    }
    const int copies = percent(way_.twice_percent) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      air_.push_back(flight);
      air_.back().at = arrival();
    }
  }
  void send() {
    if (now_ < radio_free_ || now_ < sender_.send_at()) return;
    const auto part = next_part(now_, sender_, random_, source_, ++frame_);
    if (!part) return;
    ++parts_sent;
    radio_free_ = now_ + Duration::milliseconds(3);
    launch({{}, part, {}});
  }
  void answer() {
    ++answers;
    const wire::Fragack said = pool_->fragack(from_);
    pool_->told(from_);
    launch({{}, std::nullopt, said});
  }
  void deliver() {
    std::vector<Flight> due;
    std::copy_if(air_.begin(), air_.end(), std::back_inserter(due),
                 [this](const Flight& flight) { return flight.at <= now_; });
    air_.erase(std::remove_if(air_.begin(), air_.end(),
                              [this](const Flight& flight) { return flight.at <= now_; }),
               air_.end());
    for (const Flight& flight : due) {
      if (flight.part) {
        take(*flight.part);
      } else if (const auto how = sender_.on_fragack(now_, random_, flight.answer)) {
        end_ = how;
      }
    }
  }
  void take(const SentPart& part) {
    const Arrival arrival = pool_->on_fragment(now_, now_, from_, part.view());
    if (arrival.verdict == PartVerdict::kComplete) {
      ++delivered;
      right = right && equal(buffers_->packet(arrival.slot, arrival.size),
                             {source_.bytes.data(), source_.bytes.size()});
    }
    if (arrival.answer) answer();
    if (arrival.verdict == PartVerdict::kComplete && forgets_the_complete) pool_->forget(from_);
  }
  Instant next_event() const {
    Instant next = std::min(sender_.next_timer(), pool_->next_timer());
    if (sender_.send_at() != kNever)
      next = std::min(next, std::max(sender_.send_at(), radio_free_));
    for (const Flight& flight : air_) next = std::min(next, flight.at);
    return next;
  }

  SeededRandom random_;
  Way way_;
  BytesSource source_;
  Bytes bytes_;
  std::array<LongSlot, 1> slots_{};
  std::optional<LongBuffers> buffers_;
  std::optional<Reassembler> pool_;
  Incoming from_;
  LongSender sender_;
  std::vector<Flight> air_;
  Instant now_;
  Instant radio_free_;
  std::uint32_t frame_ = 0;
  std::optional<LongEnd> end_;
};

Way bad_way() {
  Way way;
  way.lost_percent = 20;
  way.twice_percent = 10;
  way.jitter_ms = 20;
  return way;
}

RC_GTEST_PROP(LongExchange, DeliversTheBytesExactlyOnceOrGivesUpWhereHardlyAnythingGetsThrough,
              (std::uint64_t seed)) {
  const auto size = *rc::gen::inRange<std::uint32_t>(2, 30'000);
  const auto unit = *rc::gen::element<std::uint16_t>(64, 218, 1000, 1434);
  Way way;
  way.lost_percent = *rc::gen::inRange(0U, 40U);
  way.twice_percent = *rc::gen::inRange(0U, 50U);
  way.jitter_ms = *rc::gen::inRange(0U, 60U);
  way.told_percent = *rc::gen::inRange(0U, 101U);
  Exchange exchange(seed, size, unit, way);
  const auto end = exchange.run();
  RC_ASSERT(end == LongEnd::kComplete || (end == LongEnd::kGivenUp && way.lost_percent > 10));
  RC_ASSERT(exchange.delivered == 1 || (exchange.delivered == 0 && end == LongEnd::kGivenUp));
  RC_ASSERT(exchange.right);
}

TEST(LongExchangeTest, AGoodWayTakesEachPartOnceAndFewAnswers) {
  Exchange exchange(1, 64 * 218, 218, Way{});
  EXPECT_EQ(exchange.run(), LongEnd::kComplete);
  EXPECT_EQ(exchange.parts_sent, 64U);
  EXPECT_LE(exchange.answers, 12);
}

TEST(LongExchangeTest, LossCostsLittleMoreThanWhatWasLost) {
  std::uint32_t sent = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Way way;
    way.lost_percent = 20;
    Exchange exchange(seed, 64 * 218, 218, way);
    EXPECT_EQ(exchange.run(), LongEnd::kComplete);
    sent += exchange.parts_sent;
  }
  // 64 parts need 80 sendings at 20 % loss; whole windows sent again would be hundreds.
  EXPECT_LT(sent, 20U * 92U);
}

/// The control: without its memory of what was complete, the receiver takes packets twice.
TEST(LongExchangeTest, AReceiverThatForgetsTheCompleteTakesItTwice) {
  int twice = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Exchange remembers(seed, 400, 218, bad_way());
    (void)remembers.run();
    EXPECT_EQ(remembers.delivered, 1) << "seed " << seed;
    Exchange forgets(seed, 400, 218, bad_way());
    forgets.forgets_the_complete = true;
    (void)forgets.run();
    twice += forgets.delivered > 1 ? 1 : 0;
  }
  EXPECT_GT(twice, 0);
}

TEST(LongExchangeTest, ADeadWayIsGivenUp) {
  Way way;
  way.lost_percent = 100;
  way.told_percent = 0;
  Exchange exchange(1, 3000, 218, way);
  EXPECT_EQ(exchange.run(), LongEnd::kGivenUp);
  EXPECT_EQ(exchange.delivered, 0);
  EXPECT_LT(exchange.parts_sent, 14U);
}

}  // namespace
}  // namespace espial::transfer
