#pragma once

#include <string_view>

#include "core/base/bytes.hpp"
#include "core/port/crypto.hpp"

namespace espial::crypto {

/// Longest `info` that hkdf_expand() takes.
inline constexpr std::size_t kMaxHkdfInfo = 96;

/// HKDF-Extract with SHA-256 (RFC 5869). An empty salt is the RFC's default of 32 zero bytes.
Hash hkdf_extract(Crypto& crypto, ByteView salt, ByteView key_material);

/// HKDF-Expand with SHA-256 (RFC 5869): fills `out`.
/// `info` holds at most kMaxHkdfInfo bytes and `out` at most 255 * 32; what is longer is cut.
void hkdf_expand(Crypto& crypto, const Hash& pseudo_random_key, ByteView info, MutableByteView out);

/// One 32-byte key: extract, then expand. Every key that air.md writes as HKDF(salt, key, label).
Key derive_key(Crypto& crypto, ByteView salt, const Key& key, ByteView info);

inline Key derive_key(Crypto& crypto, ByteView salt, const Key& key, std::string_view label) {
  return derive_key(crypto, salt, key, as_bytes(label));
}

}  // namespace espial::crypto
