#include "hub/features/dispobox/answer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace espial::dispobox {
namespace {

Answer accepted(std::string_view text) {
  const auto read = parse_answer(text);
  EXPECT_TRUE(std::holds_alternative<Answer>(read)) << text;
  return std::holds_alternative<Answer>(read) ? std::get<Answer>(read) : Answer{};
}

AnswerError refused(std::string_view text) {
  const auto read = parse_answer(text);
  EXPECT_TRUE(std::holds_alternative<AnswerError>(read)) << text;
  return std::holds_alternative<AnswerError>(read) ? std::get<AnswerError>(read)
                                                   : AnswerError::kForeign;
}

TEST(DispoBoxAnswer, BoxesFollowEachOtherWithoutSeparator) {
  const Answer answer = accepted("410421430440");
  ASSERT_EQ(answer.samples.size(), 4u);
  EXPECT_EQ(answer.samples[1].box, 42);
  EXPECT_TRUE(answer.samples[1].occupied);
  EXPECT_EQ(answer.samples[3].box, 44);
  EXPECT_FALSE(answer.samples[3].occupied);
  EXPECT_FALSE(answer.battery.known());
}

TEST(DispoBoxAnswer, SeparatorsDoNotMatter) {
  EXPECT_EQ(accepted("410 421\r\n").samples.size(), 2u);
}

TEST(DispoBoxAnswer, ABatteryMayStandAnywhere) {
  EXPECT_EQ(accepted("410421B87").battery.percent, 87);
  EXPECT_EQ(accepted("B3700mV410").battery.millivolts, 3700);
  EXPECT_EQ(accepted("B3700mV410").samples.size(), 1u);
  EXPECT_EQ(accepted("410B87%421").samples.size(), 2u);
  EXPECT_EQ(accepted("B0").battery.percent, 0);
}

TEST(DispoBoxAnswer, OneThatMayGoOnIsCut) {
  for (const char* text : {"", "4", "41", "41042", "410B", "410B3700m", " "}) {
    EXPECT_EQ(refused(text), AnswerError::kCut) << text;
  }
}

TEST(DispoBoxAnswer, WhatNoNodeSaysIsRefused) {
  EXPECT_EQ(refused("412"), AnswerError::kBox);
  EXPECT_EQ(refused("000"), AnswerError::kBox);
  EXPECT_EQ(refused("410B101"), AnswerError::kBattery);
  EXPECT_EQ(refused("B20001mV"), AnswerError::kBattery);
  EXPECT_EQ(refused("B123456789123"), AnswerError::kBattery);
  EXPECT_EQ(refused("Bx"), AnswerError::kBattery);
  EXPECT_EQ(refused("GET / HTTP/1.1"), AnswerError::kForeign);
  EXPECT_EQ(refused("4\xff"), AnswerError::kForeign);
  EXPECT_EQ(refused(std::string(kMaxAnswerBytes + 1, ' ')), AnswerError::kTooLong);
}

TEST(DispoBoxAnswer, ASentenceMayHoldABattery) {
  EXPECT_EQ(find_battery("Bonne nuit, B64%, 3600 s").percent, 64);
  EXPECT_EQ(find_battery("Box node sleeps. B3120mV").millivolts, 3120);
  EXPECT_FALSE(find_battery("Bonne nuit").known());
  EXPECT_FALSE(find_battery("B999").known());
}

}  // namespace
}  // namespace espial::dispobox
