#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "hub/store/connection.hpp"
#include "hub/store/recent_rows.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// The curve of one series: what is filed by day and what is recent, as one. Throws SOCI's errors.
History read_history(Connection& connection, const RecentRows& recent, Series series, UnixTime from,
                     UnixTime to, std::size_t max_points);

/// The readings of one series one by one, in order of time. Throws SOCI's errors.
void read_readings(Connection& connection, const RecentRows& recent, Series series, UnixTime from,
                   UnixTime to, const std::function<void(const Reading&)>& each);

/// How many readings are stored. Throws SOCI's errors.
std::uint64_t count_readings(Connection& connection);

}  // namespace espial::store
