// Simulated box nodes: what S1's boards do, for whoever wants to see the floors without any.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "hub/main/commands.hpp"
#include "sim/splitmix.hpp"

namespace espial::main {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::chrono::seconds kReconnect{2};
/// One box in so many samples is entered or left.
constexpr std::uint32_t kComeAndGo = 120;
/// A detector misses a person who sits still in one of so many samples.
constexpr std::uint32_t kFlicker = 8;
/// A board sleeps as long as it is told. These look sooner whether the hours were changed.
constexpr std::uint32_t kLongestSleep_s = 60;
constexpr std::size_t kMaxQuestion = 16;

/// One board with its detectors: answers what it is asked, sleeps when it is told to.
class BoxNode : public std::enable_shared_from_this<BoxNode> {
 public:
  BoxNode(asio::io_context& io, http::HostPort hub, std::vector<int> boxes, std::uint64_t seed)
      : socket_(io), timer_(io), hub_(std::move(hub)), boxes_(std::move(boxes)), random_(seed) {
    people_.resize(boxes_.size());
    for (std::size_t i = 0; i < boxes_.size(); ++i) people_[i] = random_.chance(400);
  }

  void connect() {
    ErrorCode error;
    const auto address = asio::ip::make_address(hub_.host, error);
    if (error) return;
    socket_.async_connect({address, hub_.port}, [self = shared_from_this()](ErrorCode failed) {
      if (failed) return self->come_back(kReconnect);
      self->input_.consume(self->input_.size());
      self->listen();
    });
  }

  void stop() {
    stopped_ = true;
    ErrorCode ignored;
    timer_.cancel();
    socket_.close(ignored);
  }

 private:
  void listen() {
    asio::async_read_until(
        socket_, input_, '#', [self = shared_from_this()](ErrorCode error, std::size_t size) {
          if (error) return self->come_back(kReconnect);
          std::string question(size, '\0');
          self->input_.sgetn(question.data(), static_cast<std::streamsize>(size));
          self->answer(question);
        });
  }

  void answer(const std::string& question) {
    std::uint32_t sleep_s = 0;
    const auto number =
        std::from_chars(question.data(), question.data() + question.size(), sleep_s);
    const bool sleeps = number.ec == std::errc{} && *number.ptr == '#';
    const std::string text = sleeps ? "Good night, B" + std::to_string(charge_) + "%" : sample();
    ErrorCode error;
    asio::write(socket_, asio::buffer(text), error);
    if (error) return come_back(kReconnect);
    if (!sleeps) return listen();
    charge_ = charge_ > 5 ? charge_ - 1 : 100;
    spdlog::info("boxes {}..{} sleep for {} s", boxes_.front(), boxes_.back(), sleep_s);
    come_back(std::chrono::seconds(std::min(sleep_s, kLongestSleep_s)));
  }

  std::string sample() {
    std::string text;
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      if (random_.below(kComeAndGo) == 0) people_[i] = !people_[i];
      const bool seen = people_[i] && random_.below(kFlicker) != 0;
      text += (boxes_[i] < 10 ? "0" : "") + std::to_string(boxes_[i]) + (seen ? '1' : '0');
    }
    return text;
  }

  void come_back(std::chrono::seconds wait) {
    ErrorCode ignored;
    socket_.close(ignored);
    if (stopped_) return;
    timer_.expires_after(wait);
    timer_.async_wait([self = shared_from_this()](ErrorCode error) {
      if (!error && !self->stopped_) self->connect();
    });
  }

  Tcp::socket socket_;
  asio::steady_timer timer_;
  asio::streambuf input_{kMaxQuestion};
  const http::HostPort hub_;
  const std::vector<int> boxes_;
  std::vector<bool> people_;
  sim::SplitMix random_;
  int charge_ = 100;
  bool stopped_ = false;
};

struct BoxOptions {
  std::string hub = "127.0.0.1:50000";
  std::vector<int> boxes = {41, 42, 43, 44, 45, 46, 47, 48, 61, 62, 63, 64, 65, 66, 67, 68};
  std::size_t boxes_per_node = 4;
  std::uint64_t seed = 1;
};

int run(const BoxOptions& options) {
  const http::HostPort hub = parse_endpoint(options.hub, 50'000, "--hub");
  asio::io_context io;
  std::vector<std::shared_ptr<BoxNode>> nodes;
  for (std::size_t at = 0; at < options.boxes.size(); at += options.boxes_per_node) {
    const std::size_t end = std::min(at + options.boxes_per_node, options.boxes.size());
    std::vector<int> boxes(options.boxes.begin() + static_cast<std::ptrdiff_t>(at),
                           options.boxes.begin() + static_cast<std::ptrdiff_t>(end));
    nodes.push_back(std::make_shared<BoxNode>(io, hub, std::move(boxes), options.seed + at));
    nodes.back()->connect();
  }
  spdlog::info("{} box nodes with {} boxes ask for {}", nodes.size(), options.boxes.size(),
               options.hub);
  run_until_stopped(io, [&] {
    for (const auto& node : nodes) node->stop();
  });
  return 0;
}

}  // namespace

void add_box_command(CLI::App& app, int& exit_code) {
  auto* const command =
      app.add_subcommand("box", "Simulated box nodes of S1's, for a hub with --dispobox");
  const auto options = std::make_shared<BoxOptions>();
  command->add_option("--hub", options->hub, "ADDRESS:PORT where the hub takes box nodes in")
      ->capture_default_str();
  command->add_option("--boxes", options->boxes, "Numbers of the boxes; the tens are the floor")
      ->delimiter(',')
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  command->add_option("--per-node", options->boxes_per_node, "Boxes of one node")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Other people come and go")->capture_default_str();
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace espial::main
