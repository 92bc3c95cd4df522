#include "hub/http/client.hpp"

#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <utility>

namespace espial::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr auto kPatience = std::chrono::seconds(10);
constexpr std::size_t kMaxAnswer = 64 * 1024 * 1024;
/// A longer line is no event of the hub's.
constexpr std::size_t kMaxLine = 64 * 1024 * 1024;
/// The hub sends a heartbeat every fifteen seconds: a longer silence means that it is gone.
constexpr auto kHeartbeatPatience = std::chrono::seconds(40);
constexpr std::size_t kReadSize = 64 * 1024;

std::string unreachable(const HubAddress& hub, const beast::error_code& error) {
  return "no hub answers at " + hub.place.text() + " (" + error.message() +
         "); start one with `espial hub`, or name another with --hub";
}

using Request = beast::http::request<beast::http::string_body>;

Request make_request(const HubAddress& hub, std::string_view method, std::string_view target,
                     std::string_view body) {
  Request request;
  request.method_string(beast::string_view(method.data(), method.size()));
  request.target(beast::string_view(target.data(), target.size()));
  request.version(11);
  request.set(beast::http::field::host, hub.place.text());
  if (!hub.token.empty()) request.set(beast::http::field::authorization, "Bearer " + hub.token);
  if (!body.empty()) {
    request.set(beast::http::field::content_type, "application/json");
    request.body() = body;
  }
  request.prepare_payload();
  return request;
}

/// One exchange on an event loop of its own.
class Exchange {
 public:
  explicit Exchange(const HubAddress& hub) : hub_(hub), stream_(io_) {}

  Answer run(const Request& request) {
    Answer answer;
    beast::error_code error = connect();
    if (!error) error = send(request);
    if (!error) {
      parser_.body_limit(kMaxAnswer);
      beast::http::async_read(stream_, buffer_, parser_,
                              [&](auto result, auto) { error = result; });
      wait();
    }
    if (error) {
      answer.error = unreachable(hub_, error);
      return answer;
    }
    answer.status = parser_.get().result_int();
    answer.body = std::move(parser_.get().body());
    return answer;
  }

  beast::error_code connect() {
    tcp::resolver resolver(io_);
    beast::error_code error;
    const auto places = resolver.resolve(hub_.place.host, std::to_string(hub_.place.port), error);
    if (error) return error;
    stream_.expires_after(kPatience);
    stream_.async_connect(places, [&](auto result, const auto&) { error = result; });
    wait();
    return error;
  }

  beast::error_code send(const Request& request) {
    beast::error_code error;
    stream_.expires_after(kPatience);
    beast::http::async_write(stream_, request, [&](auto result, auto) { error = result; });
    wait();
    return error;
  }

  void wait() {
    io_.run();
    io_.restart();
  }

 protected:
  const HubAddress& hub_;
  asio::io_context io_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  beast::http::response_parser<beast::http::string_body> parser_;
};

/// Puts lines together into events: "event: <name>", "data: <json>", empty line.
class EventLines {
 public:
  using Handler = std::function<bool(std::string_view, std::string_view)>;
  explicit EventLines(const Handler& handler) : handler_(handler) {}

  /// False when the handler has had enough, or a line is too long to be an event's.
  bool add(std::string_view text) {
    for (const char c : text) {
      if (c != '\n') {
        if (line_.size() >= kMaxLine) return false;
        if (c != '\r') line_ += c;
        continue;
      }
      if (!end_line()) return false;
    }
    return true;
  }

 private:
  bool end_line() {
    const std::string line = std::move(line_);
    line_.clear();
    if (line.empty()) {
      const bool go_on = data_.empty() || handler_(name_, data_);
      name_.clear();
      data_.clear();
      return go_on;
    }
    const auto value = [&](std::string_view field) -> std::optional<std::string> {
      if (line.compare(0, field.size(), field) != 0) return std::nullopt;
      return line.substr(field.size() + (line.size() > field.size() && line[field.size()] == ' '));
    };
    if (const auto name = value("event:")) name_ = *name;
    if (const auto data = value("data:")) data_ += *data;
    return true;
  }

  const Handler& handler_;
  std::string line_;
  std::string name_;
  std::string data_;
};

/// Reads a stream that never ends by itself.
class Stream : private Exchange {
 public:
  Stream(const HubAddress& hub, int stop_fd) : Exchange(hub), stop_(io_) {
    // A copy, since the descriptor object closes what it holds.
    if (stop_fd >= 0) stop_.assign(::dup(stop_fd));
  }

  std::string run(const EventLines::Handler& on_event) {
    beast::error_code error = connect();
    if (!error) error = send(make_request(hub_, "GET", "/api/events", {}));
    beast::http::response_parser<beast::http::empty_body> header;
    if (!error) {
      stream_.expires_after(kPatience);
      beast::http::async_read_header(stream_, buffer_, header,
                                     [&](auto result, auto) { error = result; });
      wait();
    }
    if (error) return unreachable(hub_, error);
    if (header.get().result() != beast::http::status::ok) {
      return "the hub at " + hub_.place.text() + " refused to send events (HTTP " +
             std::to_string(header.get().result_int()) + ")";
    }
    EventLines lines(on_event);
    if (stop_.is_open()) {
      stop_.async_wait(asio::posix::stream_descriptor::wait_read, [this](auto result) {
        if (!result) io_.stop();
      });
    }
    read(lines);
    io_.run();
    return end_;
  }

 private:
  void read(EventLines& lines) {
    const auto received = buffer_.data();
    const bool go_on = lines.add({static_cast<const char*>(received.data()), received.size()});
    buffer_.consume(buffer_.size());
    if (!go_on) {
      io_.stop();
      return;
    }
    stream_.expires_after(kHeartbeatPatience);
    stream_.async_read_some(buffer_.prepare(kReadSize), [&](auto error, std::size_t size) {
      if (error) {
        end_ = "the hub at " + hub_.place.text() + " is gone (" + error.message() + ")";
        io_.stop();
        return;
      }
      buffer_.commit(size);
      read(lines);
    });
  }

  asio::posix::stream_descriptor stop_;
  std::string end_;
};

}  // namespace

std::optional<HubAddress> parse_hub_address(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.substr(0, kScheme.size()) == kScheme) text.remove_prefix(kScheme.size());
  if (!text.empty() && text.back() == '/') text.remove_suffix(1);
  auto place = parse_host_port(text, HubAddress{}.place.port);
  if (!place) return std::nullopt;
  return HubAddress{*std::move(place), {}};
}

Answer ask(const HubAddress& hub, std::string_view method, std::string_view target,
           std::string_view body) {
  return Exchange(hub).run(make_request(hub, method, target, body));
}

std::string follow_events(
    const HubAddress& hub, int stop_fd,
    const std::function<bool(std::string_view name, std::string_view data)>& on_event) {
  return Stream(hub, stop_fd).run(on_event);
}

}  // namespace espial::http
