#include "ports/bearssl/crypto_bearssl.hpp"

#include "core/crypto/crypto_conformance_test.hpp"

namespace espial::crypto {

INSTANTIATE_TYPED_TEST_SUITE_P(Bearssl, CryptoConformance, CryptoBearssl);

}  // namespace espial::crypto
