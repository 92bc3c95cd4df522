#pragma once

// On a chip the core's tests, which name libsodium's port, get the port of that chip's library.

#ifdef ESPIAL_CHIP_BEARSSL
#include "ports/bearssl/crypto_bearssl.hpp"
namespace espial {
using CryptoSodium = CryptoBearssl;
}
#else
#include "ports/mbedtls/crypto_mbedtls.hpp"
namespace espial {
using CryptoSodium = CryptoMbedtls;
}
#endif
