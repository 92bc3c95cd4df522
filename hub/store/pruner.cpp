#include "hub/store/pruner.hpp"

#include <spdlog/fmt/fmt.h>

#include <vector>

#include "hub/store/day_tables.hpp"

namespace espial::store {
namespace {

/// So many devices' readings of a day at once: some thousands, as with other pieces of tidying.
constexpr std::int64_t kDevicesAtOnce = 16;

}  // namespace

void Pruner::open(Connection& connection) {
  if (!retention_.empty()) note_rules(connection);
  const auto query = connection.prepare("SELECT day, pruned_at_days FROM rolled_days");
  query->begin();
  while (query->next()) pruned_at_[query->integer(0)] = query->integer(1);
}

/// A day says of its rules only the greatest: with others it is to be gone through again.
void Pruner::note_rules(Connection& connection) const {
  const std::string key = "store.retention";
  const auto query = connection.prepare("SELECT \"value\" FROM meta WHERE \"key\" = ?");
  query->begin(key);
  const std::string rules = to_text(retention_);
  const bool same = query->next() && query->text(0) == rules;
  query->reset();
  if (same) return;
  // In this order: a power cut in between costs no more than going through them once more.
  connection.prepare("UPDATE rolled_days SET pruned_at_days = ? WHERE pruned_at_days > 0")
      ->run(kPruneAgain);
  connection.prepare(upsert(connection.dialect(), "meta", {"\"key\""}, {"\"value\""}))
      ->run(key, rules);
}

void Pruner::note_late() {
  for (const std::int64_t day : rollups_.take_late()) {
    pruned_at_.erase(day);
    if (day == day_) device_ = 0;
  }
}

std::int64_t Pruner::rule_for(std::int64_t day, std::int64_t today) const {
  const std::int64_t due = retention_.due(today - day);
  const auto before = pruned_at_.find(day);
  return before == pruned_at_.end() || before->second < due ? due : 0;
}

bool Pruner::prepare(std::int64_t today) {
  note_late();
  if (day_ >= 0) return true;
  if (retention_.empty()) return false;
  for (const std::int64_t day : rollups_.rolled_tables()) {
    if (day >= today) break;
    rule_days_ = rule_for(day, today);
    if (rule_days_ == 0) continue;
    day_ = day;
    device_ = 0;
    return true;
  }
  return false;
}

std::size_t Pruner::days_left(std::int64_t today) const {
  if (retention_.empty()) return 0;
  std::size_t count = 0;
  for (const std::int64_t day : rollups_.rolled_tables()) count += rule_for(day, today) > 0 ? 1 : 0;
  return count;
}

void Pruner::work(Connection& connection) {
  const std::string table = day_table(day_);
  if (retention_.ends_all(rule_days_)) {
    connection.prepare("DELETE FROM reading_days WHERE day = ?")->run(day_);
    connection.drop(table);
    dropped_ = true;
    // What comes late makes a table again, which is then removed like this one.
    return finish(connection, 0);
  }
  const auto next = connection.prepare("SELECT min(device) FROM " + table + " WHERE device > ?");
  next->begin(device_);
  next->next();
  if (next->is_null(0)) {
    next->reset();
    return finish(connection, rule_days_);
  }
  const std::int64_t first = next->integer(0);
  next->reset();
  new_device_ = first + kDevicesAtOnce - 1;
  connection
      .prepare("DELETE FROM " + table + " WHERE device >= ? AND device <= ? AND " + condition())
      ->run(first, new_device_);
}

/// True for the rows of the kinds that end with the rule of this day.
std::string Pruner::condition() const {
  const bool others_end = retention_.others_days && *retention_.others_days <= rule_days_;
  std::vector<int> named;  // kinds that end, or with all others those that don't
  for (const auto& [kind, days] : retention_.kind_days) {
    if ((days <= rule_days_) != others_end) named.push_back(kind);
  }
  return fmt::format(
      "{}EXISTS (SELECT 1 FROM functions WHERE functions.device = {}.device AND functions.slot = "
      "{}.slot AND functions.kind IN ({}))",
      others_end ? "NOT " : "", day_table(day_), day_table(day_), fmt::join(named, ", "));
}

void Pruner::finish(Connection& connection, std::int64_t pruned_at_days) {
  connection.prepare("UPDATE rolled_days SET pruned_at_days = ? WHERE day = ?")
      ->run(pruned_at_days, day_);
  finished_ = true;
}

std::optional<std::int64_t> Pruner::committed() {
  std::optional<std::int64_t> gone;
  if (!finished_) {
    device_ = new_device_;
    return gone;
  }
  pruned_at_[day_] = dropped_ ? 0 : rule_days_;
  if (dropped_) {
    rollups_.forget_day(day_);
    gone = day_;
  }
  day_ = -1;
  finished_ = dropped_ = false;
  return gone;
}

void Pruner::undone() { finished_ = dropped_ = false; }

}  // namespace espial::store
