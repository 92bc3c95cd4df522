#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "core/crypto/discovery.hpp"
#include "core/crypto/noise.hpp"
#include "core/session/handshake.hpp"
#include "core/wire/auth.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/search.hpp"
#include "core/wire/session_packets.hpp"
#include "sim/network/network.hpp"
#include "sim/seeded_random.hpp"

namespace espial::sim {

/// An adversary with a stolen key. It hears every frame and, when told to, sets itself between one
/// board and the network:
///
///     board --CONNECT--> thief: CONNACK, the best there is      (needs the discovery key)
///     board --JOIN-----> thief: JOIN_ACCEPT with a key of his   (needs the network key)
///                        thief --JOIN as the board--> gateway   (the same)
///
/// or, patient, asks the gateway first and hands on to the board the very key that he was given; or
/// says "unknown key" to a board that resumes.
class KeyThief final : public AirTap {
 public:
  using Bytes = std::vector<std::uint8_t>;
  struct Frame {
    MacAddress source;
    MacAddress destination;
    Channel channel;
    Bytes body;
  };

  KeyThief(Network& network, Crypto& crypto) : network_(network), crypto_(crypto), random_(99) {
    network.add_tap(*this);
  }

  void on_transmission(const Transmission& transmission) override {
    if (transmission.acknowledgement || transmission.retry) return;
    news_.push_back({transmission.source,
                     transmission.destination,
                     transmission.channel,
                     {transmission.body.begin(), transmission.body.end()}});
  }

  /// Runs the network for `span`; the thief acts on what he hears as it is heard.
  void run_for(Duration span) {
    const Instant end = network_.now() + span;
    while (network_.step(end)) {
      while (!news_.empty()) {
        recorded.push_back(std::move(news_.front()));
        news_.pop_front();
        if (victim) act(recorded.back());
      }
      speak();
    }
  }

  std::optional<Key> network_key;    ///< what he has stolen, if it is that
  std::optional<Key> discovery_key;  ///< or only this, from a gateway
  std::optional<MacAddress> victim;  ///< whom he sets himself before
  bool denies = false;               ///< says "unknown key" to each RESUME
  MacAddress gateway;                ///< the real one
  Channel channel;                   ///< where it is, and so he

  std::vector<Frame> recorded;
  int joins_read = 0;         ///< JOINs for him that opened
  int reports_read = 0;       ///< sealed frames of the victim that opened
  bool impersonates = false;  ///< the coordinator took him for the victim
  int denials = 0;            ///< "unknown key" said
  /// What the coordinator said to ask_ahead(), with the key as it was sent.
  std::optional<wire::Welcome> given;

  /// Joins as the victim, before the victim does.
  void ask_ahead() {
    const wire::AuthHeader header{wire::AuthStep::kJoin, kSimServer, wire::KeyId::kNetwork, 0};
    Key secret;
    random_.fill(secret);
    std::array<std::uint8_t, wire::kHelloSize> hello{};
    (void)wire::encode(wire::Hello{}, hello);
    constexpr std::size_t kRest = crypto::kNoiseOverhead + wire::kHelloSize;
    Bytes join(wire::kAuthHeaderSize + kRest);
    (void)wire::encode_auth_header(header, kRest, {join.data(), join.size()});
    const Bytes named = prologue();
    noise_.start(crypto_, {named.data(), named.size()}, *network_key, secret, hello,
                 join.data() + wire::kAuthHeaderSize);
    say(*victim, gateway, {join.data(), join.size()});
  }

 private:
  void act(const Frame& frame) {
    if (frame.channel != channel) return;
    const ByteView body(frame.body.data(), frame.body.size());
    const bool from_victim = frame.source == *victim;
    if (from_victim) {
      if (const auto connect = wire::parse_connect(body)) return answer_search(frame, *connect);
      if (frame.destination != Adversary::address()) return;
      if (const auto auth = wire::parse_auth(body)) {
        if (auth->header.step == wire::AuthStep::kResume && denies) return deny(body);
        return on_join(frame, auth->header);
      }
      read(body);
    } else if (frame.destination == *victim && frame.source != Adversary::address()) {
      on_accept(body);
    }
  }

  void answer_search(const Frame& frame, const wire::Connect& connect) {
    if (!discovery_key) return;
    wire::Connack connack;
    connack.success = connack.uplink_ready = connack.coordinator_alive = true;
    connack.server = kSimServer;
    connack.channel = frame.channel;
    connack.rssi_dbm = std::int8_t{-10};
    connack.address = Adversary::address();
    connack.nonce = connect.nonce;
    Bytes answer(wire::kConnackSize);
    (void)wire::encode(connack, {answer.data(), answer.size()});
    connack.tag = crypto::connack_tag(crypto_, *discovery_key,
                                      ByteView(answer.data(), wire::kConnackSignedSize), *victim);
    (void)wire::encode(connack, {answer.data(), answer.size()});
    say(Adversary::address(), *victim, {answer.data(), answer.size()});
  }

  session::Credentials stolen(const wire::AuthHeader& header) const {
    return {kSimServer, *victim, header.key_id, header.generation, network_key.value_or(Key{})};
  }

  void on_join(const Frame& frame, const wire::AuthHeader& header) {
    session::JoinResponder responder;
    wire::Hello hello;
    const ByteView body(frame.body.data(), frame.body.size());
    if (responder.read(crypto_, stolen(header), body, hello) != session::HandshakeStatus::kOk) {
      return;
    }
    ++joins_read;
    wire::Welcome welcome;
    welcome.session = 0x77;
    welcome.module = ModuleId{1};
    if (given) welcome = *given;
    Bytes out(session::kMaxAuthSize);
    const ByteView accept =
        responder.accept(crypto_, random_, welcome, {out.data(), out.size()}, with_victim_);
    with_victim_.reserve(UINT64_MAX);
    say(Adversary::address(), *victim, accept);
    if (given) return;
    Bytes join(session::kMaxAuthSize);
    say(*victim, gateway,
        joiner_.start(crypto_, random_, stolen(header), hello, {join.data(), join.size()}));
  }

  /// The coordinator's answer to the thief's own JOIN.
  void on_accept(ByteView body) {
    if (const auto said = open_given(body)) given = said;
    wire::Welcome welcome;
    session::Session session;
    if (joiner_.on_accept(crypto_, body, session, welcome) != session::HandshakeStatus::kOk) return;
    session.reserve(UINT64_MAX);
    std::array<std::uint8_t, 8> inner{};
    wire::PacketsBuilder packets(inner);
    Bytes out(kMaxBodyV1);
    if (!packets.append(wire::PingRequest{})) return;
    say(*victim, gateway,
        session.seal(crypto_, session::Listening::kYes, packets.bytes(), {out.data(), out.size()})
            .body);
    impersonates = true;
  }

  /// With no proof, and with one under the key that he has.
  void deny(ByteView resume) {
    const Key* const none = nullptr;
    const Key* const his = &*network_key;
    for (const Key* const key : {none, his}) {
      std::array<std::uint8_t, wire::kRefusedSize> refused{};
      say(Adversary::address(), *victim,
          session::refuse(crypto_, key, *victim, resume, wire::RefusedReason::kUnknownKey,
                          refused));
      ++denials;
    }
  }

  Bytes prologue() const {
    Bytes bytes{'e', 's', 'p', 'i', 'a', 'l', wire::kVersion, kSimServer.value, 0, 0};
    bytes.insert(bytes.end(), victim->octets.begin(), victim->octets.end());
    return bytes;
  }
  std::optional<wire::Welcome> open_given(ByteView body) {
    const auto auth = wire::parse_auth(body);
    if (!auth || auth->header.step != wire::AuthStep::kJoinAccept) return std::nullopt;
    std::array<std::uint8_t, session::kMaxAuthSize> plain{};
    crypto::SplitKeys keys;
    const ByteView message = body.subview(wire::kAuthHeaderSize);
    if (!noise_.read_second(crypto_, message, plain.data(), keys)) return std::nullopt;
    const auto welcome =
        wire::parse_welcome(ByteView(plain).subview(0, message.size() - crypto::kNoiseOverhead),
                            wire::AuthStep::kJoinAccept);
    return welcome ? std::optional(*welcome) : std::nullopt;
  }

  void read(ByteView body) {
    if (!with_victim_.valid()) return;
    Bytes plain(kMaxBodyV2);
    const auto opened = with_victim_.open(crypto_, body, {plain.data(), plain.size()});
    if (opened.status != session::OpenStatus::kOk) return;
    ++reports_read;
    std::array<std::uint8_t, 16> inner{};
    wire::PacketsBuilder packets(inner);
    Bytes out(kMaxBodyV1);
    if (!packets.append(wire::PingResponse{})) return;
    say(Adversary::address(), *victim,
        with_victim_
            .seal(crypto_, session::Listening::kYes, packets.bytes(), {out.data(), out.size()})
            .body);
  }

  /// He has one radio: one frame after the other.
  void say(const MacAddress& source, const MacAddress& destination, ByteView body) {
    outbox_.push_back({source, destination, channel, {body.begin(), body.end()}});
    speak();
  }
  void speak() {
    constexpr Duration kFrameTime = Duration::milliseconds(4);
    if (outbox_.empty() || network_.now() < free_at_) return;
    const Frame frame = std::move(outbox_.front());
    outbox_.pop_front();
    network_.adversary_says(frame.source, frame.destination, frame.channel,
                            {frame.body.data(), frame.body.size()});
    free_at_ = network_.now() + kFrameTime;
  }

  Network& network_;
  Crypto& crypto_;
  SeededRandom random_;
  std::deque<Frame> news_;
  std::deque<Frame> outbox_;
  Instant free_at_;
  session::Session with_victim_;
  session::JoinInitiator joiner_;
  crypto::NnPsk0Initiator noise_;
};

}  // namespace espial::sim
