#include "core/session/handshake.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/crypto/vectors_test.hpp"
#include "core/session/ports_test.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/random_linux.hpp"

namespace espial::session {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Buffer = std::array<std::uint8_t, kMaxAuthSize>;
using wire::AuthStep;

Credentials credentials_of(const nlohmann::json& vector) {
  Credentials credentials;
  credentials.server = {vector.at("server").get<std::uint8_t>()};
  credentials.mac = mac_of(vector);
  credentials.key_id = static_cast<wire::KeyId>(vector.at("key_id").get<int>());
  credentials.generation = vector.at("generation").get<std::uint8_t>();
  credentials.key = key_of(vector, "key");
  return credentials;
}

Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// What a join and a resume have in common, so that each test below runs with both.
struct JoinKind {
  using Initiator = JoinInitiator;
  using Responder = JoinResponder;
  static constexpr const char* kName = "join";
  static constexpr const char* kRequest = "join";
  static constexpr const char* kAnswer = "join_accept";
  static constexpr const char* kNodeRandom = "node_secret";
  static constexpr const char* kCoordinatorRandom = "coordinator_secret";
  static constexpr const char* kNodeKey = "node_key";
  static constexpr AuthStep kAnswerStep = AuthStep::kJoinAccept;
};

struct ResumeKind {
  using Initiator = ResumeInitiator;
  using Responder = ResumeResponder;
  static constexpr const char* kName = "resume";
  static constexpr const char* kRequest = "resume";
  static constexpr const char* kAnswer = "resume_accept";
  static constexpr const char* kNodeRandom = "node_random";
  static constexpr const char* kCoordinatorRandom = "coordinator_random";
  static constexpr const char* kNodeKey = nullptr;
  static constexpr AuthStep kAnswerStep = AuthStep::kResumeAccept;
};

template <typename Kind>
class Handshake : public testing::Test {
 protected:
  Bytes start(Random& random) {
    Buffer out;
    return copy_of(initiator_.start(crypto_, random, credentials_, hello_, out));
  }
  HandshakeStatus read(const Credentials& credentials, const Bytes& body) {
    return responder_.read(crypto_, credentials, view(body), read_hello_);
  }
  Bytes accept(Random& random) {
    Buffer out;
    return copy_of(responder_.accept(crypto_, random, welcome_, out, coordinator_));
  }
  HandshakeStatus finish(const Bytes& body) {
    return initiator_.on_accept(crypto_, view(body), node_, read_welcome_);
  }
  /// Everything up to the answer.
  Bytes answered() {
    EXPECT_EQ(read(credentials_, start(random_)), HandshakeStatus::kOk);
    return accept(random_);
  }

  CryptoSodium crypto_;
  RandomLinux random_;
  const nlohmann::json vector_ = load_vectors("session_crypto.json").at(Kind::kName);
  const Credentials credentials_ = credentials_of(vector_);
  const wire::Hello hello_ = *wire::parse_hello(view(bytes_of(vector_, "hello")));
  wire::Welcome welcome_ =
      *wire::parse_welcome(view(bytes_of(vector_, "welcome")), Kind::kAnswerStep);
  typename Kind::Initiator initiator_;
  typename Kind::Responder responder_;
  wire::Hello read_hello_;
  wire::Welcome read_welcome_;
  Session node_;
  Session coordinator_;
};

using Kinds = testing::Types<JoinKind, ResumeKind>;
TYPED_TEST_SUITE(Handshake, Kinds);

TYPED_TEST(Handshake, ExchangesTheGoldenBytes) {
  ScriptedRandom node_random(bytes_of(this->vector_, TypeParam::kNodeRandom));
  const Bytes request = this->start(node_random);
  EXPECT_EQ(to_hex(view(request)), to_hex(view(bytes_of(this->vector_, TypeParam::kRequest))));
  ASSERT_EQ(this->read(this->credentials_, request), HandshakeStatus::kOk);
  EXPECT_EQ(this->read_hello_.stream_id, this->hello_.stream_id);
  EXPECT_EQ(this->read_hello_.wanted_module, this->hello_.wanted_module);

  ScriptedRandom coordinator_random(bytes_of(this->vector_, TypeParam::kCoordinatorRandom));
  const Bytes answer = this->accept(coordinator_random);
  EXPECT_EQ(to_hex(view(answer)), to_hex(view(bytes_of(this->vector_, TypeParam::kAnswer))));
  ASSERT_EQ(this->finish(answer), HandshakeStatus::kOk);
  EXPECT_EQ(this->read_welcome_.module, this->welcome_.module);
  EXPECT_EQ(this->read_welcome_.time, this->welcome_.time);
  EXPECT_EQ(this->read_welcome_.node_key, this->welcome_.node_key);
  if (TypeParam::kNodeKey != nullptr) {
    EXPECT_EQ(this->welcome_.node_key, key_of(this->vector_, TypeParam::kNodeKey));
  }
  EXPECT_FALSE(this->initiator_.waiting());

  const SessionKeys keys{key_of(this->vector_, "uplink_key"),
                         key_of(this->vector_, "downlink_key")};
  const auto state_of = [&](Side side) {
    return Session(side, this->credentials_.server, this->welcome_.session, keys)
        .save(this->crypto_);
  };
  EXPECT_EQ(this->node_.save(this->crypto_), state_of(Side::kNode));
  EXPECT_EQ(this->coordinator_.save(this->crypto_), state_of(Side::kCoordinator));
}

template <typename Responder>
bool holds(const Responder& responder, const Key& key) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&responder);
  return std::search(bytes, bytes + sizeof(responder), key.begin(), key.end()) !=
         bytes + sizeof(responder);
}

TYPED_TEST(Handshake, AResponderKeepsNoKeyWhenItHasAnsweredOrIsWiped) {
  (void)this->answered();
  EXPECT_FALSE(holds(this->responder_, this->credentials_.key));
  EXPECT_EQ(this->read(this->credentials_, this->start(this->random_)), HandshakeStatus::kOk);
  this->responder_.wipe(this->crypto_);
  EXPECT_FALSE(holds(this->responder_, this->credentials_.key));
  EXPECT_TRUE(this->accept(this->random_).empty());
}

TYPED_TEST(Handshake, DiffersEachTime) {
  const Bytes first = this->answered();
  Session earlier = this->coordinator_;
  const Bytes second = this->answered();
  EXPECT_NE(first, second);
  ASSERT_EQ(this->finish(second), HandshakeStatus::kOk);
  this->node_.reserve(1);
  Buffer out;
  Buffer opened;
  const auto ping = from_hex("c000");
  const Sealed sealed = this->node_.seal(this->crypto_, Listening::kNo, view(ping), out);
  EXPECT_EQ(earlier.open(this->crypto_, sealed.body, opened).status, OpenStatus::kNotAuthentic);
  EXPECT_EQ(this->coordinator_.open(this->crypto_, sealed.body, opened).status, OpenStatus::kOk);
}

TYPED_TEST(Handshake, TheCoordinatorNeedsTheSameCredentials) {
  const Bytes request = this->start(this->random_);
  Credentials other = this->credentials_;
  other.key[9] ^= 1;
  EXPECT_EQ(this->read(other, request), HandshakeStatus::kNotAuthentic);
  other = this->credentials_;
  other.mac.octets[5] ^= 1;
  EXPECT_EQ(this->read(other, request), HandshakeStatus::kNotAuthentic);
  other = this->credentials_;
  other.server.value ^= 1;
  EXPECT_EQ(this->read(other, request), HandshakeStatus::kNotOurs);
  other = this->credentials_;
  other.generation ^= 1;
  EXPECT_EQ(this->read(other, request), HandshakeStatus::kNotOurs);
  other = this->credentials_;
  other.key_id = wire::KeyId::kLabel;
  EXPECT_EQ(this->read(other, request), HandshakeStatus::kNotOurs);
  EXPECT_TRUE(this->accept(this->random_).empty());
  EXPECT_EQ(this->read(this->credentials_, request), HandshakeStatus::kOk);
}

TYPED_TEST(Handshake, NoBitOfARequestMayChange) {
  const Bytes request = this->start(this->random_);
  for (std::size_t bit = 0; bit < 8 * request.size(); ++bit) {
    Bytes touched = request;
    touched[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_NE(this->read(this->credentials_, touched), HandshakeStatus::kOk) << bit;
    EXPECT_TRUE(this->accept(this->random_).empty()) << bit;
  }
}

TYPED_TEST(Handshake, NoBitOfAnAnswerMayChangeAndTheTrueOneStillCounts) {
  const Bytes answer = this->answered();
  for (std::size_t bit = 0; bit < 8 * answer.size(); ++bit) {
    // X25519 ignores the top bit of a key, but Noise hashes it.
    Bytes touched = answer;
    touched[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_NE(this->finish(touched), HandshakeStatus::kOk) << bit;
    EXPECT_FALSE(this->node_.valid());
  }
  EXPECT_EQ(this->finish(answer), HandshakeStatus::kOk);
  EXPECT_EQ(this->finish(answer), HandshakeStatus::kNotStarted);
}

TYPED_TEST(Handshake, ShortAndLongBodiesAreGraded) {
  const Bytes answer = this->answered();
  const Bytes request = this->start(this->random_);
  for (std::size_t size = 0; size < answer.size(); ++size) {
    EXPECT_EQ(this->finish({answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size)}),
              HandshakeStatus::kTooShort)
        << size;
  }
  for (std::size_t size = 0; size < request.size(); ++size) {
    EXPECT_EQ(this->read(this->credentials_,
                         {request.begin(), request.begin() + static_cast<std::ptrdiff_t>(size)}),
              HandshakeStatus::kTooShort)
        << size;
  }
  EXPECT_EQ(this->finish(Bytes(kMaxAuthSize + 1)), HandshakeStatus::kTooLong);
  EXPECT_EQ(this->read(this->credentials_, Bytes(kMaxAuthSize + 1)), HandshakeStatus::kTooLong);
}

TYPED_TEST(Handshake, NothingIsTakenBeforeItsTime) {
  EXPECT_EQ(this->finish(bytes_of(this->vector_, TypeParam::kAnswer)),
            HandshakeStatus::kNotStarted);
  EXPECT_TRUE(this->accept(this->random_).empty());
  const Bytes request = this->start(this->random_);
  // Its own request, reflected.
  EXPECT_EQ(this->finish(request), HandshakeStatus::kNotOurs);
  ASSERT_EQ(this->read(this->credentials_, request), HandshakeStatus::kOk);
  EXPECT_FALSE(this->accept(this->random_).empty());
  // One answer for one request.
  EXPECT_TRUE(this->accept(this->random_).empty());
}

TYPED_TEST(Handshake, AForgedRequestAfterATrueOneIsNotAnswered) {
  const Bytes request = this->start(this->random_);
  ASSERT_EQ(this->read(this->credentials_, request), HandshakeStatus::kOk);
  Bytes forged = request;
  forged.back() ^= 1;
  EXPECT_EQ(this->read(this->credentials_, forged), HandshakeStatus::kNotAuthentic);
  EXPECT_TRUE(this->accept(this->random_).empty());
}

TYPED_TEST(Handshake, SmallBuffersAreRefused) {
  const Bytes request = this->start(this->random_);
  Buffer out;
  EXPECT_TRUE(this->initiator_
                  .start(this->crypto_, this->random_, this->credentials_, this->hello_,
                         {out.data(), request.size() - 1})
                  .empty());
  EXPECT_FALSE(this->initiator_.waiting());
  ASSERT_EQ(this->read(this->credentials_, request), HandshakeStatus::kOk);
  EXPECT_TRUE(this->responder_
                  .accept(this->crypto_, this->random_, this->welcome_, {out.data(), 20},
                          this->coordinator_)
                  .empty());
  EXPECT_FALSE(this->coordinator_.valid());
}

TYPED_TEST(Handshake, ARefusalIsProvenByTheNamedKeyOnly) {
  const Bytes request = this->start(this->random_);
  const auto refused = [&](const Key* key, const MacAddress& mac, const Bytes& of) {
    Buffer out;
    return copy_of(
        refuse(this->crypto_, key, mac, view(of), wire::RefusedReason::kPairingClosed, out));
  };
  const auto judged = [&](const Bytes& body) {
    return this->initiator_.on_refused(this->crypto_, view(body)).status;
  };
  const Key key = this->credentials_.key;
  const MacAddress mac = this->credentials_.mac;
  const Bytes proven = refused(&key, mac, request);
  const Refusal refusal = this->initiator_.on_refused(this->crypto_, view(proven));
  EXPECT_EQ(refusal.status, RefusalStatus::kProven);
  EXPECT_EQ(refusal.reason, wire::RefusedReason::kPairingClosed);

  Key other_key = key;
  other_key[0] ^= 1;
  EXPECT_EQ(judged(refused(&other_key, mac, request)), RefusalStatus::kHint);
  EXPECT_EQ(judged(refused(nullptr, mac, request)), RefusalStatus::kHint);
  EXPECT_EQ(judged(refused(&key, kBroadcast, request)), RefusalStatus::kHint);
  Bytes other_reason = proven;
  other_reason[5] = static_cast<std::uint8_t>(wire::RefusedReason::kRevoked);
  EXPECT_EQ(judged(other_reason), RefusalStatus::kHint);
  Bytes elsewhere = proven;
  elsewhere[2] ^= 1;
  EXPECT_EQ(judged(elsewhere), RefusalStatus::kNotOurs);
  EXPECT_EQ(judged({}), RefusalStatus::kNotOurs);
  EXPECT_EQ(judged(request), RefusalStatus::kNotOurs);
  EXPECT_TRUE(this->initiator_.waiting());

  // A refusal of an earlier request proves nothing of this one.
  this->start(this->random_);
  EXPECT_EQ(judged(proven), RefusalStatus::kHint);
  this->initiator_.wipe(this->crypto_);
  EXPECT_EQ(judged(proven), RefusalStatus::kNotOurs);
}

TEST(Refuse, WritesTheGoldenBytes) {
  CryptoSodium crypto;
  const auto vectors = load_vectors("session_crypto.json").at("refused");
  ASSERT_EQ(vectors.size(), 2u);
  for (const auto& each : vectors) {
    const Key key = key_of(each, "key");
    Buffer out;
    const ByteView body =
        refuse(crypto, &key, mac_of(each), view(bytes_of(each, "refused_packet")),
               static_cast<wire::RefusedReason>(each.at("reason").get<int>()), out);
    EXPECT_EQ(to_hex(body), to_hex(view(bytes_of(each, "refused"))));
  }
}

TEST(Refuse, RefusesOnlyRequests) {
  CryptoSodium crypto;
  Buffer out;
  const auto vectors = load_vectors("session_crypto.json");
  const auto refused = [&](const Bytes& of, MutableByteView into) {
    return refuse(crypto, nullptr, {}, view(of), wire::RefusedReason::kBusy, into);
  };
  const Bytes join = bytes_of(vectors.at("join"), "join");
  EXPECT_EQ(refused(join, out).size(), wire::kRefusedSize);
  EXPECT_TRUE(refused(join, {out.data(), wire::kRefusedSize - 1}).empty());
  EXPECT_TRUE(refused(bytes_of(vectors.at("join"), "join_accept"), out).empty());
  EXPECT_TRUE(refused(bytes_of(vectors.at("refused").at(0), "refused"), out).empty());
  EXPECT_TRUE(refused({}, out).empty());
}

TEST(Resume, IsForNodeKeysOnly) {
  CryptoSodium crypto;
  RandomLinux random;
  Credentials credentials = credentials_of(load_vectors("session_crypto.json").at("resume"));
  credentials.key_id = wire::KeyId::kNetwork;
  Buffer out;
  ResumeInitiator initiator;
  EXPECT_TRUE(initiator.start(crypto, random, credentials, {}, out).empty());

  ResumeResponder responder;
  wire::Hello hello;
  Bytes body = bytes_of(load_vectors("session_crypto.json").at("resume"), "resume");
  body[3] = 0;
  EXPECT_EQ(responder.read(crypto, credentials, view(body), hello), HandshakeStatus::kNotOurs);
}

/// Two nodes of a room, from the RESUME between them to the end of their bond.
TEST(PairSession, ExchangesTheGoldenBytes) {
  CryptoSodium crypto;
  const auto vector = load_vectors("session_crypto.json").at("pair");
  const Credentials credentials = credentials_of(vector);
  ASSERT_EQ(credentials.key_id, wire::KeyId::kPair);
  const wire::Hello hello = *wire::parse_hello(view(bytes_of(vector, "hello")));
  const wire::Welcome welcome =
      *wire::parse_welcome(view(bytes_of(vector, "welcome")), AuthStep::kResumeAccept);
  Buffer out;
  ScriptedRandom subscriber_random(bytes_of(vector, "node_random"));
  ResumeInitiator initiator;
  const Bytes request =
      copy_of(initiator.start(crypto, subscriber_random, credentials, hello, out));
  EXPECT_EQ(to_hex(view(request)), to_hex(view(bytes_of(vector, "resume"))));

  ResumeResponder responder;
  wire::Hello read_hello;
  ASSERT_EQ(responder.read(crypto, credentials, view(request), read_hello), HandshakeStatus::kOk);
  EXPECT_EQ(read_hello.stream_id, hello.stream_id);
  ScriptedRandom provider_random(bytes_of(vector, "coordinator_random"));
  Session provider;
  const Bytes answer = copy_of(responder.accept(crypto, provider_random, welcome, out, provider));
  EXPECT_EQ(to_hex(view(answer)), to_hex(view(bytes_of(vector, "resume_accept"))));
  Session subscriber;
  wire::Welcome read_welcome;
  ASSERT_EQ(initiator.on_accept(crypto, view(answer), subscriber, read_welcome),
            HandshakeStatus::kOk);
  EXPECT_EQ(read_welcome.session, credentials.generation);
  EXPECT_EQ(read_welcome.time, welcome.time);

  subscriber.reserve(UINT64_MAX);
  provider.reserve(UINT64_MAX);
  ASSERT_EQ(vector.at("frames").size(), 3u);
  for (const auto& each : vector.at("frames")) {
    const bool up = each.at("side") == "subscriber";
    const Bytes plaintext = bytes_of(each, "plaintext");
    const Sealed sealed =
        (up ? subscriber : provider).seal(crypto, Listening::kYes, view(plaintext), out);
    EXPECT_EQ(to_hex(sealed.body), to_hex(view(bytes_of(each, "body"))));
    Buffer opened_into;
    const Opened opened = (up ? provider : subscriber).open(crypto, sealed.body, opened_into);
    EXPECT_EQ(opened.status, OpenStatus::kOk);
    EXPECT_EQ(to_hex(opened.plaintext), to_hex(view(plaintext)));
  }
}

/// A peer that has the key, and says what the standard does not allow.
class Malformed : public testing::Test {
 protected:
  Bytes framed(AuthStep step, const Bytes& message) {
    wire::AuthHeader header;
    header.step = step;
    header.server = credentials_.server;
    header.key_id = credentials_.key_id;
    header.generation = credentials_.generation;
    Bytes body(wire::kAuthHeaderSize + message.size());
    EXPECT_NE(wire::encode_auth_header(header, message.size(), {body.data(), body.size()}), 0u);
    std::copy(message.begin(), message.end(), body.begin() + wire::kAuthHeaderSize);
    return body;
  }

  CryptoSodium crypto_;
  RandomLinux random_;
  const nlohmann::json vector_ = load_vectors("session_crypto.json").at("join");
  const Credentials credentials_ = credentials_of(vector_);
  const Bytes prologue_ = bytes_of(vector_, "prologue");
  const Key secret_ = key_of(vector_, "node_secret");
};

TEST_F(Malformed, HelloIsRefused) {
  Bytes hello = bytes_of(vector_, "hello");
  hello[3] = wire::kMaxReceiveLimitLog2 + 1;
  Bytes message(hello.size() + crypto::kNoiseOverhead);
  crypto::NnPsk0Initiator initiator;
  initiator.start(crypto_, view(prologue_), credentials_.key, secret_, view(hello), message.data());
  JoinResponder responder;
  wire::Hello read;
  EXPECT_EQ(responder.read(crypto_, credentials_, view(framed(AuthStep::kJoin, message)), read),
            HandshakeStatus::kMalformed);
  Buffer out;
  Session session;
  wire::Welcome welcome;
  EXPECT_TRUE(responder.accept(crypto_, random_, welcome, out, session).empty());
}

TEST_F(Malformed, WelcomeIsRefusedAndTheHandshakeGoesOn) {
  JoinInitiator initiator;
  Buffer out;
  const Bytes join = copy_of(initiator.start(crypto_, random_, credentials_, {}, out));
  crypto::NnPsk0Responder responder;
  Buffer payload;
  ASSERT_TRUE(responder.read_first(crypto_, view(prologue_), credentials_.key,
                                   view(join).subview(wire::kAuthHeaderSize), payload.data()));
  Bytes welcome = bytes_of(vector_, "welcome");
  welcome[9] = 0xff;  // a time before 1970
  Bytes message(welcome.size() + crypto::kNoiseOverhead);
  crypto::SplitKeys keys;
  ASSERT_TRUE(responder.write_second(crypto_, secret_, view(welcome), message.data(), keys));
  Session session;
  wire::Welcome read;
  EXPECT_EQ(
      initiator.on_accept(crypto_, view(framed(AuthStep::kJoinAccept, message)), session, read),
      HandshakeStatus::kMalformed);
  EXPECT_FALSE(session.valid());
  EXPECT_TRUE(initiator.waiting());
}

}  // namespace
}  // namespace espial::session
