// A crowd of S2 boards on one MQTT connection, publishing readings as fast as the broker takes
// them.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "hub/mqtt/connection.hpp"
#include "ports/linux/clock.hpp"

namespace {

using namespace espial;

struct Board {
  std::string mac;
  std::string credentials;  ///< "<name>;<session>"
};

class Flood {
 public:
  /// `rate`: messages a second; 0: as fast as the broker takes them.
  Flood(boost::asio::io_context& io, std::uint16_t port, std::size_t boards, std::uint64_t messages,
        std::uint32_t in_flight, std::uint64_t rate)
      : io_(io),
        messages_(messages),
        rate_(rate),
        connection_(io, options(port, in_flight), handlers()),
        timer_(io) {
    for (std::size_t i = 0; i < boards; ++i) {
      char mac[18];
      std::snprintf(mac, sizeof mac, "02:F1:00:D0:%02X:%02X", static_cast<unsigned>(i >> 8 & 0xff),
                    static_cast<unsigned>(i & 0xff));
      boards_.push_back({mac, {}});
      by_mac_[mac] = i;
    }
  }

  /// Each board has the name that somebody gave it before: for receivers that give none.
  void name_all() {
    for (std::size_t i = 0; i < boards_.size(); ++i) {
      boards_[i].credentials = "lamp " + std::to_string(i) + ";1743946777.603371";
    }
    named_ = boards_.size();
  }

  void start() {
    (void)connection_.subscribe({"state/nameAssign", mqtt::Qos::kExactlyOnce});
    connection_.start();
  }

 private:
  static mqtt::ConnectionOptions options(std::uint16_t port, std::uint32_t in_flight) {
    mqtt::ConnectionOptions connection;
    connection.port = port;
    connection.client.client_id = "s2-flood";
    connection.client.session_expiry_s = 0;
    connection.client.outbox.max_count = in_flight;
    return connection;
  }

  mqtt::Connection::Handlers handlers() {
    mqtt::Connection::Handlers handlers;
    handlers.on_up = [this](bool) {};
    handlers.on_down = [this](std::string_view reason) {
      if (acknowledged_ == messages_) return;
      std::fprintf(stderr, "s2_flood: broker lost: %s\n", std::string(reason).c_str());
      report();  // acknowledgements come in the order of the messages
      std::exit(1);
    };
    handlers.on_subscribed = [this](std::string_view, mqtt::Reason) {
      if (named_ == boards_.size()) return begin();
      for (const Board& board : boards_) publish("state/join", board.mac, mqtt::Qos::kExactlyOnce);
    };
    handlers.on_message = [this](const mqtt::Publish& message, mqtt::Ticket ticket) {
      connection_.acknowledge(ticket);
      on_name({reinterpret_cast<const char*>(message.payload.data()), message.payload.size()});
    };
    return handlers;
  }

  void on_name(std::string_view text) {
    const std::size_t end = text.find(';');
    const auto board = by_mac_.find(std::string(text.substr(0, end)));
    if (end == std::string_view::npos || board == by_mac_.end()) return;
    Board& named = boards_[board->second];
    if (named.credentials.empty()) ++named_;
    named.credentials.assign(text.substr(end + 1));
    publish("state/join", named.credentials, mqtt::Qos::kExactlyOnce);
    if (named_ == boards_.size() && !started_) begin();
  }

  void begin() {
    started_ = true;
    began_ = monotonic_now();
    std::printf("go\n");
    std::fflush(stdout);
    fill();
    if (rate_ != 0) tick();
  }

  void tick() {
    timer_.expires_after(std::chrono::milliseconds(2));
    timer_.async_wait([this](boost::system::error_code error) {
      if (error || sent_ == messages_) return;
      fill();
      tick();
    });
  }

  std::uint64_t allowed() const {
    if (rate_ == 0) return messages_;
    const auto elapsed_us = static_cast<std::uint64_t>((monotonic_now() - began_).us);
    return std::min(messages_, elapsed_us * rate_ / 1'000'000);
  }

  /// Message n is the n/boards-th value of board n modulo boards: for the first 101 rounds no two
  /// are alike.
  void fill() {
    const std::uint64_t end = allowed();
    while (sent_ < end) {
      const Board& board = boards_[sent_ % boards_.size()];
      const std::string payload =
          board.credentials + ";" + std::to_string(sent_ / boards_.size() % 101);
      mqtt::Message message;
      message.topic = "photoresistor/status";
      message.payload = as_bytes(payload);
      message.qos = mqtt::Qos::kAtLeastOnce;
      const auto error = connection_.publish(message, [this](mqtt::Reason) { on_acknowledged(); });
      if (error != mqtt::PublishError::kNone) return;
      ++sent_;
    }
  }

  void on_acknowledged() {
    if (++acknowledged_ == messages_) {
      report();
      connection_.stop();
      return;
    }
    if (rate_ != 0 || refill_posted_ || sent_ == messages_) return;
    refill_posted_ = true;
    boost::asio::post(io_, [this] {
      refill_posted_ = false;
      fill();
    });
  }

  void report() const {
    const double seconds = static_cast<double>((monotonic_now() - began_).us) / 1e6;
    std::printf("{\"acknowledged\":%llu,\"seconds\":%.3f}\n",
                static_cast<unsigned long long>(acknowledged_), seconds);
    std::fflush(stdout);
  }

  void publish(std::string_view topic, std::string_view payload, mqtt::Qos qos) {
    mqtt::Message message;
    message.topic = topic;
    message.payload = as_bytes(payload);
    message.qos = qos;
    if (connection_.publish(message) != mqtt::PublishError::kNone) {
      std::fprintf(stderr, "s2_flood: too many boards for --in-flight\n");
      std::exit(1);
    }
  }

  boost::asio::io_context& io_;
  const std::uint64_t messages_;
  const std::uint64_t rate_;
  mqtt::Connection connection_;
  boost::asio::steady_timer timer_;
  std::vector<Board> boards_;
  std::map<std::string, std::size_t> by_mac_;
  std::size_t named_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t acknowledged_ = 0;
  Instant began_;
  bool started_ = false;
  bool refill_posted_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Publishes readings of many S2 boards at full speed, QoS 1"};
  std::uint16_t port = 1883;
  std::size_t boards = 200;
  std::uint64_t messages = 300000;
  std::uint32_t in_flight = 4000;
  std::uint64_t rate = 0;
  bool fixed_names = false;
  app.add_option("--port", port, "Broker on 127.0.0.1")->capture_default_str();
  app.add_option("--boards", boards, "How many boards join first")->capture_default_str();
  app.add_option("--messages", messages, "Readings to publish")->capture_default_str();
  app.add_option("--in-flight", in_flight, "Unacknowledged at most")->capture_default_str();
  app.add_option("--rate", rate, "Messages a second; 0: as fast as the broker takes them")
      ->capture_default_str();
  app.add_flag("--fixed-names", fixed_names, "Publish at once under made-up names");
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::off);  // standard output is for the figures
  boost::asio::io_context io;
  Flood flood(io, port, boards, messages, in_flight, rate);
  if (fixed_names) flood.name_all();
  flood.start();
  io.run();
  return 0;
}
