#include "hub/main/lifetime_option.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "ports/linux/clock.hpp"
#include "station/dashboard_body.hpp"

namespace espial::main {

void add_lifetime_option(CLI::App& command, std::optional<std::uint32_t>& lifetime_s) {
  command
      .add_option("--lifetime", lifetime_s,
                  "Seconds that the command may wait, 1 to 604800 (7 days); by default 60, and for "
                  "a module that sleeps three times as long as it does")
      ->check(CLI::Range(station::kMinCommandLifetime_s, station::kMaxCommandLifetime_s));
}

std::string time_left(std::int64_t expires_at_ms) {
  const std::int64_t left_s =
      std::max<std::int64_t>((expires_at_ms - unix_now().ms + 500) / 1000, 0);
  const auto rounded = [left_s](std::int64_t unit_s) {
    return std::to_string((left_s + unit_s / 2) / unit_s);
  };
  if (left_s < 2 * 60) return rounded(1) + " s";
  if (left_s < 2 * 3600) return rounded(60) + " min";
  if (left_s < 2 * 86'400) return rounded(3600) + " h";
  return rounded(86'400) + " days";
}

}  // namespace espial::main
