#include "hub/store/sorter.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "hub/store/day_tables.hpp"

namespace espial::store {
namespace {

/// A day is closed so long after its end: most of what is on its way then has arrived.
constexpr std::int64_t kClosingMs = 600'000;
constexpr std::size_t kRowsReadAtOnce = 10'000;

}  // namespace

std::uint64_t Sorter::open(Connection& connection) {
  mark_ = read_mark(connection);
  filed_.open(connection);
  const auto query = connection.prepare(
      "SELECT arrival, device, slot, field, taken_at_ms, number, CASE WHEN text IS NULL THEN 0 "
      "ELSE 1 END FROM recent "
      "WHERE arrival >= ? ORDER BY arrival LIMIT ?");
  std::uint64_t next_arrival = mark_.sorted_before;
  std::vector<RecentRows::Entry> entries;
  // In parts: some engines hand over all that a query finds at once.
  std::uint64_t begin = 0;
  for (bool more = true; more;) {
    more = false;
    query->begin(begin, kRowsReadAtOnce);
    while (query->next()) {
      const auto arrival = static_cast<std::uint64_t>(query->integer(0));
      next_arrival = std::max(next_arrival, arrival + 1);
      begin = arrival + 1;
      more = true;
      to_sweep_ |= arrival < mark_.sorted_before;
      const Series series = Series::of(DeviceId{static_cast<std::uint32_t>(query->integer(1))},
                                       static_cast<std::uint8_t>(query->integer(2)),
                                       static_cast<std::uint8_t>(query->integer(3)));
      if (mark_.covers(series, arrival)) continue;
      const ValueType type = !query->is_null(5)       ? ValueType::number
                             : query->integer(6) != 0 ? ValueType::text
                                                      : ValueType::none;
      entries.push_back({series, {arrival, query->integer(4), query->number(5), type}});
    }
    rows_.append(entries);
    entries.clear();
  }
  if (mark_.pass_before > mark_.sorted_before) series_ = rows_.series_before(mark_.pass_before);
  rows_after_slice_ = rows_.size();
  if (const auto taken_at_ms = rows_.first_taken_at_ms()) sorted_on_day_ = day_of(*taken_at_ms);
  return next_arrival;
}

std::int64_t Sorter::closed_before(UnixTime now) { return day_of(now.ms - kClosingMs); }

bool Sorter::due(UnixTime now) const {
  return rows_.size() > 0 &&
         (rows_.size() >= limits_.max_recent_rows || closed_before(now) > *sorted_on_day_);
}

bool Sorter::prepare(UnixTime now, std::uint64_t next_arrival) {
  filed_.set_today(day_of(now.ms));
  if (!sorted_on_day_) sorted_on_day_ = closed_before(now);
  if (mark_.pass_before > mark_.sorted_before || to_sweep_) return true;
  if (!due(now)) return false;
  sorted_on_day_ = closed_before(now);
  mark_.pass_before = next_arrival;
  series_ = rows_.series_before(next_arrival);
  next_series_ = 0;
  rows_after_slice_ = rows_.size();
  return true;
}

std::size_t Sorter::plan(Connection&, bool at_leisure, std::size_t most) {
  const std::size_t arrived = rows_.size() - std::min(rows_.size(), rows_after_slice_);
  const std::size_t limit = std::max(limits_.slice_rows * (at_leisure ? 4 : 1), 2 * arrived);
  if (will_sweep()) {
    parts_[0].mark = mark_;
    sweep_rows_ = 4 * limit;
    return 1;
  }
  choose(limit * most);
  return divide(most);
}

/// All of the piece as one part.
void Sorter::choose(std::size_t limit) {
  auto& [mark, moved, drops, text] = parts_[0];
  std::size_t next = next_series_;
  while (next < series_.size() && moved.size() < limit) {
    const std::size_t before = moved.size();
    rows_.front(series_[next], mark_.pass_before, limit - before, moved);
    drops.push_back({series_[next], moved.size() - before});
    if (moved.size() < limit) ++next;
  }
  if (next == series_.size()) {
    mark = {mark_.pass_before, mark_.pass_before, {}, 0};
  } else {
    mark = mark_;
    mark.series = moved.back().series;
    mark.arrival = moved.back().row.arrival;
  }
}

/// Makes parts of it, of about as many rows each and no series in two of them. None may have to
/// make a table: the others would wait for it. Returns how many there are.
std::size_t Sorter::divide(std::size_t most) {
  const auto has_place = [this](const RecentRows::Entry& entry) {
    return filed_.has_place(day_of(entry.row.taken_at_ms));
  };
  auto& first = parts_[0];
  if (most == 1 || !std::all_of(first.moved.begin(), first.moved.end(), has_place)) return 1;
  const auto moved = std::exchange(first.moved, {});
  const auto drops = std::exchange(first.drops, {});
  const SortingMark end_mark = std::exchange(first.mark, mark_);
  const std::size_t share = (moved.size() + most - 1) / most;
  std::size_t last = 0;
  auto row = moved.begin();
  for (const RecentRows::Drop& drop : drops) {
    // Of an erased device nothing is left to move.
    if (drop.count > 0 && parts_[last].moved.size() >= share) parts_[++last].mark = mark_;
    Part& part = parts_[last];
    const auto end = row + static_cast<std::ptrdiff_t>(drop.count);
    part.moved.insert(part.moved.end(), row, end);
    part.drops.push_back(drop);
    if (drop.count == 0) continue;
    row = end;
    part.mark.series = drop.series;
    part.mark.arrival = std::prev(row)->row.arrival;
  }
  parts_[last].mark = end_mark;
  return last + 1;
}

void Sorter::work(Connection& connection, std::size_t part) {
  if (will_sweep()) {
    swept_ = connection.sweep(mark_.sorted_before, sweep_rows_);
  } else {
    move(connection, part);
  }
}

void Sorter::move(Connection& connection, std::size_t part) {
  auto& moved = parts_[part].moved;
  // One table after the other, each from its beginning to its end.
  std::sort(moved.begin(), moved.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(day_of(a.row.taken_at_ms), a.series, a.row) <
           std::make_tuple(day_of(b.row.taken_at_ms), b.series, b.row);
  });
  std::deque<std::string> texts;
  std::vector<ReadingRow> rows;
  std::vector<ReadingRow> newest;
  rows.reserve(moved.size());
  for (const RecentRows::Entry& entry : moved) {
    ReadingRow& row = rows.emplace_back(ReadingRow{entry, std::nullopt});
    if (entry.row.type == ValueType::text) {
      row.text = texts.emplace_back(read_text(connection, parts_[part], entry.row.arrival));
    }
    // The last one of its series in a day.
    if (!newest.empty() && newest.back().entry.series == entry.series) newest.pop_back();
    newest.push_back(row);
  }
  filed_.file(connection, rows, IfThere::refuse, part);
  filed_.note_newest(connection, newest, part);
}

void Sorter::seal(Connection& connection, std::size_t part) {
  if (will_sweep()) return;
  filed_.seal(connection, part);
  write_mark(connection, parts_[part].mark);
}

void Sorter::committed(std::size_t part) {
  auto& [mark, moved, drops, text] = parts_[part];
  moved_ += moved.size();
  const bool pass_ended = mark.sorted_before > mark_.sorted_before;
  mark_ = mark;
  filed_.committed(moved);
  if (!drops.empty()) {
    rows_.drop(drops);
    next_series_ += drops.size();
    // The last one may have more.
    std::vector<RecentRows::Entry> left;
    rows_.front(drops.back().series, mark_.pass_before, 1, left);
    if (!left.empty()) --next_series_;
  }
  if (pass_ended) {
    rows_.release(mark_.sorted_before);
    series_ = {};
    to_sweep_ = true;
  }
  if (swept_) to_sweep_ = false;
  rows_after_slice_ = rows_.size();
  moved.clear();
  drops.clear();
  swept_ = false;
}

void Sorter::undone() {
  filed_.forget();
  parts_ = {};
  swept_ = false;
}

void Sorter::file_again(Connection& connection, const Reading& reading) {
  const auto entry = RecentRows::Entry::of(reading, reading.arrival);
  if (rows_.holds(entry.series, reading.arrival) || filed_.holds(connection, entry)) return;
  ReadingRow row{entry, std::nullopt};
  if (reading.type == ValueType::text) row.text = reading.text;
  filed_.note_newest(connection, {&row, 1});
  filed_.file(connection, {&row, 1}, IfThere::drop);
  filed_.seal(connection);
}

void Sorter::erase(Connection& connection, DeviceId device) {
  connection.prepare("DELETE FROM recent WHERE device = ?")->run(device.value);
  filed_.erase(connection, device);
}

std::string Sorter::read_text(Connection& connection, Part& part, std::uint64_t arrival) {
  auto& query = part.read_text;
  if (!query) query = connection.prepare("SELECT text FROM recent WHERE arrival = ?");
  query->begin(arrival);
  std::string text = query->next() ? query->text(0) : std::string();
  query->reset();
  return text;
}

}  // namespace espial::store
