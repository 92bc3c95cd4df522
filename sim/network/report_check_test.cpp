#include "sim/network/report_check.hpp"

#include <gtest/gtest.h>

#include "core/base/byte_writer.hpp"
#include "core/session/sequence_window.hpp"
#include "sim/network/board.hpp"

namespace espial::sim {
namespace {

class ReportCheckTest : public testing::Test {
 protected:
  ReportCheckTest() {
    check.on_power({}, 0, true);
    for (std::uint32_t index = 0; index < 5; ++index) check.on_submitted({}, 0, numbered(index));
  }

  static Numbered numbered(std::uint32_t index) {
    Numbered report;
    report.life = 1;
    report.index = index;
    report.taken_at = kSimEpoch;
    return report;
  }
  /// The report `index` is stored `after` it was taken, with a progress that counts `counted`.
  void store(std::uint32_t index, std::initializer_list<std::uint32_t> counted,
             Duration after = {}) {
    session::SequenceWindow window;
    for (const std::uint32_t one : counted) {
      (void)window.receive(one, 0);
      window.stored(one);
    }
    StoredReport report;
    report.mac = board_address(0);
    report.sequence = index;
    report.numbered = numbered(index);
    report.taken_at = kSimEpoch;
    ByteWriter out(report.progress);
    window.save(out);
    check.on_stored(Instant{} + after, report);
  }

  Violations violations;
  ReportCheck check{violations, 1};
};

TEST_F(ReportCheckTest, TakesProgressOverWhatIsStoredOrGivenUp) {
  store(0, {0});
  check.on_dropped({}, 0, numbered(1));
  store(3, {0, 3});
  store(2, {0, 1, 2, 3});
  EXPECT_TRUE(violations.empty());
}

TEST_F(ReportCheckTest, FindsProgressOverWhatIsNotStored) {
  store(0, {0, 1});
  ASSERT_EQ(violations.entries().size(), 1U);
  EXPECT_EQ(violations.entries().begin()->first, "counted as stored, and is not");
  EXPECT_EQ(violations.entries().begin()->second.first, "board 0 life 1 reading 1");
}

TEST_F(ReportCheckTest, FindsItBehindAGapToo) {
  store(2, {2, 4});
  ASSERT_EQ(violations.entries().size(), 1U);
  EXPECT_EQ(violations.entries().begin()->second.first, "board 0 life 1 reading 4");
}

TEST_F(ReportCheckTest, OnlyWhatIsStoredIsInTime) {
  store(0, {0});
  check.on_dropped({}, 0, numbered(1));
  store(2, {0, 1, 2}, Duration::seconds(61));
  EXPECT_EQ(check.stored_within(Duration::seconds(60)), 1U);
  check.on_power({}, 0, false);
  EXPECT_EQ(check.stored_within(Duration::seconds(60)), 1U);
  EXPECT_EQ(check.stored_within(Duration::seconds(70)), check.totals().stored);
  EXPECT_EQ(check.totals().submitted, 5U);
}

TEST_F(ReportCheckTest, WhatIsStoredOnceMoreIsInTimeOnce) {
  store(0, {0});
  check.on_forgotten({}, 0);
  store(0, {0});
  EXPECT_EQ(check.stored_again(), 1U);
  EXPECT_EQ(check.stored_within(Duration::seconds(60)), 1U);
}

}  // namespace
}  // namespace espial::sim
