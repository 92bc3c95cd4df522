#include "hub/http/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <future>
#include <thread>

#include "hub/http/fake_dashboard_test.hpp"
#include "hub/http/open_access_test.hpp"

namespace espial::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

/// A client that writes bytes and reads them, and blocks while it does.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(io_) {
    socket_.open(Tcp::v4());
    // Before it is connected, or the kernel would read megabytes in its place.
    socket_.set_option(asio::socket_base::receive_buffer_size(64 * 1024));
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }

  void send(const std::string& bytes) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(bytes), ignored);
  }

  /// Reads up to and including `mark`; whatever came when the connection ends before it.
  std::string read_to(const std::string& mark) {
    boost::system::error_code error;
    const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(buffer_), mark, error);
    return take(error ? buffer_.size() : size);
  }

  /// One whole answer, by its Content-Length.
  std::string read_answer() {
    std::string answer = read_to("\r\n\r\n");
    const std::string field = "Content-Length: ";
    const std::size_t at = answer.find(field);
    if (at == std::string::npos) return answer;
    const std::size_t length = std::stoul(answer.substr(at + field.size()));
    boost::system::error_code ignored;
    if (buffer_.size() < length) {
      asio::read(socket_, asio::dynamic_buffer(buffer_),
                 asio::transfer_exactly(length - buffer_.size()), ignored);
    }
    return answer + take(length);
  }

  std::string read_to_end() {
    boost::system::error_code ignored;
    asio::read(socket_, asio::dynamic_buffer(buffer_), ignored);
    return take(buffer_.size());
  }

  /// Reads `bytes_at_once` and rests, until that is all; the bytes of it.
  std::size_t read_slowly(std::size_t bytes_at_once, std::chrono::milliseconds rest) {
    std::size_t all = 0;
    std::string some(bytes_at_once, '\0');
    boost::system::error_code error;
    while (!error) {
      all += asio::read(socket_, asio::buffer(some), error);
      std::this_thread::sleep_for(rest);
    }
    return all;
  }

  void finish_sending() { socket_.shutdown(Tcp::socket::shutdown_send); }

  Tcp::socket& socket() { return socket_; }

 private:
  std::string take(std::size_t size) {
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
  }

  asio::io_context io_;
  Tcp::socket socket_;
  std::string buffer_;
};

class ServerTest : public testing::Test {
 protected:
  void SetUp() override { options_.port = 0; }

  void TearDown() override {
    if (!thread_.joinable()) return;
    on_server([this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }

  void start() {
    server_ = std::make_unique<Server>(io_, dashboard_, access_->control, options_);
    ASSERT_EQ(server_->start(), std::nullopt);
    port_ = server_->port();
    thread_ = std::thread([this] { io_.run(); });
  }

  /// Runs `what` on the server's thread and waits for it.
  template <class F>
  void on_server(F what) {
    std::promise<void> done;
    asio::post(io_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  void announce(std::string key, std::string json) {
    on_server([&] { server_->announce({Event::Kind::kReading, key, json}); });
  }

  static std::string get(const std::string& target, const std::string& more = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
  }

  static std::string post(const std::string& target, const std::string& body) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::string metric(const std::string& name) {
    Client client(port_);
    client.send(get("/metrics"));
    const std::string text = client.read_answer();
    const std::size_t at = text.find("\n" + name + " ");
    if (at == std::string::npos) return "missing";
    const std::size_t begin = at + name.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  asio::io_context io_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{
      asio::make_work_guard(io_)};
  FakeDashboard dashboard_;
  Options options_;
  std::unique_ptr<TestAccess> access_ = std::make_unique<TestAccess>();
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnection) {
  start();
  Client client(port_);
  client.send(get("/api/devices") + get("/healthz"));
  const std::string first = client.read_answer();
  EXPECT_EQ(first.find("HTTP/1.1 200 OK\r\n"), 0U) << first;
  EXPECT_NE(first.find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(first.find("\"devices\":[]"), std::string::npos);
  EXPECT_NE(client.read_answer().find("\r\n\r\nok\n"), std::string::npos);
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  start();
  Client client(port_);
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_EQ(answer.find("HTTP/1.1 200 OK"), 0U);
  EXPECT_EQ(answer.find("Content-Length: 0\r\n"), std::string::npos);
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
}

TEST_F(ServerTest, RefusesGarbageAndServesTheNext) {
  start();
  Client garbage(port_);
  garbage.send("\x16\x03\x01 hello\r\n\r\n");
  garbage.finish_sending();
  const std::string answer = garbage.read_to_end();
  EXPECT_EQ(answer.find("HTTP/1.1 400 "), 0U) << answer;
  EXPECT_NE(answer.find("\"error\""), std::string::npos);
  EXPECT_EQ(metric("espial_http_refused_total{reason=\"not_http\"}"), "1");
}

TEST_F(ServerTest, RefusesLargeHeadersAndBodies) {
  start();
  Client header(port_);
  header.send(get("/", "X-Large: " + std::string(9000, 'x') + "\r\n"));
  EXPECT_EQ(header.read_to_end().find("HTTP/1.1 431 "), 0U);
  Client body(port_);
  body.send(post("/api/devices/24:6f:28:00:00:07/commands", std::string(65 * 1024, ' ')));
  body.finish_sending();
  EXPECT_EQ(body.read_to_end().find("HTTP/1.1 413 "), 0U);
  EXPECT_EQ(metric("espial_http_refused_total{reason=\"header_too_large\"}"), "1");
  EXPECT_EQ(metric("espial_http_refused_total{reason=\"body_too_large\"}"), "1");
}

TEST_F(ServerTest, RefusesChunkedBodiesThatGrowTooLarge) {
  start();
  Client client(port_);
  client.send(
      "POST /api/devices/24:6f:28:00:00:07/commands HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "4000\r\n" + std::string(0x4000, ' ') + "\r\n";
  for (int i = 0; i < 5; ++i) client.send(chunk);
  EXPECT_EQ(client.read_answer().find("HTTP/1.1 413 "), 0U);
}

TEST_F(ServerTest, RefusesTwoHosts) {
  start();
  Client client(port_);
  client.send(get("/api/devices", "Host: localhost\r\n"));
  EXPECT_EQ(client.read_answer().find("HTTP/1.1 421 "), 0U);
}

TEST_F(ServerTest, TakesACommandAndAnswersWhenTheHubDoes) {
  dashboard_.hold_commands = true;
  start();
  Client client(port_);
  client.send(post("/api/devices/24:6f:28:00:00:07/commands", R"({"slot":0,"values":{"on":1}})"));
  // The request is on its way on another thread; a second one shows that nothing waits for it.
  while (true) {
    bool arrived = false;
    on_server([&] { arrived = !dashboard_.held.empty(); });
    if (arrived) break;
  }
  EXPECT_NE(metric("espial_http_requests_total"), "missing");
  on_server([&] { dashboard_.held.front()(CommandId{7}); });
  EXPECT_NE(client.read_answer().find(R"({"command_id":7,)"), std::string::npos);
}

TEST_F(ServerTest, AChangeThatCanNotBeStoredIsAnsweredAllTheSame) {
  dashboard_.hold_stored = true;
  dashboard_.store_wrong = "another program holds it";
  options_.limits.change_time = std::chrono::milliseconds(10);
  start();
  Client client(port_);
  client.send(post("/api/devices/24:6f:28:00:00:07/commands", R"({"slot":0,"values":{"on":1}})"));
  const std::string answer = client.read_answer();
  EXPECT_EQ(answer.find("HTTP/1.1 503 "), 0U) << answer;
  EXPECT_NE(answer.find("Content-Security-Policy: "), std::string::npos);
  EXPECT_NE(answer.find(R"("code":"not_stored_yet")"), std::string::npos) << answer;
  EXPECT_NE(answer.find("another program holds it. It may still be stored"), std::string::npos);
  // The answer that comes after all must not pass for the answer to what is asked next.
  client.send(get("/api/devices"));
  on_server([&] { dashboard_.waiting.front()(true); });
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(metric("espial_http_server_errors_total"), "1");
}

TEST_F(ServerTest, AChangeIsAnsweredInTimeWhateverHoldsItUp) {
  dashboard_.hold_commands = true;
  options_.limits.change_time = std::chrono::milliseconds(10);
  options_.limits.longest_change_time = std::chrono::milliseconds(30);
  start();
  Client client(port_);
  client.send(post("/api/devices/24:6f:28:00:00:07/commands", R"({"slot":0,"values":{"on":1}})"));
  EXPECT_NE(client.read_answer().find("not stored yet: it takes too long"), std::string::npos);
}

TEST_F(ServerTest, LetsTheHubAnswerAfterTheEnd) {
  dashboard_.hold_commands = true;
  start();
  Client client(port_);
  client.send(post("/api/devices/24:6f:28:00:00:07/commands", R"({"slot":0,"values":{"on":1}})"));
  while (true) {
    bool arrived = false;
    on_server([&] { arrived = !dashboard_.held.empty(); });
    if (arrived) break;
  }
  on_server([&] {
    server_.reset();
    dashboard_.held.front()(CommandId{7});
  });
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(ServerTest, StreamsASnapshotThenEvents) {
  start();
  Client client(port_);
  client.send(get("/api/events"));
  EXPECT_NE(client.read_to("\r\n\r\n").find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_EQ(client.read_to("\n\n"), "retry: 2000\n\n");
  const std::string snapshot = client.read_to("\n\n");
  EXPECT_EQ(snapshot.find("event: snapshot\nid: "), 0U) << snapshot;
  announce("a", R"({"x":1})");
  const std::string event = client.read_to("\n\n");
  EXPECT_EQ(event.find("event: reading\nid: "), 0U) << event;
  EXPECT_NE(event.find("data: {\"x\":1}\n\n"), std::string::npos);
}

TEST_F(ServerTest, ContinuesWhereAPageLeftOff) {
  start();
  std::string id;
  {
    Client client(port_);
    client.send(get("/api/events"));
    const std::string text = client.read_to("\ndata: ");
    const std::size_t at = text.find("id: ") + 4;
    id = text.substr(at, text.find('\n', at) - at);
  }
  announce("a", R"({"missed":1})");
  Client client(port_);
  client.send(get("/api/events", "Last-Event-ID: " + id + "\r\n"));
  const std::string text = client.read_to("{\"missed\":1}\n\n");
  EXPECT_EQ(text.find("event: snapshot"), std::string::npos) << text;
  EXPECT_NE(text.find("event: reading"), std::string::npos);
}

TEST_F(ServerTest, GivesASnapshotAfterSkippedEvents) {
  start();
  std::string id;
  on_server([&] { EXPECT_FALSE(server_->anyone_listens()); });
  {
    Client client(port_);
    client.send(get("/api/events"));
    const std::string text = client.read_to("\ndata: ");
    const std::size_t at = text.find("id: ") + 4;
    id = text.substr(at, text.find('\n', at) - at);
    on_server([&] { EXPECT_TRUE(server_->anyone_listens()); });
  }
  on_server([&] {
    EXPECT_TRUE(server_->anyone_listens()) << "its page may come back";
    server_->skip_events();
  });
  Client client(port_);
  client.send(get("/api/events", "Last-Event-ID: " + id + "\r\n"));
  EXPECT_NE(client.read_to("event: snapshot").find("event: snapshot"), std::string::npos);
}

TEST_F(ServerTest, TellsInOneGoWhatWasAnnouncedInOne) {
  start();
  Client client(port_);
  client.send(get("/api/events"));
  (void)client.read_to("event: snapshot");
  (void)client.read_to("\n\n");
  on_server([&] {
    for (const char* json : {"1", "2", "3"}) {
      server_->announce({Event::Kind::kReading, "a", json});
    }
  });
  EXPECT_NE(client.read_to("\n\n").find("data: 3\n\n"), std::string::npos);
  EXPECT_EQ(metric("espial_http_events_sent_total"), "1");
  EXPECT_EQ(metric("espial_http_events_coalesced_total"), "2");
}

TEST_F(ServerTest, GathersLongerTheMorePagesAreOpen) {
  start();
  std::vector<std::unique_ptr<Client>> pages;
  on_server([&] { EXPECT_EQ(server_->pace(), std::chrono::milliseconds(20)); });
  for (int i = 0; i < 100; ++i) {
    pages.push_back(std::make_unique<Client>(port_));
    pages.back()->send(get("/api/events"));
    (void)pages.back()->read_to("event: snapshot");
  }
  on_server([&] { EXPECT_EQ(server_->pace(), std::chrono::milliseconds(25)); });
}

TEST_F(ServerTest, SendsAHeartbeatThatAPageCanSee) {
  options_.heartbeat = std::chrono::milliseconds(1);
  start();
  Client client(port_);
  client.send(get("/api/events"));
  const std::string beat = "event: here\ndata: {}\n\n";
  EXPECT_NE(client.read_to(beat).find(beat), std::string::npos);
}

TEST_F(ServerTest, DropsASlowPageToAFreshSnapshot) {
  options_.limits.events_kept = 4;
  start();
  Client slow(port_);
  slow.send(get("/api/events"));
  (void)slow.read_to("event: snapshot");
  // More than socket buffers hold, so that what follows has to wait.
  announce("0", '"' + std::string(32 * 1024 * 1024, 'x') + '"');
  for (int i = 1; i < 8; ++i) announce(std::to_string(i), "{}");
  EXPECT_NE(slow.read_to("event: snapshot").find("event: snapshot"), std::string::npos);
  EXPECT_EQ(metric("espial_http_streams_resynced_total"), "1");
}

/// More than the buffers of both ends hold.
constexpr std::size_t kLargeBytes = 8 * 1024 * 1024;

TEST_F(ServerTest, WaitsForAClientThatReadsSlowlyAndSteadily) {
  options_.limits.write_time = std::chrono::seconds(2);
  dashboard_.devices = '"' + std::string(kLargeBytes, 'x') + '"';
  start();
  for (const char* target : {"/api/devices", "/api/events"}) {
    Client slow(port_);
    slow.send(get(target, "Connection: close\r\n"));
    const auto began = std::chrono::steady_clock::now();
    std::size_t left = kLargeBytes;
    std::string some(kLargeBytes / 32, '\0');
    boost::system::error_code error;
    while (!error && left > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(80));
      left -= asio::read(slow.socket(), asio::buffer(some), error);
    }
    EXPECT_FALSE(error) << target << ": " << left << " bytes are missing";
    EXPECT_GT(std::chrono::steady_clock::now() - began, options_.limits.write_time);
  }
}

TEST_F(ServerTest, NoticesSoonThatASlowClientReads) {
  options_.limits.write_time = std::chrono::seconds(1);
  options_.limits.read_bytes_per_second_min = 1;
  dashboard_.devices = '"' + std::string(kLargeBytes, 'x') + '"';
  start();
  // In `write_time` each reads about twice what the program asks for in its own.
  constexpr std::size_t kAtOnce = 32 * 1024;
  constexpr int kTimes = 28;
  Client client(port_);
  Client page(port_);
  client.send(get("/api/devices"));
  page.send(get("/api/events"));
  std::string some(kAtOnce, '\0');
  boost::system::error_code error;
  for (int i = 0; i < kTimes && !error; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    asio::read(client.socket(), asio::buffer(some), error);
    if (!error) asio::read(page.socket(), asio::buffer(some), error);
  }
  EXPECT_FALSE(error) << error.message();
  EXPECT_EQ(metric("espial_http_refused_total{reason=\"too_slow\"}"), "0");
}

TEST_F(ServerTest, HangsUpOnAClientThatWouldTakeForEver) {
  options_.limits.write_time = std::chrono::milliseconds(300);
  options_.limits.read_bytes_per_second_min = std::size_t{1} << 40;
  dashboard_.devices = '"' + std::string(4 * kLargeBytes, 'x') + '"';
  start();
  for (const char* target : {"/api/devices", "/api/events"}) {
    Client slow(port_);
    slow.send(get(target, "Connection: close\r\n"));
    EXPECT_LT(slow.read_slowly(100 * 1024, std::chrono::milliseconds(20)), 4 * kLargeBytes);
  }
}

TEST_F(ServerTest, KeepsOneSnapshotForAllWhoReadSlowly) {
  options_.limits.snapshot_age = std::chrono::hours(1);
  dashboard_.devices = '"' + std::string(kLargeBytes, 'x') + '"';
  start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(port_));
    clients.back()->send(get(i % 2 == 0 ? "/api/devices" : "/api/events"));
    EXPECT_EQ(clients.back()->read_to("\r\n\r\n").find("HTTP/1.1 200 "), 0U);
  }
  const double kept = std::stod(metric("espial_http_bytes_under_way"));
  EXPECT_GT(kept, kLargeBytes);
  EXPECT_LT(kept, 1.1 * kLargeBytes);
}

TEST_F(ServerTest, ShowsAtOnceWhatHasChanged) {
  options_.limits.snapshot_age = std::chrono::hours(1);
  start();
  Client client(port_);
  for (const char* devices : {"[1]", "[2]", "[3]"}) {
    on_server([&] { dashboard_.devices = devices; });
    client.send(get("/api/devices"));
    EXPECT_NE(client.read_answer().find(devices), std::string::npos);
  }
}

TEST_F(ServerTest, BoundsWhatIsKeptForThoseWhoReadSlowly) {
  options_.limits.bytes_under_way = kLargeBytes * 3 / 2;
  dashboard_.devices = '"' + std::string(kLargeBytes, 'x') + '"';
  start();
  auto slow = std::make_unique<Client>(port_);
  slow->send(get("/api/devices"));
  (void)slow->read_to("\r\n\r\n");
  on_server([&] { dashboard_.devices.back() = ' '; });
  for (const char* target : {"/api/devices", "/api/events"}) {
    Client late(port_);
    late.send(get(target));
    const std::string answer = late.read_answer();
    EXPECT_EQ(answer.find("HTTP/1.1 503 "), 0U) << answer.substr(0, 100);
    EXPECT_NE(answer.find("Retry-After: 5\r\n"), std::string::npos);
    // Whoever asks for little is answered all the same.
    late.send(get("/healthz"));
    EXPECT_EQ(late.read_answer().find("HTTP/1.1 200 "), 0U);
  }
  EXPECT_EQ(metric("espial_http_refused_total{reason=\"too_many_bytes\"}"), "2");
  slow.reset();
  std::string answer;
  while (answer.find("HTTP/1.1 200 ") != 0) {
    Client again(port_);
    again.send(get("/api/devices"));
    answer = again.read_to("\r\n\r\n");
  }
}

TEST_F(ServerTest, LimitsStreamsAndConnections) {
  options_.limits.event_streams = 1;
  options_.limits.connections = 3;
  start();
  Client first(port_);
  first.send(get("/api/events"));
  (void)first.read_to("event: snapshot");
  Client second(port_);
  second.send(get("/api/events"));
  EXPECT_EQ(second.read_answer().find("HTTP/1.1 503 "), 0U);
  Client third(port_);
  third.send(get("/healthz"));
  (void)third.read_answer();
  Client fourth(port_);
  EXPECT_NE(fourth.read_to_end().find("Too many connections."), std::string::npos);
  third.send(get("/metrics"));
  const std::string figures = third.read_answer();
  EXPECT_NE(figures.find("{reason=\"too_many_streams\"} 1\n"), std::string::npos);
  EXPECT_NE(figures.find("{reason=\"too_many_connections\"} 1\n"), std::string::npos);
  EXPECT_NE(figures.find("espial_http_event_streams 1\n"), std::string::npos);
}

TEST_F(ServerTest, HangsUpOnAClientThatDawdles) {
  options_.limits.request_time = std::chrono::milliseconds(20);
  start();
  Client slow(port_);
  slow.send("GET / HTT");
  EXPECT_EQ(slow.read_to_end(), "");
  EXPECT_EQ(metric("espial_http_refused_total{reason=\"too_slow\"}"), "1");
}

TEST_F(ServerTest, SaysWhichPortIsTakenAndWhatToDo) {
  start();
  Options same = options_;
  same.port = port_;
  Server other(io_, dashboard_, access_->control, same);
  const auto problem = other.start();
  ASSERT_TRUE(problem);
  EXPECT_NE(problem->find(std::to_string(port_)), std::string::npos) << *problem;
  EXPECT_NE(problem->find("--port"), std::string::npos);
}

TEST_F(ServerTest, ListensNowhereButOnLoopback) {
  for (const char* address : {"0.0.0.0", "192.168.1.1", "::", "example", ""}) {
    options_.address = address;
    EXPECT_TRUE(Server(io_, dashboard_, access_->control, options_).start()) << address;
  }
}

TEST_F(ServerTest, ClosesEverythingAtTheStop) {
  start();
  Client client(port_);
  client.send(get("/api/events"));
  (void)client.read_to("event: snapshot");
  on_server([this] { server_->stop(); });
  (void)client.read_to_end();
  boost::system::error_code error;
  asio::io_context io;
  Tcp::socket late(io);
  late.connect({asio::ip::address_v4::loopback(), port_}, error);
  EXPECT_TRUE(error);
}

}  // namespace
}  // namespace espial::http
