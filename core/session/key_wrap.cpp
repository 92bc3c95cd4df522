#include "core/session/key_wrap.hpp"

#include <algorithm>

#include "core/crypto/hkdf.hpp"

namespace espial::session {
namespace {

constexpr std::string_view kLabel = "espial wrap";

}  // namespace

void wrap(Crypto& crypto, Random& random, const Key& wrapping_key, ByteView context,
          ByteView plaintext, std::uint8_t* out) {
  const MutableByteView salt(out, kWrapSaltSize);
  random.fill(salt);
  Key key = crypto::derive_key(crypto, salt, wrapping_key, kLabel);
  crypto.seal(key, 0, context, plaintext, out + kWrapSaltSize);
  crypto.wipe(key);
}

bool unwrap(Crypto& crypto, const Key& wrapping_key, ByteView context, ByteView wrapped,
            std::uint8_t* out) {
  if (wrapped.size() < kWrapOverhead) return false;
  Key key = crypto::derive_key(crypto, wrapped.subview(0, kWrapSaltSize), wrapping_key, kLabel);
  const bool authentic = crypto.open(key, 0, context, wrapped.subview(kWrapSaltSize), out);
  crypto.wipe(key);
  return authentic;
}

}  // namespace espial::session
