#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "core/gateway/gateway.hpp"
#include "core/wire/auth.hpp"
#include "core/wire/sealed.hpp"
#include "core/wire/search.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace espial::gateway {

using Bytes = std::vector<std::uint8_t>;

inline Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
inline ByteView view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }
inline Instant at_ms(std::int64_t ms) { return {ms * 1000}; }
inline MacAddress mac_of(std::uint8_t n) { return {{2, 0, 0, 0, 1, n}}; }

/// A radio whose transmissions end when the test says so.
class ScriptedRadio final : public Radio {
 public:
  struct Sent {
    MacAddress to;
    Bytes body;
  };
  bool send(const MacAddress& destination, ByteView body) override {
    if (busy || body.size() > longest || peers.count(destination) == 0) return false;
    busy = true;
    sent.push_back({destination, copy(body)});
    return true;
  }
  [[nodiscard]] bool add_peer(const MacAddress& destination) override {
    if (peers.size() >= peer_slots) return false;
    peers.insert(destination);
    return true;
  }
  void remove_peer(const MacAddress& destination) override { peers.erase(destination); }
  void set_channel(Channel channel) override { channel_ = channel; }
  Channel channel() const override { return channel_; }
  MacAddress address() const override { return mac_of(0xee); }
  std::size_t max_body_size() const override { return longest; }

  std::vector<Sent> sent;
  bool busy = false;
  std::size_t longest = kMaxBodyV2;
  std::size_t peer_slots = kMaxPeers;
  std::set<MacAddress> peers;

 private:
  Channel channel_{6};
};

/// An uplink that takes everything, or nothing.
class ScriptedUplink final : public Uplink {
 public:
  struct Up {
    int server;
    MacAddress mac;
    Bytes body;
    std::optional<std::int8_t> rssi_dbm;
    int channel;
    std::int64_t held_ms;
  };
  bool publish_up(ServerId server, const MacAddress& mac, ByteView body,
                  std::optional<std::int8_t> rssi_dbm, Channel channel, Duration held) override {
    if (!takes) return false;
    up.push_back({server.value, mac, copy(body), rssi_dbm, channel.number, held.ms()});
    return true;
  }
  bool publish_device(const MacAddress& mac, ByteView body, std::optional<std::int8_t> rssi_dbm,
                      Channel channel) override {
    if (!takes) return false;
    device.push_back({0, mac, copy(body), rssi_dbm, channel.number, 0});
    return true;
  }

  std::vector<Up> up;
  std::vector<Up> device;
  bool takes = true;
};

/// A gateway of network 7, and of 9 where a test wants two, on channel 6, with small tables.
class GatewayTest : public testing::Test {
 protected:
  static constexpr ServerId kServer{7};
  static constexpr ServerId kSecondServer{9};

  GatewayTest() { build(); }

  void build() {
    Config config;
    config.address = mac_of(0xaa);
    config.networks[0].server = kServer;
    config.networks[0].discovery_key.fill(0x5a);
    config.networks[1].server = kSecondServer;
    config.network_count = serve_second ? 2 : 1;
    config.search_limits = limits;
    const Storage storage{{modules.data(), modules.size()},
                          {frames.data(), frames.size()},
                          {frame_bytes.data(), frame_bytes.size()},
                          {held.data(), held.size()},
                          {keyed.data(), keyed.size()}};
    gateway = std::make_unique<Gateway>(config, storage, Ports{radio, crypto, uplink});
  }

  void bring_up() {
    gateway->on_uplink_ready(at_ms(0), true);
    gateway->on_coordinator(at_ms(0), kServer, true);
  }

  void hear(Instant now, const MacAddress& mac, const Bytes& body,
            std::optional<std::int8_t> rssi = -50) {
    gateway->on_frame(now, {mac, mac_of(0xaa), rssi, Channel{6}, view(body)});
  }

  /// Ends the transmission under way.
  void end_send(Instant now, bool ok = true) {
    ASSERT_TRUE(radio.busy);
    radio.busy = false;
    gateway->on_sent(now, ok);
  }

  /// Lets every transmission succeed until the radio stays silent.
  void end_all_sends(Instant now) {
    for (int i = 0; radio.busy && i < 100; ++i) end_send(now);
  }

  static Bytes connect(ServerId server = kServer) {
    wire::Connect packet;
    packet.server = server;
    packet.nonce = {1, 2, 3, 4};
    Bytes body(wire::kConnectSize);
    EXPECT_EQ(wire::encode(packet, {body.data(), body.size()}), body.size());
    return body;
  }

  /// A SEALED frame as far as a gateway can see; `mark` tells one from another.
  static Bytes sealed(bool down, std::uint8_t mark, bool listening = false,
                      ServerId server = kServer, bool peer = false, std::uint8_t session = 1) {
    Bytes body(wire::sealed_size(10), mark);
    wire::SealedHeader header;
    header.server = server;
    header.session = session;
    header.down = down;
    header.listening = listening;
    header.peer = peer;
    EXPECT_NE(wire::encode_sealed_header(header, 10, {body.data(), body.size()}), 0U);
    return body;
  }

  static Bytes auth(wire::AuthStep step, ServerId server = kServer) {
    const std::size_t rest = step == wire::AuthStep::kRefused ? 17 : 32 + 45 + 16;
    Bytes body(wire::kAuthHeaderSize + rest, step == wire::AuthStep::kRefused ? 1 : 0x33);
    EXPECT_NE(wire::encode_auth_header({step, server, wire::KeyId::kNetwork, 0}, rest,
                                       {body.data(), body.size()}),
              0U);
    return body;
  }

  void down(Instant now, const MacAddress& mac, DownClass down_class, const Bytes& body,
            std::uint32_t command = 0, std::uint32_t expires_s = 0) {
    gateway->on_down(now, kServer, mac, down_class, view(body), command, expires_s);
  }

  /// The marks of what was sent since the last call; 0x80 is added where MORE is set.
  std::vector<int> marks() {
    std::vector<int> result;
    for (const auto& sent : radio.sent) {
      const bool more = (sent.body[0] & 2) != 0;
      result.push_back(sent.body.back() + (more ? 0x80 : 0));
    }
    radio.sent.clear();
    return result;
  }

  std::uint32_t count(Count what) const { return gateway->counters()[what]; }

  CryptoSodium crypto;
  ScriptedRadio radio;
  ScriptedUplink uplink;
  bool serve_second = false;
  SearchLimits limits;
  std::vector<Module> modules = std::vector<Module>(4);
  std::vector<DownFrame> frames = std::vector<DownFrame>(16);
  Bytes frame_bytes = Bytes(16 * 256);
  Bytes held = Bytes(200);
  std::vector<KeyedMac> keyed = std::vector<KeyedMac>(3);
  std::unique_ptr<Gateway> gateway;
};

}  // namespace espial::gateway
