// A gateway that is up, with modules that wait, and then whatever bytes say: frames, downlinks,
// ends of transmissions, time. At the end everything must come to rest.

#include "core/gateway/gateway.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <vector>

#include "core/base/input_fuzz.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace {

using namespace espial;
using namespace espial::gateway;

class FuzzRadio final : public Radio {
 public:
  bool send(const MacAddress&, ByteView body) override {
    if (busy || body.size() > kMaxBodyV2) return false;
    checksum += body[body.size() - 1];  // every byte handed over must be readable
    busy = true;
    return true;
  }
  void set_channel(Channel channel) override { channel_ = channel; }
  Channel channel() const override { return channel_; }
  MacAddress address() const override { return {}; }
  std::size_t max_body_size() const override { return kMaxBodyV2; }

  bool busy = false;
  unsigned checksum = 0;

 private:
  Channel channel_{6};
};

class FuzzUplink final : public Uplink {
 public:
  bool publish_up(ServerId, const MacAddress&, ByteView body, std::optional<std::int8_t>, Channel,
                  Duration held) override {
    if (body.empty() || held < Duration{}) std::abort();
    return takes;
  }
  bool publish_device(const MacAddress&, ByteView body, std::optional<std::int8_t>,
                      Channel) override {
    if (body.empty()) std::abort();
    return takes;
  }
  bool takes = true;
};

class World {
 public:
  World() {
    Config config;
    config.networks[0].server = ServerId{7};
    config.networks[1].server = ServerId{9};
    config.network_count = 2;
    gateway = std::make_unique<Gateway>(config,
                                        Storage{{modules.data(), modules.size()},
                                                {frames.data(), frames.size()},
                                                {frame_bytes.data(), frame_bytes.size()},
                                                {held.data(), held.size()},
                                                {keyed.data(), keyed.size()}},
                                        Ports{radio, crypto, uplink});
    gateway->on_uplink_ready(now, true);
    gateway->on_coordinator(now, ServerId{7}, true);
  }

  void step(FuzzInput& input) {
    const std::uint8_t what = input.u8();
    const MacAddress mac{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(input.u8() % 8)}};
    switch (what % 14) {
      case 0:
        now = now + Duration::milliseconds(input.u8() * 16);
        gateway->on_timer(now);
        break;
      case 1:
        end_send(input.u8() != 0);
        break;
      case 2:
        uplink.takes = !uplink.takes;
        gateway->on_uplink_ready(now, input.u8() != 0);
        break;
      case 3:
        gateway->on_keyed(now, ServerId{7}, input.bytes(input.u8()));
        break;
      case 4:
        gateway->on_device_set(now, mac, input.bytes(input.u8()));
        break;
      case 5:
        gateway->on_channel(now, Channel{input.u8()});
        break;
      case 6:
      case 7: {
        const auto down_class = static_cast<DownClass>(input.u8() % 4);
        const std::uint32_t command = input.u8() % 16;
        const std::uint32_t expires_s = input.u8() % 4;
        gateway->on_down(now, ServerId{7}, mac, down_class, packet(input, 0x51), command,
                         expires_s);
        break;
      }
      case 8:
      case 9:
        hear(mac, packet(input, 0x54));
        break;
      case 10:
        gateway->on_s0(now, ServerId{7}, input.u8() % 4 != 0);
        break;
      case 11: {
        const ByteView body = s0_message(input);
        gateway->on_down(now, ServerId{7}, mac, DownClass::kAuth, body, 0, 0);
        hear(mac, body);
        break;
      }
      case 12:
        // A router moves it without a word, or it starts.
        radio.set_channel(Channel{static_cast<std::uint8_t>(1 + input.u8() % 13)});
        if (input.u8() % 4 == 0) gateway->on_started(now);
        break;
      default:
        hear(mac, input.bytes(input.u8() * 8U));
        break;
    }
  }

  void come_to_rest() {
    uplink.takes = true;
    gateway->on_uplink_ready(now, true);
    for (int i = 0; i < 10000; ++i) {
      if (radio.busy) {
        end_send(true);
      } else if (gateway->next_timer() != kNever) {
        now = std::max(now, gateway->next_timer());
        gateway->on_timer(now);
      } else {
        if (gateway->held_count() != 0) std::abort();
        return;
      }
    }
    std::abort();
  }

 private:
  /// A sealed frame's header in front of the input's bytes, so that more than one in millions
  /// passes the first checks.
  ByteView packet(FuzzInput& input, std::uint8_t first) {
    const ByteView rest = input.bytes(22 + input.u8() % 200);
    buffer = {first, static_cast<std::uint8_t>(rest.size() + 1), 7};
    buffer.insert(buffer.end(), rest.begin(), rest.end());
    if (!rest.empty()) buffer[0] ^= rest[0] & 0xf;
    return {buffer.data(), buffer.size()};
  }
  /// One of S0's lengths under one of its first bytes.
  ByteView s0_message(FuzzInput& input) {
    constexpr std::size_t kSizes[] = {46, 36, 36, 8, 2};
    const std::size_t type = input.u8() % std::size(kSizes);
    const ByteView rest = input.bytes(kSizes[type] - 1);
    buffer.assign(kSizes[type], 7);
    buffer[0] = static_cast<std::uint8_t>(type);
    std::copy(rest.begin(), rest.end(), buffer.begin() + 1);
    return {buffer.data(), buffer.size()};
  }
  void hear(const MacAddress& mac, ByteView body) {
    gateway->on_frame(now, {mac, std::nullopt, std::int8_t{-40}, Channel{6}, body});
  }
  void end_send(bool ok) {
    radio.busy = false;
    gateway->on_sent(now, ok);
  }

  CryptoSodium crypto;
  FuzzRadio radio;
  FuzzUplink uplink;
  std::vector<Module> modules = std::vector<Module>(4);
  std::vector<DownFrame> frames = std::vector<DownFrame>(12);
  std::vector<std::uint8_t> frame_bytes = std::vector<std::uint8_t>(12 * 200);
  std::vector<std::uint8_t> held = std::vector<std::uint8_t>(700);
  std::vector<KeyedMac> keyed = std::vector<KeyedMac>(4);
  std::vector<std::uint8_t> buffer;
  std::unique_ptr<Gateway> gateway;
  Instant now{1000000};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  FuzzInput input({data, size});
  while (!input.empty()) world.step(input);
  world.come_to_rest();
  return 0;
}
