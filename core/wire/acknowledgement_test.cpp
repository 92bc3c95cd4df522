#include "core/wire/acknowledgement.hpp"

#include <gtest/gtest.h>

namespace espial::wire {
namespace {

TEST(Stored, CoversWhatIsBeforeTheFloorAndWhatTheBitmapNames) {
  const Stored stored{Stream::kReadings, 100, 0b101};
  EXPECT_TRUE(stored.covers(99));
  EXPECT_FALSE(stored.covers(100)) << "the floor itself is not stored";
  EXPECT_TRUE(stored.covers(101));
  EXPECT_FALSE(stored.covers(102));
  EXPECT_TRUE(stored.covers(103));
  EXPECT_FALSE(stored.covers(104));
}

TEST(Stored, CoversNothingPastItsBitmap) {
  const Stored stored{Stream::kReadings, 100, UINT32_MAX};
  EXPECT_TRUE(stored.covers(132));
  EXPECT_FALSE(stored.covers(133));
  EXPECT_FALSE(stored.covers(5000));
}

TEST(Stored, CountsAroundTheEndOfItsNumbers) {
  const Stored stored{Stream::kEvents, 65535, 0b10};
  EXPECT_TRUE(stored.covers(65534));
  EXPECT_FALSE(stored.covers(65535));
  EXPECT_FALSE(stored.covers(0));
  EXPECT_TRUE(stored.covers(1));
  EXPECT_TRUE(stored.covers(40000)) << "behind the floor";
}

}  // namespace
}  // namespace espial::wire
