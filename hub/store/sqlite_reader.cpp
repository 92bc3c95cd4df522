#include <algorithm>
#include <utility>

#include "hub/store/snapshot_loader.hpp"
#include "hub/store/sqlite_connection.hpp"

namespace espial::store {
namespace {

using Int = long long;
using Text = std::string;

constexpr char kInRange[] =
    "FROM readings WHERE device = :d AND slot = :s AND field = :f AND taken_at_ms >= :from "
    "AND taken_at_ms < :to ";

struct Extent {
  Int readings = 0;
  Int numbers = 0;
  Int first_ms = 0;
  Int last_ms = 0;
};

Extent measure(soci::session& session, const std::vector<Int>& range) {
  Extent extent;
  Query<Int, Int, std::optional<Int>, std::optional<Int>> query(
      session,
      std::string("SELECT count(*), count(number), min(taken_at_ms), max(taken_at_ms) ") + kInRange,
      range.size());
  query.run(range, [&](Int readings, Int numbers, std::optional<Int> first_ms,
                       std::optional<Int> last_ms) {
    extent = {readings, numbers, first_ms.value_or(0), last_ms.value_or(0)};
  });
  return extent;
}

/// The newest `limit` readings, in order of time.
void read_single(soci::session& session, std::vector<Int> parameters, std::size_t limit,
                 std::vector<HistoryPoint>& points) {
  parameters.push_back(static_cast<Int>(limit));
  Query<Int, std::optional<double>, std::optional<Text>> query(
      session,
      std::string("SELECT taken_at_ms, number, text ") + kInRange +
          "ORDER BY taken_at_ms DESC, arrival DESC LIMIT :limit",
      parameters.size());
  query.run(parameters, [&](Int at_ms, std::optional<double> number, std::optional<Text> text) {
    HistoryPoint point;
    point.at.ms = at_ms;
    point.count = 1;
    if (number) {
      point.type = ValueType::number;
      point.number = point.lowest = point.highest = *number;
    } else if (text) {
      point.type = ValueType::text;
      point.text = std::move(*text);
    }
    points.push_back(std::move(point));
  });
  std::reverse(points.begin(), points.end());
}

/// Mean, lowest and highest of the numbers in each of `parts` equal parts of the extent.
void read_parts(soci::session& session, std::vector<Int> parameters, const Extent& extent,
                std::size_t parts, std::vector<HistoryPoint>& points) {
  const Int span_ms = extent.last_ms - extent.first_ms + 1;
  const Int width_ms = span_ms / static_cast<Int>(parts) + 1;
  parameters.push_back(extent.first_ms);
  parameters.push_back(width_ms);
  Query<Int, double, double, double, Int> query(
      session,
      std::string(
          "SELECT min(taken_at_ms), avg(number), min(number), max(number), count(number) ") +
          kInRange + "AND number IS NOT NULL GROUP BY (taken_at_ms - :first) / :width ORDER BY 1",
      parameters.size());
  query.run(parameters, [&](Int at_ms, double mean, double lowest, double highest, Int count) {
    HistoryPoint point;
    point.at.ms = at_ms;
    point.type = ValueType::number;
    point.number = mean;
    point.lowest = lowest;
    point.highest = highest;
    point.count = static_cast<std::uint32_t>(count);
    points.push_back(std::move(point));
  });
}

class SqliteReader : public Reader {
 public:
  explicit SqliteReader(std::unique_ptr<soci::session> session) : session_(std::move(session)) {}

  History history(DeviceId device, std::uint8_t slot, std::uint8_t field, UnixTime from,
                  UnixTime to, std::size_t max_points) override {
    History history;
    max_points = std::clamp<std::size_t>(max_points, 1, kMaxHistoryPoints);
    history.error = guarded([&] {
      const std::vector<Int> range{device.value, slot, field, from.ms, to.ms};
      const Extent extent = measure(*session_, range);
      history.readings = static_cast<std::uint64_t>(extent.readings);
      if (history.readings <= max_points || extent.numbers == 0) {
        read_single(*session_, range, max_points, history.points);
      } else {
        read_parts(*session_, range, extent, max_points, history.points);
      }
    });
    if (history.error != StoreError::none) history.points.clear();
    return history;
  }

  StoreCounts counts() override {
    StoreCounts counts;
    counts.error = guarded([&] {
      Int devices = 0;
      Int readings = 0;
      Int commands = 0;
      *session_ << "SELECT (SELECT count(*) FROM devices), (SELECT count(*) FROM readings), "
                   "(SELECT count(*) FROM commands)",
          soci::into(devices), soci::into(readings), soci::into(commands);
      counts.devices = static_cast<std::uint64_t>(devices);
      counts.readings = static_cast<std::uint64_t>(readings);
      counts.commands = static_cast<std::uint64_t>(commands);
    });
    return counts;
  }

  StoreError commands(DeviceId device, std::size_t limit,
                      std::vector<CommandRecord>& commands) override {
    commands.clear();
    return guarded([&] {
      read_commands(
          *session_,
          std::string(kSelectCommands) + "WHERE device = :d ORDER BY command_id DESC LIMIT :limit",
          {device.value, static_cast<Int>(std::min<std::size_t>(limit, 1'000'000))}, commands);
    });
  }

 private:
  template <typename Work>
  StoreError guarded(Work&& work) {
    try {
      work();
      return StoreError::none;
    } catch (const std::exception& error) {
      return classify(error);
    }
  }

  std::unique_ptr<soci::session> session_;
};

}  // namespace

std::unique_ptr<Reader> make_sqlite_reader(std::unique_ptr<soci::session> session) {
  return std::make_unique<SqliteReader>(std::move(session));
}

}  // namespace espial::store
