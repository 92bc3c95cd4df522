#include "hub/http/page_writes.hpp"

#include <gtest/gtest.h>

namespace espial::http {
namespace {

TEST(PageWrites, CountsThePagesThatWereWrittenAnEvent) {
  PageWrites writes;
  writes.add(10, 12, {100});
  writes.add(10, 12, {130});
  writes.add(9, 11, {120});
  writes.add(12, 13, {200});
  const auto eleventh = writes.of(11);
  ASSERT_TRUE(eleventh);
  EXPECT_EQ(eleventh->pages, 3u);
  EXPECT_EQ(eleventh->first_at, Instant{100});
  EXPECT_EQ(eleventh->last_at, Instant{130});
  EXPECT_EQ(writes.of(12)->pages, 2u);
  EXPECT_EQ(writes.of(10)->pages, 1u);
  EXPECT_EQ(writes.of(14)->pages, 0u);
}

TEST(PageWrites, SaysWhenItIsTooLongAgo) {
  PageWrites writes(2);
  for (std::uint64_t revision = 1; revision <= 4; ++revision) {
    writes.add(revision - 1, revision, {static_cast<std::int64_t>(revision)});
  }
  EXPECT_FALSE(writes.of(2));
  EXPECT_EQ(writes.of(3)->pages, 1u);
}

}  // namespace
}  // namespace espial::http
