// A coordinator with one node that has joined, and then whatever bytes say: frames of anybody,
// authentic frames with any contents, the ledger's answers, time, commands. Whatever comes, every
// frame is finished exactly once, and no report is stored twice.

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "core/base/input_fuzz.hpp"
#include "core/coordinator/coordinator.hpp"
#include "core/coordinator/fake_node_test.hpp"

namespace {

using namespace espial;
using namespace espial::coordinator;

constexpr ServerId kServer{7};

class World {
 public:
  World() : node_(crypto_, kServer, mac_of(1), network_key()) {
    Config config;
    config.server = kServer;
    config.network_key = network_key();
    const Storage storage{{nodes_.data(), nodes_.size()},
                          {handshakes_.data(), handshakes_.size()},
                          {commands_.data(), commands_.size()},
                          {pending_.data(), pending_.size()},
                          {frames_.data(), frames_.size()},
                          {long_slots_, {long_bytes_.data(), long_bytes_.size()}, long_downs_},
                          {},
                          {former_.data(), former_.size()}};
    coordinator_ = std::make_unique<Coordinator>(
        config, storage, Ports{downlink_, ledger_, events_, random_, crypto_});
    coordinator_->set_time(now_, UnixTime{1'700'000'000'000}, 0);
    coordinator_->set_pairing(kNever);
    join();
    if (coordinator_->find(node_.mac) == nullptr || !coordinator_->find(node_.mac)->key) {
      std::abort();
    }
  }

  void step(FuzzInput& input) {
    switch (input.u8() % 14) {
      case 0:
        answer(true, input.u8());
        break;
      case 1:
        // By its contract, a ledger that fails one call fails all that were made before it said so.
        answer(false, SIZE_MAX);
        break;
      case 2:
        pass(Duration::milliseconds(std::int64_t{input.u8()} * input.u8()));
        break;
      case 3:
        if (coordinator_
                ->command(now_, node_.mac, input.u8(), input.u8(), input.bytes(input.u8()),
                          input.u8() * 0x1000000U)
                .status == CommandStatus::kUnknownNode) {
          join();
        }
        break;
      case 4:
        if (input.u8() < 8) (void)coordinator_->forget(now_, node_.mac);
        break;
      case 5:
        hear(mac_of(input.u8() % 8), copy(input.bytes(input.u8() * 8U)), input.u8());
        break;
      case 6: {
        Bytes forged = node_.frame(FakeNode::report(input.u8()));
        if (!forged.empty()) forged[input.u8() % forged.size()] ^= input.u8();
        hear(node_.mac, forged, input.u8());
        break;
      }
      case 7: {
        Bytes auth = input.u8() % 2 == 0 ? node_.join() : node_.resume();
        const std::uint8_t change = input.u8();
        if (change < 128) auth[input.u8() % auth.size()] ^= change;
        hear(node_.mac, auth, input.u8());
        take_downlinks();
        break;
      }
      case 8: {
        const std::uint16_t sequence = input.u8();
        const auto stream = static_cast<wire::Stream>(input.u8() % 2);
        const auto held = static_cast<std::uint16_t>(input.u8() % 8);
        hear(node_.mac, node_.frame(FakeNode::report(sequence, held, stream)), input.u8());
        break;
      }
      case 9:
        hear(node_.mac, node_.frame(wire::CommandEnd{input.u8(), wire::Outcome::kExecuted}),
             input.u8());
        break;
      case 10:
        (void)coordinator_->send_long(now_, node_.mac, source_, 1U + input.u8() * 16U);
        break;
      case 11:
        hear(node_.mac, node_.frame(part(input)), input.u8());
        break;
      default:
        hear(node_.mac, node_.seal(input.bytes(1U + input.u8())), input.u8());
        break;
    }
  }

  void finish() {
    for (int i = 0; i < 100 && !ledger_.waiting.empty(); ++i) answer(true, SIZE_MAX);
    pass(Duration::seconds(5));
    answer(true, SIZE_MAX);
    std::sort(ledger_.done.begin(), ledger_.done.end());
    if (ledger_.done.size() != last_token_) std::abort();
    for (std::size_t i = 0; i < ledger_.done.size(); ++i) {
      if (ledger_.done[i] != i + 1) std::abort();
    }
    std::set<std::tuple<std::uint32_t, bool, std::uint32_t>> stored;
    for (const auto& report : ledger_.reports) {
      if (!report.record.sequence || forgot()) continue;
      const auto key =
          std::make_tuple(report.record.stream_id, report.record.events, *report.record.sequence);
      if (!stored.insert(key).second) std::abort();
    }
  }

 private:
  static Key network_key() {
    Key key;
    key.fill(0x11);
    return key;
  }
  bool forgot() const { return !ledger_.forgotten.empty(); }

  void join() {
    hear(node_.mac, node_.join(), 0);
    answer(true, SIZE_MAX);
    take_downlinks();
    hear(node_.mac, node_.frame(wire::PingRequest{}), 0);
    answer(true, SIZE_MAX);
  }

  /// A part that could be right, of a packet that may be a report.
  wire::Fragment part(FuzzInput& input) {
    static const Bytes kPacket = [] {
      Bytes packet{0x32, 255, 0, 0, 3, 0, 0, 0};
      for (int i = 0; i < 100; ++i) packet.insert(packet.end(), {0x02, 0x01, 0x73, 0x08});
      packet[2] = static_cast<std::uint8_t>(packet.size() - 4);
      packet[3] = static_cast<std::uint8_t>((packet.size() - 4) >> 8U);
      return packet;
    }();
    const std::size_t index = input.u8() % 5;
    return {static_cast<std::uint16_t>(input.u8() % 4), static_cast<std::uint32_t>(index * 90),
            static_cast<std::uint32_t>(kPacket.size()), view(kPacket).subview(index * 90, 90)};
  }

  void take_downlinks() {
    for (const auto& sent : downlink_.take()) {
      if (sent.down_class == DownClass::kAuth) (void)node_.accept(view(sent.body));
    }
  }

  void hear(const MacAddress& mac, const Bytes& body, std::uint8_t where) {
    UplinkFrame frame;
    frame.server = kServer;
    frame.gateway = (where & 1) != 0 ? kGatewayA : kGatewayB;
    frame.mac = mac;
    frame.body = view(body);
    frame.rssi_dbm = static_cast<std::int8_t>(-where / 2);
    frame.channel = Channel{6};
    frame.held = Duration::milliseconds((where & 2) != 0 ? 70000 : 0);
    coordinator_->on_uplink(now_, frame, ++last_token_);
  }

  void answer(bool ok, std::size_t most) {
    const std::size_t count = std::min(most, ledger_.waiting.size());
    const std::vector<ScriptedLedger::Call> calls(
        ledger_.waiting.begin(), ledger_.waiting.begin() + static_cast<std::ptrdiff_t>(count));
    ledger_.waiting.erase(ledger_.waiting.begin(),
                          ledger_.waiting.begin() + static_cast<std::ptrdiff_t>(count));
    for (const auto& call : calls) {
      if (ok) call.commit();
      coordinator_->on_committed(now_, call.ticket, ok);
    }
  }

  void pass(Duration duration) {
    const Instant until = now_ + duration;
    for (int guard = 0; coordinator_->next_timer() <= until; ++guard) {
      if (guard > 100000) std::abort();
      now_ = std::max(now_, coordinator_->next_timer());
      coordinator_->on_timer(now_);
    }
    now_ = until;
  }

  std::vector<NodeEntry> nodes_ = std::vector<NodeEntry>(3);
  std::vector<Handshake> handshakes_ = std::vector<Handshake>(2);
  std::vector<CommandEntry> commands_ = std::vector<CommandEntry>(5);
  std::vector<PendingCommit> pending_ = std::vector<PendingCommit>(kMaxReportsPerFrame + 20);
  std::vector<FrameInFlight> frames_ = std::vector<FrameInFlight>(6);
  std::array<transfer::LongSlot, 2> long_slots_;
  Bytes long_bytes_ = Bytes(2 * 1024);
  std::array<LongDown, 1> long_downs_;
  std::vector<FormerEntry> former_ = std::vector<FormerEntry>(1);
  /// A packet on its way down: ones.
  struct Source final : transfer::LongSource {
    void read(std::uint32_t, MutableByteView out) override {
      std::fill_n(out.data(), out.size(), std::uint8_t{1});
    }
  } source_;
  CryptoSodium crypto_;
  SeededRandom random_{1};
  ScriptedDownlink downlink_;
  ScriptedLedger ledger_;
  ScriptedEvents events_;
  Instant now_ = at_ms(1000);
  Token last_token_ = 0;
  FakeNode node_;
  std::unique_ptr<Coordinator> coordinator_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  FuzzInput input({data, size});
  for (int steps = 0; !input.empty() && steps < 200; ++steps) world.step(input);
  world.finish();
  return 0;
}
