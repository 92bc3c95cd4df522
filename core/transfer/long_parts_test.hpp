#pragma once

// For the tests of long packets: a packet of known bytes, and chance from a seed.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/transfer/long_sender.hpp"
#include "core/transfer/reassembler.hpp"
#include "core/wire/packets.hpp"

namespace espial::transfer {

using Bytes = std::vector<std::uint8_t>;

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(next());
  }
  /// Below `limit`.
  std::uint32_t below(std::uint32_t limit) { return next() % limit; }

 private:
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state_ >> 33U);
  }
  std::uint64_t state_;
};

class BytesSource final : public LongSource {
 public:
  explicit BytesSource(std::uint32_t size, std::uint8_t first = 1) : bytes(size) {
    for (std::size_t i = 0; i < size; ++i) {
      bytes[i] = static_cast<std::uint8_t>(first + i * 7 + i / 251);
    }
  }
  void read(std::uint32_t offset, MutableByteView out) override {
    std::copy_n(bytes.begin() + offset, out.size(), out.data());
  }

  Bytes bytes;
};

/// A FRAGMENT, with the bytes it holds.
struct SentPart {
  std::uint32_t part = 0;
  std::uint32_t frame = 0;
  wire::Fragment fragment;
  Bytes bytes;

  wire::Fragment view() const {
    wire::Fragment copy = fragment;
    copy.bytes = {bytes.data(), bytes.size()};
    return copy;
  }
};

/// The sender's next part, alone in a frame of its own.
inline std::optional<SentPart> next_part(Instant now, LongSender& sender, Random& random,
                                         LongSource& source, std::uint32_t frame) {
  std::array<std::uint8_t, 1500> room{};
  wire::PacketsBuilder packets(room);
  const auto part = sender.append(now, random, source, frame, packets);
  if (!part) return std::nullopt;
  const auto parsed = wire::parse_packet(packets.bytes());
  const auto fragment = wire::parse_fragment(*parsed);
  if (!fragment) return std::nullopt;
  return SentPart{*part, frame, *fragment, {fragment->bytes.begin(), fragment->bytes.end()}};
}

}  // namespace espial::transfer
