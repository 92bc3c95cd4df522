#include "core/crypto/discovery.hpp"

#include <gtest/gtest.h>

#include "core/crypto/vectors_test.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace espial::crypto {
namespace {

class Discovery : public testing::Test {
 protected:
  CryptoSodium crypto_;
  const nlohmann::json vectors_ = load_vectors("session_crypto.json");
  const nlohmann::json vector_ = vectors_.at("discovery");
  const ServerId server_{vector_.at("server").get<std::uint8_t>()};
  const Key key_ = key_of(vector_, "discovery_key");
};

TEST_F(Discovery, DerivesTheGoldenKey) {
  const Key network_key = key_of(vector_, "network_key");
  EXPECT_EQ(to_hex(discovery_key(crypto_, network_key, server_)), to_hex(key_));
  EXPECT_NE(discovery_key(crypto_, network_key, ServerId{8}), key_);
}

TEST_F(Discovery, TagsTheGoldenConnack) {
  const auto connack = bytes_of(vector_, "connack");
  const auto tag = connack_tag(crypto_, key_, view(connack), mac_of(vector_));
  EXPECT_EQ(to_hex(tag), to_hex(view(connack).subview(wire::kConnackSignedSize)));
  EXPECT_NE(connack_tag(crypto_, key_, view(connack), kBroadcast), tag);
  auto touched = connack;
  touched[wire::kConnackSignedSize - 1] ^= 1;
  EXPECT_NE(connack_tag(crypto_, key_, view(touched), mac_of(vector_)), tag);
}

TEST_F(Discovery, TagsTheGoldenMove) {
  const auto moved = bytes_of(vector_, "moved");
  const auto tag = moved_tag(crypto_, key_, view(moved));
  EXPECT_EQ(to_hex(tag), to_hex(view(moved).subview(wire::kMovedSignedSize)));
  auto touched = moved;
  touched[wire::kMovedSignedSize - 1] ^= 1;
  EXPECT_NE(moved_tag(crypto_, key_, view(touched)), tag);
}

TEST_F(Discovery, ProvesTheGoldenRefusals) {
  for (const auto& each : vectors_.at("refused")) {
    const auto refused = bytes_of(each, "refused");
    const auto packet = bytes_of(each, "refused_packet");
    const ByteView challenge = view(packet).subview(wire::kAuthHeaderSize);
    const auto proof =
        refused_proof(crypto_, key_of(each, "key"), view(refused), mac_of(each), challenge);
    EXPECT_EQ(to_hex(proof), to_hex(view(refused).subview(wire::kRefusedSignedSize)));
    EXPECT_NE(refused_proof(crypto_, key_of(each, "key"), view(refused), mac_of(each),
                            challenge.subview(1)),
              proof);
  }
}

}  // namespace
}  // namespace espial::crypto
