// Frames of version 2 of ESP-NOW: where they are used, and what becomes of reports where they are
// used wrongly.

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "core/node/long_reports.hpp"
#include "core/node/node_fixture_test.hpp"

namespace espial::node {
namespace {

class LongBodies : public NodeFixture {
 protected:
  void SetUp() override {
    radio_.max_body = kMaxBodyV2;
    peer_.long_bodies = true;
    Ports ports{radio_, peer_.crypto, random_, settings_, application_};
    ports.parts = {&part_, 1};
    node_ = std::make_unique<Node>(config_, ports, storage_.memory());
    go_online();
  }
  /// As many bytes as several frames of version 1 have.
  ReportStatus report_long(std::size_t size = 600) {
    Bytes readings;
    while (readings.size() < size) {
      const std::array<std::uint8_t, 3> head{0x1f, 60, 60};
      readings.insert(readings.end(), head.begin(), head.end());
      readings.resize(readings.size() + 60);
    }
    return node_->report(now_, wire::Stream::kReadings, true, view(readings));
  }
  /// The sizes of what is sent in the next minutes, while the node is online. The gateway takes
  /// what fits version 1; the coordinator, if it is `alive`, answers pings and stores nothing.
  std::vector<std::size_t> sizes_of(int minutes, bool alive) {
    std::vector<std::size_t> sizes;
    for (const Instant end = now_ + Duration::seconds(60) * minutes; now_ < end;) {
      if (!radio_.busy) tick();
      if (node_->state() != NodeState::kOnline) break;
      if (!radio_.busy) continue;
      const Bytes body = sent();
      sizes.push_back(body.size());
      if (!alive || body.size() > kMaxBodyV1) continue;
      (void)peer_.open(body);
      hear(peer_.seal(wire::PingResponse{{}, 0}));
    }
    return sizes;
  }
  static bool is_part(std::size_t size) { return size > kPing && size <= kMaxBodyV1; }

  static constexpr std::size_t kPing = 60;
  LongReports long_reports_;
  Part* const part_ = &long_reports_;
  Storage<16, 64, 2048, kMaxBodyV2> storage_;
};

TEST_F(LongBodies, AreFilledWhereTheGatewayTakesThem) {
  for (std::uint8_t i = 0; i < 16; ++i) {
    std::array<std::uint8_t, 63> text{0x1f, 60, 12};
    (void)node_->report(now_, wire::Stream::kReadings, true, text);
  }
  sent();
  EXPECT_GT(radio_.last.size(), kMaxBodyV1);
  EXPECT_LE(radio_.last.size(), kMaxBodyV2);
}

TEST_F(LongBodies, AreGivenUpWhereOtherFramesAreAnswered) {
  ASSERT_EQ(report_long(), ReportStatus::kTaken);
  const auto sizes = sizes_of(1, true);
  const auto first_part = std::find_if(sizes.begin(), sizes.end(), is_part);
  EXPECT_NE(first_part, sizes.end());
  const auto is_long = [](std::size_t size) { return size > kMaxBodyV1; };
  EXPECT_GT(std::count_if(sizes.begin(), first_part, is_long), kAttemptsBeforeShort);
  EXPECT_EQ(std::count_if(first_part, sizes.end(), is_long), 0);
}

TEST_F(LongBodies, AreGivenUpForAReportThatNeedsSeveralOfThem) {
  ASSERT_EQ(report_long(kMaxBodyV2 + 200), ReportStatus::kTaken);
  const auto sizes = sizes_of(10, true);
  const auto first_part = std::find_if(sizes.begin(), sizes.end(), is_part);
  EXPECT_NE(first_part, sizes.end());
  const auto is_long = [](std::size_t size) { return size > kMaxBodyV1; };
  EXPECT_GT(std::count_if(sizes.begin(), first_part, is_long), kAttemptsBeforeShort);
  EXPECT_EQ(std::count_if(first_part, sizes.end(), is_long), 0);
}

TEST_F(LongBodies, AreKeptWhileNobodyAnswers) {
  ASSERT_EQ(report_long(), ReportStatus::kTaken);
  const auto sizes = sizes_of(1, false);
  EXPECT_GE(sizes.size(), kAttemptsBeforeShort);
  EXPECT_EQ(std::count_if(sizes.begin(), sizes.end(), is_part), 0);
}

}  // namespace
}  // namespace espial::node
