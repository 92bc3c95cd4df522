#include "ports/mbedtls/crypto_mbedtls.hpp"

#include "core/crypto/crypto_conformance_test.hpp"

namespace espial::crypto {

INSTANTIATE_TYPED_TEST_SUITE_P(Mbedtls, CryptoConformance, CryptoMbedtls);

}  // namespace espial::crypto
