#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/coordinator/fake_node_test.hpp"

namespace espial::coordinator {

using Words = std::vector<std::string>;

/// A coordinator of network 7 with an open pairing window and small tables.
class CoordinatorTest : public testing::Test {
 protected:
  static constexpr ServerId kServer{7};
  static constexpr UnixTime kTime{1'700'000'000'000};

  CoordinatorTest() { build(); }

  /// A coordinator that knows nothing, over the same ports.
  void build() { build(crypto); }
  void build(Crypto& used) {
    config.server = kServer;
    config.network_key.fill(0x11);
    const auto span = [](auto& items) {
      return Span<typename std::remove_reference_t<decltype(items)>::value_type>(items.data(),
                                                                                 items.size());
    };
    const Storage storage{span(nodes),  span(handshakes), span(commands), span(pending),
                          span(frames), long_packets,     span(labels),   span(former)};
    coordinator = std::make_unique<Coordinator>(config, storage,
                                                Ports{downlink, ledger, events, random, used});
    coordinator->set_time(now, kTime, 60);
    coordinator->set_pairing(kNever);
  }

  FakeNode make_node(std::uint8_t n = 1) {
    return {crypto, kServer, mac_of(n), config.network_key};
  }

  /// A frame of `node` reaches the coordinator. @returns its token.
  Token hear(const FakeNode& node, const Bytes& body, const MacAddress& gateway = kGatewayA,
             std::optional<std::int8_t> rssi = -60, Duration held = {}) {
    UplinkFrame frame;
    frame.server = kServer;
    frame.gateway = gateway;
    frame.mac = node.mac;
    frame.body = view(body);
    frame.rssi_dbm = rssi;
    frame.channel = Channel{6};
    frame.held = held;
    coordinator->on_uplink(now, frame, ++last_token);
    return last_token;
  }

  /// The ledger answers everything it was asked so far.
  void commit(bool ok = true) {
    for (const ScriptedLedger::Call& call : std::exchange(ledger.waiting, {})) {
      if (ok) call.commit();
      coordinator->on_committed(now, call.ticket, ok);
    }
  }

  /// Time passes, timers run.
  void pass(Duration duration) {
    const Instant until = now + duration;
    for (int guard = 0; coordinator->next_timer() <= until && guard < 100000; ++guard) {
      now = std::max(now, coordinator->next_timer());
      coordinator->on_timer(now);
    }
    now = until;
  }

  /// Commits, lets acknowledgements go, and commits again.
  void settle() {
    for (int i = 0; i < 4; ++i) {
      commit();
      pass(Duration::milliseconds(10));
    }
  }

  /// Everything from JOIN to the first sealed frame.
  void join(FakeNode& node) {
    hear(node, node.join());
    commit();
    const auto sent = downlink.take();
    ASSERT_EQ(sent.size(), 1U);
    ASSERT_TRUE(node.accept(view(sent[0].body)));
    hear(node, node.frame(wire::PingRequest{}));
    settle();
    for (const auto& down : downlink.take()) ASSERT_TRUE(node.open(down.body).opened);
    events.take();
    ledger.done.clear();
  }

  bool finished(Token token) const {
    return std::count(ledger.done.begin(), ledger.done.end(), token) == 1;
  }
  std::uint32_t count(Count what) const { return coordinator->counters()[what]; }
  std::uint32_t refused(const FakeNode& node, Grade grade) const {
    return coordinator->find(node.mac)->refused[static_cast<std::size_t>(grade)];
  }

  /// What goes down to `node`, opened.
  std::vector<FakeNode::Received> received(FakeNode& node) {
    std::vector<FakeNode::Received> result;
    for (const auto& sent : downlink.take()) {
      if (!sent.body.empty()) result.push_back(node.open(sent.body));
    }
    return result;
  }

  Config config;
  std::vector<NodeEntry> nodes = std::vector<NodeEntry>(4);
  std::vector<Handshake> handshakes = std::vector<Handshake>(2);
  std::vector<CommandEntry> commands = std::vector<CommandEntry>(10);
  std::vector<PendingCommit> pending = std::vector<PendingCommit>(kMaxReportsPerFrame + 39);
  std::vector<FrameInFlight> frames = std::vector<FrameInFlight>(20);
  LongStorage long_packets;
  std::vector<LabelEntry> labels = std::vector<LabelEntry>(2);
  std::vector<FormerEntry> former = std::vector<FormerEntry>(2);

  CryptoSodium crypto;
  SeededRandom random{4711};
  ScriptedDownlink downlink;
  ScriptedLedger ledger;
  ScriptedEvents events;
  Instant now = at_ms(1000);
  Token last_token = 0;
  std::unique_ptr<Coordinator> coordinator;
};

}  // namespace espial::coordinator
