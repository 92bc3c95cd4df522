#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace espial {

/// Takes a fuzzer's input apart; zeros after its end.
class FuzzInput {
 public:
  explicit FuzzInput(ByteView bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t u8() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subview(1);
    return value;
  }
  /// As many of the next `count` bytes as there are.
  ByteView bytes(std::size_t count) {
    const ByteView taken = rest_.subview(0, count);
    rest_ = rest_.subview(taken.size());
    return taken;
  }

 private:
  ByteView rest_;
};

}  // namespace espial
