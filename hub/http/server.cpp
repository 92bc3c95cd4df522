// The door: the only file that knows Boost.Beast.
#include "hub/http/server.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <unordered_set>

#include "hub/http/counters.hpp"
#include "hub/http/event_log.hpp"
#include "hub/http/router.hpp"

namespace espial::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using ErrorCode = beast::error_code;
using Tcp = asio::ip::tcp;

/// About the most bytes of events put into one write.
constexpr std::size_t kWriteBytesMax = 64 * 1024;
/// Shortest time between two writes to a page, and what each page adds to it.
constexpr std::chrono::microseconds kPace{20'000};
constexpr std::chrono::microseconds kPacePerPage{250};
/// A snapshot serves further pages until so many events have come after it.
constexpr std::uint64_t kSnapshotEvents = 64;
/// What the system may keep of a page's events.
constexpr int kStreamBufferBytes = 256 * 1024;
/// How much a refused client may still send before the door closes in its face.
constexpr std::size_t kDrainBytesMax = 1024 * 1024;
constexpr std::chrono::seconds kDrainTime{2};
constexpr std::chrono::milliseconds kAcceptPause{100};
/// How long events are kept going for a page whose stream broke; it comes back within two seconds.
constexpr std::chrono::seconds kStreamAbsence{10};
constexpr const char* kRetryHint = "retry: 2000\n\n";

class Connection;

std::uint64_t first_revision() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

struct ServerState : std::enable_shared_from_this<ServerState> {
  ServerState(asio::io_context& io_context, Dashboard& shown, Options wanted)
      : io(io_context),
        dashboard(shown),
        options(std::move(wanted)),
        events(options.limits.events_kept, first_revision()),
        router(shown, counters, events),
        acceptor(io_context),
        accept_pause(io_context) {}

  void accept();
  void accepted(Tcp::socket socket);
  void announce(Event event);
  std::shared_ptr<const std::string> current_snapshot();

  asio::io_context& io;
  Dashboard& dashboard;
  Options options;
  Counters counters;
  EventLog events;
  Router router;
  Tcp::acceptor acceptor;
  asio::steady_timer accept_pause;
  std::unordered_set<Connection*> connections;
  std::chrono::steady_clock::time_point listened_until{};
  /// The last one that was made.
  std::shared_ptr<const std::string> snapshot;
  std::uint64_t snapshot_revision = 0;
  bool telling = false;  ///< the pages will be told of what was announced
  bool running = false;
};

namespace {

Request to_request(beast::http::request<beast::http::string_body>& message) {
  namespace http = beast::http;
  const auto field = [&](http::field name) { return std::string(message[name]); };
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  // Two Host headers are a trick: such a request has no host.
  if (message.count(http::field::host) == 1) request.host = field(http::field::host);
  request.origin = field(http::field::origin);
  request.content_type = field(http::field::content_type);
  request.accept_encoding = field(http::field::accept_encoding);
  request.if_none_match = field(http::field::if_none_match);
  request.last_event_id = std::string(message["Last-Event-ID"]);
  request.body = std::move(message.body());
  return request;
}

/// One client, from its connection to its end:
///
///     wait for a byte -> read header -> (100 Continue) -> read body -> route -> write -.
///          ^                   |                |                        |           |
///          |                refuse -> drain -> end                  event stream     |
///          '-------------------------------------------------------------------------'
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerState> state, Tcp::socket socket);
  ~Connection();
  void wait_for_request();
  void refuse(unsigned status, station::Problem problem, std::string_view reason);
  /// Something was announced.
  void tell();
  void close();

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;

  void read_header();
  void on_header(ErrorCode error);
  void read_body();
  void on_body(ErrorCode error);
  void refuse_what_was_read(ErrorCode error);
  void answer(Response response);
  void write_response();
  void drain();

  void begin_stream(const std::string& last_event_id);
  void watch_for_end();
  void write_events();
  void take_snapshot();
  void beat();

  void set_deadline(std::chrono::milliseconds time);

  std::shared_ptr<ServerState> state_;
  Tcp::socket socket_;
  asio::steady_timer deadline_;
  asio::steady_timer heartbeat_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string last_event_id_;
  Response response_;
  beast::http::response<beast::http::span_body<const char>> message_;
  bool keep_alive_ = false;
  bool is_head_ = false;
  bool answered_ = false;
  bool served_before_ = false;
  std::size_t drained_bytes_ = 0;
  std::array<char, 4096> scratch_{};

  bool streaming_ = false;
  bool writing_ = false;
  /// How far this page was told; nothing while it needs a snapshot.
  std::optional<std::uint64_t> told_;
  /// What is being written: words of its own, then what it may share with other pages.
  std::string out_;
  std::shared_ptr<const std::string> shared_;
};

Connection::Connection(std::shared_ptr<ServerState> state, Tcp::socket socket)
    : state_(std::move(state)),
      socket_(std::move(socket)),
      deadline_(state_->io),
      heartbeat_(state_->io),
      buffer_(state_->options.limits.header_bytes + state_->options.limits.body_bytes) {
  state_->connections.insert(this);
  ++state_->counters.connections_open;
}

Connection::~Connection() {
  state_->connections.erase(this);
  --state_->counters.connections_open;
  if (streaming_) {
    --state_->counters.streams_open;
    state_->listened_until = std::chrono::steady_clock::now() + kStreamAbsence;
  }
}

void Connection::close() {
  ErrorCode ignored;
  deadline_.cancel();
  heartbeat_.cancel();
  socket_.shutdown(Tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

/// Replaces the deadline; when it passes the connection ends.
void Connection::set_deadline(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([weak = weak_from_this()](ErrorCode error) {
    const auto self = weak.lock();
    if (error || !self) return;
    // A timer that fired just before it was set anew is late, not due.
    if (self->deadline_.expiry() > asio::steady_timer::clock_type::now()) return;
    if (self->parser_ || self->writing_) ++self->state_->counters.timeouts;
    self->close();
  });
}

void Connection::wait_for_request() {
  if (buffer_.size() > 0) return read_header();
  const Limits& limits = state_->options.limits;
  set_deadline(served_before_ ? limits.idle_time : limits.request_time);
  socket_.async_wait(Tcp::socket::wait_read, [self = shared_from_this()](ErrorCode error) {
    if (!error) self->read_header();
  });
}

void Connection::read_header() {
  const Limits& limits = state_->options.limits;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser_->body_limit(limits.body_bytes);
  set_deadline(limits.request_time);
  beast::http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_header(error); });
}

void Connection::on_header(ErrorCode error) {
  if (error) return refuse_what_was_read(error);
  if (!beast::iequals(parser_->get()[beast::http::field::expect], "100-continue")) {
    return read_body();
  }
  out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(out_),
                    [self = shared_from_this()](ErrorCode failed, std::size_t) {
                      if (!failed) self->read_body();
                    });
}

void Connection::read_body() {
  beast::http::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(ErrorCode error) {
  if (error) return refuse_what_was_read(error);
  auto message = parser_->release();
  keep_alive_ = message.keep_alive();
  is_head_ = message.method() == beast::http::verb::head;
  answered_ = false;
  const Request request = to_request(message);
  last_event_id_ = request.last_event_id;
  state_->router.handle(request, [self = shared_from_this()](Response response) {
    self->answer(std::move(response));
  });
}

void Connection::refuse_what_was_read(ErrorCode error) {
  Counters& counters = state_->counters;
  if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow) {
    ++counters.headers_too_large;
    return refuse(431, station::Problem::kHeaderTooLarge,
                  "The header is too large. Send at most 8 KiB.");
  }
  if (error == beast::http::error::body_limit) {
    ++counters.bodies_too_large;
    return refuse(413, station::Problem::kBodyTooLarge,
                  "The body is too large. Send at most 64 KiB.");
  }
  const bool is_protocol_error =
      error.category() == make_error_code(beast::http::error::bad_method).category();
  if (is_protocol_error && error != beast::http::error::end_of_stream &&
      error != beast::http::error::partial_message) {
    ++counters.garbage;
    return refuse(400, station::Problem::kBadRequest, "That was not HTTP/1.1.");
  }
  parser_.reset();
  close();
}

void Connection::refuse(unsigned status, station::Problem problem, std::string_view reason) {
  ++state_->counters.client_errors;
  keep_alive_ = false;
  is_head_ = false;
  response_ = error_response(status, problem, reason);
  write_response();
}

void Connection::answer(Response response) {
  if (answered_ || !socket_.is_open()) return;
  answered_ = true;
  response_ = std::move(response);
  Counters& counters = state_->counters;
  if (response_.event_stream && counters.streams_open >= state_->options.limits.event_streams) {
    ++counters.streams_refused;
    response_ = error_response(503, station::Problem::kTooManyPages,
                               "Too many pages are open. Close one and try again.");
  }
  if (response_.event_stream) return begin_stream(last_event_id_);
  write_response();
}

void Connection::write_response() {
  namespace http = beast::http;
  const std::string_view body = response_.body();
  message_ = {};
  message_.version(11);
  message_.result(response_.status);
  message_.set(http::field::content_type, response_.content_type);
  for (const auto& [name, value] : response_.headers) message_.insert(name, value);
  message_.keep_alive(keep_alive_);
  if (response_.status != 304) message_.content_length(body.size());
  if (!is_head_) message_.body() = {body.data(), body.size()};
  set_deadline(state_->options.limits.write_time);
  http::async_write(socket_, message_, [self = shared_from_this()](ErrorCode error, std::size_t) {
    self->parser_.reset();
    self->served_before_ = true;
    if (error) return self->close();
    if (self->keep_alive_ && self->state_->running) return self->wait_for_request();
    ErrorCode ignored;
    self->socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    self->set_deadline(kDrainTime);
    self->drain();
  });
}

/// Closing with unread bytes would reset the connection and could destroy the answer under way.
void Connection::drain() {
  socket_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](ErrorCode error, std::size_t count) {
                            self->drained_bytes_ += count;
                            if (error || self->drained_bytes_ > kDrainBytesMax) {
                              return self->close();
                            }
                            self->drain();
                          });
}

void Connection::begin_stream(const std::string& last_event_id) {
  parser_.reset();
  streaming_ = true;
  ++state_->counters.streams_open;
  out_ = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n";
  for (const auto& [name, value] : response_.headers) out_ += name + ": " + value + "\r\n";
  out_ += "\r\n";
  out_ += kRetryHint;
  told_ = state_->events.continues(last_event_id);
  // Else the system keeps megabytes for each page that reads slowly, and old news at that.
  ErrorCode ignored;
  socket_.set_option(asio::socket_base::send_buffer_size(kStreamBufferBytes), ignored);
  watch_for_end();
  write_events();
  beat();
}

/// Pages say nothing on this connection; a read ends when they leave.
void Connection::watch_for_end() {
  socket_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](ErrorCode error, std::size_t) {
                            if (error) return self->close();
                            self->watch_for_end();
                          });
}

void Connection::tell() {
  if (streaming_ && !writing_ && socket_.is_open()) write_events();
}

void Connection::take_snapshot() {
  shared_ = state_->current_snapshot();
  told_ = state_->snapshot_revision;
}

void Connection::write_events() {
  if (told_ && !state_->events.reaches(*told_)) {
    told_.reset();
    ++state_->counters.streams_resynced;
  }
  if (!told_) {
    take_snapshot();
  } else if (const auto batch = state_->events.since(*told_, kWriteBytesMax)) {
    shared_ = {batch, &batch->text};
    told_ = batch->to;
    state_->counters.events_sent += batch->events;
    state_->counters.events_coalesced += batch->coalesced;
  }
  if (out_.empty() && !shared_) return;
  writing_ = true;
  set_deadline(state_->options.limits.write_time);
  const std::array<asio::const_buffer, 2> buffers{
      asio::buffer(out_), shared_ ? asio::buffer(*shared_) : asio::const_buffer()};
  asio::async_write(socket_, buffers, [self = shared_from_this()](ErrorCode error, std::size_t) {
    self->writing_ = false;
    self->deadline_.cancel();
    if (error) return self->close();
    self->out_.clear();
    self->shared_.reset();
    self->write_events();
  });
}

/// A comment now and then: proxies keep the connection, and both ends notice when it is gone.
void Connection::beat() {
  heartbeat_.expires_after(state_->options.heartbeat);
  heartbeat_.async_wait([weak = weak_from_this()](ErrorCode error) {
    const auto self = weak.lock();
    if (error || !self || !self->socket_.is_open()) return;
    if (!self->writing_) {
      self->out_ = ": here\n\n";
      self->write_events();
    }
    self->beat();
  });
}

std::string address_text(const Options& options) {
  const bool is_v6 = options.address.find(':') != std::string::npos;
  return (is_v6 ? '[' + options.address + ']' : options.address) + ':' +
         std::to_string(options.port);
}

}  // namespace

void ServerState::accept() {
  acceptor.async_accept([self = shared_from_this()](ErrorCode error, Tcp::socket socket) {
    if (!self->running) return;
    if (!error) {
      self->accepted(std::move(socket));
      return self->accept();
    }
    // Most likely no file descriptors are left: wait for some to come back.
    self->accept_pause.expires_after(kAcceptPause);
    self->accept_pause.async_wait([self](ErrorCode cancelled) {
      if (!cancelled && self->running) self->accept();
    });
  });
}

void ServerState::accepted(Tcp::socket socket) {
  ErrorCode ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  if (connections.size() >= options.limits.connections) {
    ++counters.connections_refused;
    // Best effort and without waiting: whoever can't take it now gets a closed connection.
    socket.non_blocking(true, ignored);
    static constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
        "Content-Length: 53\r\nConnection: close\r\n\r\n"
        "{\"error\": \"Too many connections. Try again shortly.\"}";
    (void)socket.write_some(asio::buffer(kFull), ignored);
    socket.shutdown(Tcp::socket::shutdown_both, ignored);
    return;
  }
  std::make_shared<Connection>(shared_from_this(), std::move(socket))->wait_for_request();
}

// What is announced in one go is told in one go.
void ServerState::announce(Event event) {
  events.add(std::move(event));
  if (std::exchange(telling, true)) return;
  asio::post(io, [self = shared_from_this()] {
    self->telling = false;
    for (Connection* connection : self->connections) connection->tell();
  });
}

std::shared_ptr<const std::string> ServerState::current_snapshot() {
  const bool serves = snapshot && events.reaches(snapshot_revision) &&
                      events.revision() - snapshot_revision < kSnapshotEvents;
  if (!serves) {
    snapshot_revision = events.revision();
    snapshot = std::make_shared<const std::string>(
        "event: snapshot\nid: " + std::to_string(snapshot_revision) +
        "\ndata: " + snapshot_json(dashboard.snapshot(), snapshot_revision) + "\n\n");
  }
  return snapshot;
}

Server::Server(asio::io_context& io, Dashboard& dashboard, Options options)
    : state_(std::make_shared<ServerState>(io, dashboard, std::move(options))) {}

Server::~Server() { stop(); }

void Server::serve(std::vector<std::string> parts, Handler handler) {
  state_->router.serve(std::move(parts), std::move(handler));
}

std::optional<std::string> Server::start() {
  ServerState& state = *state_;
  const Options& options = state.options;
  ErrorCode error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error || !address.is_loopback()) {
    return "The page can't listen on \"" + options.address +
           "\": only this machine's own addresses (127.0.0.1 or ::1) are allowed.";
  }
  const Tcp::endpoint endpoint(address, options.port);
  state.acceptor.open(endpoint.protocol(), error);
  if (!error) state.acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) state.acceptor.bind(endpoint, error);
  if (!error) state.acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    ErrorCode ignored;
    state.acceptor.close(ignored);
    if (error == asio::error::address_in_use) {
      return "Port " + std::to_string(options.port) +
             " is in use by another program. Choose another one with --port.";
    }
    return "The page can't listen on " + address_text(options) + ": " + error.message() + '.';
  }
  state.running = true;
  state.accept();
  return std::nullopt;
}

void Server::stop() {
  ServerState& state = *state_;
  if (!state.running) return;
  state.running = false;
  ErrorCode ignored;
  state.acceptor.close(ignored);
  state.accept_pause.cancel();
  for (Connection* connection : state.connections) connection->close();
}

std::uint16_t Server::port() const {
  ErrorCode error;
  const auto endpoint = state_->acceptor.local_endpoint(error);
  return error ? std::uint16_t{0} : endpoint.port();
}

void Server::announce(Event event) { state_->announce(std::move(event)); }

std::chrono::microseconds Server::pace() const {
  const auto pages = static_cast<std::chrono::microseconds::rep>(state_->counters.streams_open);
  return std::max(kPace, pages * kPacePerPage);
}

bool Server::anyone_listens() const {
  return state_->counters.streams_open > 0 ||
         std::chrono::steady_clock::now() < state_->listened_until;
}

void Server::skip_events() { state_->events.forget(); }

}  // namespace espial::http
