#include "hub/store/connection.hpp"

#include <algorithm>
#include <exception>

namespace espial::store {

// Neighbours only: whole pages become free, and free pages need not be written.
bool Connection::sweep(std::uint64_t end, std::size_t limit) {
  const auto first = prepare("SELECT coalesce(min(arrival), ?) FROM recent");
  first->begin(end);
  first->next();
  const auto from = static_cast<std::uint64_t>(first->integer(0));
  first->reset();
  const std::uint64_t until = std::min<std::uint64_t>(from + limit, end);
  prepare("DELETE FROM recent WHERE arrival < ?")->run(until);
  return until == end;
}

Moment::Moment(Connection& connection) : connection_(connection) { connection_.begin_reading(); }

Moment::~Moment() {
  try {
    connection_.roll_back();
  } catch (const std::exception&) {
    // It has ended by itself, with the error that the query threw.
  }
}

}  // namespace espial::store
