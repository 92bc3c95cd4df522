# The chips' crypto libraries from Debian's source packages: only the files that our ports call.

set(bearssl ${ESPIAL_DEBIAN}/bearssl)
add_library(bearssl STATIC
  ${bearssl}/src/codec/ccopy.c ${bearssl}/src/codec/dec32be.c ${bearssl}/src/codec/enc32be.c
  ${bearssl}/src/ec/ec_c25519_m15.c ${bearssl}/src/ec/ec_c25519_m31.c
  ${bearssl}/src/hash/dig_size.c ${bearssl}/src/hash/sha2small.c
  ${bearssl}/src/mac/hmac.c
  ${bearssl}/src/symcipher/chacha20_ct.c
  ${bearssl}/src/symcipher/poly1305_ctmul.c ${bearssl}/src/symcipher/poly1305_ctmul32.c)
target_include_directories(bearssl SYSTEM PUBLIC ${bearssl}/inc PRIVATE ${bearssl}/src)
target_compile_options(bearssl PRIVATE -w)
if(ESPIAL_CHIP STREQUAL lx106)
  # It multiplies 32 by 32 bits into 32 only.
  target_compile_definitions(bearssl PUBLIC BR_LOMUL=1)
endif()
set(BEARSSL_INCLUDE_DIR ${bearssl}/inc)
set(BEARSSL_LIBRARY bearssl)

# An ESP8266 has no room for mbedTLS.
if(ESPIAL_CHIP STREQUAL rv32)
  set(mbedtls ${ESPIAL_DEBIAN}/mbedtls)
  set(names bignum chacha20 chachapoly constant_time ecp ecp_curves platform platform_util poly1305 sha256)
  list(TRANSFORM names REPLACE "(.+)" "${mbedtls}/library/\\1.c" OUTPUT_VARIABLE sources)
  add_library(mbedcrypto STATIC ${sources})
  target_include_directories(mbedcrypto SYSTEM PUBLIC ${mbedtls}/include)
  target_compile_definitions(mbedcrypto PUBLIC MBEDTLS_CONFIG_FILE=<mbedtls_config.h>)
  target_include_directories(mbedcrypto PUBLIC ${CMAKE_CURRENT_LIST_DIR})
  target_compile_options(mbedcrypto PRIVATE -w)
  set(MBEDTLS_INCLUDE_DIR ${mbedtls}/include)
  set(MBEDCRYPTO_LIBRARY mbedcrypto)
endif()
