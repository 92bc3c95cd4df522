#include "hub/features/dispobox/conversation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace espial::dispobox {
namespace {

/// A node at the other end, on a clock of its own.
class DispoBoxConversation : public testing::Test {
 protected:
  /// Lets so much time pass, and notes what is asked and understood.
  void pass(Duration time) {
    const Instant end = now_ + time;
    while (talk_.next_timer() <= end) {
      now_ = std::max(now_, talk_.next_timer());
      note(talk_.on_timer(now_, closed_s_));
    }
    now_ = end;
  }
  void say(std::string_view bytes) { note(talk_.on_bytes(now_, bytes)); }

  void note(Conversation::Step step) {
    if (!step.send.empty()) asked_.push_back(step.send);
    if (step.answer) answers_.push_back(*step.answer);
    if (step.over) over_ = true;
    if (step.boxes.any()) boxes_ = step.boxes;
  }

  std::uint64_t refused(AnswerError error) const {
    return counters_.refused[static_cast<std::size_t>(error)];
  }

  Instant now_{1'000'000};
  TalkCounters counters_;
  Conversation talk_{now_, counters_};
  std::uint32_t closed_s_ = 0;
  std::vector<std::string> asked_;
  std::vector<Answer> answers_;
  std::bitset<kBoxCount> boxes_;
  bool over_ = false;
};

TEST_F(DispoBoxConversation, TheHubSpeaksFirstAndAsksTwiceASecond) {
  pass(Duration{});
  for (int i = 0; i < 10; ++i) {
    say("410421");
    pass(Duration::milliseconds(500));
  }
  EXPECT_EQ(asked_, std::vector<std::string>(11, "datas#"));
  ASSERT_EQ(answers_.size(), 10u);
  EXPECT_EQ(answers_[9].samples.size(), 2u);
  EXPECT_FALSE(over_);
}

TEST_F(DispoBoxConversation, AnAnswerInPiecesIsOneAnswer) {
  pass(Duration{});
  for (const char* piece : {"4", "1042", "1"}) {
    pass(Duration::milliseconds(40));
    say(piece);
  }
  pass(Conversation::kQuiet);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].samples.size(), 2u);
}

TEST_F(DispoBoxConversation, ABeginningIsWaitedForAndTheNextQuestionWaitsToo) {
  pass(Duration{});
  say("41042");
  pass(Duration::milliseconds(1500));
  EXPECT_EQ(asked_.size(), 1u);
  EXPECT_TRUE(answers_.empty());
  say("1");
  pass(Conversation::kQuiet);
  EXPECT_EQ(answers_.size(), 1u);
  pass(Duration::milliseconds(1));
  EXPECT_EQ(asked_.size(), 2u);
}

TEST_F(DispoBoxConversation, ASilentNodeIsGivenUpAfterFiveQuestions) {
  pass(Conversation::kPatience * Conversation::kMostFailures - Duration::milliseconds(1));
  EXPECT_FALSE(over_);
  pass(Duration::milliseconds(1));
  EXPECT_TRUE(over_);
  EXPECT_EQ(counters_.unanswered, 5u);
  EXPECT_EQ(talk_.next_timer(), kNever);
}

TEST_F(DispoBoxConversation, OneGoodAnswerMakesUpForBadOnes) {
  for (int i = 0; i < 20; ++i) {
    pass(Duration::milliseconds(1));
    say(i % 4 == 3 ? "410" : "nonsense");
    pass(Duration::milliseconds(499));
  }
  EXPECT_FALSE(over_);
  EXPECT_EQ(answers_.size(), 5u);
  EXPECT_EQ(refused(AnswerError::kForeign), 15u);
}

TEST_F(DispoBoxConversation, WhoSaysTooMuchIsCutOff) {
  pass(Duration{});
  say(std::string(Conversation::kMostBytes, '4'));
  EXPECT_FALSE(over_);
  say("4");
  EXPECT_TRUE(over_);
  EXPECT_EQ(refused(AnswerError::kTooLong), 1u);
}

TEST_F(DispoBoxConversation, OneThatDripsBytesIsGivenUpToo) {
  pass(Duration{});
  for (int i = 0; i < 2000 && !over_; ++i) {
    say("4");
    pass(Duration::milliseconds(50));
  }
  EXPECT_TRUE(over_);
  EXPECT_LE(now_.us, (Instant{1'000'000} + Duration::seconds(13)).us);
}

TEST_F(DispoBoxConversation, OutsideWorkingHoursTheNodeIsSentToSleepAndSaysItsBattery) {
  pass(Duration::milliseconds(1));
  say("410421");
  pass(Duration::milliseconds(499));
  closed_s_ = 43200;
  say("410421");
  pass(Duration::milliseconds(500));
  ASSERT_EQ(asked_.back(), "43200#");
  say("Bonne nuit, B64%");
  pass(Conversation::kQuiet);
  EXPECT_TRUE(over_);
  EXPECT_EQ(answers_.back().battery.percent, 64);
  EXPECT_TRUE(answers_.back().samples.empty());
  EXPECT_TRUE(boxes_.test(41) && boxes_.test(42));
}

TEST_F(DispoBoxConversation, ASleeperThatSaysNothingIsLetGo) {
  closed_s_ = 60;
  pass(Conversation::kSleepPatience);
  EXPECT_TRUE(over_);
  EXPECT_EQ(asked_, std::vector<std::string>{"60#"});
}

}  // namespace
}  // namespace espial::dispobox
