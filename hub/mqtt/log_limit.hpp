#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.hpp"

namespace espial::mqtt {

/// Lets a few log lines of a kind through in each interval and counts the rest.
class LogLimit {
 public:
  LogLimit(std::uint32_t lines, Duration interval) : lines_(lines), interval_(interval) {}

  /// Nothing when the line is to be left out; otherwise how many were left out before it.
  std::optional<std::uint64_t> pass(Instant now) {
    if (now >= interval_end_) {
      interval_end_ = now + interval_;
      used_ = 0;
    }
    if (used_ >= lines_) {
      ++left_out_;
      return std::nullopt;
    }
    ++used_;
    const std::uint64_t before = left_out_;
    left_out_ = 0;
    return before;
  }

 private:
  std::uint32_t lines_;
  Duration interval_;
  Instant interval_end_{INT64_MIN};
  std::uint32_t used_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace espial::mqtt
