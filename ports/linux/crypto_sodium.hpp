#pragma once

#include "core/port/crypto.hpp"

namespace espial {

/// The crypto port over libsodium. It has no state: one object may serve several threads.
class CryptoSodium final : public Crypto {
 public:
  /// Ends the program when the system has no source of randomness, as libsodium does.
  CryptoSodium();

  void seal(const Key& key, std::uint64_t counter, ByteView associated_data, ByteView plaintext,
            std::uint8_t* out) override;
  [[nodiscard]] bool open(const Key& key, std::uint64_t counter, ByteView associated_data,
                          ByteView ciphertext, std::uint8_t* out) override;
  Hash sha256(ByteView data) override;
  Hash hmac_sha256(ByteView key, ByteView first, ByteView second = {}) override;
  Key x25519_public_key(const Key& secret_key) override;
  [[nodiscard]] bool x25519(const Key& secret_key, const Key& public_key,
                            Key& shared_secret) override;
  [[nodiscard]] bool equal(ByteView left, ByteView right) override;
  void wipe(MutableByteView secret) override;
};

}  // namespace espial
