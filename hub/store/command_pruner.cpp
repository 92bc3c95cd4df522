#include "hub/store/command_pruner.hpp"

#include "hub/store/bulk_statement.hpp"

namespace espial::store {
namespace {

constexpr std::int64_t kPeriod_ms = 86'400'000;
constexpr std::int64_t kDevicesAtOnce = 64;
/// So that no commit waits long for a piece.
constexpr int kCommandsAtOnce = 500;

}  // namespace

bool CommandPruner::is_due(UnixTime now) const {
  return now.ms >= due_.ms || now.ms + kPeriod_ms < due_.ms;  // the clock was set back
}

void CommandPruner::work(Connection& connection, UnixTime now) {
  new_device_ = device_;
  new_due_ = due_;
  const auto next = connection.prepare("SELECT min(device) FROM commands WHERE device > ?");
  next->begin(device_);
  next->next();
  if (next->is_null(0)) {
    new_device_ = 0;
    new_due_ = {now.ms + kPeriod_ms};
    return;
  }
  const std::int64_t first = next->integer(0);
  next->reset();
  const std::int64_t last = first + kDevicesAtOnce - 1;
  // Chosen first and then deleted: MariaDB would lock all that it looks at.
  const auto ended = connection.prepare(
      "SELECT device, command_id FROM commands WHERE device >= ? AND device <= ? AND state <> 0 "
      "AND created_at_ms < ? AND command_id < (SELECT max(others.command_id) FROM commands others "
      "WHERE others.device = commands.device) LIMIT ?");
  ended->begin(first, last, now.ms - kKept_ms, kCommandsAtOnce);
  BulkStatement removed("DELETE FROM commands WHERE device = ? AND command_id = ?");
  int count = 0;
  for (; ended->next(); ++count) removed.add(ended->integer(0), ended->integer(1));
  removed.execute(connection);
  if (count < kCommandsAtOnce) new_device_ = last;
}

void CommandPruner::committed() {
  device_ = new_device_;
  due_ = new_due_;
}

}  // namespace espial::store
