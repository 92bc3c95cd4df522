#include "hub/features/dispobox/boxes.hpp"

#include "hub/features/dispobox/boxes_fixture_test.hpp"
#include "station/registry.hpp"

namespace espial::dispobox {
namespace {

class DispoBoxBoxes : public BoxesFixture {};

TEST_F(DispoBoxBoxes, ANewBoxIsShownOnceItIsStoredUnderItsNumber) {
  begin();
  hold_commits();
  say("410");
  EXPECT_EQ(shown_devices(), 0u);
  ASSERT_TRUE(commit_all());
  ASSERT_TRUE(shows(41, 0));
  EXPECT_EQ(box(41)->name, "41");
  EXPECT_EQ(box(41)->protocol, station::Protocol::s1);
  close();
}

TEST_F(DispoBoxBoxes, OccupiedTakesSixSamplesAndIsTold) {
  begin();
  say("421", 5);
  ASSERT_TRUE(shows(42, 0));
  say("421");
  ASSERT_TRUE(shows(42, 1));
  EXPECT_EQ(changes_.back().first, 42);
  EXPECT_EQ(changes_.back().second.back().state, BoxState::occupied);
  close();
}

TEST_F(DispoBoxBoxes, ASilentBoxGoesGreyAndStartsAnew) {
  begin();
  say("421", 6);
  ASSERT_TRUE(shows(42, 1));
  pass(Boxes::kSilence - Duration::milliseconds(1));
  EXPECT_TRUE(shows(42, 1));
  pass(Duration::milliseconds(1));
  ASSERT_TRUE(shows(42, std::nullopt));
  pass(Duration::seconds(60));
  say("421");
  EXPECT_TRUE(shows(42, 0));
  close();
}

TEST_F(DispoBoxBoxes, AfterARestartABoxIsAsItWasKnownLastUntilItsNodeIsSilentForTooLong) {
  begin();
  say("410421", 6);
  ASSERT_TRUE(shows(41, 0) && shows(42, 1));
  boxes_->end();
  EXPECT_EQ(changes_.back().second.back().state, BoxState::unknown) << "to applications";
  close();
  begin();
  ASSERT_TRUE(shows(41, 0) && shows(42, 1));
  EXPECT_EQ(boxes_->views()[1].state, BoxState::occupied);
  pass(Duration::seconds(1));
  ASSERT_TRUE(commit_all());
  EXPECT_EQ(store_->open_reader()->counts().readings, 2u) << "nothing was stored anew";
  pass(Boxes::kSilence - Duration::milliseconds(1));
  say("420");
  ASSERT_TRUE(shows(42, 1)) << "one sample more does not free it";
  pass(Duration::milliseconds(1));
  EXPECT_TRUE(shows(41, std::nullopt) && shows(42, 1));
  close();
  begin();
  EXPECT_TRUE(shows(41, std::nullopt) && shows(42, 1));
  close();
}

TEST_F(DispoBoxBoxes, AForgottenBoxIsBackUnderItsNumberWithItsNextAnswer) {
  begin();
  say("421", 6);
  ASSERT_TRUE(shows(42, 1));
  const station::DeviceId id = box(42)->id;
  pass(Boxes::kSilence);
  ASSERT_TRUE(shows(42, std::nullopt));
  const station::Device remains = station::remains_of(*live_, *box(42));
  store::DeviceRecord stored;
  stored.id = id;
  stored.mac = remains.mac;
  stored.name = remains.name;
  stored.protocol = remains.protocol;
  ASSERT_TRUE(committer_->submit({{stored}, {}}));
  ASSERT_EQ(live_->hide(id), station::Outcome::done);
  ASSERT_EQ(live_->put(remains), station::Outcome::done);
  boxes_->forget(id);
  for (int start = 0; start < 2; ++start) {
    for (const BoxView& view : boxes_->views()) EXPECT_EQ(view.box, 0) << "the system only";
    EXPECT_EQ(shown_devices(), 0u);
    close();
    begin();
  }
  unix_.ms += 1000;
  say("421", 6);
  ASSERT_TRUE(shows(42, 1));
  EXPECT_EQ(box(42)->id, id);
  EXPECT_EQ(box(42)->name, "42");
  close();
}

TEST_F(DispoBoxBoxes, ABatteryIsShownAtAllBoxesOfItsNode) {
  begin();
  say("410420");
  ASSERT_TRUE(shows(41, 0) && shows(42, 0));
  say("B3700mV");
  ASSERT_TRUE(settle([&] {
    const auto* const function = box(42)->function(Boxes::kBatterySlot);
    return function != nullptr && function->value(1) != nullptr;
  }));
  EXPECT_DOUBLE_EQ(box(41)->function(Boxes::kBatterySlot)->value(1)->number, 3.7);
  close();
}

TEST_F(DispoBoxBoxes, WhatTheStoreTurnedAwayIsWrittenByALaterTick) {
  begin();
  say("421");
  ASSERT_TRUE(shows(42, 0));
  fill_backlog();
  say("421", 6);
  EXPECT_GT(boxes_->not_stored(), 0u);
  ASSERT_TRUE(commit_all());
  pass(Duration::seconds(1));
  EXPECT_TRUE(shows(42, 1));
  close();
}

TEST_F(DispoBoxBoxes, TheSystemIsBoxZeroForApplicationsOnly) {
  begin();
  pass(Duration::seconds(1));
  EXPECT_EQ(boxes_json(boxes_->views()),
            R"({"code":0,"message":"","data":[{"id":"0","state":0,"name":"0"}]})");
  open_ = false;
  pass(Duration::seconds(1));
  EXPECT_EQ(boxes_->views()[0].state, BoxState::unknown);
  EXPECT_EQ(shown_devices(), 0u);
  close();
}

TEST_F(DispoBoxBoxes, ANameThatIsTakenOrGivenIsRespected) {
  begin();
  station::AdmitRequest other;
  other.mac = {{1, 2, 3, 4, 5, 6}};
  other.protocol = station::Protocol::s2;
  other.wanted_name = "41";
  ASSERT_EQ(station::admit(*live_, other).error, station::AdmitError::none);
  say("410420");
  ASSERT_TRUE(shows(41, 0) && shows(42, 0));
  EXPECT_NE(box(41)->name, "41");
  ASSERT_EQ(live_->rename(box(42)->id, "Salle \"Ada\""), station::Outcome::done);
  ASSERT_TRUE(boxes_->renamed(box(42)->id));
  EXPECT_EQ(changes_.back().second.back().name, "Salle \"Ada\"");
  EXPECT_FALSE(boxes_->renamed(live_->find_name("41")->id));
  close();
  begin();
  EXPECT_EQ(box(42)->name, "Salle \"Ada\"");
  close();
}

TEST(DispoBoxJson, IsWhatTheApplicationsExpectByteForByte) {
  EXPECT_EQ(boxes_json({{41, BoxState::occupied, "41"}}),
            R"({"code":0,"message":"","data":[{"id":"41","state":1,"name":"41"}]})");
  EXPECT_EQ(boxes_json({{5, BoxState::unknown, "a\"b"}}),
            R"({"code":0,"message":"","data":[{"id":"05","state":-1,"name":"a\"b"}]})");
  EXPECT_EQ(boxes_error_json(-1, "no"), R"({"code":-1,"message":"no","data":[]})");
}

}  // namespace
}  // namespace espial::dispobox
