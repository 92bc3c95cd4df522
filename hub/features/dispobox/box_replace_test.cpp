// Another box's board in the place of a broken one.
#include <set>

#include "hub/features/dispobox/boxes_fixture_test.hpp"
#include "station/registry.hpp"

namespace espial::dispobox {
namespace {

constexpr const char* kBatteryOfSpare = "B80%";

class BoxReplace : public BoxesFixture {
 protected:
  /// Box 41 is "Ada" and silent; somebody is in box 99.
  void prepare() {
    begin();
    say("410");
    ASSERT_TRUE(shows(41, 0));
    ada_ = box(41)->id;
    ASSERT_EQ(live_->rename(ada_, "Ada"), station::Outcome::done);
    ASSERT_TRUE(boxes_->renamed(ada_));
    pass(Boxes::kSilence);
    ASSERT_TRUE(shows(41, std::nullopt));
    node_.reset();
    say("991", 6);
    ASSERT_TRUE(shows(99, 1));
    spare_ = box(99)->id;
    changes_.clear();
  }
  std::optional<features::CommandRefusal> replace(std::uint8_t fresh = 99) {
    return boxes_->replace({ada_, box_address(fresh), {}});
  }
  std::vector<int> viewed() const {
    std::vector<int> numbers;
    for (const BoxView& view : boxes_->views()) numbers.push_back(view.box);
    return numbers;
  }

  station::DeviceId ada_{};
  station::DeviceId spare_{};
};

TEST_F(BoxReplace, TheBoardStandsForTheBoxWhoseNumberAndNameStay) {
  prepare();
  ASSERT_FALSE(replace());
  ASSERT_TRUE(shows(41, 1)) << "as the new board saw it last";
  EXPECT_EQ(box(41)->id, ada_);
  EXPECT_EQ(box(41)->name, "Ada");
  EXPECT_TRUE(box(99)->hidden);
  EXPECT_EQ(viewed(), (std::vector<int>{0, 41}));
  std::set<int> told;
  for (const auto& [changed, views] : changes_) told.insert(changed);
  EXPECT_EQ(told, (std::set<int>{41, 99})) << "applications hear that one is there and one is gone";
  EXPECT_EQ(boxes_->gone(), (std::vector<std::uint8_t>{99}));
  say("990", 60);
  EXPECT_TRUE(shows(41, 0));
  say(kBatteryOfSpare);
  ASSERT_TRUE(settle([&] { return box(41)->function(Boxes::kBatterySlot) != nullptr; }));
  EXPECT_TRUE(box(99)->hidden);
  close();
}

TEST_F(BoxReplace, ItIsStoredAsOne) {
  prepare();
  ASSERT_FALSE(boxes_->replace({ada_, box_address(99), {store::Document{"group", "Lamps", "x"}}}));
  for (int start = 0; start < 2; ++start) {
    close();
    begin();
    EXPECT_EQ(*documents_->find("group", "Lamps"), "x");
    EXPECT_EQ(viewed(), (std::vector<int>{41}));
    EXPECT_EQ(boxes_->gone(), (std::vector<std::uint8_t>{99}));
    say("991", 6);
    ASSERT_TRUE(shows(41, 1));
    EXPECT_EQ(box(41)->id, ada_);
    EXPECT_EQ(shown_devices(), 1u);
  }
  close();
}

TEST_F(BoxReplace, TheBrokenBoardIsNotHeard) {
  prepare();
  ASSERT_FALSE(replace());
  ASSERT_TRUE(shows(41, 1));
  for (int start = 0; start < 2; ++start) {
    say("410", 60);
    EXPECT_EQ(boxes_->displaced(), 60u);
    ASSERT_TRUE(commit_all());
    EXPECT_TRUE(shows(41, 1));
    close();
    begin();
  }
  close();
}

TEST_F(BoxReplace, AReplacementMayBeReplaced) {
  prepare();
  ASSERT_FALSE(replace());
  ASSERT_TRUE(shows(41, 1));
  node_.reset();
  now_ = now_ + Boxes::kSilence;
  say("980", 1);
  ASSERT_TRUE(shows(98, 0));
  boxes_->tick(now_, true);
  ASSERT_TRUE(shows(41, std::nullopt));
  ASSERT_FALSE(replace(98));
  ASSERT_TRUE(shows(41, 0));
  say("991", 6);
  ASSERT_TRUE(shows(99, 1)) << "its number is its own again";
  EXPECT_EQ(box(99)->id, spare_) << "with what it measured under it";
  EXPECT_TRUE(shows(41, 0));
  close();
}

TEST_F(BoxReplace, ForgottenItLeavesItsNumberToItself) {
  prepare();
  ASSERT_FALSE(replace());
  ASSERT_TRUE(shows(41, 1));
  const station::Device remains = station::remains_of(*live_, *box(41));
  ASSERT_EQ(live_->hide(ada_), station::Outcome::done);
  ASSERT_EQ(live_->put(remains), station::Outcome::done);
  boxes_->forget(ada_);
  EXPECT_EQ(changes_.back().first, 41) << "applications hear of it";
  EXPECT_EQ(boxes_->gone(), (std::vector<std::uint8_t>{41, 99}));
  say("410991", 6);
  EXPECT_TRUE(shows(41, 0) && shows(99, 1));
  EXPECT_TRUE(documents_->all(kPlaceCollection).empty());
  close();
}

TEST_F(BoxReplace, WhoIsThereOrUnknownIsRefusedWithWords) {
  prepare();
  EXPECT_EQ(replace(77)->problem, station::Problem::kNeverJoined);
  const auto refusal = boxes_->replace({spare_, box_address(41), {}});
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->problem, station::Problem::kStillOnline);
  EXPECT_EQ(viewed(), (std::vector<int>{0, 41, 99}));
  close();
}

TEST_F(BoxReplace, NothingIsChangedThatCanNotBeStored) {
  prepare();
  fill_backlog();
  EXPECT_TRUE(replace()->try_again_later);
  ASSERT_TRUE(commit_all());
  EXPECT_EQ(viewed(), (std::vector<int>{0, 41, 99}));
  EXPECT_TRUE(documents_->all(kPlaceCollection).empty());
  say("990", 60);
  EXPECT_TRUE(shows(99, 0) && shows(41, std::nullopt));
  close();
}

}  // namespace
}  // namespace espial::dispobox
