#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "hub/store/changes.hpp"

namespace espial::store {

/// All readings of one field of one function of one device. In order of device, slot and field.
struct Series {
  std::uint64_t packed = 0;

  static Series of(DeviceId device, std::uint8_t slot, std::uint8_t field) {
    return {std::uint64_t{device.value} << 16 | std::uint64_t{slot} << 8 | field};
  }
  static Series of(const Reading& reading) {
    return of(reading.device, reading.slot, reading.field);
  }
  DeviceId device() const { return DeviceId{static_cast<std::uint32_t>(packed >> 16)}; }
  std::uint8_t slot() const { return static_cast<std::uint8_t>(packed >> 8); }
  std::uint8_t field() const { return static_cast<std::uint8_t>(packed); }

  friend constexpr bool operator==(Series a, Series b) { return a.packed == b.packed; }
  friend constexpr bool operator<(Series a, Series b) { return a.packed < b.packed; }
};

/// A reading without its text, which only the database has.
struct RecentRow {
  std::uint64_t arrival = 0;
  std::int64_t taken_at_ms = 0;
  double number = 0;
  ValueType type = ValueType::none;

  /// In order of time; those of one millisecond in order of arrival.
  friend bool operator<(const RecentRow& a, const RecentRow& b) {
    return a.taken_at_ms != b.taken_at_ms ? a.taken_at_ms < b.taken_at_ms : a.arrival < b.arrival;
  }
};

/// In memory, what the table `recent` holds and no table of a day yet: every series as a chain in
/// order of arrival, at 24 bytes a reading. Any thread; one appends, and one drops. Holds at most
/// 2^32 - 1 readings whose arrivals lie no farther apart.
class RecentRows {
 public:
  struct Entry {
    Series series;
    RecentRow row;

    static Entry of(const Reading& reading, std::uint64_t arrival);
  };

  void clear();
  /// Appends readings; their arrivals ascend from call to call.
  void append(std::span<const Entry> entries);

  /// The readings of a series with from_ms <= taken_at < to_ms, in order of time.
  std::vector<RecentRow> copy(Series series, std::int64_t from_ms, std::int64_t to_ms) const;
  std::size_t size() const;

  /// All series that hold a reading that arrived before `end`, in their order.
  std::vector<Series> series_before(std::uint64_t end) const;
  /// The oldest readings of a series, at most `limit`, that arrived before `end`.
  void front(Series series, std::uint64_t end, std::size_t limit, std::vector<Entry>& out) const;
  bool holds(Series series, std::uint64_t arrival) const;
  /// The newest reading of every series.
  std::vector<Entry> newest() const;
  /// When the one that arrived first was taken; nothing when there is none. Readings dropped out of
  /// their order still count until `release`.
  std::optional<std::int64_t> first_taken_at_ms() const;

  struct Drop {
    Series series;
    std::size_t count = 0;
  };
  /// Forgets the oldest readings of each.
  void drop(std::span<const Drop> drops);
  /// Forgets all readings of a device.
  void forget(DeviceId device);
  /// Gives the memory back of readings that arrived before `end`, all of which must be dropped.
  void release(std::uint64_t end);

 private:
  struct Row {
    std::uint32_t next = 0;         // position of the series' next reading
    std::uint32_t arrival_low = 0;  // its lower half: the upper one follows from first_arrival_
    std::uint64_t taken_and_type = 0;
    double number = 0;
  };
  static_assert(sizeof(Row) == 24);
  static_assert(kMaxTimeMs < std::int64_t{1} << 62);

  static constexpr std::uint32_t kBlockRows = 4'096;
  using Block = std::array<Row, kBlockRows>;

  /// Positions count all readings ever appended, modulo 2^32.
  struct Chain {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t count = 0;
  };

  Row& at(std::uint32_t position) const {
    const std::uint32_t offset = position - first_position_;
    return (*blocks_[offset / kBlockRows])[offset % kBlockRows];
  }
  RecentRow unpack(const Row& row) const;
  const Chain* find(Series series) const;
  template <typename Visit>
  void walk(const Chain& chain, Visit&& visit) const;

  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<Block>> blocks_;
  std::unordered_map<std::uint64_t, Chain> chains_;
  std::uint32_t first_position_ = 0;  // of the first block; always a multiple of kBlockRows
  std::uint32_t next_position_ = 0;
  std::uint64_t first_arrival_ = 0;  // of the first row of the first block
  std::size_t size_ = 0;
};

}  // namespace espial::store
