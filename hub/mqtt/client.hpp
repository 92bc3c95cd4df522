#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "hub/mqtt/counters.hpp"
#include "hub/mqtt/inbox.hpp"
#include "hub/mqtt/outbox.hpp"
#include "hub/mqtt/packet.hpp"
#include "hub/mqtt/subscriptions.hpp"

namespace espial::mqtt {

struct Frame;

/// A last will that owns its text.
struct WillOptions {
  std::string topic;
  std::string payload;
  Qos qos = Qos::kAtLeastOnce;
  bool retain = true;
  std::uint32_t delay_s = 0;
};

/// How a client presents itself and how much it holds.
struct ClientOptions {
  std::string client_id;                        ///< stable: it names the session at the broker
  std::uint32_t session_expiry_s = 0xFFFFFFFF;  ///< how long the broker keeps it; default: ever
  std::uint16_t keep_alive_s = 5;               ///< 0: none
  std::uint16_t receive_maximum = 16384;  ///< messages the application may hold unacknowledged
  std::uint32_t max_packet_bytes = 1024 * 1024;     ///< larger packets end the connection
  OutboxLimits outbox{};                            ///< what waits for the broker's acknowledgement
  std::uint32_t max_unsent_bytes = 1024 * 1024;     ///< written but not yet taken by the transport
  std::uint16_t first_packet_id = 1;                ///< 1..60000; any other start is as good
  Duration connect_timeout = Duration::seconds(5);  ///< from the transport's up to CONNACK
  Duration drain_timeout = Duration::seconds(1);    ///< from the first `give_back` to the end
  std::optional<std::string> user_name{};
  std::optional<std::string> password{};
  std::optional<WillOptions> will{};
};

/// What a client tells its owner. Called from inside `on_bytes` and `on_tick`; every method of the
/// client but those two and the transport's may be called from within.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  /// CONNACK said yes. Its views live until the return.
  virtual void on_up(const Connack& connack) = 0;
  /// A message; all its views live until the return. For QoS 1 and 2 the broker keeps it until
  /// `acknowledge(ticket)`; for QoS 0 the ticket is void and may be acknowledged all the same.
  virtual void on_message(const Publish& message, Ticket ticket) = 0;
  /// The broker refused to publish this message; its `done` hears of it too.
  virtual void on_refused(std::string_view topic, Reason reason) = 0;
  /// The broker's word on one filter: the granted QoS, or a failure. Failed ones are asked for
  /// again at the next connection.
  virtual void on_subscribed(std::string_view filter, Qos asked, Reason reason) = 0;
};

/// An MQTT 5 client as a state machine: no socket, no clock, no thread. Bytes and the time go in,
/// bytes come out through `take_output`.
///
///        transport_up            CONNACK ok
///     down ---------> connecting ----------> up --disconnect()--> closing
///      ^                  |                   |                      |
///      +------------------+-------------------+----------------------+   transport_down
///                         any violation or time-out: `failure()` says why, the owner flushes the
///                         output, closes the transport and says transport_down
///
/// What is promised:
/// 1. PUBACK and PUBREC leave only on `acknowledge`, in the order of arrival. A ticket of an
/// earlier
///    connection does nothing for QoS 1: the broker sends that message again. For QoS 2 it still
///    counts, so within one process no QoS 2 message is handed out twice.
/// 2. What `publish` accepted at QoS 1 or 2 is sent until the broker acknowledges or refuses it,
///    over any number of connections: with DUP in a resumed session, as new in a fresh one.
/// 3. Subscriptions are made anew when the broker has lost the session. When it has kept it they
/// are
///    renewed, without retained messages for those that it does still have.
class Client {
 public:
  /// Both must outlive the client.
  Client(ClientOptions options, ClientEvents& events);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// A transport to the broker is there: writes CONNECT.
  void on_transport_up(Instant now);
  /// The transport is gone, for whatever reason.
  void on_transport_down();

  /// Reads whole packets from the front of `bytes`; returns how many bytes it took. The caller
  /// keeps the rest and hands it in again, longer. 0 once `failure()` says something.
  std::size_t on_bytes(Instant now, ByteView bytes);

  /// Pings and notices silence. To be called at `next_deadline()` or later; early calls are
  /// harmless.
  void on_tick(Instant now);
  Instant next_deadline() const;

  /// Swaps everything there is to send into `bytes`, whose contents are discarded and whose memory
  /// is used again. False, and `bytes` empty, when there is nothing.
  bool take_output(Instant now, std::vector<std::uint8_t>& bytes);
  bool has_output() const { return !output_.empty() || outbox_.may_send(); }

  /// Why this connection can't go on; empty while it can.
  const std::string& failure() const { return failure_; }
  bool up() const { return state_ == State::kUp; }

  /// Publishes. QoS 0 needs a connection and is gone once written; 1 and 2 wait for one, and what
  /// they waited for another one is taken off Message::expiry_s.
  /// `done` is called once with the broker's reason, unless the client is destroyed before.
  [[nodiscard]] PublishError publish(Instant now, const Message& message, PublishDone done = {});

  /// Tells the broker that the message of this ticket is the application's now, or, with a failure,
  /// that it never will be. Void, stale and repeated tickets are ignored and counted.
  void acknowledge(Ticket ticket, Reason reason = Reason::kSuccess);

  /// Says that the application has no room for the message of this ticket. Nothing more is handed
  /// out, and the connection ends, for the reason `why`, once all that came before the message is
  /// acknowledged, or after `drain_timeout`. On the next one the broker hands out again, in order,
  /// what was not acknowledged. Void and stale tickets end nothing.
  void give_back(Instant now, Ticket ticket, std::string_view why);
  /// Something was given back, and what came before it is not yet acknowledged.
  bool draining() const { return drain_deadline_ != kNever; }
  /// The broker has yet to release QoS 2 messages that were acknowledged. One that leaves before
  /// may be given such a message anew by a broker that restarts.
  bool awaits_release() const { return inbox_.awaits_release(); }

  /// Adds or replaces a subscription, at once if connected and after every loss of the session.
  /// False for a filter that is not one.
  [[nodiscard]] bool subscribe(const Subscription& subscription);
  void unsubscribe(std::string_view filter);

  /// Writes what may still be sent and DISCONNECT. `with_will` asks the broker to publish the last
  /// will all the same.
  void disconnect(bool with_will);

  const Counters& counters() const { return counters_; }
  std::size_t unacknowledged_in() const {
    return inbox_.size();
  }  ///< messages the application holds
  std::size_t unacknowledged_out() const { return outbox_.count(); }

 private:
  enum class State : std::uint8_t { kDown, kConnecting, kUp, kClosing };

  void handle(const Frame& frame);
  // What each kind of packet does; a failure ends the connection with that reason.
  Reason handle_connack(const Frame& frame);
  Reason handle_publish(const Frame& frame);
  Reason handle_ack(const Frame& frame);
  Reason handle_subscribe_ack(const Frame& frame);
  Reason handle_disconnect(const Frame& frame);
  PublishError take_message(Instant now, const Message& message, PublishDone& done);
  void end(std::string text);
  void fail(Reason reason, std::string text);
  void end_drain();

  ClientOptions options_;
  ClientEvents& events_;
  Counters counters_;
  Inbox inbox_;
  Outbox outbox_;
  Subscriptions subscriptions_;
  std::vector<std::uint8_t> output_;
  std::string failure_;
  State state_ = State::kDown;
  std::uint32_t max_packet_bytes_ = 0;  ///< the broker's; 0: none stated
  bool retain_available_ = true;
  Duration keep_alive_{};
  Instant connect_deadline_ = kNever;
  Instant drain_deadline_ = kNever;  ///< kNever: nothing was given back
  std::string given_back_why_;
  Instant last_sent_{};
  Instant last_received_{};
  Instant pinged_ = kNever;  ///< kNever: no ping is unanswered
};

}  // namespace espial::mqtt
