#pragma once

#include <chrono>

namespace espial::main {

/// Of this machine's time, not of a simulated network's.
inline double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace espial::main
