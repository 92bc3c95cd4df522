#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace espial::features {

/// Keeps a flood of bad input from becoming a flood of log lines: the first few of an interval are
/// written, the others counted and mentioned once.
class LogLimit {
 public:
  explicit LogLimit(std::uint32_t lines = 5,
                    std::chrono::milliseconds interval = std::chrono::seconds(10))
      : lines_(lines), interval_(interval) {}

  /// Nothing: stay silent. A number: write the line; so many before it were left out.
  std::optional<std::uint64_t> admit(
      std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) {
    if (now - began_ >= interval_) {
      began_ = now;
      written_ = 0;
    }
    if (written_ >= lines_) {
      ++left_out_;
      return std::nullopt;
    }
    ++written_;
    const std::uint64_t left_out = left_out_;
    left_out_ = 0;
    return left_out;
  }

 private:
  std::uint32_t lines_;
  std::chrono::milliseconds interval_;
  std::chrono::steady_clock::time_point began_{};
  std::uint32_t written_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace espial::features
