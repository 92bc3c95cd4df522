// What a board may be called while it does not know its new name.
#include <algorithm>

#include "hub/features/s2_fixture_test.hpp"

namespace espial::features {
namespace {

class S2Names : public S2Fixture {};

TEST_F(S2Names, ARenamedBoardIsHeardUnderBothNamesUntilItTakesTheNew) {
  const std::string credentials = join(kMac);
  const std::string session = credentials.substr(credentials.find(';'));
  hear("state/join", credentials);
  published_.clear();
  const station::DeviceId id = board().id;
  (void)station::rename(*live_, id, "LeBron");
  ASSERT_TRUE(sessions_->renamed(id, "capteur01"));
  ASSERT_EQ(published_.size(), 1U);
  EXPECT_EQ(published_[0].payload, std::string(kMac) + ";LeBron" + session);
  hear("photoresistor/status", credentials + ";5");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 5);
  hear("photoresistor/status", "LeBron" + session + ";6");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 6);
  hear("photoresistor/status", credentials + ";7");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 6) << "the old name is over";
}

TEST_F(S2Names, ABoardThatKnowsNotItsNewNameIsHeardOverARestartAndToldItAgain) {
  const std::string credentials = join(kMac);
  const std::string session = credentials.substr(credentials.find(';'));
  hear("state/join", credentials);
  rename_twice();

  shut_down();
  boot();
  published_.clear();
  sessions_->on_connected(true);
  ASSERT_EQ(published_.size(), 2U) << "in small letters and in capitals: it knows one of them";
  EXPECT_EQ(published_[0].payload, "61:ec:ed:3b:25:b1;Last" + session);
  EXPECT_EQ(published_[1].payload, "61:EC:ED:3B:25:B1;Last" + session);
  hear("photoresistor/status", credentials + ";5");
  hear("photoresistor/status", "Middle" + session + ";6");
  EXPECT_EQ(sessions_->counters().readings, 2U);

  shut_down();
  boot();
  hear("photoresistor/status", credentials + ";7");
  EXPECT_EQ(sessions_->counters().stale, 1U) << "it had left the first name behind";
  hear("photoresistor/status", "Last" + session + ";8");
  EXPECT_EQ(sessions_->counters().readings, 1U);

  shut_down();
  boot();
  published_.clear();
  sessions_->on_connected(true);
  EXPECT_TRUE(published_.empty()) << "it knows its name";
  hear("photoresistor/status", "Middle" + session + ";9");
  EXPECT_EQ(sessions_->counters().stale, 1U);
}

TEST_F(S2Names, AFormerNameIsOverWithItsSession) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  const station::DeviceId id = board().id;
  (void)station::rename(*live_, id, "LeBron");
  ASSERT_TRUE(sessions_->renamed(id, "capteur01"));
  now_us_ += 1'000'000;
  const std::string anew = join(kMac);
  ASSERT_EQ(anew.substr(0, 7), "LeBron;");
  shut_down();
  boot();
  hear("state/join", "capteur01" + anew.substr(anew.find(';')));
  EXPECT_FALSE(board().online);
  EXPECT_EQ(sessions_->counters().stale, 1U);
}

TEST_F(S2Names, ABoardRenamedTwiceBeforeItSpokeIsHeardUnderAllThreeInTheirOrder) {
  const std::string credentials = join(kMac);
  const std::string session = credentials.substr(credentials.find(';'));
  hear("state/join", credentials);
  rename_twice();
  hear("photoresistor/status", credentials + ";5");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 5);
  hear("photoresistor/status", "Middle" + session + ";6");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 6);
  hear("photoresistor/status", credentials + ";7");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 6) << "it has left the first name behind";
  hear("photoresistor/status", "Last" + session + ";8");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 8);
  hear("photoresistor/status", "Middle" + session + ";9");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 8);
}

TEST_F(S2Names, ABoardRenamedWithoutEndIsStillHeardUnderItsOwnName) {
  const std::string credentials = join(kMac);
  hear("state/join", credentials);
  const station::DeviceId id = board().id;
  std::string name = board().name;
  for (int i = 0; i < 50; ++i) {
    const std::string next = "Name " + std::to_string(i);
    (void)station::rename(*live_, id, next);
    ASSERT_TRUE(sessions_->renamed(id, name));
    name = next;
  }
  hear("photoresistor/status", credentials + ";5");
  EXPECT_EQ(shown(S2Sessions::kPhotoresistorSlot), 5);
}

TEST_F(S2Names, AForgottenBoardLeavesNone) {
  hear("state/join", join(kMac));
  const auto kept = [this] {
    const store::Snapshot snapshot = open();
    return std::count_if(
        snapshot.documents.begin(), snapshot.documents.end(),
        [](const store::Document& document) { return document.collection == s2::kNameCollection; });
  };
  rename_twice();
  shut_down();
  ASSERT_EQ(kept(), 1);
  close();
  boot();
  sessions_->forget(board().id);
  ASSERT_TRUE(commit_all());
  shut_down();
  EXPECT_EQ(kept(), 0);
}

}  // namespace
}  // namespace espial::features
