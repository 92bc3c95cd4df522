#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "hub/broker/loopback_port.hpp"
#include "hub/broker/private_broker.hpp"
#include "hub/mqtt/connection.hpp"
#include "hub/tls/authority.hpp"
#include "ports/linux/random_linux.hpp"

namespace espial::mqtt {
namespace {

namespace asio = boost::asio;

/// No test waits so long; it only ends one that would hang.
constexpr std::chrono::seconds kPatience{60};
constexpr const char* kUser = "hub";
constexpr const char* kPassword = "a word";

/// Mosquitto with a certificate for 127.0.0.1 of an authority made for the test.
class ConnectionTlsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "/espial-mqtts-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    directory_ = folder;
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
  }
  void TearDown() override {
    spdlog::set_default_logger(former_log_);
    broker_.reset();
    std::filesystem::remove_all(directory_);
  }

  tls::Authority authority(const std::string& name) {
    const tls::Authority made(directory_ / name);
    EXPECT_EQ(made.create(), std::nullopt);
    return made;
  }

  /// Starts the broker with a certificate for `name`.
  void start_broker(const tls::Authority& house, const std::string& name) {
    ASSERT_EQ(house.certify({name}), std::nullopt);
    broker::BrokerAccess access;
    access.users = {{kUser, broker::hash_broker_password(kPassword, random_), {"#"}, {"#"}}};
    access.lan = true;
    access.certificate = house.certificate();
    access.key = house.key();
    access.tls_port = broker::find_free_port();
    tls_port_ = access.tls_port;
    broker::BrokerOptions options;
    options.directory = directory_ / "broker";
    options.port = 0;
    options.websockets_port = {};
    options.access = access;
    broker_.emplace(io_, options);
    const auto error = broker_->start();
    ASSERT_FALSE(error) << error->text;
  }

  ConnectionOptions options(const std::filesystem::path& ca) const {
    ConnectionOptions wanted;
    wanted.port = tls_port_;
    wanted.secure = true;
    wanted.ca_file = ca;
    wanted.client.client_id = "secured";
    wanted.client.user_name = kUser;
    wanted.client.password = kPassword;
    return wanted;
  }

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

  /// Connects until the log says `sentence`; never up.
  void expect_refused(const ConnectionOptions& wanted, const std::string& sentence) {
    bool up = false;
    Connection::Handlers handlers;
    handlers.on_up = [&](bool) { up = true; };
    Connection connection(io_, wanted, handlers);
    connection.start();
    EXPECT_TRUE(run_until([&] { return up || log_.str().find(sentence) != std::string::npos; }))
        << log_.str();
    EXPECT_FALSE(up);
  }

  asio::io_context io_;
  RandomLinux random_;
  std::filesystem::path directory_;
  std::optional<broker::PrivateBroker> broker_;
  std::uint16_t tls_port_ = 0;
  std::ostringstream log_;
  std::shared_ptr<spdlog::logger> former_log_ = spdlog::default_logger();
};

TEST_F(ConnectionTlsTest, MessagesGoBothWaysAndTheEndIsInOrder) {
  const tls::Authority house = authority("house");
  start_broker(house, "127.0.0.1");
  std::vector<std::string> heard;
  int subscribed = 0;
  std::optional<Connection> connection;
  Connection::Handlers handlers;
  handlers.on_message = [&](const Publish& message, Ticket ticket) {
    heard.emplace_back(message.payload.begin(), message.payload.end());
    connection->acknowledge(ticket);
  };
  handlers.on_subscribed = [&](std::string_view, Reason) { ++subscribed; };
  connection.emplace(io_, options(house.ca_certificate()), handlers);
  ASSERT_TRUE(connection->subscribe({.filter = "a/#", .qos = Qos::kExactlyOnce}));
  connection->start();
  ASSERT_TRUE(run_until([&] { return subscribed == 1; })) << log_.str();

  // Longer than a record of TLS, and many that arrive in one.
  const std::string longest(300'000, 'x');
  constexpr std::size_t kShort = 500;
  ASSERT_EQ(connection->publish({.topic = "a/1", .payload = as_bytes(longest)}),
            PublishError::kNone);
  for (std::size_t i = 0; i < kShort; ++i) {
    const Message message{
        .topic = "a/2", .payload = as_bytes(std::string_view("short")), .qos = Qos::kExactlyOnce};
    ASSERT_EQ(connection->publish(message), PublishError::kNone);
  }
  ASSERT_TRUE(run_until([&] { return heard.size() == kShort + 1; })) << heard.size();
  EXPECT_EQ(heard.front(), longest);
  bool stopped = false;
  connection->stop(Connection::Farewell::kWithoutWill, [&] { stopped = true; });
  EXPECT_TRUE(run_until([&] { return stopped; }));
}

TEST_F(ConnectionTlsTest, AnotherHousesAuthorityIsNotBelieved) {
  start_broker(authority("house"), "127.0.0.1");
  expect_refused(options(authority("other").ca_certificate()),
                 "the certificate of the broker is refused: unable to get local issuer");
}

TEST_F(ConnectionTlsTest, ACertificateForAnotherNameIsRefused) {
  const tls::Authority house = authority("house");
  start_broker(house, "192.0.2.1");
  expect_refused(options(house.ca_certificate()),
                 "the certificate of the broker is refused: IP address mismatch");
  ConnectionOptions by_name = options(house.ca_certificate());
  by_name.host = "localhost";
  expect_refused(by_name, "the certificate of the broker is refused: hostname mismatch");
}

TEST_F(ConnectionTlsTest, APlainListenerIsNamedAsSuch) {
  const tls::Authority house = authority("house");
  start_broker(house, "127.0.0.1");
  ConnectionOptions to_plain = options(house.ca_certificate());
  to_plain.port = broker_->port();
  expect_refused(to_plain, "the broker speaks no TLS at this port");
}

TEST_F(ConnectionTlsTest, AListenerThatWantsTlsIsNamedAsSuch) {
  const tls::Authority house = authority("house");
  start_broker(house, "127.0.0.1");
  ConnectionOptions plain = options({});
  plain.secure = false;
  expect_refused(plain, "does it want TLS at this port?");
}

TEST_F(ConnectionTlsTest, AFileWithoutCertificatesIsNamed) {
  const tls::Authority house = authority("house");
  start_broker(house, "127.0.0.1");
  expect_refused(options(house.key()), house.key().string() + " holds no certificates");
}

}  // namespace
}  // namespace espial::mqtt
