#include "hub/store/sorting_mark.hpp"

#include "hub/store/connection.hpp"

namespace espial::store {

SortingMark read_mark(Connection& connection) {
  const auto statement = connection.prepare(
      "SELECT sorted_before, pass_before, device, slot, field, arrival FROM sorting");
  statement->begin();
  SortingMark mark;
  if (statement->next()) {
    const auto u64 = [&](int column) {
      return static_cast<std::uint64_t>(statement->integer(column));
    };
    mark = {u64(0), u64(1), Series{u64(2) << 16 | u64(3) << 8 | u64(4)}, u64(5)};
  }
  return mark;
}

void write_mark(Connection& connection, const SortingMark& mark) {
  connection
      .prepare(
          "UPDATE sorting SET sorted_before = ?, pass_before = ?, device = ?, slot = ?, "
          "field = ?, arrival = ?")
      ->run(mark.sorted_before, mark.pass_before, mark.series.device().value, mark.series.slot(),
            mark.series.field(), mark.arrival);
}

}  // namespace espial::store
