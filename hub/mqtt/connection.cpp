#include "hub/mqtt/connection.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "hub/mqtt/backoff.hpp"
#include "hub/mqtt/broker_warnings.hpp"
#include "hub/mqtt/log_limit.hpp"
#include "hub/tls/believed.hpp"
#include "hub/tls/stream.hpp"

namespace espial::mqtt {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kReadBufferBytes = 64 * 1024;
constexpr std::chrono::seconds kFarewellPatience{1};
/// A connection that lasted so long was a good one, as is one that acknowledged something: the next
/// attempt begins with the least delay.
constexpr Duration kGoodConnection = Duration::seconds(5);

Instant now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

std::chrono::steady_clock::time_point time_point(Instant t) {
  return std::chrono::steady_clock::time_point(std::chrono::microseconds(t.us));
}

}  // namespace

/// Every asynchronous operation carries the number of the attempt it belongs to; what completes for
/// an earlier attempt is ignored.
class Connection::Impl : public std::enable_shared_from_this<Impl>, private ClientEvents {
 public:
  Impl(asio::io_context& io, ConnectionOptions options, Handlers handlers)
      : options_(std::move(options)),
        handlers_(std::move(handlers)),
        io_(io),
        resolver_(io),
        stream_(std::make_shared<tls::Stream>(tcp::socket(io))),
        retry_timer_(io),
        tick_timer_(io),
        read_timer_(io),
        random_(std::random_device{}()),
        backoff_(options_.min_retry_delay_ms, options_.max_retry_delay_ms),
        client_(with_random_packet_id(options_.client, static_cast<std::uint32_t>(random_())),
                *this),
        gather_(Duration::milliseconds(options_.read_gather_ms)),
        read_buffer_(kReadBufferBytes) {}

  void start() {
    if (running_) return;
    running_ = true;
    asio::post(io_, [self = shared_from_this()] {
      if (self->running_) self->connect();
    });
  }

  void stop(Farewell farewell, std::function<void()> stopped) {
    if (stopping_ || !running_) {
      if (stopped) asio::post(io_, std::move(stopped));
      return;
    }
    running_ = false;
    stopping_ = true;
    stopped_ = std::move(stopped);
    retry_timer_.cancel();
    if (!client_.up()) {
      asio::post(io_, [self = shared_from_this()] { self->finish_stop(); });
      return;
    }
    farewell_ = farewell;
    tick_timer_.expires_after(kFarewellPatience);
    tick_timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error) return;
      self->say_farewell();
      self->write_last();
      self->finish_stop();
    });
    if (!client_.awaits_release()) say_farewell();
    flush();
  }

  /// The owner is gone: no handler may be called any more.
  void abandon() {
    abandoned_ = true;
    running_ = false;
    stopping_ = false;
    close();
  }

  PublishError publish(const Message& message, PublishDone done) {
    const PublishError error = client_.publish(now(), message, std::move(done));
    flush_soon();
    return error;
  }
  void acknowledge(Ticket ticket, Reason reason) {
    client_.acknowledge(ticket, reason);
    flush_soon();
    fail_soon();
  }
  void give_back(Ticket ticket, std::string_view why) {
    client_.give_back(now(), ticket, why);
    no_room_ = no_room_ || client_.draining() || !client_.failure().empty();
    if (!stopping_ && client_.next_deadline() < armed_) arm(client_.next_deadline());
    fail_soon();
  }
  bool subscribe(const Subscription& subscription) {
    const bool valid = client_.subscribe(subscription);
    flush_soon();
    return valid;
  }
  void unsubscribe(std::string_view filter) {
    client_.unsubscribe(filter);
    flush_soon();
  }
  const Client& client() const { return client_; }

 private:
  static ClientOptions with_random_packet_id(ClientOptions options, std::uint32_t random) {
    // A broker that kept the session of our former life may remember QoS 2 identifiers of it.
    options.first_packet_id = static_cast<std::uint16_t>(1 + random % Outbox::kPacketIds);
    return options;
  }

  void connect() {
    const std::uint64_t attempt = ++attempt_;
    stream_ = std::make_shared<tls::Stream>(tcp::socket(io_));
    resolver_.async_resolve(
        options_.host, std::to_string(options_.port),
        [self = shared_from_this(), attempt](error_code error, tcp::resolver::results_type found) {
          if (attempt != self->attempt_) return;
          if (error) return self->down("can't find the broker's host: " + error.message());
          self->connect_to(found, attempt);
        });
    // Resolving and connecting share the time that the client allows for CONNACK.
    arm(now() + options_.client.connect_timeout);
  }

  void connect_to(const tcp::resolver::results_type& endpoints, std::uint64_t attempt) {
    asio::async_connect(stream_->socket(), endpoints,
                        [self = shared_from_this(), stream = stream_, attempt](
                            error_code error, const tcp::endpoint&) {
                          if (attempt != self->attempt_) return;
                          if (error)
                            return self->down("can't reach the broker: " + error.message());
                          if (self->options_.secure) return self->shake_hands();
                          self->transport_up();
                        });
  }

  void shake_hands() {
    asio::ssl::context context(asio::ssl::context::tls_client);
    if (const auto problem = tls::believe(context, options_.ca_file)) return down(*problem);
    stream_->secure(context);
    if (!tls::demand_name(stream_->tls(), options_.host)) {
      return down("\"" + options_.host + "\" is no name that a certificate could have");
    }
    stream_->async_shake_hands(
        asio::ssl::stream_base::client,
        [self = shared_from_this(), stream = stream_, attempt = attempt_](error_code error) {
          if (attempt != self->attempt_) return;
          if (error) return self->down(tls::refusal_text(stream->tls(), "the broker", error));
          self->transport_up();
        });
  }

  void transport_up() {
    error_code ignored;
    stream_->socket().set_option(tcp::no_delay(true), ignored);
    stream_->socket().non_blocking(true, ignored);
    transport_up_ = true;
    in_burst_ = false;
    used_ = 0;
    client_.on_transport_up(now());
    arm(client_.next_deadline());
    flush();
    read();
  }

  void read() {
    stream_->async_read_some(asio::buffer(read_buffer_.data() + used_, read_buffer_.size() - used_),
                             [self = shared_from_this(), stream = stream_, attempt = attempt_](
                                 error_code error, std::size_t bytes) {
                               if (attempt == self->attempt_) self->on_read(error, bytes);
                             });
  }

  /// Waking up costs more than a message does. So within a burst the kernel is asked not to wake us
  /// for each one, and what came is taken when a timer says so. A burst begins with two reads in
  /// short succession and ends with a turn in which nothing came. Under TLS the kernel sees
  /// records, not messages, and one of them may wait inside the stream: there, each read is told.
  void read_again(Instant last_read, bool more_waits) {
    const Duration since = last_read - std::exchange(last_read_, last_read);
    if (more_waits || stream_->tls() != nullptr) return read();
    if (!in_burst_ && since >= gather_) return read();
    if (!in_burst_) set_in_burst(true);
    read_timer_.expires_at(time_point(last_read + gather_));
    read_timer_.async_wait([self = shared_from_this(), attempt = attempt_](error_code error) {
      if (!error && attempt == self->attempt_) self->read_gathered();
    });
  }

  void read_gathered() {
    error_code error;
    const std::size_t bytes = stream_->socket().read_some(
        asio::buffer(read_buffer_.data() + used_, read_buffer_.size() - used_), error);
    if (error != asio::error::would_block) return on_read(error, bytes);
    set_in_burst(false);
    read();
  }

  void set_in_burst(bool in_burst) {
    in_burst_ = in_burst;
    error_code ignored;  // without it there are more wake-ups, no more
    stream_->socket().set_option(
        tcp::socket::receive_low_watermark(in_burst ? static_cast<int>(kReadBufferBytes) : 1),
        ignored);
  }

  void on_read(error_code error, std::size_t bytes) {
    if (error) {
      if (stopping_) return finish_stop();
      return down(end_text(error));
    }
    used_ += bytes;
    const Instant read_at = now();
    const bool buffer_full = used_ == read_buffer_.size();
    const std::uint64_t attempt = attempt_;
    const std::size_t taken = client_.on_bytes(read_at, ByteView(read_buffer_.data(), used_));
    if (attempt != attempt_) return;  // a handler dropped this connection
    if (!client_.failure().empty()) return fail();
    keep_rest(taken);
    if (!stopping_) {
      if (client_.next_deadline() < armed_) arm(client_.next_deadline());
    } else if (!client_.awaits_release()) {
      say_farewell();
      used_ = 0;
    }
    flush();
    read_again(read_at, buffer_full);
  }

  /// Why reading has come to an end.
  std::string end_text(error_code error) const {
    const bool closed = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    const bool unheard = !client_.up() && !options_.secure;
    if (unheard && (closed || error == asio::error::connection_reset)) {
      return "the broker closed the connection without an answer; does it want TLS at this port?";
    }
    return closed ? "the broker closed the connection" : "the connection broke: " + error.message();
  }

  /// Moves an unfinished packet to the front, and makes room for all of it.
  void keep_rest(std::size_t taken) {
    used_ -= taken;
    if (used_ > 0) std::memmove(read_buffer_.data(), read_buffer_.data() + taken, used_);
    // The client refuses packets over its limit, so this stops growing there.
    if (used_ == read_buffer_.size()) read_buffer_.resize(read_buffer_.size() * 2);
    if (used_ == 0 && read_buffer_.size() > kReadBufferBytes) {
      read_buffer_.resize(kReadBufferBytes);
      read_buffer_.shrink_to_fit();
    }
  }

  /// Many small acknowledgements and publishes between two turns of the event loop leave together.
  void flush_soon() {
    if (flush_posted_ || writing_ || !transport_up_ || !client_.has_output()) return;
    flush_posted_ = true;
    asio::post(io_, [self = shared_from_this()] {
      self->flush_posted_ = false;
      self->flush();
    });
  }

  void flush() {
    if (writing_ || !transport_up_) return;
    if (!client_.take_output(now(), write_buffer_)) {
      if (stopping_ && !client_.up()) say_end();
      return;
    }
    writing_ = true;
    asio::async_write(*stream_, asio::buffer(write_buffer_),
                      [self = shared_from_this(), stream = stream_, attempt = attempt_](
                          error_code error, std::size_t) {
                        if (attempt != self->attempt_) return;
                        self->writing_ = false;
                        // A broken connection shows in the read as well, with what the broker said
                        // before.
                        if (!error) self->flush();
                      });
  }

  /// All is written: closes our direction, and the broker's answer to that ends `stop`.
  void say_end() {
    error_code ignored;
    stream_->socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  void say_farewell() { client_.disconnect(farewell_ == Farewell::kWithWill); }

  /// What the kernel takes at once of what there is to say.
  void write_last() {
    if (writing_ || !client_.take_output(now(), write_buffer_)) return;
    error_code ignored;
    stream_->write_some(asio::buffer(write_buffer_), ignored);
  }

  void finish_stop() {
    if (!stopping_) return;
    stopping_ = false;
    close();
    tell_down("stopped");
    const std::function<void()> stopped = std::move(stopped_);
    if (stopped) stopped();
  }

  /// For what a handler may have called, from inside the client.
  void fail_soon() {
    if (client_.failure().empty()) return;
    asio::post(io_, [self = shared_from_this(), attempt = attempt_] {
      if (attempt == self->attempt_ && !self->client_.failure().empty()) self->fail();
    });
  }

  /// The client can't go on: its last word, then the end.
  void fail() {
    const std::string reason = client_.failure();
    write_last();
    if (stopping_) return finish_stop();
    down(reason);
  }

  void close() {
    ++attempt_;
    transport_up_ = false;
    writing_ = false;
    armed_ = kNever;
    resolver_.cancel();
    retry_timer_.cancel();
    tick_timer_.cancel();
    read_timer_.cancel();
    error_code ignored;
    stream_->socket().close(ignored);
    client_.on_transport_down();
  }

  void down(const std::string& reason) {
    close();
    const bool was_up = up_told_;
    if (was_up && (now() - up_since_ >= kGoodConnection || acknowledged_some())) backoff_.reset();
    std::uint32_t delay_ms = backoff_.next_ms(static_cast<std::uint32_t>(random_()));
    if (std::exchange(no_room_, false)) delay_ms = std::max(delay_ms, options_.give_back_delay_ms);
    if (const auto left_out = down_log_.pass(now())) {
      spdlog::warn("mqtt {}:{}: {}; next attempt in {} ms{}", options_.host, options_.port, reason,
                   delay_ms, more(*left_out));
    }
    if (running_) {
      retry_timer_.expires_after(std::chrono::milliseconds(delay_ms));
      retry_timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error && self->running_) self->connect();
      });
    }
    tell_down(reason);
  }

  bool acknowledged_some() const { return client_.counters().acknowledged > acknowledged_before_; }

  void tell_down(std::string_view reason) {
    if (!std::exchange(up_told_, false)) return;
    if (handlers_.on_down && !abandoned_) handlers_.on_down(reason);
  }

  void arm(Instant deadline) {
    armed_ = deadline;
    if (deadline == kNever) {
      tick_timer_.cancel();
      return;
    }
    tick_timer_.expires_at(time_point(deadline));
    tick_timer_.async_wait([self = shared_from_this(), attempt = attempt_](error_code error) {
      if (!error && attempt == self->attempt_ && self->running_) self->on_timer();
    });
  }

  void on_timer() {
    if (!transport_up_) return down("the broker can't be reached in time");
    client_.on_tick(now());
    if (!client_.failure().empty()) return fail();
    arm(client_.next_deadline());
    flush();
  }

  static std::string more(std::uint64_t left_out) {
    return left_out == 0 ? "" : fmt::format(" ({} lines like this were left out)", left_out);
  }

  void on_up(const Connack& connack) override {
    up_told_ = true;
    up_since_ = now();
    acknowledged_before_ = client_.counters().acknowledged;
    spdlog::info("mqtt {}:{}: connected as \"{}\", {} session", options_.host, options_.port,
                 options_.client.client_id, connack.session_present ? "resumed" : "new");
    std::vector<std::string> warnings = broker_warnings(options_.client, connack);
    if (warnings != warned_) {
      for (const std::string& text : warnings) {
        spdlog::warn("mqtt {}:{}: {}", options_.host, options_.port, text);
      }
      warned_ = std::move(warnings);
    }
    if (handlers_.on_up && !abandoned_) handlers_.on_up(connack.session_present);
  }

  void on_message(const Publish& message, Ticket ticket) override {
    if (handlers_.on_message && !abandoned_) handlers_.on_message(message, ticket);
  }

  void on_refused(std::string_view topic, Reason reason) override {
    const auto left_out = refusal_log_.pass(now());
    if (!left_out) return;
    spdlog::warn("mqtt {}:{}: a message to \"{}\" was refused: {}{}", options_.host, options_.port,
                 topic, reason_text(reason), more(*left_out));
  }

  void on_subscribed(std::string_view filter, Qos asked, Reason reason) override {
    const bool less =
        !is_failure(reason) && static_cast<unsigned>(reason) < static_cast<unsigned>(asked);
    if (is_failure(reason) || less) {
      if (const auto left_out = refusal_log_.pass(now())) {
        spdlog::warn("mqtt {}:{}: subscription to \"{}\" with QoS {}: {}{}", options_.host,
                     options_.port, filter, static_cast<unsigned>(asked),
                     less ? "granted with a lower QoS" : reason_text(reason), more(*left_out));
      }
    }
    if (handlers_.on_subscribed && !abandoned_) handlers_.on_subscribed(filter, reason);
  }

  const ConnectionOptions options_;
  const Handlers handlers_;
  asio::io_context& io_;
  tcp::resolver resolver_;
  std::shared_ptr<tls::Stream> stream_;  ///< another for each attempt
  asio::steady_timer retry_timer_;
  asio::steady_timer tick_timer_;
  asio::steady_timer read_timer_;
  std::mt19937 random_;  ///< spreads attempts and identifiers; nothing secret comes from it
  Backoff backoff_;
  Client client_;
  const Duration gather_;
  std::vector<std::uint8_t> read_buffer_;
  std::vector<std::uint8_t> write_buffer_;
  std::size_t used_ = 0;  ///< bytes of `read_buffer_` not yet taken by the client
  std::uint64_t attempt_ = 0;
  Instant armed_ = kNever;
  Instant last_read_{};
  Instant up_since_{};
  std::uint64_t acknowledged_before_ = 0;  ///< when this connection came up
  bool running_ = false;
  bool stopping_ = false;
  bool abandoned_ = false;
  bool transport_up_ = false;
  bool writing_ = false;
  bool in_burst_ = false;
  bool flush_posted_ = false;
  bool up_told_ = false;
  bool no_room_ = false;  ///< this connection ends because a message was given back
  Farewell farewell_ = Farewell::kWithoutWill;
  std::function<void()> stopped_;
  std::vector<std::string> warned_;
  LogLimit down_log_{5, Duration::seconds(60)};
  LogLimit refusal_log_{10, Duration::seconds(60)};
};

Connection::Connection(asio::io_context& io, ConnectionOptions options, Handlers handlers)
    : impl_(std::make_shared<Impl>(io, std::move(options), std::move(handlers))) {}
Connection::~Connection() { impl_->abandon(); }

void Connection::start() { impl_->start(); }
void Connection::stop(Farewell farewell, std::function<void()> stopped) {
  impl_->stop(farewell, std::move(stopped));
}
PublishError Connection::publish(const Message& message, PublishDone done) {
  return impl_->publish(message, std::move(done));
}
void Connection::acknowledge(Ticket ticket, Reason reason) { impl_->acknowledge(ticket, reason); }
void Connection::give_back(Ticket ticket, std::string_view why) { impl_->give_back(ticket, why); }
bool Connection::subscribe(const Subscription& subscription) {
  return impl_->subscribe(subscription);
}
void Connection::unsubscribe(std::string_view filter) { impl_->unsubscribe(filter); }
bool Connection::up() const { return impl_->client().up(); }
const Counters& Connection::counters() const { return impl_->client().counters(); }
std::size_t Connection::unacknowledged_in() const { return impl_->client().unacknowledged_in(); }
std::size_t Connection::unacknowledged_out() const { return impl_->client().unacknowledged_out(); }

}  // namespace espial::mqtt
