#include "hub/http/webhook.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <istream>
#include <list>
#include <thread>
#include <vector>

namespace espial::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Another program's listener: takes one request a connection, answers with the next status.
class Listener {
 public:
  explicit Listener(std::vector<int> statuses)
      : statuses_(std::move(statuses)), thread_([this] { serve(); }) {}
  ~Listener() { thread_.join(); }

  HookAddress address() const {
    return {{"127.0.0.1", acceptor_.local_endpoint().port()}, "/hook", false};
  }
  std::vector<std::string> requests;

 private:
  void serve() {
    for (const int status : statuses_) {
      tcp::socket socket(io_);
      boost::system::error_code error;
      acceptor_.accept(socket);
      asio::streambuf input;
      asio::read_until(socket, input, "}", error);
      std::string text(asio::buffers_begin(input.data()), asio::buffers_end(input.data()));
      requests.push_back(text);
      asio::write(socket,
                  asio::buffer("HTTP/1.1 " + std::to_string(status) +
                               " X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                  error);
    }
  }

  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::vector<int> statuses_;
  std::thread thread_;
};

template <typename Done>
bool until(Done&& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

TEST(Webhook, IsTriedAgainUntilItIsTaken) {
  Listener listener({500, 204});
  Webhook hooks({4, 6, 1});
  hooks.post(listener.address(), R"({"state":"raised"})");
  ASSERT_TRUE(until([&] { return hooks.counters().delivered == 1; }));
  EXPECT_EQ(hooks.counters().failed_tries, 1u);
  ASSERT_TRUE(until([&] { return hooks.counters().waiting == 0; }));
  EXPECT_EQ(listener.requests.size(), 2u);
  EXPECT_EQ(listener.requests[1].rfind("POST /hook HTTP/1.1", 0), 0u);
  EXPECT_NE(listener.requests[1].find(R"({"state":"raised"})"), std::string::npos);
}

TEST(Webhook, IsGivenUpAfterItsLastTry) {
  Listener listener({500, 500});
  Webhook hooks({4, 2, 1});
  hooks.post(listener.address(), "{}");
  EXPECT_TRUE(until([&] { return hooks.counters().given_up == 1; }));
}

TEST(Webhook, AFullQueueLetsTheOldestGo) {
  asio::io_context io;
  tcp::acceptor silent(io, {asio::ip::address_v4::loopback(), 0});
  const HookAddress closed{{"127.0.0.1", silent.local_endpoint().port()}, "/", false};
  silent.close();
  Webhook hooks({2, 100, 60'000});
  hooks.post(closed, "{}");
  ASSERT_TRUE(until([&] { return hooks.counters().failed_tries == 1; }));
  for (int i = 0; i < 3; ++i) hooks.post(closed, "{}");
  EXPECT_EQ(hooks.counters().dropped, 1u);
  EXPECT_EQ(hooks.counters().waiting, 3u);
}

/// A server that takes what is sent and never answers.
class Silent {
 public:
  HookAddress address(std::string target = "/") const {
    return {{"127.0.0.1", acceptor_.local_endpoint().port()}, std::move(target), false};
  }
  /// Waits for the next post.
  void take() {
    auto& socket = sockets_.emplace_back(io_);
    acceptor_.accept(socket);
    asio::streambuf input;
    asio::read_until(socket, input, "}");
  }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::list<tcp::socket> sockets_;
};

TEST(Webhook, OneThatNeverAnswersHoldsUpOnlyItsOwn) {
  Silent silent;
  Listener listener({204, 204});
  Webhook::Options options;
  options.patience_ms = 3'600'000;
  Webhook hooks(options);
  hooks.post(silent.address(), "{}");
  hooks.post(silent.address(), "{}");
  silent.take();
  hooks.post(listener.address(), R"({"number":1})");
  hooks.post(listener.address(), R"({"number":2})");
  ASSERT_TRUE(until([&] { return hooks.counters().delivered == 2; }));
  EXPECT_EQ(hooks.counters().waiting, 2u);
  EXPECT_EQ(hooks.counters().failed_tries, 0u);
  // In the order given.
  EXPECT_NE(listener.requests[0].find(R"({"number":1})"), std::string::npos);
}

TEST(Webhook, WhoDoesNotAnswerInTimeLosesItsTurnAndInTheEndItsPost) {
  Silent silent;
  Listener listener({204});
  Webhook::Options options;
  options.max_tries = 2;
  options.retry_delay_ms = 1;
  // Long enough for whoever answers, on a machine with much else to do.
  options.patience_ms = 500;
  options.max_under_way = 1;
  Webhook hooks(options);
  hooks.post(silent.address(), "{}");
  hooks.post(silent.address("/other"), "{}");
  hooks.post(listener.address(), "{}");
  ASSERT_TRUE(until([&] { return hooks.counters().waiting == 0; }));
  EXPECT_EQ(hooks.counters().given_up, 2u);
  EXPECT_EQ(hooks.counters().failed_tries, 4u);
  EXPECT_EQ(hooks.counters().delivered, 1u);
}

TEST(Webhook, OneAddressTooManyIsDropped) {
  Silent silent;
  Webhook::Options options;
  options.max_addresses = 1;
  Webhook hooks(options);
  hooks.post(silent.address(), "{}");
  hooks.post(silent.address(), "{}");
  hooks.post(silent.address("/other"), "{}");
  EXPECT_EQ(hooks.counters().dropped, 1u);
  EXPECT_EQ(hooks.counters().waiting, 2u);
}

TEST(Webhook, AddressesAreReadStrictly) {
  const auto address = parse_hook_address("http://alarms.example:8000/a?b=c");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->place.host, "alarms.example");
  EXPECT_EQ(address->place.port, 8000);
  EXPECT_EQ(address->target, "/a?b=c");
  EXPECT_FALSE(address->secure);
  EXPECT_EQ(parse_hook_address("http://alarms.example")->place.port, 80);
  const auto secure = parse_hook_address("https://alarms.example/a:b");
  ASSERT_TRUE(secure.has_value());
  EXPECT_TRUE(secure->secure);
  EXPECT_EQ(secure->place.port, 443);
  EXPECT_EQ(secure->target, "/a:b");
  for (const char* wrong : {"", "https://", "ftp://a", "a:1", "http://", "http://a b/c",
                            "http://a/\r\nX: y", "http://a:99999/"}) {
    EXPECT_FALSE(parse_hook_address(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace espial::http
