#include "core/crypto/noise.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/crypto/vectors_test.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace espial::crypto {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Both sides of the handshake of protocol/vectors/session_crypto.json.
class Noise : public testing::Test {
 protected:
  Bytes first(ByteView payload) {
    Bytes message(payload.size() + kNoiseOverhead);
    initiator_.start(crypto_, view(prologue_), psk_, node_secret_, payload, message.data());
    return message;
  }
  bool read_first(const Bytes& message, Bytes& payload) {
    payload.assign(message.size(), 0);
    const bool read =
        responder_.read_first(crypto_, view(prologue_), psk_, view(message), payload.data());
    payload.resize(message.size() < kNoiseOverhead ? 0 : message.size() - kNoiseOverhead);
    return read;
  }
  bool second(ByteView payload, Bytes& message) {
    message.assign(payload.size() + kNoiseOverhead, 0);
    return responder_.write_second(crypto_, coordinator_secret_, payload, message.data(),
                                   responder_keys_);
  }
  bool read_second(const Bytes& message) {
    Bytes payload(message.size());
    return initiator_.read_second(crypto_, view(message), payload.data(), initiator_keys_);
  }

  CryptoSodium crypto_;
  const nlohmann::json vector_ = load_vectors("session_crypto.json").at("join");
  Bytes prologue_ = bytes_of(vector_, "prologue");
  Key psk_ = key_of(vector_, "key");
  Key node_secret_ = key_of(vector_, "node_secret");
  Key coordinator_secret_ = key_of(vector_, "coordinator_secret");
  NnPsk0Initiator initiator_;
  NnPsk0Responder responder_;
  SplitKeys initiator_keys_;
  SplitKeys responder_keys_;
};

TEST_F(Noise, WritesTheGoldenMessages) {
  const Bytes hello = bytes_of(vector_, "hello");
  const Bytes message = first(view(hello));
  EXPECT_EQ(to_hex(view(message)), to_hex(view(bytes_of(vector_, "join")).subview(5)));
  Bytes payload;
  ASSERT_TRUE(read_first(message, payload));
  EXPECT_EQ(payload, hello);
  Bytes answer;
  ASSERT_TRUE(second(view(bytes_of(vector_, "welcome")), answer));
  EXPECT_EQ(to_hex(view(answer)), to_hex(view(bytes_of(vector_, "join_accept")).subview(5)));
  ASSERT_TRUE(read_second(answer));
  EXPECT_EQ(to_hex(initiator_keys_.first), to_hex(key_of(vector_, "uplink_key")));
  EXPECT_EQ(to_hex(initiator_keys_.second), to_hex(key_of(vector_, "downlink_key")));
  EXPECT_EQ(initiator_keys_.first, responder_keys_.first);
  EXPECT_EQ(initiator_keys_.second, responder_keys_.second);
}

TEST_F(Noise, CarriesPayloadsOfNoLength) {
  Bytes payload;
  ASSERT_TRUE(read_first(first({}), payload));
  Bytes answer;
  ASSERT_TRUE(second({}, answer));
  EXPECT_TRUE(read_second(answer));
}

TEST_F(Noise, NeedsTheSamePrologueAndKey) {
  const Bytes message = first(as_bytes("hello"));
  Bytes payload;
  prologue_[6] ^= 1;
  EXPECT_FALSE(read_first(message, payload));
  prologue_[6] ^= 1;
  psk_[0] ^= 1;
  EXPECT_FALSE(read_first(message, payload));
  psk_[0] ^= 1;
  EXPECT_TRUE(read_first(message, payload));
}

TEST_F(Noise, AForgedAnswerLeavesTheHandshakeWaiting) {
  Bytes payload;
  ASSERT_TRUE(read_first(first(as_bytes("hello")), payload));
  Bytes answer;
  ASSERT_TRUE(second(as_bytes("welcome"), answer));
  for (std::size_t i = 0; i < answer.size(); ++i) {
    Bytes forged = answer;
    forged[i] ^= 0x04;
    EXPECT_FALSE(read_second(forged)) << i;
  }
  EXPECT_TRUE(read_second(answer));
}

TEST_F(Noise, AForgedFirstMessageLeavesNothingBehind) {
  const Bytes message = first(as_bytes("hello"));
  Bytes payload;
  ASSERT_TRUE(read_first(message, payload));
  Bytes forged = message;
  forged.back() ^= 1;
  EXPECT_FALSE(read_first(forged, payload));
  Bytes answer;
  ASSERT_TRUE(second(as_bytes("welcome"), answer));
  EXPECT_TRUE(read_second(answer));
}

TEST_F(Noise, RefusesWhatIsTooShortAndPointsOfLowOrder) {
  Bytes payload;
  EXPECT_FALSE(read_first(Bytes(kNoiseOverhead - 1), payload));
  EXPECT_FALSE(read_first({}, payload));
  Bytes message = first(as_bytes("hello"));
  EXPECT_FALSE(read_second(Bytes(kNoiseOverhead - 1)));
  EXPECT_FALSE(read_second(Bytes(kNoiseOverhead)));

  // A peer that has the psk may still send a key that makes every shared secret zero.
  SymmetricState state;
  state.initialize(crypto_, as_bytes("Noise_NNpsk0_25519_ChaChaPoly_SHA256"));
  state.mix_hash(crypto_, view(prologue_));
  state.mix_key_and_hash(crypto_, psk_);
  state.mix_hash(crypto_, Key{});
  state.mix_key(crypto_, Key{});
  Bytes hostile(kNoiseOverhead);
  state.encrypt_and_hash(crypto_, {}, hostile.data() + kKeySize);
  ASSERT_TRUE(read_first(hostile, payload));
  Bytes answer;
  EXPECT_FALSE(second(as_bytes("welcome"), answer));
}

TEST_F(Noise, ShortProtocolNamesArePadded) {
  SymmetricState state;
  state.initialize(crypto_, as_bytes("Noise_NN_25519_ChaChaPoly_SHA256"));
  EXPECT_EQ(to_hex(state.split(crypto_).handshake_hash),
            "4e6f6973655f4e4e5f32353531395f436861436861506f6c795f534841323536");
}

}  // namespace
}  // namespace espial::crypto
