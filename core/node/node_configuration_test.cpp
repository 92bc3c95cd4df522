// How the coordinator wants the node to behave.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/node/long_reports.hpp"
#include "core/node/node_fixture_test.hpp"

namespace espial::node {
namespace {

using testing::ElementsAre;

class NodeConfigurationTest : public NodeFixture {
 protected:
  /// Slots 2 and the module itself only, a tenth of the air, and warm from six to ten.
  static wire::Assignment assignment(std::uint32_t id = 0x1234) {
    wire::Assignment result;
    result.properties.config_id = id;
    result.properties.slots = 0x8004;
    result.properties.max_airtime_permille = 100;
    result.properties.schedule.emplace();
    result.properties.schedule->slot = 2;
    for (const wire::SwitchingPoint point : {wire::SwitchingPoint{360, 2100}, {1320, 1700}}) {
      (void)result.properties.schedule->points.push_back(point);
    }
    return result;
  }
  /// The configuration that the next frame says the node keeps to.
  std::optional<std::uint32_t> told() {
    if (!radio_.busy) return std::nullopt;
    for (const auto& packet : peer_.open(sent())) {
      if (const auto description = wire::parse_description(packet)) {
        return description->properties.config_id;
      }
    }
    return std::nullopt;
  }
  std::optional<wire::SwitchingPoint> scheduled() const {
    return conduct_->scheduled(node_->utc(now_), node_->zone_minutes());
  }
  ReportStatus report_slots(std::initializer_list<std::uint8_t> slots) {
    Bytes readings;
    for (const std::uint8_t slot : slots) {
      const auto head = static_cast<std::uint8_t>(slot << 4U | 1U);
      readings.insert(readings.end(), {head, 4, slot});
    }
    return node_->report(now_, wire::Stream::kReadings, true, view(readings));
  }
};

TEST_F(NodeConfigurationTest, IsAppliedAtOnceConfirmedAndKept) {
  go_online();
  hear(peer_.seal(assignment()));
  EXPECT_EQ(conduct_->configuration().id, 0x1234U);
  EXPECT_EQ(node_->state(), NodeState::kOnline);
  EXPECT_EQ(told(), 0x1234U);
  EXPECT_EQ(count(Count::kConfigured), 1U);
  EXPECT_EQ(count(Count::kSessions), 1U) << "without a reset";
  hear(peer_.seal(wire::Assignment{}));
  EXPECT_FALSE(radio_.busy) << "an empty assignment is the description's answer";

  make_node();
  EXPECT_EQ(conduct_->configuration().id, 0x1234U);
  EXPECT_EQ(conduct_->configuration().max_airtime_permille, 100);
  EXPECT_EQ(conduct_->configuration().schedule, *assignment().properties.schedule);
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  EXPECT_EQ(told(), 0x1234U);
}

TEST_F(NodeConfigurationTest, IsNotKeptWithoutTheIntervalThatItsNumberStandsFor) {
  go_online();
  wire::Assignment next = assignment();
  next.properties.report_interval_s = 30;
  settings_.writes_left = 1;
  hear(peer_.seal(next));
  make_node();
  const bool kept = conduct_->configuration().id == 0x1234U;
  EXPECT_EQ(node_->report_interval(), Duration::seconds(30));
  EXPECT_FALSE(kept) << "so it is said again";
}

TEST_F(NodeConfigurationTest, AnIntervalThatCouldNotBeKeptIsTakenWhenItIsSaidAgain) {
  go_online();
  wire::Assignment next = assignment();
  next.properties.report_interval_s = 30;
  settings_.broken = true;
  hear(peer_.seal(next));
  EXPECT_EQ(conduct_->configuration().id, 0U);
  settings_.broken = false;
  hear(peer_.seal(next));
  EXPECT_EQ(conduct_->configuration().id, 0x1234U);
  make_node();
  EXPECT_EQ(conduct_->configuration().id, 0x1234U);
  EXPECT_EQ(node_->report_interval(), Duration::seconds(30));
}

TEST_F(NodeConfigurationTest, SaidAgainItIsConfirmedAgainAndNoMore) {
  go_online();
  hear(peer_.seal(assignment()));
  EXPECT_EQ(told(), 0x1234U);
  hear(peer_.seal(assignment()));
  EXPECT_EQ(told(), 0x1234U);
  EXPECT_EQ(count(Count::kConfigured), 1U);
}

TEST_F(NodeConfigurationTest, TheAnswerToADescriptionBeforeIsNoneToTheOneThatIsDue) {
  go_online();
  hear(peer_.seal(assignment()));
  EXPECT_EQ(told(), 0x1234U);
  ASSERT_EQ(report_slots({2}), ReportStatus::kTaken);  // the radio is busy with it
  hear(peer_.seal(assignment(0x5678)));
  hear(peer_.seal(wire::Assignment{}));
  sent();
  EXPECT_EQ(told(), 0x5678U);
}

TEST_F(NodeConfigurationTest, WhatCantBeKeptIsNeitherAppliedNorConfirmed) {
  go_online();
  settings_.broken = true;
  hear(peer_.seal(assignment()));
  EXPECT_EQ(conduct_->configuration().id, 0U);
  EXPECT_FALSE(told().has_value());
  EXPECT_EQ(count(Count::kSettingsFailed), 1U);
}

TEST_F(NodeConfigurationTest, SlotsThatAreNotInUseAreSilentAndTakeNoCommands) {
  go_online();
  hear(peer_.seal(assignment()));
  EXPECT_EQ(told(), 0x1234U);
  hear(peer_.seal(wire::Assignment{}));
  EXPECT_EQ(report_slots({1, 2, 15, 3}), ReportStatus::kTaken);
  const auto packets = peer_.open(sent());
  ASSERT_EQ(packets.size(), 1U);
  std::vector<int> slots;
  const auto told_report = wire::parse_report(packets[0]);
  for (const auto& reading : *wire::parse_readings(told_report->readings)) {
    slots.push_back(reading.slot);
  }
  EXPECT_THAT(slots, ElementsAre(2, 15));
  EXPECT_EQ(report_slots({1, 3}), ReportStatus::kNotInUse);
  EXPECT_EQ(node_->ring().held(), 1U);

  hear(peer_.seal(command(1, {{5}})));
  EXPECT_TRUE(application_.executed.empty());
  EXPECT_EQ(wire::parse_command_end(peer_.open(sent()).at(0))->outcome, wire::Outcome::kRefused);
}

TEST_F(NodeConfigurationTest, AReportTooLongForAFrameGoesWholeForTheOneSlotInUse) {
  go_online();
  hear(peer_.seal(assignment()));
  LongReports long_reports;
  Part* const part = &long_reports;
  Conduct conduct;
  Storage<4, 20, 300> storage;
  Ports ports{radio_, peer_.crypto, random_, settings_, application_};
  ports.parts = {&part, 1};
  ports.conduct = &conduct;
  node_ = std::make_unique<Node>(config_, ports, storage.memory());
  Bytes readings;
  while (readings.size() < 300) readings.insert(readings.end(), {0x11, 4, 1});
  EXPECT_EQ(node_->report(now_, wire::Stream::kReadings, true, view(readings)),
            ReportStatus::kNotInUse);
  readings[297] = 0x21;
  EXPECT_EQ(node_->report(now_, wire::Stream::kReadings, true, view(readings)),
            ReportStatus::kTaken);
  EXPECT_EQ(node_->ring().readings(0).size(), readings.size());
  node_.reset();
}

TEST_F(NodeConfigurationTest, WhatANewOneDoesNotSayIsAsItWasMade) {
  max_airtime_permille_ = 500;
  make_node();
  go_online();
  hear(peer_.seal(assignment()));
  EXPECT_EQ(told(), 0x1234U);
  wire::Assignment other;
  other.properties.config_id = 7;
  hear(peer_.seal(other));
  EXPECT_EQ(told(), 7U);
  EXPECT_EQ(report_slots({1}), ReportStatus::kTaken);
  EXPECT_EQ(conduct_->configuration().max_airtime_permille, 0);
  EXPECT_TRUE(conduct_->configuration().schedule.points.empty());
}

TEST_F(NodeConfigurationTest, AnAssignmentWithoutAConfigurationLeavesItAlone) {
  go_online();
  hear(peer_.seal(assignment()));
  EXPECT_EQ(told(), 0x1234U);
  wire::Assignment named;
  named.properties.name = "hall";
  hear(peer_.seal(named));
  EXPECT_EQ(conduct_->configuration().id, 0x1234U);
}

TEST_F(NodeConfigurationTest, ItsShareOfTheAirIsKept) {
  go_online();
  wire::Assignment little = assignment(9);
  little.properties.slots.reset();
  little.properties.max_airtime_permille = 1;
  hear(peer_.seal(little));
  for (int i = 0; i < 40 && count(Count::kDutyDelays) == 0; ++i) {
    if (radio_.busy) sent();
    report(1);
  }
  EXPECT_EQ(count(Count::kDutyDelays), 1U);
}

TEST_F(NodeConfigurationTest, ANodeWithoutAConductTakesNoneAndSaysSo) {
  node_ = std::make_unique<Node>(
      config_, Ports{radio_, peer_.crypto, random_, settings_, application_}, storage_.memory());
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  EXPECT_EQ(told(), std::nullopt);
  hear(peer_.seal(assignment()));
  EXPECT_FALSE(radio_.busy);
  EXPECT_EQ(report_slots({1}), ReportStatus::kTaken);
  hear(peer_.seal(command(1, {{5}})));
  EXPECT_EQ(application_.executed.size(), 1U);
}

TEST_F(NodeConfigurationTest, TheScheduleFollowsLocalTime) {
  go_online();
  EXPECT_FALSE(scheduled().has_value());
  hear(peer_.seal(assignment()));
  // Tuesday 2023-11-14 22:13:20 UTC is 23:13 in a zone one hour ahead: behind Monday's points.
  EXPECT_EQ(scheduled()->set_point_cC, 1700);
  // The next Monday at 06:30 local time.
  constexpr std::int64_t kMonday_ms = 1'700'438'400'000;
  hear(peer_.seal(wire::PingResponse{UnixTime{kMonday_ms + 5 * 3'600'000 + 1'800'000}, 60}));
  EXPECT_EQ(scheduled()->set_point_cC, 2100);
  make_node();
  EXPECT_FALSE(scheduled().has_value()) << "nobody has said what time it is";
}

}  // namespace
}  // namespace espial::node
