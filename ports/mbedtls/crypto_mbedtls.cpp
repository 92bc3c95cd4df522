#include "ports/mbedtls/crypto_mbedtls.hpp"

#include <mbedtls/chachapoly.h>
#include <mbedtls/ecp.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

#include <algorithm>
#include <initializer_list>

// 2.28 forgot to say that it is C.
extern "C" {
#include <mbedtls/constant_time.h>
}

namespace espial {
namespace {

using Nonce = std::array<std::uint8_t, 12>;

Nonce nonce_of(std::uint64_t counter) {
  Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<std::uint8_t>(counter >> (8 * i));
  return nonce;
}

class ChachaPoly {
 public:
  explicit ChachaPoly(const Key& key) {
    mbedtls_chachapoly_init(&context_);
    (void)mbedtls_chachapoly_setkey(&context_, key.data());
  }
  ~ChachaPoly() { mbedtls_chachapoly_free(&context_); }
  ChachaPoly(const ChachaPoly&) = delete;
  ChachaPoly& operator=(const ChachaPoly&) = delete;

  mbedtls_chachapoly_context* get() { return &context_; }

 private:
  mbedtls_chachapoly_context context_;
};

class Sha256 {
 public:
  Sha256() {
    mbedtls_sha256_init(&context_);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    (void)mbedtls_sha256_starts(&context_, 0);
#else
    (void)mbedtls_sha256_starts_ret(&context_, 0);
#endif
  }
  ~Sha256() { mbedtls_sha256_free(&context_); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(ByteView data) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    (void)mbedtls_sha256_update(&context_, data.data(), data.size());
#else
    (void)mbedtls_sha256_update_ret(&context_, data.data(), data.size());
#endif
  }

  Hash finish() {
    Hash hash;
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    (void)mbedtls_sha256_finish(&context_, hash.data());
#else
    (void)mbedtls_sha256_finish_ret(&context_, hash.data());
#endif
    return hash;
  }

 private:
  mbedtls_sha256_context context_;
};

Hash hash_of(std::initializer_list<ByteView> parts) {
  Sha256 sha256;
  for (const ByteView part : parts) sha256.update(part);
  return sha256.finish();
}

/// A number that mbedTLS keeps on the heap; wiped when it goes.
struct Number {
  mbedtls_mpi value;
  Number() { mbedtls_mpi_init(&value); }
  ~Number() { mbedtls_mpi_free(&value); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
};

struct Point {
  mbedtls_ecp_point value;
  Point() { mbedtls_ecp_point_init(&value); }
  ~Point() { mbedtls_ecp_point_free(&value); }
  Point(const Point&) = delete;
  Point& operator=(const Point&) = delete;
};

struct Curve {
  mbedtls_ecp_group value;
  Curve() { mbedtls_ecp_group_init(&value); }
  ~Curve() { mbedtls_ecp_group_free(&value); }
  Curve(const Curve&) = delete;
  Curve& operator=(const Curve&) = delete;
};

/// mbedTLS blinds its multiplication with bytes an observer can't know. Hashes of the secret scalar
/// are that, and need no second source of randomness.
struct Blinding {
  Key secret;
  std::uint8_t number = 0;

  explicit Blinding(const Key& scalar) : secret(scalar) {}
  ~Blinding() { mbedtls_platform_zeroize(secret.data(), secret.size()); }
  Blinding(const Blinding&) = delete;
  Blinding& operator=(const Blinding&) = delete;

  static int fill(void* self, unsigned char* out, std::size_t size) {
    auto& blinding = *static_cast<Blinding*>(self);
    while (size > 0) {
      ++blinding.number;
      const Hash block = hash_of({blinding.secret, {&blinding.number, 1}});
      const std::size_t count = std::min(size, block.size());
      out = std::copy_n(block.begin(), count, out);
      size -= count;
    }
    return 0;
  }
};

/// RFC 7748's X25519(scalar, point).
/// @retval false  no memory, or the result is the point at infinity.
bool multiply(Key scalar, const Key& point, Key& product) {
  scalar[0] &= 0xf8;
  scalar[31] = static_cast<std::uint8_t>((scalar[31] & 0x7f) | 0x40);
  Curve curve;
  Number factor;
  Point from;
  Point to;
  Blinding blinding(scalar);
  std::size_t size = 0;
  const bool done =
      mbedtls_ecp_group_load(&curve.value, MBEDTLS_ECP_DP_CURVE25519) == 0 &&
      mbedtls_mpi_read_binary_le(&factor.value, scalar.data(), scalar.size()) == 0 &&
      mbedtls_ecp_point_read_binary(&curve.value, &from.value, point.data(), point.size()) == 0 &&
      mbedtls_ecp_mul(&curve.value, &to.value, &factor.value, &from.value, Blinding::fill,
                      &blinding) == 0 &&
      mbedtls_ecp_point_write_binary(&curve.value, &to.value, MBEDTLS_ECP_PF_COMPRESSED, &size,
                                     product.data(), product.size()) == 0;
  mbedtls_platform_zeroize(scalar.data(), scalar.size());
  return done;
}

}  // namespace

void CryptoMbedtls::seal(const Key& key, std::uint64_t counter, ByteView associated_data,
                         ByteView plaintext, std::uint8_t* out) {
  ChachaPoly cipher(key);
  (void)mbedtls_chachapoly_encrypt_and_tag(cipher.get(), plaintext.size(), nonce_of(counter).data(),
                                           associated_data.data(), associated_data.size(),
                                           plaintext.data(), out, out + plaintext.size());
}

bool CryptoMbedtls::open(const Key& key, std::uint64_t counter, ByteView associated_data,
                         ByteView ciphertext, std::uint8_t* out) {
  if (ciphertext.size() < kTagSize) return false;
  const std::size_t size = ciphertext.size() - kTagSize;
  ChachaPoly cipher(key);
  return mbedtls_chachapoly_auth_decrypt(cipher.get(), size, nonce_of(counter).data(),
                                         associated_data.data(), associated_data.size(),
                                         ciphertext.data() + size, ciphertext.data(), out) == 0;
}

Hash CryptoMbedtls::sha256(ByteView data) { return hash_of({data}); }

Hash CryptoMbedtls::hmac_sha256(ByteView key, ByteView first, ByteView second) {
  // mbedTLS's own HMAC takes its contexts from the heap.
  std::array<std::uint8_t, 64> padded{};
  if (key.size() > padded.size()) {
    const Hash hash = sha256(key);
    std::copy(hash.begin(), hash.end(), padded.begin());
  } else {
    std::copy(key.begin(), key.end(), padded.begin());
  }
  for (std::uint8_t& byte : padded) byte ^= 0x36;
  const Hash inner = hash_of({padded, first, second});
  for (std::uint8_t& byte : padded) byte ^= 0x36 ^ 0x5c;
  const Hash mac = hash_of({padded, inner});
  wipe(padded);
  return mac;
}

Key CryptoMbedtls::x25519_public_key(const Key& secret_key) {
  Key public_key{};
  if (!multiply(secret_key, Key{9}, public_key)) public_key.fill(0);
  return public_key;
}

bool CryptoMbedtls::x25519(const Key& secret_key, const Key& public_key, Key& shared_secret) {
  return multiply(secret_key, public_key, shared_secret) && !equal(shared_secret, Key{});
}

bool CryptoMbedtls::equal(ByteView left, ByteView right) {
  return left.size() == right.size() &&
         mbedtls_ct_memcmp(left.data(), right.data(), left.size()) == 0;
}

void CryptoMbedtls::wipe(MutableByteView secret) {
  mbedtls_platform_zeroize(secret.data(), secret.size());
}

}  // namespace espial
