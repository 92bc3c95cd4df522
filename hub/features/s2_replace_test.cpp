// A new board in the place of a broken one.
#include "hub/features/s2_fixture_test.hpp"

namespace espial::features {
namespace {

constexpr const char* kThirdMac = "61:EC:ED:3B:25:B3";

class S2Replace : public S2Fixture {
 protected:
  /// "Hall" with a past, which has left, and another board that has joined.
  void prepare() {
    broken_ = join(kMac);
    hear("state/join", broken_);
    (void)station::rename(*live_, board().id, "Hall");
    ASSERT_TRUE(sessions_->renamed(board().id, "capteur01"));
    broken_ = "Hall" + broken_.substr(broken_.find(';'));
    hear("photoresistor/status", broken_ + ";10");
    now_us_ += 1'000'000;
    fresh_ = join(kOtherMac);
    hear("state/join", fresh_);
    hear("photoresistor/status", fresh_ + ";70");
    hear("state/leave", broken_);
    hall_ = board().id;
    spare_ = board(kOtherMac).id;
    published_.clear();
  }
  std::optional<CommandRefusal> replace(const char* fresh = kOtherMac) {
    return sessions_->replace({hall_, *parse_mac(fresh), {}});
  }
  /// How the fresh board signs once it goes by the broken one's name.
  std::string as_hall() const { return "Hall" + fresh_.substr(fresh_.find(';')); }
  const station::Device& hall() const { return *live_->find(hall_); }
  std::optional<double> light() const {
    const auto* const function = hall().function(S2Sessions::kPhotoresistorSlot);
    const auto* const value = function == nullptr ? nullptr : function->value(0);
    return value == nullptr ? std::nullopt : std::optional<double>(value->number);
  }

  std::string broken_;  ///< how they sign
  std::string fresh_;
  station::DeviceId hall_{};
  station::DeviceId spare_{};
};

TEST_F(S2Replace, TheNewBoardIsToldTheNameAndGoesOnInItsSession) {
  prepare();
  ASSERT_FALSE(replace());
  EXPECT_EQ(hall().mac, *parse_mac(kOtherMac));
  EXPECT_EQ(hall().name, "Hall");
  EXPECT_TRUE(hall().online);
  EXPECT_EQ(live_->find(*parse_mac(kMac)), nullptr);
  EXPECT_EQ(shown_devices(), 1U);
  ASSERT_EQ(published_.size(), 1U);
  EXPECT_EQ(published_[0].topic, "state/nameAssign");
  EXPECT_EQ(published_[0].payload, std::string(kOtherMac) + ";" + as_hall());
  hear("photoresistor/status", fresh_ + ";20");
  EXPECT_EQ(light(), 20) << "it has not heard its new name yet";
  hear("photoresistor/status", as_hall() + ";21");
  EXPECT_EQ(light(), 21);
  hear("photoresistor/status", fresh_ + ";22");
  EXPECT_EQ(light(), 21) << "that name is over";
  EXPECT_EQ(store_->open_reader()->counts().readings, 4U);
}

TEST_F(S2Replace, ItIsStoredAsOne) {
  prepare();
  hear("photoresistor/status", fresh_ + ";71");
  ASSERT_FALSE(
      sessions_->replace({hall_, *parse_mac(kOtherMac), {store::Document{"group", "Lamps", "x"}}}));
  for (int start = 0; start < 2; ++start) {
    shut_down();
    boot();
    EXPECT_EQ(shown_devices(), 1U);
    EXPECT_EQ(hall().mac, *parse_mac(kOtherMac));
    EXPECT_TRUE(hall().online);
    const int readings = static_cast<int>(sessions_->counters().readings);
    hear("photoresistor/status", (start == 0 ? fresh_ : as_hall()) + ";30");
    EXPECT_EQ(sessions_->counters().readings, readings + 1U);
  }
  shut_down();
  const store::Snapshot snapshot = open();
  EXPECT_EQ(snapshot.documents.front().collection, "group") << "what else was to change with it";
  close();
  boot();
}

TEST_F(S2Replace, NothingIsChangedThatCanNotBeStored) {
  prepare();
  fill_backlog();
  const auto refusal = replace();
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(refusal->try_again_later);
  EXPECT_TRUE(published_.empty());
  EXPECT_EQ(shown_devices(), 2U);
  ASSERT_TRUE(commit_all());
  hear("photoresistor/status", fresh_ + ";40");
  EXPECT_EQ(board(kOtherMac).id, spare_);
  EXPECT_EQ(light(), 10);
  ASSERT_FALSE(replace());
}

TEST_F(S2Replace, TheBrokenOneIsStaleAndANewBoardIfItJoinsAgain) {
  prepare();
  ASSERT_FALSE(replace());
  for (int start = 0; start < 2; ++start) {
    hear("state/join", broken_);
    hear("photoresistor/status", broken_ + ";99");
    EXPECT_EQ(sessions_->counters().stale, 2U);
    EXPECT_NE(light(), 99);
    EXPECT_EQ(shown_devices(), 1U);
    shut_down();
    boot();
  }
  now_us_ += 1'000'000;
  const std::string anew = join(kMac);
  EXPECT_EQ(anew.substr(0, 7), "capteur");
  hear("state/join", anew);
  hear("photoresistor/status", anew + ";99");
  EXPECT_EQ(shown_devices(), 2U);
  EXPECT_NE(board().id, hall_);
  EXPECT_NE(board().id, spare_) << "nor does it go on with what the new board measured before";
  EXPECT_NE(light(), 99);
}

TEST_F(S2Replace, CommandsOfTheBrokenOneAreOverAndTheirNumbersGoOn) {
  prepare();
  hear("state/join", broken_);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(sessions_->switch_led(hall_, true)));
  const auto given = sessions_->switch_led(hall_, true);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(given));
  hear("state/leave", broken_);
  const auto busy = sessions_->switch_led(spare_, true);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(busy));
  ASSERT_TRUE(replace());
  EXPECT_EQ(replace()->problem, station::Problem::kDeviceBusy);
  hear("led/status", fresh_ + ";1");
  commands_.clear();
  ASSERT_FALSE(replace());
  ASSERT_EQ(commands_.size(), 2U);
  EXPECT_EQ(commands_[1].state, store::CommandState::expired);
  EXPECT_EQ(commands_[1].command_id, std::get<TakenCommand>(given).id);
  hear("led/status", fresh_ + ";1");
  EXPECT_EQ(commands_.size(), 2U) << "what the broken one was told, the new one can't confirm";
  published_.clear();
  const auto next = sessions_->switch_led(hall_, false);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(next));
  EXPECT_GT(std::get<TakenCommand>(next).id, std::get<TakenCommand>(given).id);
  EXPECT_EQ(published_.back().payload, fresh_ + ";0") << "under the name it goes by";
  shut_down();
  EXPECT_EQ(open().open_commands.size(), 1U);
  close();
  boot();
}

TEST_F(S2Replace, WhoIsOnlineOrUnknownIsRefusedWithWords) {
  prepare();
  EXPECT_EQ(replace(kThirdMac)->problem, station::Problem::kNeverJoined);
  hear("state/join", broken_);
  EXPECT_EQ(replace()->problem, station::Problem::kStillOnline);
  EXPECT_EQ(shown_devices(), 2U);
}

}  // namespace
}  // namespace espial::features
