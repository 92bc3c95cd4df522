#include "sim/network/newest_marks.hpp"

#include <gtest/gtest.h>

namespace espial::sim {
namespace {

TEST(NewestMarksTest, KnowsTheNewestOnes) {
  NewestMarks marks;
  EXPECT_FALSE(marks.find(0));
  constexpr std::uint64_t kAll = 5 * NewestMarks::kMost;
  for (std::uint64_t counter = 0; counter < kAll; ++counter) {
    marks.put(counter, static_cast<std::uint32_t>(counter * 7));
    for (std::uint64_t behind = 0; behind < 2 * NewestMarks::kMost && behind <= counter; ++behind) {
      const auto found = marks.find(counter - behind);
      ASSERT_EQ(found.has_value(), behind < NewestMarks::kMost) << counter << " - " << behind;
      if (found) {
        ASSERT_EQ(*found, (counter - behind) * 7);
      }
    }
  }
}

TEST(NewestMarksTest, TheLaterMarkOfACounterCounts) {
  NewestMarks marks;
  marks.put(3, 1);
  marks.put(3, 2);
  EXPECT_EQ(marks.find(3), 2U);
}

/// As after a restart, which leaves out what was reserved.
TEST(NewestMarksTest, CountersThatJumpKeepTheirMarks) {
  NewestMarks marks;
  for (std::uint64_t counter = 256; counter < 256 + 8; ++counter) marks.put(counter, 1);
  for (std::uint64_t counter = 512; counter < 512 + 8; ++counter) marks.put(counter, 2);
  EXPECT_EQ(marks.find(512), 2U);
  EXPECT_EQ(marks.find(512 + 7), 2U);
  EXPECT_FALSE(marks.find(512 + 8));
}

}  // namespace
}  // namespace espial::sim
