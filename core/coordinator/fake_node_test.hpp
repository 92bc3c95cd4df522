#pragma once

#include <optional>
#include <vector>

#include "core/coordinator/scripted_ports_test.hpp"
#include "core/session/handshake.hpp"
#include "core/session/session.hpp"
#include "core/wire/acknowledgement.hpp"
#include "core/wire/command.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/report.hpp"
#include "core/wire/session_packets.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace espial::coordinator {

/// The node's end of joins and sessions, without any behaviour of its own.
class FakeNode {
 public:
  FakeNode(Crypto& crypto, ServerId server, const MacAddress& address, const Key& network_key)
      : mac(address), crypto_(crypto), random_(address.octets[5]) {
    network_.server = server;
    network_.mac = mac;
    network_.key = network_key;
    hello.stream_id = 0xabc;
  }

  /// A JOIN under the network key.
  Bytes join() { return start(joiner_, network_); }
  /// A JOIN under the key on its label.
  Bytes join_with_label(const Key& printed) {
    session::Credentials label = network_;
    label.key_id = wire::KeyId::kLabel;
    label.key = printed;
    return start(joiner_, label);
  }
  void set_network_key(const Key& shared, std::uint8_t generation) {
    network_.key = shared;
    network_.generation = generation;
  }
  /// A JOIN under the per-node key.
  Bytes renew() { return start(joiner_, own()); }
  Bytes resume() { return start(resumer_, own()); }

  /// Takes a JOIN_ACCEPT or RESUME_ACCEPT: the new session is used from now on.
  [[nodiscard]] bool accept(ByteView body) {
    const auto auth = wire::parse_auth(body);
    if (!auth) return false;
    const bool join = auth->header.step == wire::AuthStep::kJoinAccept;
    session::Session fresh;
    const auto status = join ? joiner_.on_accept(crypto_, body, fresh, welcome)
                             : resumer_.on_accept(crypto_, body, fresh, welcome);
    if (status != session::HandshakeStatus::kOk) return false;
    session = fresh;
    session.reserve(1U << 20);
    if (join) key = NodeKey{welcome.node_key, welcome.generation};
    return true;
  }
  /// What a REFUSED of a join, or of a resume, says and is worth.
  session::Refusal refused(ByteView body) { return joiner_.on_refused(crypto_, body); }
  session::Refusal resume_refused(ByteView body) { return resumer_.on_refused(crypto_, body); }

  Bytes seal(ByteView plaintext) {
    std::array<std::uint8_t, kMaxBodyV2> out;
    const auto listening = always_listening ? session::Listening::kYes : session::Listening::kNo;
    return copy(session.seal(crypto_, listening, plaintext, out).body);
  }
  /// One frame with these inner packets.
  template <typename... Packets>
  Bytes frame(const Packets&... packets) {
    std::array<std::uint8_t, 1400> buffer;
    wire::PacketsBuilder builder(buffer);
    return (builder.append(packets) && ...) ? seal(builder.bytes()) : Bytes{};
  }
  /// A report of one reading (slot 0, kind 1, `value`).
  static wire::Report report(std::uint16_t sequence, std::uint16_t held = 0,
                             wire::Stream stream = wire::Stream::kReadings) {
    static const Bytes kReading{0x02, 0x01, 0x73, 0x08};
    wire::Report report;
    report.stream = stream;
    report.sequence = sequence;
    report.held = held;
    report.readings = view(kReading);
    return report;
  }

  /// The inner packets of a downlink.
  struct Received {
    bool opened = false;
    bool answers = false;
    std::vector<Bytes> packets;
    std::vector<wire::Stored> stored;
    std::vector<Bytes> readings;
    std::optional<wire::PingResponse> time;
    std::optional<wire::Command> command;
    Bytes command_value;
    std::optional<std::string> name;
    std::optional<std::uint16_t> interval_s;
    std::optional<std::uint32_t> config_id;
    std::optional<std::uint16_t> slots;
    std::optional<std::uint16_t> max_airtime_permille;
    std::optional<wire::WeekSchedule> schedule;
    bool assigned = false;
    bool described = false;  ///< by the newest CONNACK
    std::optional<wire::EndReason> end;
  };
  Received open(const Bytes& body) {
    std::array<std::uint8_t, kMaxBodyV2> out;
    const session::Opened opened = session.open(crypto_, view(body), out);
    Received received;
    received.opened = opened.status == session::OpenStatus::kOk;
    if (!received.opened) return received;
    received.answers = opened.listening;
    const auto packets = wire::parse_packets(opened.plaintext);
    if (!packets) return {};
    for (const wire::Packet& packet : *packets) take(packet, received);
    return received;
  }

  const MacAddress mac;
  wire::Hello hello;
  wire::Welcome welcome;
  session::Session session;
  std::optional<NodeKey> key;
  bool always_listening = true;

 private:
  template <typename Initiator>
  Bytes start(Initiator& initiator, const session::Credentials& credentials) {
    hello.always_listening = always_listening;
    std::array<std::uint8_t, session::kMaxAuthSize> out;
    return copy(initiator.start(crypto_, random_, credentials, hello, out));
  }
  session::Credentials own() const {
    session::Credentials credentials = network_;
    credentials.key_id = wire::KeyId::kNode;
    credentials.generation = key ? key->generation : 0;
    if (key) credentials.key = key->key;
    return credentials;
  }
  static void take(const wire::Packet& packet, Received& received) {
    received.packets.push_back(copy(packet.whole));
    if (const auto stored = wire::parse_stored(packet)) received.stored.push_back(*stored);
    if (const auto time = wire::parse_ping_response(packet)) received.time = *time;
    if (const auto command = wire::parse_command(packet)) {
      received.command = *command;
      received.command_value = copy(command->reading.value);
    }
    if (const auto end = wire::parse_session_end(packet)) received.end = end->reason;
    if (const auto assignment = wire::parse_assignment(packet)) {
      received.assigned = true;
      received.described = assignment->described;
      if (assignment->properties.name) received.name = std::string(*assignment->properties.name);
      received.interval_s = assignment->properties.report_interval_s;
      received.config_id = assignment->properties.config_id;
      received.slots = assignment->properties.slots;
      received.max_airtime_permille = assignment->properties.max_airtime_permille;
      received.schedule = assignment->properties.schedule;
    }
  }

  Crypto& crypto_;
  SeededRandom random_;
  session::Credentials network_;
  session::JoinInitiator joiner_;
  session::ResumeInitiator resumer_;
};

}  // namespace espial::coordinator
