#include "hub/features/dispobox/occupancy.hpp"

#include <gtest/gtest.h>

namespace espial::dispobox {
namespace {

bool add_many(Occupancy& box, bool sample, int count) {
  bool occupied = false;
  for (int i = 0; i < count; ++i) occupied = box.add(sample);
  return occupied;
}

TEST(DispoBoxOccupancy, ItTakesMoreThanFiveSamplesToOccupyABox) {
  Occupancy box;
  EXPECT_FALSE(add_many(box, true, 5));
  EXPECT_TRUE(box.add(true));
}

TEST(DispoBoxOccupancy, ItIsFreeWhenFewerThanTwoOfTheWindowSawSomebody) {
  Occupancy box;
  ASSERT_TRUE(add_many(box, true, 6));
  // The first of the six leaves the window with the 55th free sample after them.
  EXPECT_TRUE(add_many(box, false, 54 + 4));
  EXPECT_FALSE(box.add(false));
}

TEST(DispoBoxOccupancy, GoesOnFromWhatWasKnown) {
  Occupancy occupied(true);
  EXPECT_TRUE(add_many(occupied, false, Occupancy::kWindow - 2));
  EXPECT_TRUE(occupied.add(true));
  Occupancy free(false);
  EXPECT_FALSE(add_many(free, true, 5));
}

TEST(DispoBoxOccupancy, BetweenTheLimitsItStaysAsItIs) {
  Occupancy flickering;
  Occupancy quiet;
  ASSERT_TRUE(add_many(flickering, true, 6));
  ASSERT_FALSE(add_many(quiet, true, 3));
  ASSERT_TRUE(add_many(flickering, false, 57));
  EXPECT_FALSE(quiet.add(true));
}

TEST(DispoBoxOccupancy, WhatLiesBehindTheWindowIsForgotten) {
  Occupancy box;
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(add_many(box, true, 1));
    EXPECT_FALSE(add_many(box, false, Occupancy::kWindow));
  }
}

}  // namespace
}  // namespace espial::dispobox
