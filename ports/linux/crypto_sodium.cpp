#include "ports/linux/crypto_sodium.hpp"

#include <sodium.h>

#include <cstdlib>

namespace espial {
namespace {

using Nonce = std::array<std::uint8_t, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == kTagSize);
static_assert(crypto_aead_chacha20poly1305_ietf_KEYBYTES == kKeySize);

Nonce nonce_of(std::uint64_t counter) {
  Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<std::uint8_t>(counter >> (8 * i));
  return nonce;
}

}  // namespace

CryptoSodium::CryptoSodium() {
  if (sodium_init() < 0) std::abort();
}

void CryptoSodium::seal(const Key& key, std::uint64_t counter, ByteView associated_data,
                        ByteView plaintext, std::uint8_t* out) {
  crypto_aead_chacha20poly1305_ietf_encrypt(out, nullptr, plaintext.data(), plaintext.size(),
                                            associated_data.data(), associated_data.size(), nullptr,
                                            nonce_of(counter).data(), key.data());
}

bool CryptoSodium::open(const Key& key, std::uint64_t counter, ByteView associated_data,
                        ByteView ciphertext, std::uint8_t* out) {
  if (ciphertext.size() < kTagSize) return false;
  return crypto_aead_chacha20poly1305_ietf_decrypt(
             out, nullptr, nullptr, ciphertext.data(), ciphertext.size(), associated_data.data(),
             associated_data.size(), nonce_of(counter).data(), key.data()) == 0;
}

Hash CryptoSodium::sha256(ByteView data) {
  Hash hash;
  crypto_hash_sha256(hash.data(), data.data(), data.size());
  return hash;
}

Hash CryptoSodium::hmac_sha256(ByteView key, ByteView first, ByteView second) {
  // An empty view may be null, which libsodium does not take here.
  constexpr std::uint8_t kNothing = 0;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.empty() ? &kNothing : key.data(), key.size());
  for (const ByteView part : {first, second}) {
    if (!part.empty()) crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  }
  Hash hash;
  crypto_auth_hmacsha256_final(&state, hash.data());
  sodium_memzero(&state, sizeof state);
  return hash;
}

Key CryptoSodium::x25519_public_key(const Key& secret_key) {
  Key public_key;
  crypto_scalarmult_curve25519_base(public_key.data(), secret_key.data());
  return public_key;
}

bool CryptoSodium::x25519(const Key& secret_key, const Key& public_key, Key& shared_secret) {
  return crypto_scalarmult_curve25519(shared_secret.data(), secret_key.data(), public_key.data()) ==
         0;
}

bool CryptoSodium::equal(ByteView left, ByteView right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

void CryptoSodium::wipe(MutableByteView secret) { sodium_memzero(secret.data(), secret.size()); }

}  // namespace espial
