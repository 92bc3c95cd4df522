#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"
#include "core/port/crypto.hpp"
#include "core/port/random.hpp"

namespace espial::session {

/// What wrapping adds: a salt and a tag.
inline constexpr std::size_t kWrapSaltSize = 16;
inline constexpr std::size_t kWrapOverhead = kWrapSaltSize + kTagSize;

/// Wraps a secret for storage:
///
///      0     15 16 ...           n-16
///     |salt     |ciphertext      |tag[16]|
///
/// under HKDF(salt, wrapping key, "espial wrap"), counter 0. A fresh salt gives every record a key
/// of its own, so no counter has to be kept. `context` says what the record is (associated data): a
/// record moved to another row does not unwrap.
/// `out` takes plaintext.size() + kWrapOverhead bytes and must not overlap `plaintext`.
void wrap(Crypto& crypto, Random& random, const Key& wrapping_key, ByteView context,
          ByteView plaintext, std::uint8_t* out);

/// Unwraps what wrap() made; `out` takes wrapped.size() - kWrapOverhead bytes.
/// @retval false  too short, another key, another context, or damaged.
[[nodiscard]] bool unwrap(Crypto& crypto, const Key& wrapping_key, ByteView context,
                          ByteView wrapped, std::uint8_t* out);

}  // namespace espial::session
