#include "hub/features/s2_sessions.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "hub/features/forgetting.hpp"
#include "hub/features/s2_fixture_test.hpp"

namespace espial::features {
namespace {

class S2SessionsTest : public S2Fixture {};

TEST_F(S2SessionsTest, AJoinIsAnsweredWithNameAndSession) {
  hear("state/join", kMac);
  ASSERT_EQ(published_.size(), 1U);
  EXPECT_EQ(published_[0].topic, "state/nameAssign");
  EXPECT_EQ(published_[0].payload, "61:EC:ED:3B:25:B1;capteur01;1743946777.603371");
  EXPECT_EQ(published_[0].qos, mqtt::Qos::kExactlyOnce);
  EXPECT_FALSE(board().online) << "online only once the session begins";
}

TEST_F(S2SessionsTest, TheSessionBeginsWithItsCredentials) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  EXPECT_TRUE(board().online);
  hear("photoresistor/status", credentials + ";58");
  hear("led/status", credentials + ";1");
  hear("button/status", credentials + ";1");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 58);
  EXPECT_EQ(shown(S2Sessions::kLedSlot), 1);
  EXPECT_EQ(shown(S2Sessions::kButtonSlot), 1);
  hear("state/leave", credentials);
  EXPECT_FALSE(board().online);
}

TEST_F(S2SessionsTest, WhatAnOldSessionSaysIsDiscarded) {
  const std::string old = join(kMac);
  hear("state/join", old);
  hear("photoresistor/status", old + ";10");
  const std::string current = join(kMac);
  ASSERT_NE(current, old);
  hear("photoresistor/status", old + ";99");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 10);
  hear("state/join", current);
  hear("state/leave", old);
  EXPECT_TRUE(board().online) << "the will of the old connection must not end the new session";
  EXPECT_EQ(sessions_->counters().stale, 2U);
}

TEST_F(S2SessionsTest, AnotherBoardsNameDoesNotFitTheSession) {
  const std::string first = join(kMac);
  hear("state/join", first);
  join(kOtherMac);
  const std::string session = first.substr(first.find(';'));
  hear("photoresistor/status", "capteur02" + session + ";77");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), std::nullopt);
  EXPECT_EQ(sessions_->counters().stale, 1U);
}

TEST_F(S2SessionsTest, AMacHasOneNameForEverAlsoOverARestart) {
  const std::string first = join(kMac);
  EXPECT_EQ(join(kOtherMac).substr(0, 10), "capteur02;");
  shut_down();
  now_us_ -= 60'000'000;  // and the clock went back
  boot();
  const std::string again = join(kMac);
  EXPECT_EQ(again.substr(0, 10), "capteur01;");
  EXPECT_GT(again.substr(10), first.substr(10)) << "a session id is never given twice";
}

TEST_F(S2SessionsTest, AForgottenBoardIsBackWhenItJoinsAgain) {
  const std::string old = join(kMac);
  hear("state/join", old);
  hear("photoresistor/status", old + ";10");
  hear("state/leave", old);
  const station::DeviceId id = board().id;
  ASSERT_FALSE(forget_device(*live_, *committer_, id, false, [] {}));
  sessions_->forget(id);
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(shown_devices(), 0U);
    hear("state/join", old);
    EXPECT_EQ(shown_devices(), 0U) << "its session is over";
    shut_down();
    boot();
  }
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  EXPECT_EQ(shown_devices(), 1U);
  EXPECT_EQ(board().id, id);
  hear("photoresistor/status", credentials + ";20");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 20);
  shut_down();
  boot();
  EXPECT_EQ(shown_devices(), 1U);
}

TEST_F(S2SessionsTest, ABoardForgottenWhileItJoinsGetsNoAnswer) {
  join(kMac);
  published_.clear();
  hold_commits();
  hand_over("state/join", kMac);
  sessions_->forget(board().id);
  ASSERT_TRUE(commit_all());
  ASSERT_TRUE(settle([&] { return acknowledged_ == 2; }));
  EXPECT_TRUE(published_.empty());
}

TEST_F(S2SessionsTest, ASessionGoesOnOverARestart) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  shut_down();
  boot();
  EXPECT_TRUE(board().online);
  hear("photoresistor/status", credentials + ";33");
  EXPECT_EQ(sessions_->counters().stale, 0U);
  EXPECT_EQ(sessions_->counters().readings, 1U);
}

TEST_F(S2SessionsTest, ARetainedJoinIsNoArrival) {
  hear("state/join", kMac, true);
  EXPECT_TRUE(published_.empty());
  EXPECT_EQ(live_->size(), 0U);
  EXPECT_EQ(sessions_->counters().retained, 1U);
}

TEST_F(S2SessionsTest, WhatIsNotAMessageIsCountedByReason) {
  const std::string credentials = join(kMac);
  hear("photoresistor/status", credentials + ";101");
  hear("photoresistor/status", credentials + ";abc");
  hear("photoresistor/status", credentials + ";1;1");
  hear("state/join", "not a mac");
  const auto& refused = sessions_->counters().refused;
  EXPECT_EQ(refused[static_cast<std::size_t>(s2::Refusal::kValue)], 2U);
  EXPECT_EQ(refused[static_cast<std::size_t>(s2::Refusal::kParts)], 1U);
  EXPECT_EQ(refused[static_cast<std::size_t>(s2::Refusal::kMac)], 1U);
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), std::nullopt);
}

TEST_F(S2SessionsTest, ANewBoardIsShownOnceItIsStored) {
  hand_over("state/join", kMac);
  EXPECT_EQ(shown_devices(), 0U);
  ASSERT_TRUE(settle([&] { return acknowledged_ == 1; }));
  EXPECT_EQ(shown_devices(), 1U);
  EXPECT_EQ(published_.size(), 1U);
}

TEST_F(S2SessionsTest, AJoinThatTheStoreHasNoRoomForLeavesNothing) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  fill_backlog();
  const int acknowledged = acknowledged_;
  hand_over("state/join", kMac);
  hand_over("state/join", kOtherMac);
  hand_over("state/leave", credentials);
  EXPECT_EQ(given_back_, 3);
  EXPECT_EQ(acknowledged_, acknowledged);
  EXPECT_TRUE(board().online);
  EXPECT_EQ(shown_devices(), 1U);
  ASSERT_TRUE(commit_all());
  hear("photoresistor/status", credentials + ";5");
  EXPECT_EQ(sessions_->counters().stale, 0U) << "the session that is stored goes on";
  EXPECT_EQ(join(kOtherMac).substr(0, 10), "capteur02;");
  EXPECT_EQ(shown_devices(), 2U);
  const auto reader = store_->open_reader();
  EXPECT_EQ(reader->counts().devices, 2U);
  shut_down();
  EXPECT_EQ(open().functions.size(), 6U) << "of the one whose first join came to nothing, too";
}

TEST_F(S2SessionsTest, AReadingThatTheStoreHasNoRoomForIsGivenBack) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  fill_backlog();
  hand_over("photoresistor/status", credentials + ";5");
  EXPECT_EQ(given_back_, 1);
  EXPECT_EQ(sessions_->counters().not_stored, 1U);
  ASSERT_TRUE(commit_all());
  hear("photoresistor/status", credentials + ";5");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 5);
}

TEST_F(S2SessionsTest, WhatAPersonWantsIsRefusedWhenTheStoreHasNoRoom) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  published_.clear();
  fill_backlog();
  EXPECT_TRUE(std::holds_alternative<CommandRefusal>(sessions_->switch_led(board().id, true)));
  EXPECT_FALSE(sessions_->renamed(board().id, "Nobody"));
  EXPECT_TRUE(published_.empty()) << "the board must not do what nobody remembers";
  ASSERT_TRUE(commit_all());
  hear("photoresistor/status", "Nobody" + credentials.substr(credentials.find(';')) + ";5");
  EXPECT_EQ(sessions_->counters().stale, 1U);
}

TEST_F(S2SessionsTest, AFloodOfOneRefusalHidesNoOtherInTheLog) {
  std::ostringstream log;
  const auto former = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_st>(log)));
  ASSERT_EQ(live_->put(espial_module()), station::Outcome::done);
  for (int i = 0; i < 50; ++i) hear("state/join", kMac);
  for (int i = 0; i < 50; ++i) hear("photoresistor/status", "a;b;101");
  hear("state/join", "not a mac");
  for (int i = 0; i < 50; ++i) hear("photoresistor/status", "a;b");
  spdlog::set_default_logger(former);
  const std::string text = log.str();
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  EXPECT_LE(lines, 20U) << text;
  EXPECT_NE(text.find("may not join: this address"), std::string::npos) << text;
  EXPECT_NE(text.find("\"a;b;101\""), std::string::npos) << text;
  EXPECT_NE(text.find("\"not a mac\""), std::string::npos) << text;
  EXPECT_NE(text.find("\"a;b\""), std::string::npos) << text;
}

TEST_F(S2SessionsTest, ACommandEndsWhenTheBoardConfirmsIt) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  published_.clear();
  const auto accepted = sessions_->switch_led(board().id, true);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(accepted));
  ASSERT_EQ(published_.size(), 1U);
  EXPECT_EQ(published_[0].topic, "led/command");
  EXPECT_EQ(published_[0].payload, credentials + ";1");
  EXPECT_TRUE(commands_.empty());
  hear("led/status", credentials + ";0");
  EXPECT_TRUE(commands_.empty()) << "another state is not what was asked for";
  hear("led/status", credentials + ";1");
  ASSERT_EQ(commands_.size(), 1U);
  EXPECT_EQ(commands_[0].state, store::CommandState::executed);
  EXPECT_EQ(commands_[0].command_id, std::get<TakenCommand>(accepted).id);
}

TEST_F(S2SessionsTest, ACommandThatNobodyConfirmsExpires) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(sessions_->switch_led(board().id, true)));
  now_us_ += S2Sessions::kCommandLifetime.us - 1'000'000;
  sessions_->tick();
  EXPECT_TRUE(commands_.empty());
  now_us_ += 2'000'000;
  sessions_->tick();
  ASSERT_EQ(commands_.size(), 1U);
  EXPECT_EQ(commands_[0].state, store::CommandState::expired);
}

TEST_F(S2SessionsTest, AnOfflineBoardTakesNoCommands) {
  join(kMac);
  EXPECT_TRUE(std::holds_alternative<CommandRefusal>(sessions_->switch_led(board().id, true)));
}

TEST_F(S2SessionsTest, ABoardWithoutAWillIsOfflineAfterItsSilenceAndBackWithItsNextWord) {
  const std::string me = join(kMac);
  hear("state/join", me);
  now_us_ += S2Sessions::kUsualSilence.us - 1'000'000;
  sessions_->tick();
  ASSERT_TRUE(board().online);
  hear("photoresistor/status", me + ";58");
  now_us_ += S2Sessions::kUsualSilence.us - 1'000'000;
  sessions_->tick();
  EXPECT_TRUE(board().online) << "it has spoken since";
  now_us_ += 1'000'000;
  sessions_->tick();
  EXPECT_FALSE(board().online);
  EXPECT_EQ(sessions_->counters().silent, 1U);
  hear("photoresistor/status", me + ";59");
  EXPECT_TRUE(board().online);
}

TEST_F(S2SessionsTest, ABoardThatLeftStaysOfflineWhateverComesLate) {
  const std::string me = join(kMac);
  hear("state/join", me);
  hear("state/leave", me);
  hear("photoresistor/status", me + ";58");
  EXPECT_FALSE(board().online);
}

TEST_F(S2SessionsTest, WhileTheBrokerIsAwayNoBoardIsOnline) {
  const std::string me = join(kMac);
  hear("state/join", me);
  sessions_->on_broker_lost();
  EXPECT_FALSE(board().online);
  sessions_->on_connected(true);
  EXPECT_TRUE(board().online) << "the broker has kept whatever it said";
  sessions_->on_broker_lost();
  sessions_->on_connected(false);
  EXPECT_FALSE(board().online) << "it may have left unheard";
  hear("button/status", me + ";1");
  EXPECT_TRUE(board().online);
}

TEST_F(S2SessionsTest, AfterARestartThatLostTheBrokersSessionNoBoardIsOnlineUntilItSpeaks) {
  const std::string me = join(kMac);
  hear("state/join", me);
  shut_down();
  boot();
  ASSERT_TRUE(board().online);
  sessions_->on_connected(false);
  EXPECT_FALSE(board().online);
  hear("led/status", me + ";1");
  EXPECT_TRUE(board().online);
}

}  // namespace
}  // namespace espial::features
