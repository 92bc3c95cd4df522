#pragma once

#include <algorithm>

#include "core/port/crypto.hpp"

namespace espial::bench {

/// No cipher at all: what a network costs without its cryptography. Seals change nothing and every
/// tag is right. Hashes, keys and shared secrets are the real ones, so that nodes still find and
/// join their own network. Never part of a product.
class NullCrypto final : public Crypto {
 public:
  explicit NullCrypto(Crypto& real) : real_(real) {}

  void seal(const Key&, std::uint64_t, ByteView, ByteView plaintext, std::uint8_t* out) override {
    std::uint8_t* const end =
        std::copy_backward(plaintext.begin(), plaintext.end(), out + plaintext.size());
    std::fill_n(end + plaintext.size(), kTagSize, std::uint8_t{0});
  }
  [[nodiscard]] bool open(const Key&, std::uint64_t, ByteView, ByteView ciphertext,
                          std::uint8_t* out) override {
    if (ciphertext.size() < kTagSize) return false;
    std::copy(ciphertext.begin(), ciphertext.end() - kTagSize, out);
    return true;
  }
  Hash sha256(ByteView data) override { return real_.sha256(data); }
  Hash hmac_sha256(ByteView key, ByteView first, ByteView second) override {
    return real_.hmac_sha256(key, first, second);
  }
  Key x25519_public_key(const Key& secret_key) override {
    return real_.x25519_public_key(secret_key);
  }
  [[nodiscard]] bool x25519(const Key& secret_key, const Key& public_key,
                            Key& shared_secret) override {
    return real_.x25519(secret_key, public_key, shared_secret);
  }
  [[nodiscard]] bool equal(ByteView left, ByteView right) override {
    return real_.equal(left, right);
  }
  void wipe(MutableByteView secret) override { real_.wipe(secret); }

 private:
  Crypto& real_;
};

}  // namespace espial::bench
