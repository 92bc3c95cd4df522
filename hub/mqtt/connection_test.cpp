#include "hub/mqtt/connection.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/broker/loopback_port.hpp"
#include "hub/broker/private_broker.hpp"

namespace espial::mqtt {
namespace {

namespace asio = boost::asio;
using broker::PrivateBroker;

/// No test waits so long; it only ends one that would hang.
constexpr std::chrono::seconds kPatience{60};

/// A connection and all that it said.
struct Peer {
  Peer(asio::io_context& io, std::uint16_t port, const std::string& id,
       std::optional<WillOptions> will = {}) {
    ConnectionOptions options;
    options.port = port;
    options.client.client_id = id;
    options.client.will = std::move(will);
    options.max_retry_delay_ms = 500;
    options.give_back_delay_ms = 1;
    connection.emplace(io, options,
                       Connection::Handlers{
                           .on_message =
                               [this](const Publish& message, Ticket ticket) {
                                 payloads.emplace_back(message.payload.begin(),
                                                       message.payload.end());
                                 tickets.push_back(ticket);
                                 if (acknowledging) connection->acknowledge(ticket);
                               },
                           .on_up = [this](bool present) { ups.push_back(present); },
                           .on_down = [this](std::string_view) { ++downs; },
                           .on_subscribed = [this](std::string_view, Reason) { ++subscribed; },
                       });
    connection->start();
  }

  std::optional<Connection> connection;
  bool acknowledging = true;
  std::vector<std::string> payloads;
  std::vector<Ticket> tickets;
  std::vector<bool> ups;
  int downs = 0;
  int subscribed = 0;
};

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "/espial-mqtt-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    directory_ = folder;
    broker_.emplace(
        io_, broker::BrokerOptions{.directory = directory_, .port = 0, .websockets_port = {}});
    const auto error = broker_->start();
    ASSERT_FALSE(error) << error->text;
  }
  void TearDown() override {
    broker_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::unique_ptr<Peer> peer(const std::string& id, std::optional<WillOptions> will = {}) {
    return std::make_unique<Peer>(io_, broker_->port(), id, std::move(will));
  }

  /// Runs the event loop until `done()`; false when that takes too long.
  template <typename Done>
  bool run_until(const Done& done) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    io_.restart();
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io_.run_one_until(deadline);
    }
    return true;
  }

  bool subscribe(Peer& peer, std::string_view filter, Qos qos) {
    const int before = peer.subscribed;
    return peer.connection->subscribe({.filter = filter, .qos = qos}) &&
           run_until([&] { return peer.subscribed > before; });
  }

  /// Publishes and waits for the broker's word.
  bool publish(Peer& peer, std::string_view topic, const std::string& payload, Qos qos) {
    bool done = false;
    const PublishError error = peer.connection->publish(
        {.topic = topic, .payload = as_bytes(payload), .qos = qos}, [&](Reason) { done = true; });
    return error == PublishError::kNone && run_until([&] { return done; });
  }

  bool kill_broker() {
    const int pid = broker_->pid();
    return pid > 0 && ::kill(pid, SIGKILL) == 0;
  }

  asio::io_context io_;
  std::filesystem::path directory_;
  std::optional<PrivateBroker> broker_;
};

TEST_F(ConnectionTest, EveryQosGoesBothWays) {
  const auto hub = peer("hub");
  ASSERT_TRUE(subscribe(*hub, "a/#", Qos::kExactlyOnce));
  EXPECT_EQ(hub->ups, std::vector<bool>{false});
  ASSERT_TRUE(publish(*hub, "a/0", "zero", Qos::kAtMostOnce));
  ASSERT_TRUE(publish(*hub, "a/1", "one", Qos::kAtLeastOnce));
  ASSERT_TRUE(publish(*hub, "a/2", "two", Qos::kExactlyOnce));
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == 3; }));
  EXPECT_EQ(hub->payloads, (std::vector<std::string>{"zero", "one", "two"}));
  EXPECT_EQ(hub->tickets[2].qos, Qos::kExactlyOnce);
  ASSERT_TRUE(run_until([&] { return hub->connection->unacknowledged_in() == 0; }));
}

TEST_F(ConnectionTest, AMessageAfterABurstIsNotLeftWaiting) {
  const auto sender = peer("sender");
  const auto hub = peer("hub");
  ASSERT_TRUE(subscribe(*hub, "t", Qos::kAtLeastOnce));
  std::size_t sent = 0;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 200; ++i, ++sent) {
      const Message message{.topic = "t", .payload = as_bytes("burst"), .qos = Qos::kAtLeastOnce};
      ASSERT_EQ(sender->connection->publish(message), PublishError::kNone);
    }
    ASSERT_TRUE(run_until([&] { return hub->payloads.size() == sent; })) << round;
    ASSERT_TRUE(publish(*sender, "t", "late", Qos::kAtLeastOnce));
    ++sent;
    ASSERT_TRUE(run_until([&] { return hub->payloads.size() == sent; })) << round;
  }
  EXPECT_EQ(hub->downs, 0);
}

TEST_F(ConnectionTest, ASuccessorOfTheSameNameGetsWhatWasNotAcknowledged) {
  const auto sender = peer("sender");
  auto hub = peer("hub");
  hub->acknowledging = false;
  ASSERT_TRUE(subscribe(*hub, "t", Qos::kExactlyOnce));
  for (const Qos qos : {Qos::kAtLeastOnce, Qos::kExactlyOnce, Qos::kAtLeastOnce}) {
    ASSERT_TRUE(publish(*sender, "t", std::to_string(static_cast<int>(qos)), qos));
  }
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == 3; }));
  hub->connection->acknowledge(hub->tickets[0]);
  // The broker must have read that before the connection goes: a ping's worth of traffic behind it.
  ASSERT_TRUE(publish(*hub, "other", "x", Qos::kAtLeastOnce));
  hub.reset();

  hub = peer("hub");
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == 2; }));
  EXPECT_EQ(hub->ups, std::vector<bool>{true});
  EXPECT_EQ(hub->payloads, (std::vector<std::string>{"2", "1"}));
  // Acknowledged for good now.
  ASSERT_TRUE(publish(*hub, "other", "x", Qos::kAtLeastOnce));
  hub.reset();
  hub = peer("hub");
  ASSERT_TRUE(run_until([&] { return hub->ups.size() == 1; }));
  ASSERT_TRUE(subscribe(*hub, "end", Qos::kAtLeastOnce));
  ASSERT_TRUE(publish(*hub, "end", "end", Qos::kAtLeastOnce));
  ASSERT_TRUE(run_until([&] { return !hub->payloads.empty(); }));
  EXPECT_EQ(hub->payloads, std::vector<std::string>{"end"});
}

TEST_F(ConnectionTest, ADroppedConnectionComesBackAndBringsTheUnacknowledged) {
  const auto sender = peer("sender");
  const auto hub = peer("hub");
  hub->acknowledging = false;
  ASSERT_TRUE(subscribe(*hub, "t", Qos::kExactlyOnce));
  ASSERT_TRUE(publish(*sender, "t", "one", Qos::kAtLeastOnce));
  ASSERT_TRUE(publish(*sender, "t", "two", Qos::kExactlyOnce));
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == 2; }));
  {
    const auto rival = peer("hub");  // same name: the broker ends the first one's connection
    rival->acknowledging = false;
    ASSERT_TRUE(run_until([&] { return hub->downs == 1; }));
  }
  ASSERT_TRUE(run_until([&] { return hub->ups.size() >= 2 && hub->payloads.size() >= 3; }));
  EXPECT_TRUE(hub->ups[1]);
  EXPECT_EQ(hub->payloads[2], "one");  // the QoS 2 message is not handed out again
  for (const Ticket& ticket : hub->tickets) hub->connection->acknowledge(ticket);
  EXPECT_GE(hub->connection->counters().stale_tickets, 1U);
  EXPECT_EQ(hub->connection->unacknowledged_in(), 0U);
}

TEST_F(ConnectionTest, TheLastWillSpeaksForTheVanishedAndForThoseWhoAskForIt) {
  const auto watcher = peer("watcher");
  ASSERT_TRUE(subscribe(*watcher, "gone", Qos::kAtLeastOnce));
  const WillOptions will{.topic = "gone", .payload = "yes", .retain = false};
  auto hub = peer("hub", will);
  ASSERT_TRUE(run_until([&] { return hub->ups.size() == 1; }));
  hub.reset();
  ASSERT_TRUE(run_until([&] { return watcher->payloads.size() == 1; }));

  for (const auto farewell :
       {Connection::Farewell::kWithoutWill, Connection::Farewell::kWithWill}) {
    hub = peer("hub", will);
    ASSERT_TRUE(run_until([&] { return hub->ups.size() == 1; }));
    bool stopped = false;
    hub->connection->stop(farewell, [&] { stopped = true; });
    ASSERT_TRUE(run_until([&] { return stopped; }));
    EXPECT_EQ(hub->downs, 1);
  }
  ASSERT_TRUE(run_until([&] { return watcher->payloads.size() == 2; }));
  // Had the first farewell raised a will, this would be the third message and not the fourth.
  ASSERT_TRUE(publish(*watcher, "gone", "end", Qos::kAtLeastOnce));
  ASSERT_TRUE(run_until([&] { return watcher->payloads.back() == "end"; }));
  EXPECT_EQ(watcher->payloads, (std::vector<std::string>{"yes", "yes", "end"}));
}

TEST_F(ConnectionTest, StopSendsWhatWasPublishedBefore) {
  const auto watcher = peer("watcher");
  ASSERT_TRUE(subscribe(*watcher, "t", Qos::kAtLeastOnce));
  const auto hub = peer("hub");
  ASSERT_TRUE(run_until([&] { return hub->ups.size() == 1; }));
  ASSERT_EQ(hub->connection->publish(
                {.topic = "t", .payload = as_bytes("last"), .qos = Qos::kAtLeastOnce}),
            PublishError::kNone);
  hub->connection->stop();
  ASSERT_TRUE(run_until([&] { return !watcher->payloads.empty(); }));
  EXPECT_EQ(watcher->payloads[0], "last");
}

TEST_F(ConnectionTest, WhatIsGivenBackComesAgainByItself) {
  const auto sender = peer("sender");
  const auto hub = peer("hub");
  hub->acknowledging = false;
  ASSERT_TRUE(subscribe(*hub, "t", Qos::kExactlyOnce));
  ASSERT_TRUE(publish(*sender, "t", "one", Qos::kAtLeastOnce));
  ASSERT_TRUE(publish(*sender, "t", "two", Qos::kExactlyOnce));
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == 2; }));
  hub->connection->give_back(hub->tickets[1], "no room");
  hub->connection->acknowledge(hub->tickets[0]);
  EXPECT_EQ(hub->downs, 0) << "no handler is called from within a call";
  io_.restart();
  io_.poll();
  EXPECT_EQ(hub->downs, 1) << "and yet without waiting for anything";
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == 3; }));
  EXPECT_EQ(hub->payloads, (std::vector<std::string>{"one", "two", "two"}));
  EXPECT_EQ(hub->ups, (std::vector<bool>{false, true}));
  hub->acknowledging = true;
  hub->connection->acknowledge(hub->tickets[2]);
  ASSERT_TRUE(publish(*sender, "t", "three", Qos::kExactlyOnce));
  ASSERT_TRUE(run_until([&] { return hub->payloads.back() == "three"; }));
  EXPECT_EQ(hub->connection->unacknowledged_in(), 0U) << "nothing blocks what comes after";
}

TEST_F(ConnectionTest, StopSeesAQosTwoMessageToItsEnd) {
  const auto sender = peer("sender");
  auto hub = peer("hub");
  hub->acknowledging = false;
  ASSERT_TRUE(subscribe(*hub, "t", Qos::kExactlyOnce));
  ASSERT_TRUE(publish(*sender, "t", "join", Qos::kExactlyOnce));
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == 1; }));
  hub->connection->acknowledge(hub->tickets[0]);
  bool stopped = false;
  hub->connection->stop(Connection::Farewell::kWithoutWill, [&] { stopped = true; });
  ASSERT_TRUE(run_until([&] { return stopped; }));
  hub.reset();

  const std::uint16_t port = broker_->port();
  broker_.reset();
  broker_.emplace(
      io_, broker::BrokerOptions{.directory = directory_, .port = port, .websockets_port = {}});
  ASSERT_FALSE(broker_->start());
  hub = peer("hub");
  ASSERT_TRUE(subscribe(*hub, "end", Qos::kAtLeastOnce));
  ASSERT_TRUE(publish(*hub, "end", "end", Qos::kAtLeastOnce));
  ASSERT_TRUE(run_until([&] { return !hub->payloads.empty(); }));
  EXPECT_EQ(hub->ups, std::vector<bool>{true});
  EXPECT_EQ(hub->payloads, std::vector<std::string>{"end"}) << "it was ours before the restart";
}

TEST_F(ConnectionTest, SurvivesTheBrokersDeath) {
  const auto hub = peer("hub");
  ASSERT_TRUE(subscribe(*hub, "t", Qos::kExactlyOnce));
  std::vector<std::string> done;
  ASSERT_TRUE(kill_broker());
  const auto note = [&done](const char* name) {
    return [&done, name](Reason reason) { done.push_back(is_failure(reason) ? "refused" : name); };
  };
  ASSERT_EQ(hub->connection->publish(
                {.topic = "t", .payload = as_bytes("one"), .qos = Qos::kAtLeastOnce}, note("one")),
            PublishError::kNone);
  ASSERT_EQ(hub->connection->publish(
                {.topic = "t", .payload = as_bytes("two"), .qos = Qos::kExactlyOnce}, note("two")),
            PublishError::kNone);
  ASSERT_TRUE(run_until([&] { return done.size() == 2 && hub->payloads.size() == 2; }));
  EXPECT_EQ(done, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(hub->downs, 1);
  EXPECT_EQ(hub->ups.size(), 2U);
  EXPECT_EQ(broker_->restarts(), 1U);
  EXPECT_EQ(hub->connection->counters().connection_failures, 1U);
}

TEST_F(ConnectionTest, ABrokerStoppedInOrderKeepsSessionAndMessages) {
  const auto sender = peer("sender");
  const auto hub = peer("hub");
  hub->acknowledging = false;
  ASSERT_TRUE(subscribe(*hub, "t", Qos::kAtLeastOnce));
  ASSERT_TRUE(publish(*sender, "t", "held", Qos::kAtLeastOnce));
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == 1; }));
  const std::uint16_t port = broker_->port();
  broker_.reset();
  ASSERT_TRUE(run_until([&] { return hub->downs == 1 && sender->downs == 1; }));
  bool done = false;
  ASSERT_EQ(sender->connection->publish(
                {.topic = "t", .payload = as_bytes("waiting"), .qos = Qos::kAtLeastOnce},
                [&](Reason) { done = true; }),
            PublishError::kNone);
  broker_.emplace(
      io_, broker::BrokerOptions{.directory = directory_, .port = port, .websockets_port = {}});
  ASSERT_FALSE(broker_->start());
  ASSERT_TRUE(run_until([&] { return done && hub->payloads.size() == 3; }));
  EXPECT_EQ(hub->ups, (std::vector<bool>{false, true}));
  EXPECT_EQ(hub->payloads, (std::vector<std::string>{"held", "held", "waiting"}));
}

TEST_F(ConnectionTest, ThousandsWaitForOneWhoIsAway) {
  constexpr std::size_t kMessages = 5000;
  const auto sender = peer("sender");
  auto hub = peer("hub");
  ASSERT_TRUE(subscribe(*hub, "t", Qos::kAtLeastOnce));
  hub.reset();
  std::size_t done = 0;
  for (std::size_t i = 0; i < kMessages; ++i) {
    const std::string payload = std::to_string(i);
    ASSERT_EQ(sender->connection->publish(
                  {.topic = "t", .payload = as_bytes(payload), .qos = Qos::kAtLeastOnce},
                  [&](Reason) { ++done; }),
              PublishError::kNone);
  }
  ASSERT_TRUE(run_until([&] { return done == kMessages; }));
  hub = peer("hub");
  ASSERT_TRUE(run_until([&] { return hub->payloads.size() == kMessages; }));
  for (std::size_t i = 0; i < kMessages; ++i) ASSERT_EQ(hub->payloads[i], std::to_string(i));
}

TEST_F(ConnectionTest, NobodyThereMeansTryingOnWithoutAWord) {
  const std::uint16_t nobody = broker::find_free_port();
  Peer lonely(io_, nobody, "lonely");
  // Start, found, refused; somebody moves in after that.
  for (int i = 0; i < 3; ++i) io_.run_one_for(kPatience);
  asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), nobody});
  bool visited = false;
  asio::ip::tcp::socket visitor(io_);
  acceptor.async_accept(visitor, [&](boost::system::error_code error) { visited = !error; });
  EXPECT_TRUE(run_until([&] { return visited; }));
  EXPECT_TRUE(lonely.ups.empty());
  EXPECT_EQ(lonely.downs, 0);
}

TEST_F(ConnectionTest, MayBeDestroyedInItsOwnHandlerAndIsSilentFromThenOn) {
  std::optional<Connection> connection;
  ConnectionOptions options;
  options.port = broker_->port();
  options.client.client_id = "brief";
  int calls = 0;
  Connection::Handlers handlers;
  handlers.on_down = [&](std::string_view) { ++calls; };
  handlers.on_subscribed = [&](std::string_view, Reason) {
    ++calls;
    connection.reset();
  };
  connection.emplace(io_, options, handlers);
  // Both are answered by one packet, so the second answer is there when the first one is told.
  ASSERT_TRUE(connection->subscribe({.filter = "a"}));
  ASSERT_TRUE(connection->subscribe({.filter = "b"}));
  connection->start();
  EXPECT_TRUE(run_until([&] { return calls > 0; }));
  while (io_.poll() > 0) {
  }
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace espial::mqtt
