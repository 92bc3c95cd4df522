#include "hub/features/s0_places.hpp"

#include <gtest/gtest.h>

#include "hub/features/feature_fixture_test.hpp"

namespace espial::s0 {
namespace {

class S0Places : public features::FeatureFixture {
 protected:
  void SetUp() override {
    (void)open();
    documents_.emplace(*committer_, std::vector<store::Document>{});
    places_.emplace(*documents_);
  }
  void TearDown() override { close(); }
  void move(std::uint8_t number, std::uint8_t place) {
    for (const auto& document : places_->moved(ModuleId{number}, ModuleId{place})) {
      documents_->adopt(document);
    }
  }
  int place_of(std::uint8_t number) const { return places_->place_of(ModuleId{number}).value; }
  int number_of(std::uint8_t place) const { return places_->number_of(ModuleId{place}).value; }

  std::optional<store::Documents> documents_;
  std::optional<Places> places_;
};

TEST_F(S0Places, ABoardIsTheModuleOfItsNumberUnlessSomethingElseIsSaid) {
  EXPECT_EQ(place_of(3), 3);
  EXPECT_EQ(number_of(3), 3);
  move(12, 3);
  EXPECT_EQ(place_of(12), 3);
  EXPECT_EQ(number_of(3), 12);
  EXPECT_TRUE(places_->moved(ModuleId{12}, ModuleId{3}).empty()) << "it is so already";
}

TEST_F(S0Places, OneBoardIsOneModule) {
  move(12, 3);
  move(13, 3);
  EXPECT_EQ(place_of(12), 12);
  EXPECT_EQ(number_of(3), 13);
  move(13, 4);
  EXPECT_EQ(place_of(13), 4);
  EXPECT_EQ(number_of(3), 3);
  move(4, 4);
  EXPECT_EQ(place_of(13), 13);
  EXPECT_TRUE(documents_->all(kPlaceCollection).empty());
}

TEST_F(S0Places, WhatIsNoNumberMeansNothing) {
  documents_->adopt({std::string(kPlaceCollection), "12", "3x"});
  EXPECT_EQ(place_of(12), 12);
  const auto gone = places_->without_empty([](ModuleId place) { return place.value != 0; });
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].body, "");
}

}  // namespace
}  // namespace espial::s0
