#pragma once

// For the tests of this room: a radio that remembers what it was given, flash that can fail, and
// the other end of the air, played frame by frame by the test.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/discovery.hpp"
#include "core/node/node.hpp"
#include "core/port/random.hpp"
#include "core/session/handshake.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace espial::node {

using Bytes = std::vector<std::uint8_t>;

inline ByteView view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

class CountingRandom final : public Random {
 public:
  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(next_++ * 37U);
  }

 private:
  std::uint32_t next_ = 1;
};

class ScriptedRadio final : public Radio {
 public:
  [[nodiscard]] bool send(const MacAddress& to, ByteView body) override {
    if (busy || refuse) return false;
    busy = true;
    destination = to;
    last.assign(body.begin(), body.end());
    ++sent;
    return true;
  }
  void set_channel(Channel channel) override { channel_ = channel; }
  Channel channel() const override { return channel_; }
  MacAddress address() const override { return {{2, 0, 0, 0, 0, 1}}; }
  std::size_t max_body_size() const override { return max_body; }

  bool busy = false;
  bool refuse = false;
  std::size_t max_body = kMaxBodyV1;
  MacAddress destination;
  Bytes last;
  std::uint32_t sent = 0;

 private:
  Channel channel_{1};
};

class ScriptedSettings final : public Settings {
 public:
  std::size_t load(SettingKey key, MutableByteView out) override {
    const auto found = records.find(key);
    if (found == records.end()) return 0;
    std::copy(found->second.begin(), found->second.end(), out.data());
    return found->second.size();
  }
  [[nodiscard]] bool save(SettingKey key, ByteView value) override {
    if (broken || writes_left == 0) return false;
    --writes_left;
    records[key].assign(value.begin(), value.end());
    return true;
  }

  std::map<SettingKey, Bytes> records;
  bool broken = false;
  std::size_t writes_left = SIZE_MAX;  ///< before the power fails
};

class ScriptedApplication final : public Application {
 public:
  wire::Outcome execute(Instant now, const wire::Reading& command) override {
    executed.push_back(command.value.empty() ? 0 : command.value[0]);
    record_at_execution =
        settings != nullptr && settings->records.count(SettingKey::kCommandWindow) != 0;
    if (node != nullptr) {
      const std::array<std::uint8_t, 3> reading{0x11, 4, 1};
      (void)node->report(now, wire::Stream::kReadings, true, reading);
    }
    return answer;
  }
  void on_state(Instant, NodeState state) override { states.push_back(state); }
  void on_time(Instant, UnixTime utc, std::int16_t) override { time = utc; }
  void on_assigned(Instant, const Assignment& assignment) override {
    module = assignment.module;
    name = std::string(assignment.name);
    interval = assignment.report_interval;
  }

  std::vector<int> executed;
  std::vector<NodeState> states;
  wire::Outcome answer = wire::Outcome::kExecuted;
  UnixTime time;
  ModuleId module;
  std::string name;
  Duration interval;
  ScriptedSettings* settings = nullptr;
  Node* node = nullptr;  ///< reports from inside execute() when set
  bool record_at_execution = false;
};

/// Plays gateway and coordinator for one node.
class ScriptedCoordinator {
 public:
  static constexpr ServerId kServer{7};
  static constexpr MacAddress kGateway{{2, 0, 0, 0, 1, 1}};
  static constexpr MacAddress kGatewayStation{{2, 0, 0, 0, 1, 0}};

  ScriptedCoordinator() { network_key.fill(0x42); }

  Bytes connack(const Bytes& connect, bool success = true, bool right_tag = true) {
    wire::Connack answer;
    answer.success = success;
    answer.server = kServer;
    answer.channel = channel;
    answer.rssi_dbm = -50;
    answer.uplink_ready = answer.coordinator_alive = success;
    answer.long_bodies = long_bodies;
    answer.address = kGateway;
    answer.nonce = wire::parse_connect(view(connect))->nonce;
    Bytes body(wire::kConnackSize);
    (void)wire::encode(answer, {body.data(), body.size()});
    answer.tag = crypto::connack_tag(crypto, discovery(), view(body).subview(0, 18), mac);
    if (!right_tag) answer.tag[0] ^= 1U;
    (void)wire::encode(answer, {body.data(), body.size()});
    return body;
  }

  Bytes moved(Channel to, std::uint16_t after_ms, bool right_tag = true) {
    wire::Moved announcement;
    announcement.server = kServer;
    announcement.channel = to;
    announcement.after_ms = after_ms;
    announcement.address = kGateway;
    Bytes body(wire::kMovedSize);
    (void)wire::encode(announcement, {body.data(), body.size()});
    announcement.tag = crypto::moved_tag(crypto, discovery(), view(body).subview(0, 12));
    if (!right_tag) announcement.tag[0] ^= 1U;
    (void)wire::encode(announcement, {body.data(), body.size()});
    return body;
  }

  /// Accepts a JOIN or RESUME; empty when it does not open.
  Bytes accept(const Bytes& body) {
    const auto frame = wire::parse_auth(view(body));
    if (!frame) return {};
    const bool join = frame->header.step == wire::AuthStep::kJoin;
    const bool own = frame->header.key_id == wire::KeyId::kNode;
    const Key& key = own                                           ? node_key
                     : frame->header.key_id == wire::KeyId::kLabel ? label_key
                                                                   : network_key;
    session::Credentials credentials{kServer, mac, frame->header.key_id, frame->header.generation,
                                     key};
    wire::Welcome welcome;
    welcome.session = ++session_id;
    welcome.module = ModuleId{9};
    welcome.time = time;
    welcome.zone_minutes = 60;
    welcome.generation = generation;
    welcome.node_key = own && join ? next_node_key : node_key;
    welcome.discovery_key = told_discovery_key;
    Bytes out(session::kMaxAuthSize);
    MutableByteView room{out.data(), out.size()};
    ByteView answer;
    if (join) {
      session::JoinResponder responder;
      if (responder.read(crypto, credentials, view(body), hello) != session::HandshakeStatus::kOk) {
        return {};
      }
      answer = responder.accept(crypto, random, welcome, room, session);
    } else {
      session::ResumeResponder responder;
      if (responder.read(crypto, credentials, view(body), hello) != session::HandshakeStatus::kOk) {
        return {};
      }
      answer = responder.accept(crypto, random, welcome, room, session);
    }
    session.reserve(UINT64_MAX);
    if (join) node_key = welcome.node_key;
    return {answer.begin(), answer.end()};
  }

  /// With a proof under `key`, or with none.
  Bytes refuse(const Bytes& body, wire::RefusedReason reason, const std::optional<Key>& key) {
    Bytes out(22);
    const ByteView answer = session::refuse(crypto, key ? &*key : nullptr, mac, view(body), reason,
                                            {out.data(), out.size()});
    return {answer.begin(), answer.end()};
  }

  /// Seals inner packets for the node.
  template <typename... Packets>
  Bytes seal(const Packets&... packets) {
    std::array<std::uint8_t, kMaxBodyV1> inner{};
    wire::PacketsBuilder builder{MutableByteView(inner).first(wire::sealed_room(kMaxBodyV1))};
    (void)(builder.append(packets) && ...);
    return seal_bytes(builder.bytes());
  }
  Bytes seal_bytes(ByteView inner) {
    Bytes out(kMaxBodyV1);
    const auto sealed =
        session.seal(crypto, answers ? session::Listening::kYes : session::Listening::kNo, inner,
                     {out.data(), out.size()});
    return {sealed.body.begin(), sealed.body.end()};
  }

  /// What a sealed uplink carries; `plain` keeps it.
  std::vector<wire::Packet> open(const Bytes& body) {
    plain.assign(kMaxBodyV2, 0);
    const auto opened = session.open(crypto, view(body), {plain.data(), plain.size()});
    std::vector<wire::Packet> packets;
    if (opened.status != session::OpenStatus::kOk) return packets;
    const auto parsed = wire::parse_packets(opened.plaintext);
    for (const wire::Packet& packet : *parsed) packets.push_back(packet);
    return packets;
  }

  Key discovery() {
    return told_discovery_key.value_or(crypto::discovery_key(crypto, network_key, kServer));
  }

  CryptoSodium crypto;
  CountingRandom random;
  Key network_key{};
  Key label_key{{7, 7, 7}};
  bool answers = true;  ///< seal() says that the node was heard
  Key node_key{{1, 2, 3}};
  Key next_node_key{{4, 5, 6}};  ///< given for a JOIN under the per-node key
  std::optional<Key> told_discovery_key;
  std::uint8_t generation = 3;
  UnixTime time{1'700'000'000'000};  ///< told in each Welcome
  std::uint8_t session_id = 0;
  MacAddress mac{{2, 0, 0, 0, 0, 1}};
  Channel channel{6};
  bool long_bodies = false;
  wire::Hello hello;
  session::Session session;
  Bytes plain;
};

}  // namespace espial::node
