#include "hub/main/sim_shrink.hpp"

#include <fmt/format.h>

#include <string>

#include "hub/main/progress_line.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/reduction.hpp"

namespace espial::main {
namespace {

constexpr std::size_t kMostShrinkRuns = 400;

}  // namespace

void make_smaller(std::FILE* words, const SimWish& wish, std::uint64_t seed,
                  const sim::Scenario& whole, const sim::Simulation& broken,
                  const volatile std::sig_atomic_t& stop_wanted) {
  CryptoSodium crypto;
  ProgressLine progress;
  const std::string what = broken.violations().entries().begin()->first;
  std::size_t tried = 0;
  sim::Reduction best;
  const auto still_broken = [&](const sim::Scenario& smaller) {
    if (stop_wanted != 0) return false;
    sim::Simulation attempt(smaller, crypto);
    attempt.run();
    progress.show(fmt::format("{} smaller scenarios tried:{}", ++tried, to_options(best)));
    return attempt.violations().entries().count(what) > 0;
  };
  const auto note = [&](const sim::Reduction& smaller) { best = smaller; };
  sim::Reduction least = sim::shrink(whole, still_broken, kMostShrinkRuns, note);
  // Where power is cut is part of what is asked for, also when nothing of it could be left out.
  if (!least.cuts) least.cuts = whole.cuts;
  progress.clear();
  fmt::print(words, "\"{}\" also with less:\n  {}\n", what, wish.command_line(seed, least));
}

}  // namespace espial::main
