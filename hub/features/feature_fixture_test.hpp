#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/mqtt/client.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"
#include "station/live_state.hpp"

namespace espial::features {

/// What a feature handed to the broker.
struct Published {
  std::string topic;
  std::string payload;
  mqtt::Qos qos{};
  bool retain = false;
};

/// A hub without a broker, for the tests of features: a real database, the live state filled from
/// it, and everything published kept.
class FeatureFixture : public testing::Test {
 protected:
  /// Opens the database as a hub's start does and returns what it holds.
  store::Snapshot open() {
    store::SqliteOptions options;
    options.file = folder_.file();
    store_ = store::make_sqlite_store(options);
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
      device.online = record.online;
      EXPECT_EQ(live_->put(device), station::Outcome::done);
    }
    committer_.emplace(*store_, io_);
    return snapshot;
  }

  /// Commits what is queued and closes the database.
  void close() {
    committer_->stop();
    io_.restart();
    io_.poll();
    committer_.reset();
    store_->close();
  }

  mqtt::PublishError publish(const mqtt::Message& message) {
    published_.push_back(
        {std::string(message.topic),
         {reinterpret_cast<const char*>(message.payload.data()), message.payload.size()},
         message.qos,
         message.retain});
    return mqtt::PublishError::kNone;
  }

  /// Lets commits complete until `done` says so; false when that takes ten seconds.
  template <typename Done>
  [[nodiscard]] bool settle(Done&& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io_.restart();
      io_.run_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  store::TemporaryFolder folder_;
  boost::asio::io_context io_;
  std::optional<station::LiveState> live_;
  std::unique_ptr<store::Store> store_;
  std::optional<store::Committer> committer_;
  std::vector<Published> published_;
  int acknowledged_ = 0;
};

}  // namespace espial::features
