#pragma once

#include "core/port/crypto.hpp"

namespace espial {

/// The crypto port over BearSSL: small, without heap, every primitive in constant time. It has
/// no state: one object may serve several threads.
///
/// Where BR_LOMUL is 1 (BearSSL's own word for a chip that lacks a fast 32x32 to 64 bit multiply)
/// it takes the variants made of small multiplications.
/// ESPIAL_BEARSSL_BIG_ENDIAN_SCALARS must be set to 1 for a BearSSL after 0.6 that does not yet
/// know BR_FEATURE_X509_TIME_CALLBACK; the conformance test tells a wrong one.
class CryptoBearssl final : public Crypto {
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
