#include "hub/store/day_tables.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>

namespace espial::store {
namespace {

constexpr std::int64_t kLastDay =
    std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}.time_since_epoch().count();

}  // namespace

std::string day_table(std::int64_t day) {
  // A board with a broken clock may mean a day that the calendar's four digits don't reach.
  if (day > kLastDay) return "readings_day_" + std::to_string(day);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return fmt::format("readings_{:04}_{:02}_{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

void create_day_table(Connection& connection, std::int64_t day) {
  const std::string name = day_table(day);
  connection.define(in_dialect(
      connection.dialect(),
      "CREATE TABLE IF NOT EXISTS " + name +
          " (device {integer} NOT NULL, slot {integer} NOT NULL, field {integer} NOT NULL, "
          "taken_at_ms {integer} NOT NULL, arrival {integer} NOT NULL, number {real}, "
          "text {bytes}, PRIMARY KEY (device, slot, field, taken_at_ms, arrival)) {by_key}"));
  connection.prepare(upsert(connection.dialect(), "reading_days", {"day"}, {"name"}))
      ->run(day, name);
}

}  // namespace espial::store
