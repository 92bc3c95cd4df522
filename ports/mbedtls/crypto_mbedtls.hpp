#pragma once

#include "core/port/crypto.hpp"

namespace espial {

/// The crypto port over mbedTLS 2.28 or 3.x with its chachapoly, sha256 and ecp (Curve25519)
/// modules. It has no state: one object may serve several threads.
///
/// Only X25519 takes heap, for mbedTLS's big numbers, and gives all of it back. Where that runs
/// out x25519() answers false and x25519_public_key() zeros, which every peer refuses.
class CryptoMbedtls final : public Crypto {
 public:
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
