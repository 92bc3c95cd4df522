#pragma once

#include <cstdint>

namespace espial::sim {

/// SplitMix64: one 64-bit seed, one sequence, the same on every machine. Good enough to draw a
/// world from; no source of secrets.
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += kStep;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// As if next() had been called `draws` times.
  void skip(std::uint64_t draws) { state_ += draws * kStep; }

  /// Uniform in 0..bound-1; 0 where `bound` is 0. The bias is under 2^-32 for bounds below 2^32.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

  /// Uniform in least..most, which is not less than `least`.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
  }

  /// True in `permille` of 1000 cases.
  bool chance(std::uint32_t permille) { return below(1000) < permille; }

  /// A seed for a generator of its own, so that one part's draws don't shift another's.
  std::uint64_t fork() { return next() ^ 0xd1b54a32d192ed03U; }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;

  std::uint64_t state_;
};

}  // namespace espial::sim
