#pragma once

#include <algorithm>
#include <vector>

#include "core/port/crypto.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace espial {

/// A crypto port that remembers what it was asked to wipe.
class WipeWitness final : public Crypto {
 public:
  /// How many of the places that were wiped held `key`.
  std::ptrdiff_t places_of(const Key& key) const {
    return std::count_if(wiped_.begin(), wiped_.end(), [&](const std::vector<std::uint8_t>& was) {
      return std::search(was.begin(), was.end(), key.begin(), key.end()) != was.end();
    });
  }

  void wipe(MutableByteView secret) override {
    wiped_.emplace_back(secret.data(), secret.data() + secret.size());
    crypto_.wipe(secret);
  }
  void seal(const Key& key, std::uint64_t counter, ByteView associated_data, ByteView plaintext,
            std::uint8_t* out) override {
    crypto_.seal(key, counter, associated_data, plaintext, out);
  }
  [[nodiscard]] bool open(const Key& key, std::uint64_t counter, ByteView associated_data,
                          ByteView ciphertext, std::uint8_t* out) override {
    return crypto_.open(key, counter, associated_data, ciphertext, out);
  }
  Hash sha256(ByteView data) override { return crypto_.sha256(data); }
  Hash hmac_sha256(ByteView key, ByteView first, ByteView second = {}) override {
    return crypto_.hmac_sha256(key, first, second);
  }
  Key x25519_public_key(const Key& secret_key) override {
    return crypto_.x25519_public_key(secret_key);
  }
  [[nodiscard]] bool x25519(const Key& secret_key, const Key& public_key,
                            Key& shared_secret) override {
    return crypto_.x25519(secret_key, public_key, shared_secret);
  }
  [[nodiscard]] bool equal(ByteView left, ByteView right) override {
    return crypto_.equal(left, right);
  }

 private:
  CryptoSodium crypto_;
  std::vector<std::vector<std::uint8_t>> wiped_;
};

}  // namespace espial
