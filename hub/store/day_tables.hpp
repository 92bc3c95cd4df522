#pragma once

#include <cstdint>
#include <string>

#include "hub/store/connection.hpp"

namespace espial::store {

/// Days since 1970 UTC, of a time from then on.
constexpr std::int64_t day_of(std::int64_t time_ms) { return time_ms / 86'400'000; }

/// "readings_2026_11_21", the table of that day's readings.
std::string day_table(std::int64_t day);

/// Makes the table of a day, and notes it in `reading_days`, unless it is there.
/// Throws SOCI's errors.
void create_day_table(Connection& connection, std::int64_t day);

}  // namespace espial::store
