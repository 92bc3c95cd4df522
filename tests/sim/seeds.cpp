// sim_seeds FIRST COUNT [SECONDS]: runs drawn scenarios one after the other, each said in a line of
// its own, until one breaks a promise or the time is over. What compares digests and what hunts
// planted bugs use it, for it needs nothing of the hub.
//
//     <seed> <digest> ok
//     <seed> <digest> BROKEN <what> (<first case>) | <what> ...
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/simulation.hpp"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: sim_seeds FIRST COUNT [SECONDS]\n", stderr);
    return 2;
  }
  const std::uint64_t first = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  const auto limit =
      std::chrono::seconds(argc > 3 ? std::strtoll(argv[3], nullptr, 10) : 1'000'000);
  const auto began = std::chrono::steady_clock::now();
  espial::CryptoSodium crypto;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    if (std::chrono::steady_clock::now() - began > limit) break;
    espial::sim::Simulation simulation(espial::sim::draw_scenario(seed), crypto);
    simulation.run();
    const bool whole = simulation.violations().empty();
    std::printf("%" PRIu64 " %016" PRIx64 " %s", seed, simulation.network().digest(),
                whole ? "ok" : "BROKEN");
    for (const auto& [what, entry] : simulation.violations().entries()) {
      std::printf(" %s (%s) |", what.c_str(), entry.first.c_str());
    }
    std::puts("");
    if (!whole) return 1;
    std::fflush(stdout);
  }
  return 0;
}
