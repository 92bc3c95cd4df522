#include "hub/features/dispobox/box_places.hpp"

#include <gtest/gtest.h>

#include "hub/features/feature_fixture_test.hpp"

namespace espial::dispobox {
namespace {

class DispoBoxPlaces : public features::FeatureFixture {
 protected:
  void SetUp() override {
    (void)open();
    documents_.emplace(*committer_, std::vector<store::Document>{});
    places_.emplace(*documents_);
  }
  void TearDown() override { close(); }
  void move(std::uint8_t number, std::uint8_t place) {
    places_->adopt(places_->moved(number, place));
  }

  std::optional<store::Documents> documents_;
  std::optional<BoxPlaces> places_;
};

TEST_F(DispoBoxPlaces, ABoardMeansTheBoxOfItsNumberUnlessSomethingElseIsSaid) {
  EXPECT_EQ(places_->place_of(41), 41);
  EXPECT_EQ(places_->number_of(41), 41);
  move(99, 41);
  EXPECT_EQ(places_->place_of(99), 41);
  EXPECT_EQ(places_->place_of(41), 0) << "nobody";
  EXPECT_EQ(places_->number_of(41), 99);
  EXPECT_EQ(places_->number_of(99), 0);
}

TEST_F(DispoBoxPlaces, OneBoardIsOneBox) {
  move(99, 41);
  move(98, 41);
  EXPECT_EQ(places_->place_of(99), 99);
  EXPECT_EQ(places_->place_of(98), 41);
  move(98, 42);
  EXPECT_EQ(places_->place_of(41), 41);
  EXPECT_EQ(places_->place_of(98), 42);
  move(42, 42);
  EXPECT_EQ(places_->place_of(98), 98);
  EXPECT_TRUE(documents_->all(kPlaceCollection).empty());
}

TEST_F(DispoBoxPlaces, BoardsMayMoveInARow) {
  move(99, 41);
  move(41, 42);
  EXPECT_EQ(places_->place_of(41), 42);
  EXPECT_EQ(places_->place_of(99), 41);
  EXPECT_EQ(places_->place_of(42), 0);
  places_->adopt(places_->vacated(41));
  EXPECT_EQ(places_->place_of(99), 99);
  EXPECT_EQ(places_->number_of(41), 0) << "its own board stands for 42";
}

TEST_F(DispoBoxPlaces, WhatIsNoNumberMeansNothing) {
  documents_->adopt({std::string(kPlaceCollection), "99", "4x"});
  documents_->adopt({std::string(kPlaceCollection), "100", "41"});
  const BoxPlaces places(*documents_);
  EXPECT_EQ(places.place_of(99), 99);
  EXPECT_EQ(places.place_of(41), 41);
}

}  // namespace
}  // namespace espial::dispobox
