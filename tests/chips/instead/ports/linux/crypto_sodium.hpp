#pragma once

// On a chip the core's tests, which name libsodium's port, get the port of a chip's library.

#ifdef ESPIAL_CHIP_MBEDTLS
#include "ports/mbedtls/crypto_mbedtls.hpp"
namespace espial {
using CryptoSodium = CryptoMbedtls;
}
#else
#include "ports/bearssl/crypto_bearssl.hpp"
namespace espial {
using CryptoSodium = CryptoBearssl;
}
#endif
