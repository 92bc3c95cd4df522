#include "core/link/channel_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/link/link_quality.hpp"

namespace espial::link {
namespace {

/// Always the middle: jitter leaves spans as they are.
class Middle : public Random {
 public:
  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0;
    out[out.size() - 1] = 0x80;
  }
};

constexpr MacAddress gateway(std::uint8_t number) { return {{2, 0, 0, 0, 0, number}}; }

Candidate candidate(std::uint8_t number, std::int8_t rssi_dbm = -60) {
  Candidate result;
  result.address = gateway(number);
  result.channel = Channel{6};
  result.tag_right = true;
  result.success = true;
  result.rssi_dbm = rssi_dbm;
  return result;
}

class ChannelSearchTest : public testing::Test {
 protected:
  ChannelSearch::Step tick() {
    now_ = search_.next_timer();
    const auto step = search_.on_timer(now_, random_);
    if (step == ChannelSearch::Step::kProbe) {
      asked_.push_back(search_.channel().number);
      search_.probe_sent(now_);
    }
    return step;
  }
  /// Runs until something else than a probe comes.
  ChannelSearch::Step run() {
    for (;;) {
      const auto step = tick();
      if (step != ChannelSearch::Step::kProbe && step != ChannelSearch::Step::kNone) return step;
    }
  }

  Middle random_;
  ChannelSearch search_;
  Instant now_;
  std::vector<int> asked_;
};

TEST_F(ChannelSearchTest, AsksTheLastGoodChannelTwiceThenLikelyOnesThenAll) {
  search_.begin(now_, Channel{9});
  EXPECT_EQ(run(), ChannelSearch::Step::kPaused);
  ASSERT_EQ(asked_.size(), kRoundsBeforePause * kRoundLength);
  asked_.resize(kRoundLength);
  EXPECT_THAT(asked_, testing::ElementsAre(9, 9, 1, 6, 11, 2, 3, 4, 5, 7, 8, 10, 12, 13));
}

TEST_F(ChannelSearchTest, WithoutALastGoodChannelEveryOneIsAsked) {
  search_.begin(now_, Channel{});
  EXPECT_EQ(run(), ChannelSearch::Step::kPaused);
  ASSERT_EQ(asked_.size(), kRoundsBeforePause * kChannelCount);
  asked_.resize(kChannelCount);
  EXPECT_THAT(asked_, testing::ElementsAre(1, 6, 11, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13));
}

TEST_F(ChannelSearchTest, ALikelyLastGoodChannelIsNotAskedAThirdTime) {
  search_.begin(now_, Channel{6});
  EXPECT_EQ(run(), ChannelSearch::Step::kPaused);
  asked_.resize(kRoundLength);
  EXPECT_THAT(asked_, testing::ElementsAre(6, 6, 1, 11, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13));
}

TEST_F(ChannelSearchTest, ADwellBeginsWhenTheProbeIsOut) {
  search_.begin(now_, Channel{6});
  ASSERT_EQ(search_.on_timer(now_, random_), ChannelSearch::Step::kProbe);
  EXPECT_EQ(search_.next_timer(), now_ + kProbeLimit);
  search_.probe_sent(now_ + kUsualWait);
  EXPECT_EQ(search_.next_timer(), now_ + kUsualWait + kFirstDwell);
}

TEST_F(ChannelSearchTest, ADwellIsLongerWhereTheProbeHadToWait) {
  search_.begin(now_, Channel{6});
  ASSERT_EQ(search_.on_timer(now_, random_), ChannelSearch::Step::kProbe);
  const Duration more = Duration::milliseconds(10);
  search_.probe_sent(now_ + kUsualWait + more);
  EXPECT_EQ(search_.next_timer(), now_ + kUsualWait + more + kFirstDwell + more * kDwellOfWait);
}

TEST_F(ChannelSearchTest, TheFirstRoundIsTheQuickOne) {
  search_.begin(now_, Channel{6});
  for (std::size_t i = 0; i <= kRoundLength; ++i) ASSERT_EQ(tick(), ChannelSearch::Step::kProbe);
  EXPECT_EQ(search_.next_timer(), now_ + kDwell);
}

TEST_F(ChannelSearchTest, AfterAPauseThereIsOneRoundBeforeTheNext) {
  search_.begin(now_, Channel{6});
  EXPECT_EQ(run(), ChannelSearch::Step::kPaused);
  asked_.clear();
  EXPECT_EQ(run(), ChannelSearch::Step::kPaused);
  EXPECT_EQ(asked_.size(), kRoundLength);
}

TEST_F(ChannelSearchTest, AProbeThatNeverLeavesDoesNotStopTheSearch) {
  search_.begin(now_, Channel{6});
  ASSERT_EQ(search_.on_timer(now_, random_), ChannelSearch::Step::kProbe);
  EXPECT_EQ(search_.on_timer(now_ + kProbeLimit, random_), ChannelSearch::Step::kProbe);
}

TEST_F(ChannelSearchTest, RanksTheAnswersOfOneDwell) {
  search_.begin(now_, Channel{6});
  for (std::size_t i = 0; i <= kRoundLength; ++i) ASSERT_EQ(tick(), ChannelSearch::Step::kProbe);
  Candidate strong_stranger = candidate(1, -30);
  strong_stranger.tag_right = false;
  search_.on_answer(now_, strong_stranger);
  search_.on_answer(now_, candidate(2, -80));
  search_.on_answer(now_, candidate(3, -50));
  Candidate busy = candidate(4, -50);
  busy.load = 200;
  search_.on_answer(now_, busy);
  ASSERT_EQ(tick(), ChannelSearch::Step::kCandidate);
  EXPECT_EQ(search_.take_best()->address, gateway(3));
  EXPECT_EQ(search_.take_best()->address, gateway(4));
  EXPECT_EQ(search_.take_best()->address, gateway(2));
  EXPECT_EQ(search_.take_best()->address, gateway(1));
  EXPECT_FALSE(search_.take_best().has_value());
}

TEST_F(ChannelSearchTest, AWrongTagIsNotTakenInTheFirstRound) {
  search_.begin(now_, Channel{6});
  ASSERT_EQ(tick(), ChannelSearch::Step::kProbe);
  Candidate stranger = candidate(1);
  stranger.tag_right = false;
  search_.on_answer(now_, stranger);
  EXPECT_EQ(search_.counters().untrusted_answers, 1U);
  EXPECT_EQ(tick(), ChannelSearch::Step::kProbe);
}

TEST_F(ChannelSearchTest, AnUnknownStrengthIsWeak) {
  EXPECT_TRUE(better(candidate(1, -95), candidate(2, 0)));
  EXPECT_FALSE(better(candidate(2, 0), candidate(1, -95)));
}

TEST_F(ChannelSearchTest, AFailureAnswerLeadsNowhere) {
  search_.begin(now_, Channel{6});
  ASSERT_EQ(tick(), ChannelSearch::Step::kProbe);
  Candidate failing = candidate(1);
  failing.success = false;
  search_.on_answer(now_, failing);
  EXPECT_EQ(tick(), ChannelSearch::Step::kProbe);
  EXPECT_EQ(search_.counters().failure_answers, 1U);
}

TEST_F(ChannelSearchTest, AnAnswerOutsideADwellIsLate) {
  search_.begin(now_, Channel{6});
  search_.on_answer(now_, candidate(1));
  EXPECT_EQ(search_.counters().late_answers, 1U);
  EXPECT_FALSE(search_.take_best().has_value());
}

TEST_F(ChannelSearchTest, AFullRankingDropsTheWeakest) {
  search_.begin(now_, Channel{6});
  ASSERT_EQ(tick(), ChannelSearch::Step::kProbe);
  for (std::uint8_t i = 1; i <= kMaxCandidates + 1; ++i) {
    search_.on_answer(now_, candidate(i, static_cast<std::int8_t>(-90 + i)));
  }
  EXPECT_EQ(search_.counters().candidates_dropped, 1U);
  ASSERT_EQ(tick(), ChannelSearch::Step::kCandidate);
  EXPECT_EQ(search_.take_best()->address, gateway(kMaxCandidates + 1));
  std::size_t others = 0;
  while (const auto next = search_.take_best()) {
    EXPECT_NE(next->address, gateway(1));
    ++others;
  }
  EXPECT_EQ(others, kMaxCandidates - 1);
}

TEST_F(ChannelSearchTest, AnAvoidedGatewayIsPassedOverForADoublingTime) {
  search_.avoid(now_, gateway(1));
  const auto heard_at = [&](Instant when) {
    search_.begin(when, Channel{6});
    EXPECT_EQ(search_.on_timer(when, random_), ChannelSearch::Step::kProbe);
    search_.probe_sent(when);
    search_.on_answer(when, candidate(1));
    return search_.take_best().has_value();
  };
  const Duration tick = Duration::milliseconds(1);
  EXPECT_FALSE(heard_at(now_ + kFirstAvoidance - tick));
  EXPECT_TRUE(heard_at(now_ + kFirstAvoidance));
  search_.avoid(now_, gateway(1));
  EXPECT_FALSE(heard_at(now_ + kFirstAvoidance));
  EXPECT_TRUE(heard_at(now_ + kFirstAvoidance * 2));
  search_.succeeded(gateway(1));
  search_.avoid(now_, gateway(1));
  EXPECT_TRUE(heard_at(now_ + kFirstAvoidance));
}

TEST_F(ChannelSearchTest, AvoidanceHasALimit) {
  for (int i = 0; i < 100; ++i) search_.avoid(now_, gateway(1));
  search_.begin(now_ + kMaxAvoidance, Channel{6});
  ASSERT_EQ(search_.on_timer(now_ + kMaxAvoidance, random_), ChannelSearch::Step::kProbe);
  search_.probe_sent(now_ + kMaxAvoidance);
  search_.on_answer(now_ + kMaxAvoidance, candidate(1));
  EXPECT_TRUE(search_.take_best().has_value());
}

TEST_F(ChannelSearchTest, PausesDoubleUpToTheirLimitAndStartSmallAfterSuccess) {
  search_.begin(now_, Channel{6});
  const auto pause = [&] {
    EXPECT_EQ(run(), ChannelSearch::Step::kPaused);
    return search_.next_timer() - now_;
  };
  EXPECT_EQ(pause(), kFirstPause);
  EXPECT_EQ(pause(), kFirstPause * 2);
  for (int i = 0; i < 10; ++i) pause();
  EXPECT_EQ(pause(), kMaxPause);
  search_.succeeded(gateway(1));
  EXPECT_EQ(pause(), kFirstPause);
}

TEST_F(ChannelSearchTest, AnAnswerThatIsGoodEnoughEndsTheDwell) {
  search_.begin(now_, Channel{6});
  ASSERT_EQ(search_.on_timer(now_, random_), ChannelSearch::Step::kProbe);
  search_.probe_sent(now_);
  search_.settle(now_);
  EXPECT_EQ(search_.on_timer(now_, random_), ChannelSearch::Step::kNone) << "nobody has answered";
  search_.on_answer(now_, candidate(1));
  search_.settle(now_);
  EXPECT_EQ(search_.on_timer(now_, random_), ChannelSearch::Step::kCandidate);
}

TEST_F(ChannelSearchTest, GoesOnBehindTheChannelThatLedToNothing) {
  search_.begin(now_, Channel{6});
  ASSERT_EQ(tick(), ChannelSearch::Step::kProbe);
  search_.on_answer(now_, candidate(1));
  ASSERT_EQ(tick(), ChannelSearch::Step::kCandidate);
  EXPECT_EQ(search_.next_timer(), kNever);
  search_.go_on(now_);
  tick();
  tick();
  EXPECT_THAT(asked_, testing::ElementsAre(6, 6, 1));
}

TEST(BackoffTest, JitterStaysBetweenThreeAndFiveQuarters) {
  class Fixed : public Random {
   public:
    explicit Fixed(std::uint8_t byte) : byte_(byte) {}
    void fill(MutableByteView out) override {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = byte_;
    }

   private:
    std::uint8_t byte_;
  };
  Fixed least(0);
  Fixed most(255);
  EXPECT_EQ(with_jitter(least, Duration{1000}), Duration{750});
  EXPECT_LE(with_jitter(most, Duration{1000}), Duration{1250});
  EXPECT_GE(with_jitter(most, Duration{1000}), Duration{1240});
}

TEST(LinkQualityTest, IsLostAfterTooManyFailedSendsInARow) {
  LinkQuality quality;
  for (std::uint32_t i = 0; i < kMaxFailedSends; ++i) quality.on_sent(false);
  EXPECT_FALSE(quality.lost());
  quality.on_sent(true);
  for (std::uint32_t i = 0; i < kMaxFailedSends; ++i) quality.on_sent(false);
  EXPECT_FALSE(quality.lost());
  quality.on_sent(false);
  EXPECT_TRUE(quality.lost());
}

TEST(LinkQualityTest, ARadioThatAcknowledgesDoesNotReplaceAnAnswer) {
  LinkQuality quality;
  for (std::uint32_t i = 0; i < kMaxUnanswered; ++i) {
    quality.on_sent(true);
    quality.on_unanswered();
  }
  EXPECT_TRUE(quality.lost());
  quality.on_heard(Instant{5});
  EXPECT_FALSE(quality.lost());
  EXPECT_TRUE(quality.heard_since(Instant{5}));
  EXPECT_FALSE(quality.heard_since(Instant{6}));
}

}  // namespace
}  // namespace espial::link
