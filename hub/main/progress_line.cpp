#include "hub/main/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace espial::main {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kShowEvery = std::chrono::milliseconds(200);

}  // namespace

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(const std::string& text) {
  const auto now = SteadyClock::now();
  if (!terminal_ || now - shown_at_ < kShowEvery) return;
  shown_at_ = now;
  fmt::print(stderr, "\r\033[K{}", text);
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (terminal_ && shown_at_ != SteadyClock::time_point{}) fmt::print(stderr, "\r\033[K");
}

}  // namespace espial::main
