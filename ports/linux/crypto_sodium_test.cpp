#include "ports/linux/crypto_sodium.hpp"

#include "core/crypto/crypto_conformance_test.hpp"

namespace espial::crypto {

INSTANTIATE_TYPED_TEST_SUITE_P(Sodium, CryptoConformance, CryptoSodium);

}  // namespace espial::crypto
