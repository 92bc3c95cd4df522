#include "hub/broker/private_broker.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include "hub/broker/broker_config.hpp"
#include "hub/broker/child_process.hpp"
#include "hub/broker/loopback_port.hpp"
#include "hub/tls/authority.hpp"

namespace espial::broker {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kPatience{60};

/// The local addresses that listen on a port, as /proc/net/tcp and tcp6 write them.
std::string listeners(std::uint16_t port) {
  std::string found;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::string line, slot, local, remote, state;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      fields >> slot >> local >> remote >> state;
      const std::size_t colon = local.find(':');
      if (state == "0A" && std::stoul(local.substr(colon + 1), nullptr, 16) == port) {
        found += local.substr(0, colon) + " ";
      }
    }
  }
  return found;
}

class PrivateBrokerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "/espial-broker-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    directory_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  BrokerOptions options() const {
    BrokerOptions options;
    options.directory = directory_ / "broker";
    options.port = 0;
    options.websockets_port = 0;
    return options;
  }

  asio::io_context io_;
  std::filesystem::path directory_;
};

TEST_F(PrivateBrokerTest, ListensOnLoopbackAlone) {
  PrivateBroker broker(io_, options());
  const auto error = broker.start();
  ASSERT_FALSE(error) << error->text;
  EXPECT_GT(broker.pid(), 0);
  EXPECT_EQ(listeners(broker.port()), "0100007F ");
  EXPECT_EQ(listeners(broker.websockets_port()), "0100007F ");
  EXPECT_TRUE(port_answers(broker.port()));
  const std::uint16_t port = broker.port();
  broker.stop();
  EXPECT_EQ(listeners(port), "");
  EXPECT_EQ(broker.pid(), 0);
}

TEST_F(PrivateBrokerTest, RunsWithoutRootsRightsBehindAClosedDirectory) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(::chmod(directory_.c_str(), 0700), 0);  // as /root is
  PrivateBroker broker(io_, options());
  const auto error = broker.start();
  ASSERT_FALSE(error) << error->text;
  struct stat process {};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(broker.pid())).c_str(), &process), 0);
  EXPECT_NE(process.st_uid, 0U);
  broker.stop();
  // It could save what it had all the same, and nothing but its own folder is its.
  const std::filesystem::path own = directory_ / "broker" / kDataFolder / "mosquitto.db";
  struct stat file {};
  ASSERT_EQ(::stat(own.c_str(), &file), 0);
  EXPECT_EQ(file.st_uid, process.st_uid);
  ASSERT_EQ(::stat((directory_ / "broker").c_str(), &file), 0);
  EXPECT_EQ(file.st_uid, 0U);
}

TEST_F(PrivateBrokerTest, SaysWhoHasThePortAndWhichOptionHelps) {
  asio::ip::tcp::acceptor taken(io_, {asio::ip::address_v4::loopback(), 0});
  const std::uint16_t port = taken.local_endpoint().port();
  for (const bool websockets : {false, true}) {
    BrokerOptions wanted = options();
    (websockets ? *wanted.websockets_port : wanted.port) = port;
    PrivateBroker broker(io_, wanted);
    const auto error = broker.start();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, BrokerError::Kind::kPortInUse);
    for (const std::string& part :
         {std::to_string(port), "(pid " + std::to_string(::getpid()) + ")",
          std::string(websockets ? "--websockets-port" : "--broker-port")}) {
      EXPECT_NE(error->text.find(part), std::string::npos) << error->text;
    }
  }
}

TEST_F(PrivateBrokerTest, SaysWhoHasAPortOfTheNetworksAndWhichOptionHelps) {
  const tls::Authority house(directory_ / "tls");
  ASSERT_EQ(house.create(), std::nullopt);
  ASSERT_EQ(house.certify({"127.0.0.1"}), std::nullopt);
  asio::ip::tcp::acceptor taken(io_, {asio::ip::address_v4({127, 0, 0, 2}), 0});
  const std::uint16_t port = taken.local_endpoint().port();
  for (const bool s2 : {false, true}) {
    BrokerOptions wanted = options();
    wanted.access = BrokerAccess{{}, true, house.certificate(), house.key(), port};
    if (s2) {
      wanted.access->tls_port = find_free_port();
      wanted.access->s2_port = port;
    }
    const auto error = PrivateBroker(io_, wanted).start();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, BrokerError::Kind::kPortInUse);
    for (const std::string& part :
         {std::to_string(port), "(pid " + std::to_string(::getpid()) + ")",
          std::string(s2 ? "--s2-port" : "--mqtt-tls-port")}) {
      EXPECT_NE(error->text.find(part), std::string::npos) << error->text;
    }
  }
}

TEST_F(PrivateBrokerTest, SaysWhichTwoOptionsWantOnePort) {
  BrokerOptions wanted = options();
  wanted.port = find_free_port();
  wanted.access.emplace();
  wanted.access->lan = true;
  wanted.access->s2_port = wanted.port;
  const auto error = PrivateBroker(io_, wanted).start();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, BrokerError::Kind::kPortInUse);
  EXPECT_EQ(error->text, "port " + std::to_string(wanted.port) +
                             " is wanted for S2's boards (--s2-port) and for MQTT "
                             "(--broker-port); give one of them another");
}

TEST_F(PrivateBrokerTest, ExplainsOptionsThatMosquittoRefuses) {
  BrokerOptions wanted = options();
  wanted.max_keepalive_s = 6;
  const auto error = PrivateBroker(io_, wanted).start();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, BrokerError::Kind::kOptions);
}

TEST_F(PrivateBrokerTest, QuotesTheBrokersLastWords) {
  BrokerOptions wanted = options();
  wanted.max_packet_bytes = 1;  // Mosquitto wants 20 at least
  const auto error = PrivateBroker(io_, wanted).start();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, BrokerError::Kind::kNotReady);
  EXPECT_NE(error->text.find("max_packet_size"), std::string::npos) << error->text;
}

TEST_F(PrivateBrokerTest, TellsHowToInstallIt) {
  BrokerOptions wanted = options();
  wanted.program = "mosquitto-that-is-not-installed";
  const auto error = PrivateBroker(io_, wanted).start();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, BrokerError::Kind::kNotInstalled);
  EXPECT_NE(error->text.find("apt-get install mosquitto"), std::string::npos);
}

TEST_F(PrivateBrokerTest, TwoHubsDoNotShareADirectory) {
  PrivateBroker first(io_, options());
  ASSERT_FALSE(first.start());
  PrivateBroker second(io_, options());
  const auto error = second.start();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, BrokerError::Kind::kDirectory);
  first.stop();
  EXPECT_FALSE(second.start());
}

TEST_F(PrivateBrokerTest, IsStartedAgainOnTheSamePort) {
  PrivateBroker broker(io_, options());
  ASSERT_FALSE(broker.start());
  const int first = broker.pid();
  const std::uint16_t port = broker.port();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (broker.restarts() == 0 && std::chrono::steady_clock::now() < deadline) {
    io_.run_one_until(deadline);
  }
  EXPECT_EQ(broker.restarts(), 1U);
  EXPECT_NE(broker.pid(), first);
  EXPECT_EQ(broker.port(), port);
}

TEST_F(PrivateBrokerTest, ASuccessorTakesOverWhatWasLeft) {
  BrokerOptions wanted = options();
  wanted.outlive_parent = true;
  int pid = 0;
  std::uint16_t port = 0;
  {
    PrivateBroker predecessor(io_, wanted);
    ASSERT_FALSE(predecessor.start());
    EXPECT_FALSE(predecessor.adopted());
    pid = predecessor.pid();
    port = predecessor.port();
  }
  {
    PrivateBroker successor(io_, wanted);
    ASSERT_FALSE(successor.start());
    EXPECT_TRUE(successor.adopted());
    EXPECT_EQ(successor.pid(), pid);
    EXPECT_EQ(successor.port(), port);
  }
  wanted.max_packet_bytes /= 2;  // another configuration: a new broker
  PrivateBroker other(io_, wanted);
  ASSERT_FALSE(other.start());
  EXPECT_FALSE(other.adopted());
  EXPECT_NE(other.pid(), pid);
  EXPECT_FALSE(ChildProcess::adopt(pid).running());
  other.stop();
}

/// A hub that starts a broker and is killed; returns the broker's pid, 0 if there was none.
pid_t broker_of_a_killed_hub(const BrokerOptions& wanted) {
  int report[2];
  if (::pipe(report) != 0) return 0;
  const pid_t hub = ::fork();
  if (hub == 0) {
    asio::io_context io;
    PrivateBroker broker(io, wanted);
    const pid_t pid = broker.start() ? 0 : broker.pid();
    if (::write(report[1], &pid, sizeof pid) != sizeof pid) ::_exit(1);
    for (;;) ::pause();
  }
  pid_t pid = 0;
  if (::read(report[0], &pid, sizeof pid) != sizeof pid) pid = 0;
  ::close(report[0]);
  ::close(report[1]);
  ::kill(hub, SIGKILL);
  ::waitpid(hub, nullptr, 0);
  return pid;
}

TEST_F(PrivateBrokerTest, AKilledHubLeavesNoOrphan) {
  const pid_t pid = broker_of_a_killed_hub(options());
  ASSERT_NE(pid, 0);
  ChildProcess broker = ChildProcess::adopt(pid);
  const bool gone = broker.wait(Duration::seconds(kPatience.count()));
  broker.terminate();  // a failed test shall leave none either
  EXPECT_TRUE(gone);
}

TEST_F(PrivateBrokerTest, AKilledHubsBrokerIsTakenOverWhenItMayOutlive) {
  BrokerOptions wanted = options();
  wanted.outlive_parent = true;
  const pid_t pid = broker_of_a_killed_hub(wanted);
  ASSERT_NE(pid, 0);
  PrivateBroker successor(io_, wanted);
  EXPECT_FALSE(successor.start());
  EXPECT_TRUE(successor.adopted());
  EXPECT_EQ(successor.pid(), pid);
  successor.stop();
  EXPECT_FALSE(ChildProcess::adopt(pid).running());
}

TEST_F(PrivateBrokerTest, AForeignProcessInThePidFileIsLeftAlone) {
  SpawnOptions how;
  how.command = {"sleep", "1000"};
  ChildProcess::Spawned stranger = ChildProcess::spawn(how);
  const pid_t pid = stranger.process.pid();
  std::filesystem::create_directories(options().directory);
  std::ofstream(options().directory / "broker.pid")
      << pid << ' ' << process_start_ticks(pid) + 1 << " 1 0\n";
  PrivateBroker broker(io_, options());
  ASSERT_FALSE(broker.start());
  EXPECT_FALSE(broker.adopted());
  EXPECT_TRUE(stranger.process.running());
}

/// Connects, says what is neither MQTT nor TLS, and waits until the broker hangs up.
void talk_nonsense(std::uint16_t port) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({asio::ip::address_v4::loopback(), port}, error);
  asio::write(socket, asio::buffer(std::string(300, '\xff')), error);
  std::array<char, 64> answer{};
  while (!error) socket.read_some(asio::buffer(answer), error);
}

/// Begins TLS and turns away, as it knows no authority: an error to the broker, each time.
void turn_away_from(std::uint16_t port) {
  asio::io_context io;
  asio::ssl::context believes_nobody(asio::ssl::context::tls_client);
  believes_nobody.set_verify_mode(asio::ssl::verify_peer);
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, believes_nobody);
  boost::system::error_code error;
  stream.next_layer().connect({asio::ip::address_v4::loopback(), port}, error);
  stream.handshake(asio::ssl::stream_base::client, error);
}

TEST_F(PrivateBrokerTest, NonsenseOnPlainConnectionsLeavesNothingInTheLog) {
  PrivateBroker broker(io_, options());
  ASSERT_FALSE(broker.start());
  talk_nonsense(broker.port());
  broker.stop();  // what it had to say, it has said
  EXPECT_EQ(std::filesystem::file_size(broker.log_file()), 0U);
}

TEST_F(PrivateBrokerTest, ItsLogIsBoundedHoweverManyErrorsAnybodyCauses) {
  const tls::Authority house(directory_ / "tls");
  ASSERT_EQ(house.create(), std::nullopt);
  ASSERT_EQ(house.certify({"127.0.0.1"}), std::nullopt);
  BrokerOptions wanted = options();
  wanted.websockets_port = {};
  wanted.access = BrokerAccess{{}, true, house.certificate(), house.key(), find_free_port()};
  wanted.log_bytes_max = 300;
  wanted.log_looked_at_every = Duration::milliseconds(1);
  PrivateBroker broker(io_, wanted);
  const auto error = broker.start();
  ASSERT_FALSE(error) << error->text;
  const std::filesystem::path former = broker.log_file().string() + ".old";
  std::uintmax_t largest = 0;
  int cuts = 0;
  for (int tries = 0; cuts < 3 && tries < 100; ++tries) {  // some 80 bytes each
    turn_away_from(wanted.access->tls_port);
    io_.run_one();
    largest = std::max(largest, std::filesystem::file_size(broker.log_file()));
    if (!std::filesystem::exists(former)) continue;
    ++cuts;
    EXPECT_EQ(std::filesystem::file_size(former), wanted.log_bytes_max);
    std::filesystem::remove(former);
  }
  EXPECT_EQ(cuts, 3);
  EXPECT_LT(largest, 2 * wanted.log_bytes_max);
  EXPECT_TRUE(port_answers(wanted.access->tls_port));
}

TEST(BrokerConfig, SaysWhatWasAsked) {
  BrokerOptions options;
  options.max_queued_bytes = 123456;
  const std::string plain = broker_config(options, 1884, 0);
  EXPECT_NE(plain.find("\nlistener 1884 127.0.0.1\nsocket_domain ipv4\n"), std::string::npos);
  EXPECT_NE(plain.find("\nmax_queued_bytes 123456\n"), std::string::npos);
  EXPECT_NE(plain.find("\nmax_inflight_messages 0\n"), std::string::npos);
  EXPECT_NE(plain.find("\nautosave_interval 1\n"), std::string::npos);
  EXPECT_EQ(plain.find("websockets\n"), std::string::npos);
  EXPECT_EQ(plain.find("max_keepalive"), std::string::npos);
  options.max_keepalive_s = 10;
  const std::string full = broker_config(options, 1884, 9002);
  EXPECT_NE(full.find("\nlistener 9002 127.0.0.1\nprotocol websockets\nsocket_domain ipv4\n"),
            std::string::npos);
  EXPECT_NE(full.find("\nmax_keepalive 10\n"), std::string::npos);
}

TEST(BrokerConfig, LimitsWhatStrangersCanLeaveBehind) {
  BrokerOptions options;
  options.max_queued_bytes = 1000;
  options.access.emplace();
  options.access->lan = true;
  const std::string closed = broker_config(options, 1884, 0);
  options.access->s2_port = 1885;
  const std::string open = broker_config(options, 1884, 0);
  for (const char* limit : {"\nmemory_limit 2000\n", "\npersistent_client_expiration 7d\n"}) {
    EXPECT_EQ(closed.find(limit), std::string::npos) << limit;
    EXPECT_NE(open.find(limit), std::string::npos) << limit;
  }
  const std::size_t listener = open.find("\nlistener 1885 0.0.0.0\n");
  ASSERT_NE(listener, std::string::npos);
  EXPECT_NE(open.find("\nmax_connections 1024\n", listener), std::string::npos);
  EXPECT_EQ(open.find("max_connections"), open.rfind("max_connections")) << "of that one only";
}

}  // namespace
}  // namespace espial::broker
