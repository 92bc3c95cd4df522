// The door: with client.cpp and hook_post.cpp the only file that knows Boost.Beast.
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <utility>

#include "hub/http/guard.hpp"
#include "hub/http/server_state.hpp"
#include "hub/tls/stream.hpp"
#include "ports/linux/clock.hpp"

namespace espial::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using ErrorCode = beast::error_code;
using Tcp = asio::ip::tcp;

/// About the most bytes of events put into one write.
constexpr std::size_t kWriteBytesMax = 64 * 1024;
/// What is written at once: after each piece it shows whether the client reads.
constexpr std::size_t kPieceBytes = 64 * 1024;
/// Answers beyond it may be many bytes when many clients are slow.
constexpr std::size_t kLargeBytes = 16 * 1024;
/// What the system may keep for a client. Else it would be megabytes for each that reads slowly,
/// and of events old news at that. Linux doubles it, and takes more only when a third of that is
/// read: at the lowest rate that has to be well within `write_time`.
constexpr int kSendBufferBytes = 64 * 1024;
/// How much a refused client may still send before the door closes in its face.
constexpr std::size_t kDrainBytesMax = 1024 * 1024;
constexpr std::chrono::seconds kDrainTime{2};
/// How long events are kept going for a page whose stream broke; it comes back within two seconds.
constexpr std::chrono::seconds kStreamAbsence{10};
constexpr const char* kRetryHint = "retry: 2000\n\n";
/// What TLS begins with, and no HTTP.
constexpr char kTlsHandshake = 0x16;
/// Read at once when a request comes over TLS.
constexpr std::size_t kFirstReadBytes = 4096;

Request to_request(beast::http::request<beast::http::string_body>& message) {
  namespace http = beast::http;
  const auto field = [&](http::field name) { return std::string(message[name]); };
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  // Two Host headers are a trick: such a request has no host.
  if (message.count(http::field::host) == 1) request.host = field(http::field::host);
  request.origin = field(http::field::origin);
  request.cookie = field(http::field::cookie);
  request.authorization = field(http::field::authorization);
  request.content_type = field(http::field::content_type);
  request.accept_encoding = field(http::field::accept_encoding);
  request.accept_language = field(http::field::accept_language);
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
class Connection final : public ServedClient, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerState> state, Tcp::socket socket);
  ~Connection() override;
  void begin();
  const std::string& from() const override { return from_; }
  void tell() override;
  void check_welcome() override;
  void close() override;

 private:
  using Clock = asio::steady_timer::clock_type;
  using Parser = beast::http::request_parser<beast::http::string_body>;
  using Body = beast::http::span_body<const char>;

  void secure();
  void wait_for_request();
  void refuse(unsigned status, station::Problem problem, std::string_view reason);
  Response redirection(const Request& request) const;
  void read_header();
  void on_header(ErrorCode error);
  void read_body();
  void on_body(ErrorCode error);
  void refuse_what_was_read(ErrorCode error);
  void be_patient(std::chrono::milliseconds waited);
  void answer(Response response);
  void write_response();
  void write_piece();
  void on_response_written(ErrorCode error);
  void drain();

  bool begin_stream();
  void watch_for_end();
  void write_events();
  bool take_snapshot();
  void beat();

  void set_deadline(std::chrono::milliseconds time) { set_deadline(Clock::now() + time); }
  void set_deadline(Clock::time_point at);
  void begin_write();
  void on_progress(std::size_t written);

  std::shared_ptr<ServerState> state_;
  tls::Stream stream_;
  std::string from_;
  bool is_local_ = false;
  asio::steady_timer deadline_;
  asio::steady_timer heartbeat_;
  asio::steady_timer patience_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string last_event_id_;
  access::Visitor listener_;
  Response response_;
  beast::http::response<Body> message_;
  std::optional<beast::http::response_serializer<Body>> serializer_;
  bool keep_alive_ = false;
  bool is_head_ = false;
  bool answered_ = false;
  bool served_before_ = false;
  std::size_t drained_bytes_ = 0;
  std::array<char, 4096> scratch_{};

  Clock::time_point write_began_{};
  std::size_t written_ = 0;  ///< of what is being written

  bool streaming_ = false;
  bool writing_ = false;
  /// How far this page was told; nothing while it needs a snapshot.
  std::optional<std::uint64_t> told_;
  /// What is being written: words of its own, what it may share with other pages, and their end.
  std::string out_;
  std::shared_ptr<const std::string> shared_;
  std::string_view tail_;
};

Connection::Connection(std::shared_ptr<ServerState> state, Tcp::socket socket)
    : state_(std::move(state)),
      stream_(std::move(socket)),
      deadline_(state_->io),
      heartbeat_(state_->io),
      patience_(state_->io),
      buffer_(state_->options.limits.header_bytes + state_->options.limits.body_bytes) {
  ErrorCode ignored;
  const auto peer = stream_.socket().remote_endpoint(ignored).address();
  stream_.socket().set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), ignored);
  from_ = peer.to_string();
  is_local_ = peer.is_loopback();
  state_->clients.insert(this);
  ++state_->counters.connections_open;
}

Connection::~Connection() {
  state_->clients.erase(this);
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
  patience_.cancel();
  stream_.socket().shutdown(Tcp::socket::shutdown_both, ignored);
  stream_.socket().close(ignored);
}

/// Replaces the deadline; when it passes the connection ends.
void Connection::set_deadline(Clock::time_point at) {
  deadline_.expires_at(at);
  deadline_.async_wait([weak = weak_from_this()](ErrorCode error) {
    const auto self = weak.lock();
    if (error || !self) return;
    // A timer that fired just before it was set anew is late, not due.
    if (self->deadline_.expiry() > Clock::now()) return;
    if (self->parser_ || self->writing_) ++self->state_->counters.timeouts;
    self->close();
  });
}

void Connection::begin_write() {
  write_began_ = Clock::now();
  written_ = 0;
  set_deadline(state_->options.limits.write_time);
}

/// Whoever reads is given more time, but no more than a client of the lowest rate needs.
void Connection::on_progress(std::size_t written) {
  if (written <= written_) return;
  written_ = written;
  const Limits& limits = state_->options.limits;
  const std::chrono::milliseconds owed(written * 1000 / limits.read_bytes_per_second_min);
  set_deadline(std::min(Clock::now(), write_began_ + owed) + limits.write_time);
}

/// Finds out by its first byte whether the client speaks TLS: one port for both.
void Connection::begin() {
  if (!state_->tls) return wait_for_request();
  set_deadline(state_->options.limits.request_time);
  stream_.socket().async_wait(Tcp::socket::wait_read, [self = shared_from_this()](ErrorCode error) {
    if (error) return;
    char first = 0;
    const std::size_t count = self->stream_.socket().receive(
        asio::buffer(&first, 1), asio::socket_base::message_peek, error);
    if (error || count == 0) return self->close();
    if (first == kTlsHandshake) return self->secure();
    self->wait_for_request();
  });
}

void Connection::secure() {
  stream_.secure(*state_->tls);
  stream_.async_shake_hands(asio::ssl::stream_base::server,
                            [self = shared_from_this()](ErrorCode error) {
                              if (!error) return self->wait_for_request();
                              ++self->state_->counters.tls_failures;
                              self->close();
                            });
}

void Connection::wait_for_request() {
  if (buffer_.size() > 0) return read_header();
  const Limits& limits = state_->options.limits;
  set_deadline(served_before_ ? limits.idle_time : limits.request_time);
  if (stream_.tls() == nullptr) {
    stream_.socket().async_wait(Tcp::socket::wait_read,
                                [self = shared_from_this()](ErrorCode error) {
                                  if (!error) self->read_header();
                                });
    return;
  }
  // What came may have been read and decrypted already, so that the socket shows nothing.
  stream_.async_read_some(buffer_.prepare(kFirstReadBytes),
                          [self = shared_from_this()](ErrorCode error, std::size_t count) {
                            if (error) return self->close();
                            self->buffer_.commit(count);
                            self->read_header();
                          });
}

void Connection::read_header() {
  const Limits& limits = state_->options.limits;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser_->body_limit(limits.body_bytes);
  set_deadline(limits.request_time);
  beast::http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_header(error); });
}

void Connection::on_header(ErrorCode error) {
  if (error) return refuse_what_was_read(error);
  if (!beast::iequals(parser_->get()[beast::http::field::expect], "100-continue")) {
    return read_body();
  }
  out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(out_),
                    [self = shared_from_this()](ErrorCode failed, std::size_t) {
                      if (!failed) self->read_body();
                    });
}

void Connection::read_body() {
  beast::http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(ErrorCode error) {
  if (error) return refuse_what_was_read(error);
  auto message = parser_->release();
  keep_alive_ = message.keep_alive();
  is_head_ = message.method() == beast::http::verb::head;
  answered_ = false;
  Request request = to_request(message);
  request.from = from_;
  request.secure = stream_.tls() != nullptr;
  last_event_id_ = request.last_event_id;
  // Nobody listens in on this machine's own loopback.
  if (state_->tls && !request.secure && !is_local_ && !state_->router.answers_in_clear(request)) {
    return answer(redirection(request));
  }
  if (changes_something(request.method)) be_patient(std::chrono::milliseconds(0));
  state_->router.handle(request, [self = shared_from_this()](Response response) {
    self->answer(std::move(response));
  });
}

/// Whoever changed something hears whether it was done, or in time that nobody knows yet.
void Connection::be_patient(std::chrono::milliseconds waited) {
  const Limits& limits = state_->options.limits;
  waited += limits.change_time;
  patience_.expires_after(limits.change_time);
  patience_.async_wait([weak = weak_from_this(), waited](ErrorCode error) {
    const auto self = weak.lock();
    if (error || !self || self->answered_) return;
    const bool is_over = waited >= self->state_->options.limits.longest_change_time;
    auto response = self->state_->router.overdue(is_over);
    if (!response) return self->be_patient(waited);
    // What is answered after all must not pass for the answer to another request.
    self->keep_alive_ = false;
    self->answer(std::move(*response));
  });
}

/// Where the same is to be had in private. Only reading is led there: what else was sent has been
/// seen by everybody already.
Response Connection::redirection(const Request& request) const {
  if (changes_something(request.method) || request.host.empty()) {
    return error_response(403, station::Problem::kForbidden, "Use https:// for that.");
  }
  Response response = error_response(308, station::Problem::kForbidden, "Use https://.");
  response.headers.emplace_back("Location", "https://" + request.host + request.target);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
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
  if (answered_ || !stream_.socket().is_open()) return;
  answered_ = true;
  patience_.cancel();
  response_ = std::move(response);
  Counters& counters = state_->counters;
  if (response_.event_stream && counters.streams_open >= state_->options.limits.event_streams) {
    ++counters.streams_refused;
    response_ = error_response(503, station::Problem::kTooManyPages,
                               "Too many pages are open. Close one and try again.");
  }
  listener_ = response_.listener;
  if (response_.event_stream && begin_stream()) return;
  const std::size_t own_bytes = response_.text.size();
  if (response_.event_stream ||
      (own_bytes > kLargeBytes && !state_->under_way.has_room_for(own_bytes))) {
    ++counters.bytes_refused;
    response_ = too_much_under_way_response();
  } else if (own_bytes > kLargeBytes) {
    response_.shared = state_->under_way.count(std::exchange(response_.text, {}));
  }
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
  serializer_.emplace(message_);
  serializer_->limit(kPieceBytes);
  begin_write();
  write_piece();
}

void Connection::write_piece() {
  beast::http::async_write_some(stream_, *serializer_,
                                [self = shared_from_this()](ErrorCode error, std::size_t count) {
                                  if (error || self->serializer_->is_done())
                                    return self->on_response_written(error);
                                  self->on_progress(self->written_ + count);
                                  self->write_piece();
                                });
}

void Connection::on_response_written(ErrorCode error) {
  parser_.reset();
  serializer_.reset();
  response_ = {};
  served_before_ = true;
  if (error) return close();
  if (keep_alive_ && state_->running) return wait_for_request();
  ErrorCode ignored;
  stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
  set_deadline(kDrainTime);
  drain();
}

/// Closing with unread bytes would reset the connection and could destroy the answer under way.
void Connection::drain() {
  stream_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](ErrorCode error, std::size_t count) {
                            self->drained_bytes_ += count;
                            if (error || self->drained_bytes_ > kDrainBytesMax) {
                              return self->close();
                            }
                            self->drain();
                          });
}

/// False when it needs a snapshot and there is no room for one.
bool Connection::begin_stream() {
  out_ = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n";
  for (const auto& [name, value] : response_.headers) out_ += name + ": " + value + "\r\n";
  out_ += "\r\n";
  out_ += kRetryHint;
  told_ = state_->events.continues(last_event_id_);
  if (!told_ && !take_snapshot()) {
    out_.clear();
    return false;
  }
  parser_.reset();
  streaming_ = true;
  ++state_->counters.streams_open;
  watch_for_end();
  write_events();
  beat();
  return true;
}

/// Pages say nothing on this connection; a read ends when they leave.
void Connection::watch_for_end() {
  stream_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](ErrorCode error, std::size_t) {
                            if (error) return self->close();
                            self->watch_for_end();
                          });
}

void Connection::check_welcome() {
  if (streaming_ && !state_->access.is_welcome(listener_)) close();
}

void Connection::tell() {
  if (streaming_ && !writing_ && stream_.socket().is_open()) write_events();
}

bool Connection::take_snapshot() {
  const auto picture = state_->snapshots.recent();
  if (!picture.json) return false;
  out_ += "event: snapshot\nid: " + std::to_string(picture.revision) + "\ndata: ";
  shared_ = picture.json;
  tail_ = "\n\n";
  told_ = picture.revision;
  return true;
}

void Connection::write_events() {
  if (!shared_ && told_ && !state_->events.reaches(*told_)) {
    told_.reset();
    ++state_->counters.streams_resynced;
  }
  const auto told_before = told_;
  if (!told_) {
    if (!take_snapshot()) {
      ++state_->counters.bytes_refused;
      return close();
    }
  } else if (!shared_) {
    if (const auto batch = state_->events.since(*told_, kWriteBytesMax)) {
      shared_ = {batch, &batch->text};
      told_ = batch->to;
      state_->counters.events_sent += batch->events;
      state_->counters.events_coalesced += batch->coalesced;
    }
  }
  if (out_.empty() && !shared_) return;
  writing_ = true;
  begin_write();
  const std::array<asio::const_buffer, 3> buffers{
      asio::buffer(out_), shared_ ? asio::buffer(*shared_) : asio::const_buffer(),
      asio::buffer(tail_)};
  const auto next_piece = [self = shared_from_this()](ErrorCode error, std::size_t written) {
    self->on_progress(written);
    return error ? std::size_t{0} : kPieceBytes;
  };
  const auto written = [self = shared_from_this(), from = told_before, to = *told_](ErrorCode error,
                                                                                    std::size_t) {
    self->writing_ = false;
    self->deadline_.cancel();
    if (error) return self->close();
    if (from && *from < to) self->state_->page_writes.add(*from, to, monotonic_now());
    self->out_.clear();
    self->shared_.reset();
    self->tail_ = {};
    self->write_events();
  };
  asio::async_write(stream_, buffers, next_piece, written);
}

/// Something now and then: proxies keep the connection, and both ends notice when it is gone. An
/// event, for a browser shows no comment to its page.
void Connection::beat() {
  heartbeat_.expires_after(state_->options.heartbeat);
  heartbeat_.async_wait([weak = weak_from_this()](ErrorCode error) {
    const auto self = weak.lock();
    if (error || !self || !self->stream_.socket().is_open()) return;
    self->check_welcome();
    if (!self->stream_.socket().is_open()) return;
    if (!self->writing_) {
      self->out_ = "event: here\ndata: {}\n\n";
      self->write_events();
    }
    self->beat();
  });
}

}  // namespace

void serve_client(std::shared_ptr<ServerState> state, Tcp::socket socket) {
  std::make_shared<Connection>(std::move(state), std::move(socket))->begin();
}

}  // namespace espial::http
