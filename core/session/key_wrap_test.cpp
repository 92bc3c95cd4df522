#include "core/session/key_wrap.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/crypto/hex_test.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/random_linux.hpp"

namespace espial::session {
namespace {

using Bytes = std::vector<std::uint8_t>;

class KeyWrap : public testing::Test {
 protected:
  KeyWrap() { key_.fill(0x33); }

  Bytes wrapped(ByteView context, ByteView plaintext) {
    Bytes out(plaintext.size() + kWrapOverhead);
    wrap(crypto_, random_, key_, context, plaintext, out.data());
    return out;
  }
  bool unwraps(const Key& key, ByteView context, ByteView bytes) {
    out_.assign(bytes.size(), 0);
    return unwrap(crypto_, key, context, bytes, out_.data());
  }

  CryptoSodium crypto_;
  RandomLinux random_;
  Key key_{};
  Bytes out_;
};

TEST_F(KeyWrap, UnwrapsWhatItWrapped) {
  const Bytes bytes = wrapped(as_bytes("node key 7"), as_bytes("a secret"));
  ASSERT_TRUE(unwraps(key_, as_bytes("node key 7"), view(bytes)));
  EXPECT_EQ(to_hex(view(out_).subview(0, 8)), to_hex(as_bytes("a secret")));
}

TEST_F(KeyWrap, NeedsTheSameKeyContextAndBytes) {
  const Bytes bytes = wrapped(as_bytes("node key 7"), as_bytes("a secret"));
  Key other = key_;
  other[5] ^= 1;
  EXPECT_FALSE(unwraps(other, as_bytes("node key 7"), view(bytes)));
  EXPECT_FALSE(unwraps(key_, as_bytes("node key 8"), view(bytes)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes touched = bytes;
    touched[i] ^= 0x10;
    EXPECT_FALSE(unwraps(key_, as_bytes("node key 7"), view(touched))) << i;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(unwraps(key_, as_bytes("node key 7"), view(bytes).subview(0, size))) << size;
  }
}

TEST_F(KeyWrap, WrapsTheSameSecretDifferentlyEachTime) {
  const Bytes first = wrapped({}, as_bytes("a secret"));
  const Bytes second = wrapped({}, as_bytes("a secret"));
  EXPECT_NE(to_hex(view(first).subview(kWrapSaltSize)),
            to_hex(view(second).subview(kWrapSaltSize)));
}

}  // namespace
}  // namespace espial::session
