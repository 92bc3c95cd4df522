#include "hub/mqtt/client.hpp"

#include <algorithm>
#include <utility>

#include "hub/mqtt/decode.hpp"
#include "hub/mqtt/encode.hpp"
#include "hub/mqtt/topic.hpp"

namespace espial::mqtt {
namespace {

/// A broker that makes us answer but doesn't read the answers can't make us hold more than this
/// beyond `max_unsent_bytes`.
constexpr std::size_t kAnswerRoomBytes = 1024 * 1024;

std::string with_text(std::string_view what, Reason reason, std::string_view broker_says) {
  std::string text(what);
  text += ": ";
  text += reason_text(reason);
  if (!broker_says.empty()) {
    text += " (";
    text += broker_says;
    text += ")";
  }
  return text;
}

}  // namespace

Client::Client(ClientOptions options, ClientEvents& events)
    : options_(std::move(options)),
      events_(events),
      inbox_(std::max<std::uint16_t>(options_.receive_maximum, 1), counters_),
      outbox_(
          options_.outbox, options_.first_packet_id, counters_,
          [this](std::string_view topic, Reason reason) { events_.on_refused(topic, reason); }) {}

Client::~Client() = default;

void Client::on_transport_up(Instant now) {
  on_transport_down();
  state_ = State::kConnecting;
  connect_deadline_ = now + options_.connect_timeout;
  last_sent_ = now;
  last_received_ = now;
  Connect connect;
  connect.client_id = options_.client_id;
  connect.keep_alive_s = options_.keep_alive_s;
  connect.session_expiry_s = options_.session_expiry_s;
  connect.receive_maximum = std::max<std::uint16_t>(options_.receive_maximum, 1);
  connect.max_packet_bytes = options_.max_packet_bytes;
  if (options_.user_name) connect.user_name = *options_.user_name;
  if (options_.password) connect.password = as_bytes(*options_.password);
  if (options_.will) {
    connect.will = Will{.topic = options_.will->topic,
                        .payload = as_bytes(options_.will->payload),
                        .qos = options_.will->qos,
                        .retain = options_.will->retain,
                        .delay_s = options_.will->delay_s};
  }
  encode(connect, output_);
}

void Client::on_transport_down() {
  if (state_ == State::kDown) return;
  if (state_ == State::kUp) ++counters_.connection_failures;  // it ended without a word
  state_ = State::kDown;
  output_.clear();
  failure_.clear();
  drain_deadline_ = kNever;
  pinged_ = kNever;
  inbox_.connection_lost();
  outbox_.connection_lost();
  subscriptions_.connection_lost();
}

std::size_t Client::on_bytes(Instant now, ByteView bytes) {
  std::size_t taken = 0;
  last_received_ = now;
  while (state_ == State::kConnecting || state_ == State::kUp) {
    Frame frame;
    const FrameStatus status = next_frame(bytes.subview(taken), options_.max_packet_bytes, frame);
    if (status == FrameStatus::kIncomplete) break;
    if (status == FrameStatus::kMalformed) {
      fail(Reason::kMalformedPacket, "the broker sent something that is not MQTT 5");
    } else if (status == FrameStatus::kTooLarge) {
      fail(Reason::kPacketTooLarge, "the broker sent a packet of " + std::to_string(frame.bytes) +
                                        " bytes, more than was agreed");
    } else {
      taken += frame.bytes;
      handle(frame);
      if (output_.size() > options_.max_unsent_bytes + kAnswerRoomBytes) {
        fail(Reason::kQuotaExceeded, "the broker does not read what we answer");
      }
    }
  }
  counters_.received_bytes += taken;
  return failure_.empty() ? taken : 0;
}

void Client::handle(const Frame& frame) {
  if ((frame.type == PacketType::kConnack) != (state_ == State::kConnecting)) {
    fail(Reason::kProtocolError, "the broker sent a packet out of turn");
    return;
  }
  Reason reason = Reason::kProtocolError;
  switch (frame.type) {
    case PacketType::kPublish:
      reason = handle_publish(frame);
      break;
    case PacketType::kPuback:
    case PacketType::kPubrec:
    case PacketType::kPubrel:
    case PacketType::kPubcomp:
      reason = handle_ack(frame);
      break;
    case PacketType::kConnack:
      reason = handle_connack(frame);
      break;
    case PacketType::kSuback:
    case PacketType::kUnsuback:
      reason = handle_subscribe_ack(frame);
      break;
    case PacketType::kPingresp:
      reason = frame.body.empty() ? Reason::kSuccess : Reason::kMalformedPacket;
      pinged_ = kNever;
      break;
    case PacketType::kDisconnect:
      reason = handle_disconnect(frame);
      break;
    default:
      break;
  }
  if (is_failure(reason)) {
    fail(reason, with_text("the broker sent a packet that is not right", reason, {}));
  }
}

Reason Client::handle_connack(const Frame& frame) {
  Connack connack;
  const Reason reason = decode(frame, connack);
  if (reason == Reason::kUnsupportedProtocolVersion) connack.reason = reason;
  if (is_failure(connack.reason)) {
    ++counters_.connects_refused;
    end(with_text("the broker refused the connection", connack.reason, connack.reason_string));
    return Reason::kSuccess;
  }
  if (is_failure(reason)) return reason;
  ++counters_.connections;
  if (connack.session_present) ++counters_.sessions_resumed;
  state_ = State::kUp;
  keep_alive_ = Duration::seconds(connack.server_keep_alive_s.value_or(options_.keep_alive_s));
  retain_available_ = connack.retain_available;
  max_packet_bytes_ = connack.max_packet_bytes;
  if (!connack.session_present) inbox_.session_lost();
  outbox_.connection_up(last_received_, {.session_present = connack.session_present,
                                         .receive_maximum = connack.receive_maximum,
                                         .max_packet_bytes = connack.max_packet_bytes,
                                         .maximum_qos = connack.maximum_qos,
                                         .retain_available = connack.retain_available});
  subscriptions_.connection_up(connack.session_present);
  subscriptions_.send(output_);
  events_.on_up(connack);
  return Reason::kSuccess;
}

Reason Client::handle_publish(const Frame& frame) {
  Publish publish;
  const Reason reason = decode(frame, publish);
  if (is_failure(reason)) return reason;
  if (draining()) return Reason::kSuccess;  // it comes again
  Ticket ticket;
  if (publish.qos != Qos::kAtMostOnce) {
    const Inbox::Arrival arrival = inbox_.arrive(publish, ticket, output_);
    if (arrival == Inbox::Arrival::kTooMany) return Reason::kReceiveMaximumExceeded;
    if (arrival == Inbox::Arrival::kDuplicate) {
      ++counters_.duplicates_dropped;
      return Reason::kSuccess;
    }
  }
  ++counters_.received;
  if (publish.duplicate) ++counters_.received_again;
  events_.on_message(publish, ticket);
  return Reason::kSuccess;
}

Reason Client::handle_ack(const Frame& frame) {
  Ack ack;
  const Reason reason = decode(frame, ack);
  if (is_failure(reason)) return reason;
  bool known = false;
  if (frame.type == PacketType::kPubrel) {
    known = inbox_.release(ack.packet_id);
    encode(Ack{.type = PacketType::kPubcomp,
               .packet_id = ack.packet_id,
               .reason = known ? Reason::kSuccess : Reason::kPacketIdNotFound},
           output_);
  } else {
    known = outbox_.on_ack(ack, output_);
  }
  if (!known) ++counters_.unknown_acks;
  return Reason::kSuccess;
}

Reason Client::handle_subscribe_ack(const Frame& frame) {
  SubscribeAck ack;
  const Reason reason = decode(frame, ack);
  if (is_failure(reason)) return reason;
  const bool known =
      subscriptions_.on_ack(ack, [this](std::string_view filter, Qos asked, Reason answer) {
        if (is_failure(answer)) ++counters_.subscriptions_refused;
        events_.on_subscribed(filter, asked, answer);
      });
  if (!known) ++counters_.unknown_acks;
  return Reason::kSuccess;
}

Reason Client::handle_disconnect(const Frame& frame) {
  Disconnect disconnect;
  const Reason reason = decode(frame, disconnect);
  if (is_failure(reason)) return reason;
  ++counters_.connection_failures;
  end(with_text("the broker ended the connection", disconnect.reason, disconnect.reason_string));
  return Reason::kSuccess;
}

void Client::end(std::string text) {
  state_ = State::kClosing;
  failure_ = std::move(text);
}

void Client::fail(Reason reason, std::string text) {
  if (state_ == State::kClosing) return;
  ++counters_.connection_failures;
  if (reason == Reason::kMalformedPacket || reason == Reason::kProtocolError) ++counters_.malformed;
  encode(Disconnect{.reason = reason, .reason_string = {}}, output_);
  end(std::move(text));
}

void Client::on_tick(Instant now) {
  if (now < next_deadline()) return;
  if (now >= drain_deadline_) return end_drain();
  if (state_ == State::kConnecting) {
    ++counters_.connection_failures;
    end("the broker did not answer to CONNECT in time");
  } else if (pinged_ != kNever && now >= std::max(last_received_, pinged_) + keep_alive_) {
    fail(Reason::kKeepAliveTimeout, "the broker is silent for longer than the keep-alive");
  } else {
    encode_ping(PacketType::kPingreq, output_);
    if (pinged_ == kNever) pinged_ = now;
    last_sent_ = now;
  }
}

Instant Client::next_deadline() const {
  if (state_ == State::kConnecting) return connect_deadline_;
  if (state_ != State::kUp) return kNever;
  if (keep_alive_.us == 0) return drain_deadline_;
  // Early enough that the broker has our ping before its patience ends.
  const Duration quiet{keep_alive_.us * 3 / 4};
  if (pinged_ == kNever) {
    return std::min(drain_deadline_, std::min(last_sent_, last_received_) + quiet);
  }
  return std::min(
      {drain_deadline_, last_sent_ + quiet, std::max(last_received_, pinged_) + keep_alive_});
}

bool Client::take_output(Instant now, std::vector<std::uint8_t>& bytes) {
  bytes.clear();
  if (state_ == State::kUp) outbox_.send(output_, options_.max_unsent_bytes);
  if (output_.empty()) return false;
  std::swap(bytes, output_);
  counters_.sent_bytes += bytes.size();
  last_sent_ = now;
  return true;
}

PublishError Client::publish(Instant now, const Message& message, PublishDone done) {
  const PublishError error = take_message(now, message, done);
  switch (error) {
    case PublishError::kNone:
      ++counters_.published;
      break;
    case PublishError::kQueueFull:
      ++counters_.queue_full;
      break;
    case PublishError::kNotConnected:
      ++counters_.not_connected;
      break;
    default:
      ++counters_.bad_messages;
      break;
  }
  return error;
}

PublishError Client::take_message(Instant now, const Message& message, PublishDone& done) {
  if (!valid_topic(message.topic)) return PublishError::kBadTopic;
  for (const UserProperty& property : message.user_properties) {
    if (!valid_text(property.name) || !valid_text(property.value)) return PublishError::kBadText;
  }
  if (message.qos != Qos::kAtMostOnce) return outbox_.add(now, message, std::move(done));
  if (state_ != State::kUp) return PublishError::kNotConnected;
  if (message.retain && !retain_available_) return PublishError::kNotSupported;
  const std::uint64_t most = encoded_bytes_at_most(message);
  if (max_packet_bytes_ > 0 && most > max_packet_bytes_) return PublishError::kTooLarge;
  if (most > options_.max_unsent_bytes) return PublishError::kTooLarge;
  if (output_.size() + most > options_.max_unsent_bytes) return PublishError::kQueueFull;
  encode(message, 0, output_);
  if (done) done(Reason::kSuccess);
  return PublishError::kNone;
}

void Client::acknowledge(Ticket ticket, Reason reason) {
  if (ticket.arrival == 0) return;
  if (!inbox_.acknowledge(ticket, reason, output_)) ++counters_.stale_tickets;
  if (draining() && inbox_.blocked()) end_drain();
}

void Client::give_back(Instant now, Ticket ticket, std::string_view why) {
  ++counters_.given_back;
  if (!inbox_.give_back(ticket) || state_ != State::kUp) return;
  if (!draining()) {
    drain_deadline_ = now + options_.drain_timeout;
    given_back_why_ = why;
  }
  if (inbox_.blocked()) end_drain();
}

void Client::end_drain() {
  drain_deadline_ = kNever;
  fail(Reason::kQuotaExceeded, given_back_why_);
}

bool Client::subscribe(const Subscription& subscription) {
  if (!subscriptions_.add(subscription)) return false;
  if (state_ == State::kUp) subscriptions_.send(output_);
  return true;
}

void Client::unsubscribe(std::string_view filter) {
  subscriptions_.remove(filter);
  if (state_ == State::kUp) subscriptions_.send(output_);
}

void Client::disconnect(bool with_will) {
  if (state_ != State::kUp) return;
  outbox_.send(output_, options_.max_unsent_bytes);
  const Reason reason = with_will ? Reason::kDisconnectWithWill : Reason::kSuccess;
  encode(Disconnect{.reason = reason, .reason_string = {}}, output_);
  state_ = State::kClosing;
}

}  // namespace espial::mqtt
