#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace espial {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kTagSize = 16;
inline constexpr std::size_t kHashSize = 32;

using Key = std::array<std::uint8_t, kKeySize>;
using Hash = std::array<std::uint8_t, kHashSize>;

/// The primitives every platform's own library has: libsodium on Linux, mbedTLS on ESP32, BearSSL
/// on ESP8266. Everything above them (HKDF, Noise, sealing) is in core/crypto and core/session.
class Crypto {
 public:
  virtual ~Crypto() = default;

  /// ChaCha20-Poly1305 (RFC 8439) with the nonce 00 00 00 00 ‖ counter (little-endian, 8 bytes).
  /// Writes plaintext.size() + kTagSize bytes to `out`; `out` may start where `plaintext` does.
  virtual void seal(const Key& key, std::uint64_t counter, ByteView associated_data,
                    ByteView plaintext, std::uint8_t* out) = 0;

  /// Opens what seal() made; `out` takes ciphertext.size() - kTagSize bytes and may start where
  /// `ciphertext` does.
  /// @retval false  shorter than a tag, or not authentic; `out` then holds nothing to be used.
  [[nodiscard]] virtual bool open(const Key& key, std::uint64_t counter, ByteView associated_data,
                                  ByteView ciphertext, std::uint8_t* out) = 0;

  virtual Hash sha256(ByteView data) = 0;
  /// HMAC-SHA256 over first ‖ second, so that callers need no buffer to join them.
  virtual Hash hmac_sha256(ByteView key, ByteView first, ByteView second = {}) = 0;

  /// X25519 (RFC 7748).
  virtual Key x25519_public_key(const Key& secret_key) = 0;
  /// @retval false  `public_key` is of low order: the peer is broken or hostile.
  [[nodiscard]] virtual bool x25519(const Key& secret_key, const Key& public_key,
                                    Key& shared_secret) = 0;

  /// Constant-time comparison, for tags and keys.
  [[nodiscard]] virtual bool equal(ByteView left, ByteView right) = 0;
  /// Overwrites a secret in a way no compiler removes.
  virtual void wipe(MutableByteView secret) = 0;
};

}  // namespace espial
