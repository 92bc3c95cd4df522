#include "hub/store/connection.hpp"

#include <exception>

namespace espial::store {

Moment::Moment(Connection& connection) : connection_(connection) { connection_.begin_reading(); }

Moment::~Moment() {
  try {
    connection_.roll_back();
  } catch (const std::exception&) {
    // It has ended by itself, with the error that the query threw.
  }
}

}  // namespace espial::store
