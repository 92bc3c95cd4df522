#include <algorithm>
#include <utility>

#include "hub/store/history.hpp"
#include "hub/store/snapshot_loader.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sorter.hpp"
#include "hub/store/sql_store.hpp"

namespace espial::store {
namespace {

using Int = long long;

class SqlReader : public Reader {
 public:
  SqlReader(Connector connect, std::shared_ptr<const RecentRows> recent)
      : connect_(std::move(connect)), recent_(std::move(recent)) {}

  History history(DeviceId device, std::uint8_t slot, std::uint8_t field, UnixTime from,
                  UnixTime to, std::size_t max_points) override {
    History history;
    max_points = std::clamp<std::size_t>(max_points, 1, kMaxHistoryPoints);
    history.error = guarded([&] {
      history = read_history(*connection_, *recent_, Series::of(device, slot, field), from, to,
                             max_points);
    });
    return history;
  }

  StoreError readings(DeviceId device, std::uint8_t slot, std::uint8_t field, UnixTime from,
                      UnixTime to, const std::function<void(const Reading&)>& each) override {
    return guarded([&] {
      read_readings(*connection_, *recent_, Series::of(device, slot, field), from, to, each);
    });
  }

  StoreCounts counts() override {
    StoreCounts counts;
    counts.error =
        guarded(
            [&] {
              Int devices = 0;
              Int commands = 0;
              connection_->session()
                  << "SELECT (SELECT count(*) FROM devices), (SELECT count(*) FROM commands)",
                  soci::into(devices), soci::into(commands);
              counts.devices = static_cast<std::uint64_t>(devices);
              counts.readings = count_readings(*connection_);
              counts.commands = static_cast<std::uint64_t>(commands);
            });
    return counts;
  }

  StoreError commands(DeviceId device, std::size_t limit,
                      std::vector<CommandRecord>& commands) override {
    commands.clear();
    return guarded([&] {
      read_commands(
          *connection_,
          std::string(kSelectCommands) + "WHERE device = :d ORDER BY command_id DESC LIMIT :limit",
          {device.value, static_cast<Int>(std::min<std::size_t>(limit, 1'000'000))}, commands);
    });
  }

  StoreError audit(std::size_t limit, std::vector<AuditRecord>& records) override {
    records.clear();
    return guarded([&] {
      using Text = std::string;
      Query<Int, Text, Text, Text, Text> query(
          connection_->session(),
          "SELECT at_ms, account, action, subject, detail FROM audit ORDER BY id DESC LIMIT :limit",
          1);
      query.run({static_cast<Int>(std::min<std::size_t>(limit, 1'000'000))},
                [&](Int at_ms, const Text& account, const Text& action, const Text& subject,
                    const Text& detail) {
                  records.push_back({UnixTime{at_ms}, account, action, subject, detail});
                });
    });
  }

 private:
  template <typename Work>
  StoreError guarded(Work&& work) {
    StoreError result = StoreError::none;
    try {
      if (!connection_) connection_ = connect_(Purpose::reading);
      work();
    } catch (const std::exception& error) {
      result = classify(error);
    }
    if (result == StoreError::away) connection_.reset();
    return result;
  }

  const Connector connect_;
  std::unique_ptr<Connection> connection_;
  std::shared_ptr<const RecentRows> recent_;
};

}  // namespace

std::unique_ptr<Reader> make_sql_reader(Connector connect,
                                        std::shared_ptr<const RecentRows> recent) {
  return std::make_unique<SqlReader>(std::move(connect), std::move(recent));
}

std::unique_ptr<Reader> open_for_reading(const Connector& connect, Snapshot& snapshot,
                                         std::string& problem) {
  try {
    const auto connection = connect(Purpose::reading);
    const std::uint32_t version = connection->schema_version();
    if (version != kSchemaVersion) {
      problem = version > kSchemaVersion ? to_text(StoreError::too_new)
                                         : "the database is of an earlier version: start the hub "
                                           "once, which brings it forward";
      return nullptr;
    }
    const auto recent = std::make_shared<RecentRows>();
    const Moment moment(*connection);
    Rollups rollups;
    Sorter(*recent, rollups, {}).open(*connection);
    snapshot = load_snapshot(*connection, *recent);
    return make_sql_reader(connect, recent);
  } catch (const std::exception& error) {
    problem = std::string(to_text(classify(error))) + " (" + words_of(error) + ")";
    return nullptr;
  }
}

}  // namespace espial::store
