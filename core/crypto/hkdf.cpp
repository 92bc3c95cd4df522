#include "core/crypto/hkdf.hpp"

#include <algorithm>
#include <array>

namespace espial::crypto {

Hash hkdf_extract(Crypto& crypto, ByteView salt, ByteView key_material) {
  // HMAC pads a short key with zeros, so the RFC's default salt of 32 zero bytes is an empty one.
  return crypto.hmac_sha256(salt, key_material);
}

void hkdf_expand(Crypto& crypto, const Hash& pseudo_random_key, ByteView info,
                 MutableByteView out) {
  // T(n) = HMAC(pseudo-random key, T(n - 1) ‖ info ‖ n), and T(0) is empty.
  std::array<std::uint8_t, kMaxHkdfInfo + 1> tail;
  info = info.subview(0, kMaxHkdfInfo);
  std::copy(info.begin(), info.end(), tail.begin());
  const std::size_t size = std::min<std::size_t>(out.size(), 255 * kHashSize);
  Hash block{};
  ByteView previous;
  std::uint8_t number = 0;
  for (std::size_t done = 0; done < size;) {
    tail[info.size()] = ++number;
    block = crypto.hmac_sha256(pseudo_random_key, previous, {tail.data(), info.size() + 1});
    previous = block;
    const std::size_t count = std::min(kHashSize, size - done);
    std::copy_n(block.begin(), count, out.data() + done);
    done += count;
  }
  crypto.wipe(block);
}

Key derive_key(Crypto& crypto, ByteView salt, const Key& key, ByteView info) {
  Hash pseudo_random_key = hkdf_extract(crypto, salt, key);
  Key derived{};
  hkdf_expand(crypto, pseudo_random_key, info, derived);
  crypto.wipe(pseudo_random_key);
  return derived;
}

}  // namespace espial::crypto
