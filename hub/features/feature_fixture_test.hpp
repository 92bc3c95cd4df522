#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "hub/features/trace/report_trace.hpp"
#include "hub/mqtt/client.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"
#include "station/function_notes.hpp"
#include "station/live_state.hpp"

namespace espial::features {

/// What a feature handed to the broker.
struct Published {
  std::string topic;
  std::string payload;
  mqtt::Qos qos{};
  bool retain = false;
};

/// A store whose commits wait while the gate is closed.
class GatedStore final : public store::Store {
 public:
  explicit GatedStore(const store::SqliteOptions& options)
      : inner_(store::make_sqlite_store(options)) {}

  void set_open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }

  void keep(store::Retention retention) override { inner_->keep(std::move(retention)); }
  store::StoreError open() override { return inner_->open(); }
  void close() override { inner_->close(); }
  store::StoreError load(store::Snapshot& snapshot) override { return inner_->load(snapshot); }
  store::Tidying tidy(UnixTime now, bool at_leisure) override {
    return inner_->tidy(now, at_leisure);
  }
  store::StoreError apply(std::span<const store::Changes* const> units,
                          std::vector<std::size_t>& refused) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
    return inner_->apply(units, refused);
  }
  std::unique_ptr<store::Reader> open_reader() override { return inner_->open_reader(); }
  std::string last_error_text() const override { return inner_->last_error_text(); }

 private:
  std::unique_ptr<store::Store> inner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
};

/// A hub without a broker, for the tests of features: a real database, the live state filled from
/// it, and everything published kept.
class FeatureFixture : public testing::Test {
 protected:
  /// Opens the database as a hub's start does and returns what it holds.
  store::Snapshot open() {
    store::SqliteOptions options;
    options.file = folder_.file();
    store_ = std::make_unique<GatedStore>(options);
    EXPECT_EQ(store_->open(), store::StoreError::none);
    store::Snapshot snapshot;
    EXPECT_EQ(store_->load(snapshot), store::StoreError::none);
    live_.emplace();
    for (const store::DeviceRecord& record : snapshot.devices) {
      station::Device device;
      device.id = record.id;
      device.mac = record.mac;
      device.name = record.name;
      device.protocol = record.protocol;
      device.server = record.server;
      device.module = record.module;
      device.online = record.online && record.protocol == station::Protocol::s2;
      device.joined_at = record.joined_at;
      device.hidden = !record.joined_at.known();
      EXPECT_EQ(live_->put(device), station::Outcome::done);
    }
    store::CommitterOptions committer;
    committer.max_backlog_units = kMaxBacklog;
    committer_.emplace(*store_, io_, committer);
    return snapshot;
  }

  /// Commits what is queued and closes the database.
  void close() {
    store_->set_open(true);
    committer_->stop();
    io_.restart();
    io_.poll();
    committer_.reset();
    store_->close();
  }

  /// From here on nothing is committed; what is submitted waits, as long as there is room.
  void hold_commits() { store_->set_open(false); }
  /// Nor is anything more taken.
  void fill_backlog() {
    hold_commits();
    while (committer_->submit({})) {
    }
  }
  /// Commits what waits. Its completions run when the test lets the event loop run.
  [[nodiscard]] bool commit_all() {
    store_->set_open(true);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (committer_->counters().backlog_units > 0) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  /// Devices that a page is shown.
  std::size_t shown_devices() const {
    std::size_t count = 0;
    live_->for_each([&](const station::Device&) { ++count; });
    return count;
  }

  mqtt::PublishError publish(const mqtt::Message& message) {
    published_.push_back(
        {std::string(message.topic),
         {reinterpret_cast<const char*>(message.payload.data()), message.payload.size()},
         message.qos,
         message.retain});
    return mqtt::PublishError::kNone;
  }

  /// Lets commits complete until `done` says so; false when that takes too long.
  template <typename Done>
  [[nodiscard]] bool settle(Done&& done) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io_.restart();
      io_.run_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  static constexpr std::size_t kMaxBacklog = 64;
  /// No test waits so long; it only ends one that would hang.
  static constexpr std::chrono::seconds kPatience{60};

  store::TemporaryFolder folder_;
  boost::asio::io_context io_;
  std::optional<station::LiveState> live_;
  std::unique_ptr<GatedStore> store_;
  std::optional<store::Committer> committer_;
  trace::ReportTrace trace_{[] { return true; }, 64};
  station::FunctionNotes notes_;
  std::vector<Published> published_;
  int acknowledged_ = 0;
  int given_back_ = 0;
};

}  // namespace espial::features
