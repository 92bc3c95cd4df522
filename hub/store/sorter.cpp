#include "hub/store/sorter.hpp"

#include <algorithm>
#include <deque>
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
  mark_ = new_mark_ = read_mark(connection);
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

void Sorter::work(Connection& connection, bool at_leisure) {
  const std::size_t arrived = rows_.size() - std::min(rows_.size(), rows_after_slice_);
  const std::size_t limit = std::max(limits_.slice_rows * (at_leisure ? 4 : 1), 2 * arrived);
  new_mark_ = mark_;
  if (!will_sweep()) {
    move(connection, limit);
  } else {
    swept_ = connection.sweep(mark_.sorted_before, 4 * limit);
  }
}

void Sorter::move(Connection& connection, std::size_t limit) {
  std::size_t next = next_series_;
  while (next < series_.size() && moved_.size() < limit) {
    const std::size_t before = moved_.size();
    rows_.front(series_[next], mark_.pass_before, limit - before, moved_);
    drops_.push_back({series_[next], moved_.size() - before});
    if (moved_.size() < limit) ++next;
  }
  if (next == series_.size()) {
    new_mark_ = {mark_.pass_before, mark_.pass_before, {}, 0};
  } else {
    new_mark_.series = moved_.back().series;
    new_mark_.arrival = moved_.back().row.arrival;
  }

  // One table after the other, each from its beginning to its end.
  std::sort(moved_.begin(), moved_.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(day_of(a.row.taken_at_ms), a.series, a.row) <
           std::make_tuple(day_of(b.row.taken_at_ms), b.series, b.row);
  });
  std::deque<std::string> texts;
  std::vector<ReadingRow> rows;
  std::vector<ReadingRow> newest;
  rows.reserve(moved_.size());
  for (const RecentRows::Entry& entry : moved_) {
    ReadingRow& row = rows.emplace_back(ReadingRow{entry, std::nullopt});
    if (entry.row.type == ValueType::text) {
      row.text = texts.emplace_back(read_text(connection, entry.row.arrival));
    }
    // The last one of its series in a day.
    if (!newest.empty() && newest.back().entry.series == entry.series) newest.pop_back();
    newest.push_back(row);
  }
  filed_.file(connection, rows, IfThere::refuse);
  filed_.note_newest(connection, newest);
  write_mark(connection, new_mark_);
}

std::size_t Sorter::committed() {
  const std::size_t count = moved_.size();
  const bool pass_ended = new_mark_.sorted_before > mark_.sorted_before;
  mark_ = new_mark_;
  filed_.committed();
  if (!drops_.empty()) {
    rows_.drop(drops_);
    next_series_ += drops_.size();
    // The last one may have more.
    std::vector<RecentRows::Entry> left;
    rows_.front(drops_.back().series, mark_.pass_before, 1, left);
    if (!left.empty()) --next_series_;
  }
  if (pass_ended) {
    rows_.release(mark_.sorted_before);
    series_ = {};
    to_sweep_ = true;
  }
  if (swept_) to_sweep_ = false;
  rows_after_slice_ = rows_.size();
  moved_.clear();
  drops_.clear();
  swept_ = false;
  return count;
}

void Sorter::undone() {
  filed_.forget();
  read_text_.reset();
  moved_.clear();
  drops_.clear();
  swept_ = false;
}

void Sorter::file_again(Connection& connection, const Reading& reading) {
  const auto entry = RecentRows::Entry::of(reading, reading.arrival);
  if (rows_.holds(entry.series, reading.arrival) || filed_.holds(connection, entry)) return;
  ReadingRow row{entry, std::nullopt};
  if (reading.type == ValueType::text) row.text = reading.text;
  filed_.note_newest(connection, {&row, 1});
  filed_.file(connection, {&row, 1}, IfThere::drop);
}

void Sorter::erase(Connection& connection, DeviceId device) {
  connection.prepare("DELETE FROM recent WHERE device = ?")->run(device.value);
  filed_.erase(connection, device);
}

std::string Sorter::read_text(Connection& connection, std::uint64_t arrival) {
  if (!read_text_) {
    read_text_ = connection.prepare("SELECT text FROM recent WHERE arrival = ?");
  }
  read_text_->begin(arrival);
  std::string text = read_text_->next() ? read_text_->text(0) : std::string();
  read_text_->reset();
  return text;
}

}  // namespace espial::store
