// Who may join, and who makes room for whom.
#include "hub/features/s2_fixture_test.hpp"

namespace espial::features {
namespace {

class S2Boards : public S2Fixture {};

TEST_F(S2Boards, AModuleOfAnotherProtocolIsNotTakenOver) {
  ASSERT_EQ(live_->put(espial_module()), station::Outcome::done);
  hear("state/join", kMac);
  EXPECT_EQ(board().protocol, station::Protocol::espial);
  EXPECT_EQ(sessions_->counters().boards_refused, 1U);
  EXPECT_TRUE(published_.empty());
}

TEST_F(S2Boards, InventedBoardsComeOneByOne) {
  constexpr int kAtOnce = 5;
  shut_down();
  new_boards_at_once_ = kAtOnce;
  boot();
  const auto mac = [](int i) { return "02:00:00:00:00:0" + std::to_string(i); };
  for (int i = 0; i < kAtOnce; ++i) hear("state/join", mac(i));
  EXPECT_EQ(sessions_->counters().boards_refused, 0U);
  hear("state/join", mac(kAtOnce));
  EXPECT_EQ(sessions_->counters().boards_refused, 1U);
  EXPECT_EQ(join(mac(0)).substr(0, 7), "capteur") << "one that is known may join as it likes";
  now_us_ += S2Sessions::kNewBoardPeriod.us;
  hear("state/join", mac(kAtOnce));
  EXPECT_EQ(sessions_->counters().boards_refused, 1U);
  hear("state/join", mac(kAtOnce + 1));
  EXPECT_EQ(sessions_->counters().boards_refused, 2U);
}

TEST_F(S2Boards, InventedBoardsMakeRoomForOthers) {
  shut_down();
  max_boards_ = 4;
  boot();
  const auto known = [this](const char* mac) {
    const station::Device* const device = live_->find(*parse_mac(mac));
    return device != nullptr && !device->hidden;
  };
  const char* const named = "02:00:00:00:00:01";
  const char* const online = "02:00:00:00:00:02";
  const char* const invented = "02:00:00:00:00:03";
  const char* const later = "02:00:00:00:00:04";
  const char* const latest = "02:00:00:00:00:05";
  join(named);
  ASSERT_EQ(station::rename(*live_, live_->find(*parse_mac(named))->id, "Hall").outcome,
            station::Outcome::done);
  hear("state/join", join(online));
  join(later);
  now_us_ -= 1'000'000;
  join(invented);
  now_us_ += 2'000'000;
  EXPECT_NE(join(kMac), "");
  EXPECT_FALSE(known(invented));
  EXPECT_EQ(forgotten_, std::vector<std::string>{invented});
  EXPECT_TRUE(known(named));
  EXPECT_TRUE(known(online));
  EXPECT_TRUE(known(later)) << "it was heard after the other";
  EXPECT_TRUE(known(kMac));
  now_us_ += 1'000'000;
  EXPECT_NE(join(latest), "");
  EXPECT_FALSE(known(later));
  EXPECT_TRUE(known(kMac));
  hear("state/join", join(latest));
  hear("state/join", join(kMac));
  hear("state/join", kOtherMac);
  EXPECT_EQ(sessions_->counters().boards_refused, 1U) << "the others have a name or are there";
  hear("state/join", invented);
  EXPECT_EQ(sessions_->counters().boards_refused, 2U) << "one that was forgotten is new";
}

TEST_F(S2Boards, ForgottenAddressesCountToo) {
  shut_down();
  max_boards_ = 1;
  max_addresses_ = 2;
  boot();
  join(kMac);
  now_us_ += 1'000'000;
  join(kOtherMac);
  ASSERT_EQ(forgotten_.size(), 1U);
  for (int start = 0; start < 2; ++start) {
    hear("state/join", "02:00:00:00:00:01");
    EXPECT_EQ(sessions_->counters().boards_refused, 1U);
    EXPECT_EQ(join(kMac).substr(0, 7), "capteur") << "it has a number";
    shut_down();
    boot();
  }
}

TEST_F(S2Boards, AJoinThatTheStoreHasNoRoomForCountsForNoNewBoard) {
  shut_down();
  new_boards_at_once_ = 1;
  boot();
  fill_backlog();
  for (int i = 0; i < 3; ++i) hand_over("state/join", kMac);
  EXPECT_EQ(given_back_, 3);
  ASSERT_TRUE(commit_all());
  EXPECT_EQ(join(kMac).substr(0, 7), "capteur");
  EXPECT_EQ(sessions_->counters().boards_refused, 0U);
  hear("state/join", kOtherMac);
  EXPECT_EQ(sessions_->counters().boards_refused, 1U);
}

TEST_F(S2Boards, AJoinForWhichTheStoreCanForgetNobodyNowIsGivenBack) {
  shut_down();
  max_boards_ = 1;
  new_boards_at_once_ = 2;
  boot();
  join(kOtherMac);
  fill_backlog();
  for (int i = 0; i < 3; ++i) hand_over("state/join", kMac);
  EXPECT_EQ(given_back_, 3);
  EXPECT_EQ(sessions_->counters().boards_refused, 0U);
  ASSERT_TRUE(commit_all());
  EXPECT_EQ(join(kMac).substr(0, 7), "capteur");
}

}  // namespace
}  // namespace espial::features
