#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/store/connection.hpp"
#include "hub/store/rollups.hpp"

namespace espial::store {

/// Of one series, from <= taken_at < to.
struct Range {
  Series series;
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
};

/// Asks for one series' readings in a range, with "WHERE" and five parameters filled in.
std::unique_ptr<Statement> select_in_range(Connection& connection, const std::string& columns,
                                           const std::string& table, const Range& range,
                                           const std::string& order = "");

/// The value that a query's columns `number` and `text` hold.
ValueType type_of(const Statement& query, int number, int text);

/// The days of a range on which a series may have readings, and in which form.
struct SeriesDay {
  bool has_table = false;       ///< its readings are there, one by one
  std::optional<Rollup> whole;  ///< the day is rolled up, and wholly in the range
};
std::map<std::int64_t, SeriesDay> days_of(Connection& connection, const Range& range);

/// The rollups of a table that lie wholly in the range, in order.
std::vector<Rollup> rollups_in(Connection& connection, const std::string& table,
                               std::int64_t width_ms, const Range& range);

}  // namespace espial::store
