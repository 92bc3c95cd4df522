#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "core/node/scripted_coordinator_test.hpp"
#include "sim/memory_retained.hpp"

namespace espial::node {

/// A sleeper with the retained memory of an ESP8266, and all it talks to.
class NodeRetainedTest : public testing::Test {
 protected:
  static constexpr Duration kPeriod = Duration::seconds(600);

  NodeRetainedTest() {
    config_.server = ScriptedCoordinator::kServer;
    config_.firmware = "1.0";
    config_.join_key.key = peer_.network_key;
    config_.always_listening = false;
    config_.keepalive = {};
    (void)config_.functions.push_back({1, 4, true, true});
    application_.settings = &settings_;
    boot(wire::ResetReason::kPower, std::nullopt);
  }

  /// The board starts: its clock begins anew, its memory is as it was.
  void boot(wire::ResetReason reason, std::optional<Duration> since_last_write) {
    node_.reset();
    storage_ = {};
    config_.reset_reason = reason;
    radio_.busy = false;
    radio_.set_channel(Channel{1});
    memory_.release(since_last_write);
    now_ = Instant{200'000};
    node_ = std::make_unique<Node>(config_, ports_with(memory_), storage_.memory(), now_);
  }
  /// For a node of the next life.
  Ports ports_with(sim::MemoryRetained& memory) {
    retention_.emplace(memory);
    Ports ports{radio_, peer_.crypto, random_, settings_, application_};
    ports.retention = &*retention_;
    return ports;
  }
  void wake(Duration slept = kPeriod) { boot(wire::ResetReason::kDeepSleep, slept); }

  void hear(const Bytes& body) {
    ReceivedFrame frame;
    frame.source = ScriptedCoordinator::kGatewayStation;
    frame.channel = radio_.channel();
    frame.body = view(body);
    node_->on_frame(now_, frame);
  }
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
  void find_gateway() {
    for (int i = 0; i < 200; ++i) {
      if (!radio_.busy) tick();
      if (!radio_.busy) continue;
      const bool probe = radio_.destination == kBroadcast;
      const Bytes body = sent();
      if (!probe || radio_.channel() != peer_.channel) continue;
      hear(peer_.connack(body));
      tick();
      if (node_->state() != NodeState::kSearching) return;
    }
    FAIL() << "the gateway's channel was never asked";
  }
  /// Joins, says what it is, and has nothing more to do.
  void go_online() {
    node_->start(now_);
    find_gateway();
    hear(peer_.accept(sent()));
    (void)peer_.open(sent());
    hear(peer_.seal(wire::PingResponse{UnixTime{1'700'000'000'000}, 60}, wire::Assignment{}));
    ASSERT_EQ(node_->state(), NodeState::kOnline);
    ASSERT_LE(node_->awake_until(), now_);
  }
  ReportStatus report(std::uint8_t value, bool event = false) {
    const std::array<std::uint8_t, 3> reading{0x11, 4, value};
    return node_->report(now_, event ? wire::Stream::kEvents : wire::Stream::kReadings, true,
                         reading);
  }
  /// What the frame in flight carries; it ends well.
  std::vector<wire::Packet> packets() { return peer_.open(sent()); }
  static std::vector<wire::PacketType> types(const std::vector<wire::Packet>& packets) {
    std::vector<wire::PacketType> result;
    for (const auto& packet : packets) result.push_back(packet.type);
    return result;
  }
  /// No radio acknowledges anything while the node asks in `state`.
  void miss_whoever_is_asked(NodeState state) {
    for (int i = 0; i < 50 && node_->state() == state; ++i) {
      if (radio_.busy) {
        (void)sent(false);
      } else {
        tick();
      }
    }
  }
  /// What its gateway has kept may have expired, and so says nothing to a node without a clock.
  void expect_new_session_for_the_time() {
    EXPECT_EQ(node_->state(), NodeState::kResuming);
    EXPECT_FALSE(node_->utc(now_).known());
    const std::array<std::uint8_t, 1> value{7};
    hear(peer_.seal(wire::Command{1, 1'700'000'001, {1, 4, value}},
                    wire::PingResponse{UnixTime{1'700'000'000'000}, 60}));
    EXPECT_TRUE(application_.executed.empty());
    EXPECT_FALSE(node_->utc(now_).known());
  }
  static wire::Stored stored(std::uint16_t floor) { return {wire::Stream::kReadings, floor, 0}; }
  std::uint32_t count(Count what) const { return node_->counters()[what]; }

  ScriptedCoordinator peer_;
  CountingRandom random_;
  ScriptedRadio radio_;
  ScriptedSettings settings_;
  ScriptedApplication application_;
  sim::MemoryRetained memory_{retained_size(4, 20)};
  std::optional<Retention> retention_;
  Storage<4, 20> storage_;
  Config config_;
  std::unique_ptr<Node> node_;
  Instant now_;
};

}  // namespace espial::node
