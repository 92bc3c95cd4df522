#include "hub/access/session_table.hpp"

#include <gtest/gtest.h>

namespace espial::access {
namespace {

SessionLimits limits() {
  SessionLimits limits;
  limits.idle = Duration::seconds(100);
  limits.absolute = Duration::seconds(1000);
  limits.kept_every = Duration::seconds(10);
  limits.per_account = 2;
  return limits;
}

UnixTime at(std::int64_t seconds) { return {seconds * 1000}; }

TEST(SessionTable, EndsWhenNobodyUsesItAndAtItsAgeInAnyCase) {
  SessionTable table(limits());
  (void)table.open({"d", "ann", at(0), at(0)});
  EXPECT_FALSE(table.is_open("d", at(100)));
  for (int t = 0; t < 1000; t += 50) EXPECT_NE(table.use("d", at(t)).session, nullptr) << t;
  EXPECT_EQ(table.use("d", at(1000)).session, nullptr);
  EXPECT_EQ(table.sweep(at(1000)).size(), 1U);
  EXPECT_EQ(table.size(), 0U);
}

TEST(SessionTable, AsksToBeKeptNowAndThen) {
  SessionTable table(limits());
  (void)table.open({"d", "ann", at(0), at(0)});
  EXPECT_FALSE(table.use("d", at(9)).keep);
  EXPECT_TRUE(table.use("d", at(10)).keep);
  EXPECT_FALSE(table.use("d", at(11)).keep);
}

TEST(SessionTable, AnAccountsOldestMakesRoom) {
  SessionTable table(limits());
  (void)table.open({"one", "ann", at(0), at(0)});
  (void)table.open({"two", "ann", at(1), at(1)});
  (void)table.open({"other", "bob", at(0), at(0)});
  (void)table.use("one", at(5));
  const auto gone = table.open({"three", "ann", at(6), at(6)});
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].digest, "two");
  EXPECT_EQ(table.close_all_of("ann").size(), 2U);
  EXPECT_TRUE(table.is_open("other", at(7)));
}

TEST(SessionTable, TakesBackOnlyWhatHasNotEnded) {
  SessionTable table(limits());
  table.restore({"old", "ann", at(0), at(10)}, at(110));
  table.restore({"new", "ann", at(0), at(11)}, at(110));
  EXPECT_EQ(table.size(), 1U);
}

}  // namespace
}  // namespace espial::access
