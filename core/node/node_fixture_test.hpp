#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "core/node/scripted_coordinator_test.hpp"

namespace espial::node {

/// A node with everything around it, and what may happen to it.
class NodeFixture : public testing::Test {
 protected:
  NodeFixture() { make_node(); }

  void make_node() {
    config_.server = ScriptedCoordinator::kServer;
    config_.wanted_module = ModuleId{9};
    config_.firmware = "1.0";
    config_.join_key.key = peer_.network_key;
    config_.functions.clear();
    (void)config_.functions.push_back({1, 4, true, true});
    application_ = {};
    application_.settings = &settings_;
    radio_.busy = false;
    conduct_.emplace(max_airtime_permille_);
    Ports ports{radio_, peer_.crypto, random_, settings_, application_};
    ports.conduct = &*conduct_;
    node_ = std::make_unique<Node>(config_, ports, storage_.memory());
  }

  void hear(const Bytes& body) {
    ReceivedFrame frame;
    frame.source = ScriptedCoordinator::kGatewayStation;
    frame.rssi_dbm = -60;
    frame.channel = radio_.channel();
    frame.body = view(body);
    node_->on_frame(now_, frame);
  }
  /// The frame in flight ends. @returns it.
  Bytes sent(bool acknowledged = true) {
    EXPECT_TRUE(radio_.busy);
    const Bytes body = radio_.last;
    radio_.busy = false;
    node_->on_sent(now_, acknowledged);
    return body;
  }
  void tick() {
    ASSERT_NE(node_->next_timer(), kNever);
    now_ = std::max(now_, node_->next_timer());
    node_->on_timer(now_);
  }
  void wait(Duration span) {
    const Instant end = now_ + span;
    while (node_->next_timer() <= end) {
      tick();
      if (radio_.busy) return;
    }
    now_ = end;
    node_->on_timer(now_);
  }
  /// Lets the search reach the gateway's channel and answers there.
  void find_gateway(bool success = true, bool right_tag = true) {
    for (int i = 0; i < 200; ++i) {
      if (!radio_.busy) tick();
      if (!radio_.busy) continue;
      const bool probe = radio_.destination == kBroadcast;
      const Bytes body = sent();
      if (!probe || radio_.channel() != peer_.channel) continue;
      hear(peer_.connack(body, success, right_tag));
      // A gateway it knows is taken at once, others at the end of the dwell.
      if (node_->state() == NodeState::kSearching) tick();
      if (node_->state() != NodeState::kSearching) return;
    }
    FAIL() << "the gateway's channel was never asked";
  }
  void go_online() {
    node_->start(now_);
    find_gateway();
    hear(peer_.accept(sent()));
    const Bytes first = sent();
    ASSERT_FALSE(peer_.open(first).empty());
    hear(peer_.seal(wire::Assignment{}));
    ASSERT_EQ(node_->state(), NodeState::kOnline);
  }
  ReportStatus report(std::uint8_t value, bool event = false, bool acknowledged = true) {
    const std::array<std::uint8_t, 3> reading{0x11, 4, value};
    return node_->report(now_, event ? wire::Stream::kEvents : wire::Stream::kReadings,
                         acknowledged, reading);
  }
  static wire::Command command(std::uint32_t id, const std::array<std::uint8_t, 1>& value,
                               std::uint32_t expiry_s = 0) {
    return {id, expiry_s, {1, 4, value}};
  }
  std::uint32_t count(Count what) const { return node_->counters()[what]; }
  /// The types of the packets in the frame in flight, which ends well.
  std::vector<wire::PacketType> sent_types() {
    std::vector<wire::PacketType> types;
    for (const auto& packet : peer_.open(sent())) types.push_back(packet.type);
    return types;
  }

  ScriptedCoordinator peer_;
  CountingRandom random_;
  ScriptedRadio radio_;
  ScriptedSettings settings_;
  ScriptedApplication application_;
  Storage<16, 64> storage_;
  Config config_;
  std::uint16_t max_airtime_permille_ = link::kFullAirtime_permille;
  std::optional<Conduct> conduct_;
  std::unique_ptr<Node> node_;
  Instant now_{5'000'000};
};

}  // namespace espial::node
