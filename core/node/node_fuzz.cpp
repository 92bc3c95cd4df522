// Boots a node, brings it online or leaves it where the first byte says, then feeds it: each run of
// |what|length|bytes| is a frame as it comes, one sealed in the node's session, time, or the end of
// a send.

#include <cstddef>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/node/long_receiver.hpp"
#include "core/node/long_reports.hpp"
#include "core/node/scripted_coordinator_test.hpp"

namespace espial::node {
namespace {

struct Board {
  ScriptedCoordinator peer;
  CountingRandom random;
  ScriptedRadio radio;
  ScriptedSettings settings;
  ScriptedApplication application;
  Storage<8, 32, 600> storage;
  std::array<std::uint8_t, 512> long_incoming{};
  LongReceiver long_receiver{long_incoming};
  LongReports long_reports;
  std::array<Part*, 2> parts{&long_receiver, &long_reports};
  Conduct conduct;
  Instant now{1'000'000};

  void hear(Node& node, ByteView body) {
    ReceivedFrame frame;
    frame.source = ScriptedCoordinator::kGatewayStation;
    frame.channel = radio.channel();
    frame.body = body;
    node.on_frame(now, frame);
  }
  void end_send(Node& node, bool acknowledged) {
    if (!radio.busy) return;
    radio.busy = false;
    node.on_sent(now, acknowledged);
  }
  void go_online(Node& node) {
    for (int i = 0; i < 40 && node.state() == NodeState::kSearching; ++i) {
      now = std::max(now, node.next_timer());
      node.on_timer(now);
      if (!radio.busy) continue;
      const Bytes connect = radio.last;
      end_send(node, true);
      if (radio.channel() == peer.channel) hear(node, view(peer.connack(connect)));
    }
    const Bytes join = radio.last;
    end_send(node, true);
    hear(node, view(peer.accept(join)));
    const Bytes first = radio.last;
    end_send(node, true);
    (void)peer.open(first);
    hear(node, view(peer.seal(wire::Assignment{})));
  }
  void seal_and_hear(Node& node, ByteView plain) {
    if (!peer.session.valid()) return;
    Bytes out(kMaxBodyV2);
    const auto sealed =
        peer.session.seal(peer.crypto, session::Listening::kYes, plain, {out.data(), out.size()});
    hear(node, sealed.body);
  }
};

}  // namespace
}  // namespace espial::node

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial;
  using namespace espial::node;
  ByteReader input({data, size});
  Board board;
  Config config;
  config.server = ScriptedCoordinator::kServer;
  config.join_key.key = board.peer.network_key;
  Ports ports{board.radio, board.peer.crypto, board.random, board.settings, board.application};
  ports.conduct = &board.conduct;
  ports.parts = {board.parts.data(), board.parts.size()};
  Node node(config, ports, board.storage.memory());
  node.start(board.now);
  if ((input.u8() & 1U) != 0) board.go_online(node);
  while (!input.empty() && input.ok()) {
    const std::uint8_t what = input.u8();
    const ByteView bytes = input.bytes(std::min<std::size_t>(input.u8(), input.left()));
    switch (what % 6) {
      case 0:
        board.hear(node, bytes);
        break;
      case 1:
        board.seal_and_hear(node, bytes);
        break;
      case 2:
        board.now =
            std::max(board.now, std::min(node.next_timer(), board.now + Duration::seconds(9)));
        node.on_timer(board.now);
        break;
      case 3:
        board.end_send(node, bytes.empty());
        break;
      case 4: {
        // A report longer than a frame: the same readings again and again.
        Bytes readings;
        while (!bytes.empty() && readings.size() + bytes.size() <= 600) {
          readings.insert(readings.end(), bytes.begin(), bytes.end());
        }
        (void)node.report(board.now, wire::Stream::kReadings, true, view(readings));
        break;
      }
      default:
        (void)node.report(board.now, wire::Stream::kReadings, true, bytes);
    }
  }
  return 0;
}
