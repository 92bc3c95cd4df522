#include "hub/store/recent_rows.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace espial::store {

RecentRows::Entry RecentRows::Entry::of(const Reading& reading, std::uint64_t arrival) {
  const bool no_number = reading.type == ValueType::number && !std::isfinite(reading.number);
  return {
      Series::of(reading),
      {arrival, reading.taken_at.ms, reading.number, no_number ? ValueType::none : reading.type}};
}

RecentRow RecentRows::unpack(const Row& row) const {
  const std::uint32_t since_first = row.arrival_low - static_cast<std::uint32_t>(first_arrival_);
  return {first_arrival_ + since_first, static_cast<std::int64_t>(row.taken_and_type >> 2),
          row.number, static_cast<ValueType>(row.taken_and_type & 3)};
}

const RecentRows::Chain* RecentRows::find(Series series) const {
  const auto found = chains_.find(series.packed);
  return found == chains_.end() || found->second.count == 0 ? nullptr : &found->second;
}

/// Shows the rows in order of arrival until `visit` says no.
template <typename Visit>
void RecentRows::walk(const Chain& chain, Visit&& visit) const {
  std::uint32_t position = chain.first;
  for (std::uint32_t left = chain.count; left > 0; --left) {
    const Row& row = at(position);
    if (!visit(unpack(row))) return;
    position = row.next;
  }
}

void RecentRows::clear() {
  const std::lock_guard lock(mutex_);
  blocks_.clear();
  chains_.clear();
  first_position_ = next_position_ = 0;
  size_ = 0;
}

void RecentRows::append(std::span<const Entry> entries) {
  const std::lock_guard lock(mutex_);
  for (const auto& [series, row] : entries) {
    if (next_position_ % kBlockRows == 0) {
      if (blocks_.empty()) first_arrival_ = row.arrival;
      blocks_.push_back(std::make_unique<Block>());
    }
    const std::uint32_t position = next_position_++;
    at(position) = {
        0, static_cast<std::uint32_t>(row.arrival),
        static_cast<std::uint64_t>(row.taken_at_ms) << 2 | static_cast<std::uint64_t>(row.type),
        row.number};
    Chain& chain = chains_[series.packed];
    if (chain.count++ == 0) {
      chain.first = position;
    } else {
      at(chain.last).next = position;
    }
    chain.last = position;
  }
  size_ += entries.size();
}

std::vector<RecentRow> RecentRows::copy(Series series, std::int64_t from_ms,
                                        std::int64_t to_ms) const {
  std::vector<RecentRow> rows;
  {
    const std::lock_guard lock(mutex_);
    if (const Chain* chain = find(series)) {
      walk(*chain, [&](const RecentRow& row) {
        if (row.taken_at_ms >= from_ms && row.taken_at_ms < to_ms) rows.push_back(row);
        return true;
      });
    }
  }
  if (!std::is_sorted(rows.begin(), rows.end())) std::sort(rows.begin(), rows.end());
  return rows;
}

std::size_t RecentRows::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

std::vector<Series> RecentRows::series_before(std::uint64_t end) const {
  const std::lock_guard lock(mutex_);
  std::vector<Series> all;
  for (const auto& [packed, chain] : chains_) {
    if (chain.count > 0 && unpack(at(chain.first)).arrival < end) all.push_back({packed});
  }
  std::sort(all.begin(), all.end());
  return all;
}

void RecentRows::front(Series series, std::uint64_t end, std::size_t limit,
                       std::vector<Entry>& out) const {
  const std::lock_guard lock(mutex_);
  const Chain* const chain = find(series);
  if (chain == nullptr || limit == 0) return;
  walk(*chain, [&](const RecentRow& row) {
    if (row.arrival >= end) return false;
    out.push_back({series, row});
    return --limit > 0;
  });
}

bool RecentRows::holds(Series series, std::uint64_t arrival) const {
  const std::lock_guard lock(mutex_);
  bool found = false;
  if (const Chain* chain = find(series)) {
    walk(*chain, [&](const RecentRow& row) {
      found = row.arrival == arrival;
      return row.arrival < arrival;
    });
  }
  return found;
}

std::vector<RecentRows::Entry> RecentRows::newest() const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> all;
  for (const auto& [packed, chain] : chains_) {
    if (chain.count == 0) continue;
    Entry& newest = all.emplace_back(Entry{{packed}, unpack(at(chain.first))});
    walk(chain, [&newest](const RecentRow& row) {
      newest.row = std::max(newest.row, row);
      return true;
    });
  }
  return all;
}

std::optional<std::int64_t> RecentRows::first_taken_at_ms() const {
  const std::lock_guard lock(mutex_);
  if (size_ == 0) return std::nullopt;
  return unpack(blocks_.front()->front()).taken_at_ms;
}

void RecentRows::drop(std::span<const Drop> drops) {
  const std::lock_guard lock(mutex_);
  for (const auto& [series, count] : drops) {
    Chain& chain = chains_.at(series.packed);
    for (std::size_t i = 0; i < count; ++i) chain.first = at(chain.first).next;
    chain.count -= static_cast<std::uint32_t>(count);
    size_ -= count;
  }
}

void RecentRows::forget(DeviceId device) {
  const std::lock_guard lock(mutex_);
  for (auto& [packed, chain] : chains_) {
    if (Series{packed}.device() != device) continue;
    size_ -= std::exchange(chain.count, 0);
  }
}

void RecentRows::release(std::uint64_t end) {
  const std::lock_guard lock(mutex_);
  const auto whole_blocks = [this] { return (next_position_ - first_position_) / kBlockRows; };
  while (whole_blocks() > 0 && unpack(blocks_.front()->back()).arrival < end) {
    blocks_.pop_front();
    first_position_ += kBlockRows;
    if (!blocks_.empty()) first_arrival_ = unpack(blocks_.front()->front()).arrival;
  }
}

}  // namespace espial::store
