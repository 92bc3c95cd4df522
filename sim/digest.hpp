#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace espial::sim {

/// One number for all that was told it, in order; the same on every machine. Equal numbers mean
/// that the same was told, as far as 64 bits can say so and nobody tries to deceive it.
class Digest {
 public:
  void add(std::uint64_t word) {
    value_ = (value_ ^ word) * kPrime;
    value_ ^= value_ >> 29U;
  }
  /// Both how many bytes these are and which.
  void add(ByteView bytes) {
    add(std::uint64_t{bytes.size()});
    std::size_t at = 0;
    for (; at + kWord <= bytes.size(); at += kWord) add(word(bytes.data() + at, kWord));
    if (at < bytes.size()) add(word(bytes.data() + at, bytes.size() - at));
  }
  std::uint64_t value() const { return value_; }

 private:
  static constexpr std::uint64_t kPrime = 0x100000001b3U;
  static constexpr std::size_t kWord = 8;

  /// Little-endian, whatever the machine.
  static std::uint64_t word(const std::uint8_t* bytes, std::size_t size) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size; ++i) word |= std::uint64_t{bytes[i]} << 8U * i;
    return word;
  }

  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace espial::sim
