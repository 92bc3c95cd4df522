#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "hub/mqtt/client.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::mqtt {

struct ConnectionOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  /// Over TLS, with a certificate that is `host`'s and of somebody who is believed.
  bool secure = false;
  /// With `secure`: file of the authorities that are believed (PEM); empty: this machine's. It is
  /// read for each attempt, so that a renewed one counts.
  std::string ca_file;
  ClientOptions client{};
  std::uint32_t min_retry_delay_ms = 100;     ///< between two attempts, doubled up to
  std::uint32_t max_retry_delay_ms = 10'000;  ///< this, each time shortened by up to half at random
  /// The least delay after `give_back`: whoever had no room needs time to make some.
  std::uint32_t give_back_delay_ms = 1'000;
  /// A broker writes each message by itself. While they come thick and fast, one read waits so long
  /// after the last one for company; a message after a silence is read at once. 0: never waits.
  std::uint32_t read_gather_ms = 2;
};

/// A client that keeps itself connected to a broker over TCP or TLS. Reconnecting shows only in
/// `on_up` and `on_down`: publishes of QoS 1 and 2 wait, subscriptions come back, what was not
/// acknowledged comes again.
///
/// All methods are to be called, and all handlers are called, from the thread that runs the
/// io_context. Handlers may call every method; none is called before `start` has returned or after
/// `stop` has completed.
class Connection {
 public:
  struct Handlers {
    /// The message's views live until the return; its ticket may be acknowledged at any later time.
    std::function<void(const Publish& message, Ticket ticket)> on_message;
    /// `session_present`: the broker has kept subscriptions and messages for us.
    std::function<void(bool session_present)> on_up;
    /// Once for every `on_up` that has ended. The reason is a sentence for people.
    std::function<void(std::string_view reason)> on_down;
    /// The broker's word on a subscription, not repeated for a renewal that went well. Optional;
    /// refusals are logged in any case.
    std::function<void(std::string_view filter, Reason reason)> on_subscribed;
  };

  Connection(boost::asio::io_context& io, ConnectionOptions options, Handlers handlers);
  /// Drops the connection without a DISCONNECT if `stop` was not called.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();

  enum class Farewell : std::uint8_t { kWithoutWill, kWithWill };
  /// Sends what is written, sees acknowledged QoS 2 messages to their end, then sends DISCONNECT
  /// and closes; `stopped` is called when that is done, after at most a second. What the broker has
  /// not acknowledged by then is forgotten.
  void stop(Farewell farewell = Farewell::kWithoutWill, std::function<void()> stopped = {});

  /// See `Client`.
  [[nodiscard]] PublishError publish(const Message& message, PublishDone done = {});
  void acknowledge(Ticket ticket, Reason reason = Reason::kSuccess);
  void give_back(Ticket ticket, std::string_view why);
  [[nodiscard]] bool subscribe(const Subscription& subscription);
  void unsubscribe(std::string_view filter);

  bool up() const;
  const Counters& counters() const;
  std::size_t unacknowledged_in() const;
  std::size_t unacknowledged_out() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace espial::mqtt
