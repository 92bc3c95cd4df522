#pragma once

#include <algorithm>
#include <vector>

#include "core/port/random.hpp"

namespace espial::session {

/// For tests: "random" bytes that the test has chosen; zeros after them.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = used_ < bytes_.size() ? bytes_[used_] : std::uint8_t{0};
      ++used_;
    }
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t used_ = 0;
};

}  // namespace espial::session
