#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "hub/store/connection.hpp"
#include "hub/store/retention.hpp"
#include "hub/store/rollups.hpp"

namespace espial::store {

/// Removes readings that are older than they are to be kept, from days that are rolled up: kind by
/// kind some devices at a time, or the table of a day at once when nothing of it is to stay.
/// `rolled_days` says of every day by which rule it was pruned last, so none is gone through twice
/// but for rules that changed (`meta` has those applied last) and readings filed since.
///
/// Each piece of work is one transaction of the caller's: `prepare`, then `work` inside, then
/// `committed`; or `undone` if it failed. Throws SOCI's errors.
class Pruner {
 public:
  Pruner(Rollups& rollups, Retention retention)
      : rollups_(rollups), retention_(std::move(retention)) {}

  /// Takes up where the database is.
  void open(Connection& connection);
  /// Whether there is work, at the day `today`.
  bool prepare(std::int64_t today);
  void work(Connection& connection);
  /// Returns the day whose table is gone, if one is.
  std::optional<std::int64_t> committed();
  void undone();
  /// Days from which something is to be removed.
  std::size_t days_left(std::int64_t today) const;

 private:
  void note_rules(Connection& connection) const;
  void note_late();
  std::int64_t rule_for(std::int64_t day, std::int64_t today) const;
  std::string condition() const;
  void finish(Connection& connection, std::int64_t pruned_at_days);

  Rollups& rollups_;
  const Retention retention_;
  std::map<std::int64_t, std::int64_t> pruned_at_;  // rule in days, by day
  std::int64_t day_ = -1;                           // being pruned; -1: none
  std::int64_t rule_days_ = 0;
  std::int64_t device_ = 0;  // up to and with this one it is done

  // What the present piece does to the above, once it is committed.
  std::int64_t new_device_ = 0;
  bool finished_ = false;
  bool dropped_ = false;
};

}  // namespace espial::store
