#include "ports/linux/random_linux.hpp"

#include <sodium.h>

#include <cstdlib>

namespace espial {

RandomLinux::RandomLinux() {
  if (sodium_init() < 0) std::abort();
}

void RandomLinux::fill(MutableByteView out) { randombytes_buf(out.data(), out.size()); }

}  // namespace espial
