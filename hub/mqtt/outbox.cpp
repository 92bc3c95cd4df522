#include "hub/mqtt/outbox.hpp"

#include <algorithm>
#include <utility>

#include "hub/mqtt/byte_io.hpp"
#include "hub/mqtt/decode.hpp"
#include "hub/mqtt/encode.hpp"

namespace espial::mqtt {
namespace {

constexpr std::uint8_t kDuplicateFlag = 0x08;
constexpr std::uint8_t kRetainFlag = 0x01;

/// The topic inside an encoded PUBLISH of ours.
std::string_view topic_of(const std::vector<std::uint8_t>& packet) {
  Frame frame;
  const FrameStatus status = next_frame(ByteView(packet.data(), packet.size()), kMaxVarint, frame);
  return status == FrameStatus::kComplete ? Reader(frame.body).text() : std::string_view{};
}

/// Writes into an encoded PUBLISH of ours how long it has to live. encode() puts that before all
/// other properties.
void set_lifetime(std::vector<std::uint8_t>& packet, std::uint32_t lifetime_s) {
  Frame frame;
  if (next_frame(ByteView(packet.data(), packet.size()), kMaxVarint, frame) !=
      FrameStatus::kComplete) {
    return;
  }
  Reader reader(frame.body);
  (void)reader.text();    // topic
  (void)reader.u16();     // packet identifier
  (void)reader.varint();  // length of the properties
  (void)reader.u8();      // that it is a lifetime
  std::uint8_t* at = packet.data() + (packet.size() - reader.rest().size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    *at++ = static_cast<std::uint8_t>(lifetime_s >> shift);
  }
}

}  // namespace

std::string_view publish_error_text(PublishError error) {
  switch (error) {
    case PublishError::kNone:
      return "taken";
    case PublishError::kQueueFull:
      return "too many messages wait for the broker";
    case PublishError::kNotConnected:
      return "no connection to the broker";
    case PublishError::kBadTopic:
      return "not a topic that can be published to";
    case PublishError::kBadText:
      return "a user property that can't be sent";
    case PublishError::kNotSupported:
      return "this broker does not retain messages";
    case PublishError::kTooLarge:
      return "the message is too large";
  }
  return "unknown error";
}

Outbox::Outbox(OutboxLimits limits, std::uint16_t first_packet_id, Counters& counters,
               Refused refused)
    : limits_(limits),
      counters_(counters),
      refused_(std::move(refused)),
      front_packet_id_(
          static_cast<std::uint16_t>((first_packet_id + kPacketIds - 1) % kPacketIds + 1)) {}

PublishError Outbox::add(Instant now, const Message& message, PublishDone done) {
  const std::uint64_t most = encoded_bytes_at_most(message);
  if (most > kMaxVarint || most > limits_.max_bytes) return PublishError::kTooLarge;
  const bool no_id = entries_.size() >= kPacketIds - 1;
  if (no_id || live_ >= limits_.max_count || bytes_ + most > limits_.max_bytes) {
    return PublishError::kQueueFull;
  }
  Entry& entry = entries_.emplace_back();
  entry.qos = message.qos;
  entry.added_at = now;
  entry.lifetime_s = message.expiry_s.value_or(0);
  entry.done = std::move(done);
  entry.packet.reserve(static_cast<std::size_t>(most));
  encode(message, packet_id_at(entries_.size() - 1), entry.packet);
  ++live_;
  bytes_ += entry.packet.size();
  return PublishError::kNone;
}

void Outbox::connection_up(Instant now, const BrokerLimits& broker) {
  connected_ = true;
  cursor_ = 0;
  quota_ = broker.receive_maximum;
  broker_ = broker;
  for (Entry& entry : entries_) {
    if (entry.stage == Stage::kDone) continue;
    if (entry.lifetime_s > 0) {
      const std::int64_t left_s = entry.lifetime_s - (now - entry.added_at).ms() / 1000;
      set_lifetime(entry.packet, static_cast<std::uint32_t>(std::max<std::int64_t>(left_s, 1)));
    }
    if (entry.stage == Stage::kWaiting) continue;
    if (broker.session_present) {
      entry.sent_before = true;
    } else {
      // Also what was released: a broker that lost the session may have lost it before passing it
      // on, and twice is better than never.
      entry.stage = Stage::kWaiting;
      entry.sent_before = false;
    }
  }
}

void Outbox::connection_lost() {
  connected_ = false;
  broker_ = {};
}

bool Outbox::may_send() const { return connected_ && quota_ > 0 && cursor_ < entries_.size(); }

void Outbox::send(std::vector<std::uint8_t>& output, std::size_t max_output_bytes) {
  while (may_send() && output.size() < max_output_bytes) {
    const std::size_t index = cursor_++;
    Entry& entry = entries_[index];
    if (entry.stage == Stage::kDone) continue;
    if (const Reason reason = refusal(entry); is_failure(reason)) {
      finish(index, reason);
      continue;
    }
    --quota_;
    if (entry.sent_before) ++counters_.publishes_resent;
    if (entry.stage == Stage::kReleased) {
      encode(Ack{.type = PacketType::kPubrel, .packet_id = packet_id_at(index)}, output);
    } else {
      write_packet(entry, output);
    }
  }
}

Reason Outbox::refusal(const Entry& entry) const {
  if (broker_.max_packet_bytes > 0 && entry.packet.size() > broker_.max_packet_bytes) {
    return Reason::kPacketTooLarge;
  }
  if (entry.qos > broker_.maximum_qos) return Reason::kQosNotSupported;
  const bool retain = (entry.packet[0] & kRetainFlag) != 0;
  return retain && !broker_.retain_available ? Reason::kRetainNotSupported : Reason::kSuccess;
}

void Outbox::write_packet(Entry& entry, std::vector<std::uint8_t>& output) {
  const auto flags = static_cast<std::uint8_t>(entry.packet[0] & ~kDuplicateFlag);
  entry.packet[0] = entry.sent_before ? static_cast<std::uint8_t>(flags | kDuplicateFlag) : flags;
  entry.stage = Stage::kSent;
  output.insert(output.end(), entry.packet.begin(), entry.packet.end());
}

bool Outbox::on_ack(const Ack& ack, std::vector<std::uint8_t>& output) {
  const std::size_t index = find(ack.packet_id);
  const bool known = index < entries_.size();
  const bool exactly = known && entries_[index].qos == Qos::kExactlyOnce;
  const Stage stage = known ? entries_[index].stage : Stage::kDone;
  if (ack.type == PacketType::kPuback) {
    if (exactly || stage != Stage::kSent) return false;
    finish(index, ack.reason);
    return true;
  }
  if (ack.type == PacketType::kPubrec) {
    if (exactly && stage == Stage::kSent && is_failure(ack.reason)) {
      finish(index, ack.reason);
      return true;
    }
    const bool waits = exactly && (stage == Stage::kSent || stage == Stage::kReleased);
    // The broker waits for an answer even when we know nothing of this.
    const Reason reason = waits ? Reason::kSuccess : Reason::kPacketIdNotFound;
    if (is_failure(ack.reason)) return false;
    encode(Ack{.type = PacketType::kPubrel, .packet_id = ack.packet_id, .reason = reason}, output);
    if (waits) entries_[index].stage = Stage::kReleased;
    return waits;
  }
  if (!exactly || stage != Stage::kReleased) return false;
  // "Not found" for a PUBREL that was sent again means that the first one did arrive.
  const bool arrived = ack.reason == Reason::kPacketIdNotFound && entries_[index].sent_before;
  finish(index, arrived ? Reason::kSuccess : ack.reason);
  return true;
}

std::uint16_t Outbox::packet_id_at(std::size_t index) const {
  return static_cast<std::uint16_t>((front_packet_id_ - 1 + index) % kPacketIds + 1);
}

std::size_t Outbox::find(std::uint16_t packet_id) const {
  if (packet_id == 0 || packet_id > kPacketIds) return entries_.size();
  const std::size_t index =
      static_cast<std::size_t>(packet_id + kPacketIds - front_packet_id_) % kPacketIds;
  return index < cursor_ ? index : entries_.size();
}

void Outbox::finish(std::size_t index, Reason reason) {
  Entry& entry = entries_[index];
  const PublishDone done = std::move(entry.done);
  const std::vector<std::uint8_t> packet = std::move(entry.packet);
  if (entry.stage != Stage::kWaiting)
    quota_ = std::min<std::uint32_t>(quota_ + 1, broker_.receive_maximum);
  entry.stage = Stage::kDone;
  --live_;
  bytes_ -= packet.size();
  while (!entries_.empty() && entries_.front().stage == Stage::kDone) {
    entries_.pop_front();
    front_packet_id_ = packet_id_at(1);
    if (cursor_ > 0) --cursor_;
  }
  if (is_failure(reason)) {
    ++counters_.publishes_refused;
    if (refused_) refused_(topic_of(packet), reason);
  } else {
    ++counters_.publishes_acknowledged;
  }
  if (done) done(reason);
}

}  // namespace espial::mqtt
