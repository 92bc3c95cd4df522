#include "ports/bearssl/crypto_bearssl.hpp"

#include <bearssl.h>

#include <algorithm>
#include <cstring>

// BearSSL 0.6 reads this curve's scalars little-endian, against its own manual; later versions do
// as it says. No macro tells them apart but one that came some time after the change.
#ifndef ESPIAL_BEARSSL_BIG_ENDIAN_SCALARS
#ifdef BR_FEATURE_X509_TIME_CALLBACK
#define ESPIAL_BEARSSL_BIG_ENDIAN_SCALARS 1
#else
#define ESPIAL_BEARSSL_BIG_ENDIAN_SCALARS 0
#endif
#endif

namespace espial {
namespace {

#if BR_LOMUL
constexpr br_poly1305_run kSealing = br_poly1305_ctmul32_run;
const br_ec_impl& kCurve = br_ec_c25519_m15;
#else
constexpr br_poly1305_run kSealing = br_poly1305_ctmul_run;
const br_ec_impl& kCurve = br_ec_c25519_m31;
#endif

using Nonce = std::array<std::uint8_t, 12>;
using Tag = std::array<std::uint8_t, kTagSize>;

Nonce nonce_of(std::uint64_t counter) {
  Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<std::uint8_t>(counter >> (8 * i));
  return nonce;
}

void move_bytes(ByteView from, std::uint8_t* to) {
  // An empty view may be null, which memmove() does not take.
  if (!from.empty()) std::memmove(to, from.data(), from.size());
}

/// All of them are looked at, whatever the first ones say.
bool same_bytes(const std::uint8_t* left, const std::uint8_t* right, std::size_t size) {
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < size; ++i) {
    difference = static_cast<std::uint8_t>(difference | (left[i] ^ right[i]));
  }
  return difference == 0;
}

void wipe_bytes(void* secret, std::size_t size) {
  auto* byte = static_cast<volatile std::uint8_t*>(secret);
  for (std::size_t i = 0; i < size; ++i) byte[i] = 0;
}

/// `point` becomes secret_key * point; the key is clamped on the way.
bool multiply(Key& point, const Key& secret_key) {
  Key scalar = secret_key;
  if (ESPIAL_BEARSSL_BIG_ENDIAN_SCALARS) std::reverse(scalar.begin(), scalar.end());
  const bool done =
      kCurve.mul(point.data(), point.size(), scalar.data(), scalar.size(), BR_EC_curve25519) == 1;
  wipe_bytes(scalar.data(), scalar.size());
  return done;
}

}  // namespace

void CryptoBearssl::seal(const Key& key, std::uint64_t counter, ByteView associated_data,
                         ByteView plaintext, std::uint8_t* out) {
  move_bytes(plaintext, out);
  kSealing(key.data(), nonce_of(counter).data(), out, plaintext.size(), associated_data.data(),
           associated_data.size(), out + plaintext.size(), br_chacha20_ct_run, 1);
}

bool CryptoBearssl::open(const Key& key, std::uint64_t counter, ByteView associated_data,
                         ByteView ciphertext, std::uint8_t* out) {
  if (ciphertext.size() < kTagSize) return false;
  const ByteView body = ciphertext.subview(0, ciphertext.size() - kTagSize);
  Tag tag;
  move_bytes(body, out);
  kSealing(key.data(), nonce_of(counter).data(), out, body.size(), associated_data.data(),
           associated_data.size(), tag.data(), br_chacha20_ct_run, 0);
  const bool authentic = same_bytes(tag.data(), ciphertext.data() + body.size(), kTagSize);
  // BearSSL decrypts before the tags are compared: nobody gets to see a forger's text.
  if (!authentic) wipe_bytes(out, body.size());
  return authentic;
}

Hash CryptoBearssl::sha256(ByteView data) {
  br_sha256_context context;
  br_sha256_init(&context);
  br_sha256_update(&context, data.data(), data.size());
  Hash hash;
  br_sha256_out(&context, hash.data());
  wipe_bytes(&context, sizeof context);
  return hash;
}

Hash CryptoBearssl::hmac_sha256(ByteView key, ByteView first, ByteView second) {
  br_hmac_key_context key_context;
  br_hmac_key_init(&key_context, &br_sha256_vtable, key.data(), key.size());
  br_hmac_context context;
  br_hmac_init(&context, &key_context, 0);
  for (const ByteView part : {first, second}) br_hmac_update(&context, part.data(), part.size());
  Hash hash;
  br_hmac_out(&context, hash.data());
  wipe_bytes(&key_context, sizeof key_context);
  wipe_bytes(&context, sizeof context);
  return hash;
}

Key CryptoBearssl::x25519_public_key(const Key& secret_key) {
  Key point{9};
  (void)multiply(point, secret_key);  // can't fail: the base point has the right length
  return point;
}

bool CryptoBearssl::x25519(const Key& secret_key, const Key& public_key, Key& shared_secret) {
  shared_secret = public_key;
  // A point of low order, and no other, ends at zero: the clamped key is a multiple of 8.
  return multiply(shared_secret, secret_key) && !equal(shared_secret, Key{});
}

bool CryptoBearssl::equal(ByteView left, ByteView right) {
  return left.size() == right.size() && same_bytes(left.data(), right.data(), left.size());
}

void CryptoBearssl::wipe(MutableByteView secret) { wipe_bytes(secret.data(), secret.size()); }

}  // namespace espial
