#include "sim/network/watched_crypto.hpp"

#include <gtest/gtest.h>

#include "ports/linux/crypto_sodium.hpp"

namespace espial::sim {
namespace {

/// A cipher that looks at nothing and lets everything through, changed if it is told so.
class Credulous final : public Crypto {
 public:
  void seal(const Key& key, std::uint64_t counter, ByteView associated_data, ByteView plaintext,
            std::uint8_t* out) override {
    sodium_.seal(key, counter, associated_data, plaintext, out);
  }
  [[nodiscard]] bool open(const Key& key, std::uint64_t counter, ByteView associated_data,
                          ByteView ciphertext, std::uint8_t* out) override {
    if (sodium_.open(key, counter, associated_data, ciphertext, out)) out[0] ^= change;
    return true;
  }
  Hash sha256(ByteView data) override { return sodium_.sha256(data); }
  Hash hmac_sha256(ByteView key, ByteView first, ByteView second) override {
    return sodium_.hmac_sha256(key, first, second);
  }
  Key x25519_public_key(const Key& secret_key) override {
    return sodium_.x25519_public_key(secret_key);
  }
  [[nodiscard]] bool x25519(const Key& secret_key, const Key& public_key,
                            Key& shared_secret) override {
    return sodium_.x25519(secret_key, public_key, shared_secret);
  }
  [[nodiscard]] bool equal(ByteView left, ByteView right) override {
    return sodium_.equal(left, right);
  }
  void wipe(MutableByteView secret) override { sodium_.wipe(secret); }

  std::uint8_t change = 0;

 private:
  CryptoSodium sodium_;
};

class WatchedCryptoTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kCounter = 5;

  void SetUp() override { crypto_.seal(key_, kCounter, header_, plaintext_, sealed_.data()); }
  void open(std::uint64_t counter = kCounter) {
    EXPECT_TRUE(crypto_.open(key_, counter, header_, sealed_, opened_.data()));
  }
  bool broken(const char* what) const { return violations_.entries().count(what) > 0; }

  Credulous cipher_;
  Violations violations_;
  WatchedCrypto crypto_{cipher_, violations_};
  Key key_{1, 2, 3};
  std::array<std::uint8_t, 5> header_{1, 2, 3, 4, 5};
  std::array<std::uint8_t, 11> plaintext_{7, 8, 9};
  std::array<std::uint8_t, 11 + kTagSize> sealed_{};
  std::array<std::uint8_t, 11> opened_{};
};

constexpr const char* kOtherBytes = "opened other bytes than were sealed";

TEST_F(WatchedCryptoTest, WhatWasSealedMayBeOpened) {
  open();
  EXPECT_TRUE(violations_.empty());
  EXPECT_EQ(crypto_.compared(), 1U);
}

TEST_F(WatchedCryptoTest, SeesACounterThatNobodyUsed) {
  open(kCounter + 1);
  EXPECT_TRUE(broken("opened what nobody sealed"));
}

TEST_F(WatchedCryptoTest, SeesAnotherHeader) {
  header_.back() ^= 0x80U;
  open();
  EXPECT_TRUE(broken(kOtherBytes));
}

TEST_F(WatchedCryptoTest, SeesEveryOtherByte) {
  for (std::uint8_t& byte : sealed_) {
    violations_ = {};
    byte ^= 1U;
    open();
    byte ^= 1U;
    EXPECT_TRUE(broken(kOtherBytes)) << &byte - sealed_.data();
  }
}

TEST_F(WatchedCryptoTest, SeesWhatIsOpenedIntoSomethingElse) {
  cipher_.change = 1;
  open();
  EXPECT_TRUE(broken(kOtherBytes));
}

TEST_F(WatchedCryptoTest, SeesANonceThatIsUsedTwice) {
  crypto_.seal(key_, kCounter, header_, plaintext_, sealed_.data());
  EXPECT_TRUE(broken("a nonce was used twice"));
}

/// Another frame may go out under the counter of one that never left, and is the one to compare.
TEST_F(WatchedCryptoTest, WhatNeverLeftMayBeSealedAnew) {
  crypto_.on_never_sent({}, 0);
  plaintext_[0] = 70;
  crypto_.seal(key_, kCounter, header_, plaintext_, sealed_.data());
  open();
  EXPECT_TRUE(violations_.empty());
}

}  // namespace
}  // namespace espial::sim
