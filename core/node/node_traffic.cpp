#include <algorithm>

#include "core/node/node.hpp"

namespace espial::node {
namespace {

/// `first` doubled `times` times, at most `limit`.
Duration doubled(Duration first, std::uint32_t times, Duration limit) {
  constexpr std::uint32_t kMaxDoublings = 16;
  return std::min(first * (std::int64_t{1} << std::min(times, kMaxDoublings)), limit);
}

Count count_of(session::OpenStatus status) {
  switch (status) {
    case session::OpenStatus::kWrongSession:
      return Count::kWrongSession;
    case session::OpenStatus::kReplayed:
      return Count::kReplayed;
    case session::OpenStatus::kTooOld:
      return Count::kTooOld;
    case session::OpenStatus::kNotAuthentic:
      return Count::kNotAuthentic;
    default:
      return Count::kTooShort;
  }
}

}  // namespace

void Node::on_sealed(Instant now, ByteView body) {
  if (!in_session()) {
    counters_.add(Count::kNotForUs);
    return;
  }
  const session::Opened opened = session_.open(ports_.crypto, body, buffer_);
  if (opened.status != session::OpenStatus::kOk) {
    counters_.add(count_of(opened.status));
    return;
  }
  changed_ = true;
  silent_wakes_ = 0;
  // What the gateway had for a sleeper has come, unless it says that there is more.
  awake_until_ = opened.more ? std::max(awake_until_, now + kMaxAwakeForMore) : now;
  const auto packets = wire::parse_packets(opened.plaintext);
  if (!packets) {
    counters_.add(Count::kBadInner);
    return;
  }
  const session::Session* const current = &session_;
  for (const wire::Packet& packet : *packets) {
    // What the node shall be may have been said anew since; what is not confirmed comes again.
    if (opened.overtaken && packet.type == wire::PacketType::kConnack) continue;
    on_packet(now, packet);
    // A packet may have ended the session; what follows it belongs to nobody.
    if (!current->valid()) return;
  }
  // What comes unasked may have come through another gateway than the one that is spoken to: it
  // says nothing of the way up.
  const bool answers = opened.listening;
  if (!answers) {
    // Its answer to what was asked may be the one that was lost.
    if (state_ == NodeState::kConfirming && !ping_.open) ping_.begin(now);
    return;
  }
  quality_.on_heard(now);
  schedule_ping(now);
  ping_.end();
  if (state_ == NodeState::kConfirming) become_online(now);
}

void Node::on_packet(Instant now, const wire::Packet& packet) {
  if (!take_packet(now, packet)) counters_.add(Count::kBadInner);
}

/// @retval false  it is not as drawn.
bool Node::take_packet(Instant now, const wire::Packet& packet) {
  switch (packet.type) {
    case wire::PacketType::kConnack:
      return on_assignment(now, packet);
    case wire::PacketType::kPublish:
      return on_command(now, packet);
    case wire::PacketType::kPuback:
      return on_stored(packet);
    case wire::PacketType::kPingresp:
      return on_ping_response(now, packet);
    case wire::PacketType::kDisconnect:
      return on_session_end(now, packet);
    default:
      on_others_packet(now, packet);
      return true;
  }
}

bool Node::on_parts_frame(Instant now, const ReceivedFrame& frame) {
  for (Part* part : ports_.parts) {
    if (part->on_frame(now, frame)) return true;
  }
  return false;
}

Instant Node::parts_frame_at() const {
  Instant earliest = kNever;
  for (const Part* part : ports_.parts) earliest = std::min(earliest, part->frame_at());
  return earliest;
}

/// Other nodes are where this one's gateway is, or was last; or anywhere, when that is forgotten.
bool Node::send_parts_frame(Instant now) {
  const bool on_the_way = state_ == NodeState::kSearching || state_ == NodeState::kPaused;
  Channel channel = on_the_way ? last_good_.channel : gateway_.channel;
  if (!channel.valid()) channel = ports_.radio.channel();
  for (Part* part : ports_.parts) {
    const PartFrame frame = part->next_frame(now, buffer_);
    if (frame.body.empty()) continue;
    return transmit(now, Flight::kPart, channel, frame.destination, frame.body);
  }
  return false;
}

void Node::on_others_packet(Instant now, wire::Packet packet) {
  for (Part* part : ports_.parts) {
    switch (part->on_packet(now, around_, packet)) {
      case Taking::kNotOurs:
        continue;
      case Taking::kTaken:
        return;
      case Taking::kWhole:
        on_packet(now, packet);
        return;
    }
  }
  counters_.add(Count::kUnknownInner);
}

bool Node::on_assignment(Instant now, const wire::Packet& packet) {
  const auto assignment = wire::parse_assignment(packet);
  if (!assignment) return false;
  // What is not under way is not answered: it is the one before, of what has changed since.
  if (assignment->described && describe_.tries != 0) describe_.end();
  const wire::Properties& properties = assignment->properties;
  AssignedRecord next = assigned_;
  if (properties.name.has_value()) next.set_name(*properties.name);
  if (properties.report_interval_s.has_value()) next.interval_s = *properties.report_interval_s;
  bool kept = true;
  if (next.name() != assigned_.name() || next.interval_s != assigned_.interval_s) {
    kept = next.save(ports_.settings, config_.server);
    if (kept) {
      assigned_ = next;
      tell_assigned(now);
    } else {
      counters_.add(Count::kSettingsFailed);
    }
  }
  // Its number stands for the interval too: what is not on record is not confirmed.
  if (kept && ports_.conduct != nullptr) ports_.conduct->configure(*this, now, properties);
  return true;
}

void Node::tell_assigned(Instant now) {
  ports_.application.on_assigned(now, {assigned_.module, name(), report_interval()});
}

bool Node::on_stored(const wire::Packet& packet) {
  const auto stored = wire::parse_stored(packet);
  if (!stored) return false;
  const auto stream = stored->stream == wire::Stream::kEvents ? transfer::ReportClass::kEvent
                                                              : transfer::ReportClass::kReading;
  ring_.acknowledge(stream, stored->floor, stored->bitmap);
  return true;
}

bool Node::on_command(Instant now, const wire::Packet& packet) {
  const auto command = wire::parse_command(packet);
  if (!command) return false;
  const CommandWindow::Verdict verdict = commands_.check(command->id);
  if (verdict != CommandWindow::Verdict::kNew) {
    counters_.add(Count::kCommandsRepeated);
    end_command(command->id, commands_.outcome(command->id));
    return true;
  }
  const bool expired =
      command->expiry_s != 0 && utc_known_ && utc(now).ms / 1000 >= std::int64_t{command->expiry_s};
  wire::Outcome outcome = expired ? wire::Outcome::kExpired : wire::Outcome::kExecuted;
  if (!commands_.begin(ports_.settings, command->id, outcome)) {
    // Not on record, so not run: the coordinator will say it again.
    counters_.add(Count::kSettingsFailed);
    return true;
  }
  if (expired) {
    counters_.add(Count::kCommandsExpired);
  } else if (in_use(command->reading.slot) &&
             ports_.application.execute(now, command->reading) == wire::Outcome::kExecuted) {
    counters_.add(Count::kCommandsExecuted);
  } else {
    outcome = wire::Outcome::kRefused;
    counters_.add(Count::kCommandsRefused);
    if (!commands_.amend(ports_.settings, command->id, outcome)) {
      counters_.add(Count::kSettingsFailed);
    }
  }
  end_command(command->id, outcome);
  return true;
}

void Node::end_command(std::uint32_t command, wire::Outcome outcome) {
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    // One in flight may be lost after its radio acknowledgement: answer again.
    if (ends_[i].id == command && i >= ends_in_flight_) return;
  }
  if (ends_.full()) {
    counters_.add(Count::kEndsDropped);
    ends_.erase(0);
    if (ends_in_flight_ > 0) --ends_in_flight_;
  }
  (void)ends_.push_back({command, outcome});
}

bool Node::on_ping_response(Instant now, const wire::Packet& packet) {
  const auto response = wire::parse_ping_response(packet);
  if (!response) return false;
  if (believes(now, response->time)) set_time(now, response->time, response->zone_minutes);
  return true;
}

void Node::schedule_ping(Instant now) {
  next_ping_ = config_.keepalive > Duration{} ? now + config_.keepalive : kNever;
}

/// A time that comes from behind ours may have waited on the way: at a broker, or with somebody who
/// held the frame back. Only a hub that has set its clock back says so again and again.
bool Node::believes(Instant now, UnixTime time) {
  const std::int64_t behind_ms = utc_known_ ? utc(now).ms - time.ms : 0;
  // A sleeper's answer may have waited in the gateway since the wake before.
  const Duration allowed = config_.always_listening ? kTimeBehind : Duration{};
  if (behind_ms <= allowed.ms()) {
    behind_since_ = kNever;
    return true;
  }
  if (!config_.always_listening) return false;
  behind_since_ = std::min(behind_since_, now);
  return now - behind_since_ >= kTimeBehindForGood;
}

bool Node::on_session_end(Instant now, const wire::Packet& packet) {
  const auto end = wire::parse_session_end(packet);
  if (!end) return false;
  if (state_ == NodeState::kLeaving) return true;
  if (end->reason == wire::EndReason::kRevoked) {
    refused_ = wire::RefusedReason::kRevoked;
    pause_after_refusal(now);
    return true;
  }
  authenticate(now, end->reason == wire::EndReason::kKeyChanged);
  return true;
}

void Node::set_time(Instant now, UnixTime time, std::int16_t zone_minutes) {
  if (ports_.retention != nullptr) ports_.retention->on_time(*this, now, time);
  if (!time.known()) return;
  changed_ = true;
  utc_known_ = true;
  utc_offset_ms_ = time.ms - now.us / 1000;
  zone_minutes_ = zone_minutes;
  ports_.application.on_time(now, time, zone_minutes);
}

bool Node::takes_long_bodies() const {
  return std::min(ports_.radio.max_body_size(), buffer_.size()) >= kMaxBodyV2;
}

std::size_t Node::body_limit() const {
  if (!gateway_.long_bodies) return kMaxBodyV1;
  return std::min({ports_.radio.max_body_size(), kMaxBodyV2, buffer_.size()});
}

wire::Description Node::description() const {
  wire::Description description;
  wire::Properties& properties = description.properties;
  properties.functions = config_.functions;
  if (!config_.firmware.empty()) properties.firmware = config_.firmware;
  if (!config_.chip.empty()) properties.chip = config_.chip;
  if (!config_.name.empty()) properties.name = config_.name;
  properties.reset_reason = config_.reset_reason;
  properties.dropped = ring_.dropped();
  if (ports_.conduct != nullptr) properties.config_id = ports_.conduct->configuration().id;
  return description;
}

bool Node::append_small(Instant now, wire::PacketsBuilder& packets) {
  ends_in_flight_ = 0;
  for (const wire::CommandEnd& end : ends_) {
    if (packets.append(end)) ++ends_in_flight_;
  }
  for (Part* part : ports_.parts) part->append_first(now, around_, packets);
  if (state_ == NodeState::kLeaving) {
    return !leave_sent_ && packets.append(wire::SessionEnd{wire::EndReason::kLeaving});
  }
  if (describe_.to_send(now)) {
    if (packets.append(description())) {
      exchange_sent(now, describe_);
    } else if (packets.empty()) {
      // It fits no frame, or is not sane: a node nobody can describe is better than a silent one.
      counters_.add(Count::kDescriptionsRefused);
      describe_.end();
      ping_.begin(now);
    }
  }
  if (ping_.to_send(now) && packets.append(wire::PingRequest{})) {
    counters_.add(Count::kPings);
    exchange_sent(now, ping_);
  }
  return true;
}

void Node::append_reports(Instant now, wire::PacketsBuilder& packets) {
  while (const auto chosen = ring_.next_due(now, around_.frame)) {
    wire::Report report;
    report.stream = chosen->report_class == transfer::ReportClass::kEvent ? wire::Stream::kEvents
                                                                          : wire::Stream::kReadings;
    report.acknowledged = chosen->report_class != transfer::ReportClass::kOnce;
    report.sequence = static_cast<std::uint16_t>(chosen->sequence);
    report.held = static_cast<std::uint16_t>(chosen->held);
    report.age_ms = chosen->age_ms;
    report.readings = chosen->readings;
    const std::uint8_t attempts = ring_.attempts(chosen->slot);
    if (attempts >= kAttemptsBeforeShort) gateway_.long_bodies = false;
    if (!packets.append(report)) {
      const bool next_frame = wire::report_size(report) <= around_.frame_room;
      Part* const sender = next_frame ? nullptr : long_reports();
      if (sender == nullptr) return;
      sender->take(now, around_, *chosen, report);
      continue;
    }
    const Duration wait = doubled(kReportTimeout, attempts, kMaxReportTimeout);
    ring_.sent(now, chosen->slot, around_.frame, link::with_jitter(ports_.random, wait));
    const bool silent = !quality_.heard_since(now - kMaxExchangeTimeout);
    if (attempts >= kAttemptsBeforePing && silent && !ping_.open) ping_.begin(now);
  }
}

void Node::send_traffic(Instant now) {
  ++around_.frame;
  around_.number = static_cast<std::uint16_t>(session_.next_counter());
  around_.frame_room = wire::sealed_room(body_limit());
  // Behind room for the longest header, so that sealing moves nothing.
  wire::PacketsBuilder packets({buffer_.data() + wire::kMaxSealedHeaderSize, around_.frame_room});
  if (!append_small(now, packets)) return;
  if (state_ != NodeState::kLeaving) {
    append_reports(now, packets);
    for (Part* part : ports_.parts) part->append_last(now, around_, packets);
  }
  if (packets.empty()) return;
  const bool stays_on =
      config_.always_listening || state_ == NodeState::kConfirming || describe_.open;
  const auto listening = stays_on ? session::Listening::kYes : session::Listening::kNo;
  const session::Sealed sealed = session_.seal(ports_.crypto, listening, packets.bytes(), buffer_);
  const bool whole = sealed.status == session::SealStatus::kOk;
  if (whole) {
    retain(now);
  } else {
    retry_radio_later(now);
  }
  if (!whole || !transmit(now, Flight::kSealed, gateway_.channel, gateway_.address, sealed.body)) {
    traffic_failed(now, radio_retry_ - now);
    return;
  }
  leave_sent_ = state_ == NodeState::kLeaving;
}

/// What travelled in around_.frame reached nobody and is due again after `wait`.
void Node::traffic_failed(Instant now, Duration wait) {
  ends_in_flight_ = 0;
  for (Part* part : ports_.parts) part->failed(now, around_.frame);
  const bool refused = radio_refusals_ != 0;  // a frame that is taken sets it to 0
  if (refused) changed_ = true;
  ring_.failed(now, around_.frame, wait, refused);
  exchange_failed(now, describe_, wait);
  exchange_failed(now, ping_, wait);
}

void Node::sealed_sent(Instant now, bool acknowledged) {
  if (!in_session()) return;
  awake_until_ = std::max(awake_until_, now + kListenAfterSend);
  quality_.on_sent(acknowledged);
  pace_ =
      acknowledged ? Duration{pace_.us * 3 / 4} : std::clamp(pace_ * 2, kSendRetry, kMaxSendRetry);
  if (pace_ * 2 < kSendRetry) pace_ = {};
  const Duration wait = link::with_jitter(ports_.random, pace_);
  retry_at_ = now + wait;
  if (acknowledged) {
    for (; ends_in_flight_ > 0; --ends_in_flight_) ends_.erase(0);
  } else {
    traffic_failed(now, wait);
  }
  if (state_ == NodeState::kLeaving) {
    // What ended may be a frame from before: the goodbye follows it.
    if ((acknowledged && leave_sent_) || quality_.lost()) {
      drop_session();
      enter(now, NodeState::kIdle);
    } else {
      leave_sent_ = false;
    }
    return;
  }
  if (quality_.lost()) lose_link(now);
}

void Node::exchange_sent(Instant now, Exchange& exchange) {
  const Duration wait = doubled(kExchangeTimeout, exchange.tries, kMaxExchangeTimeout);
  exchange.waiting = true;
  exchange.due_at = now + wait;
  ++exchange.tries;
}

void Node::exchange_failed(Instant now, Exchange& exchange, Duration retry_after) {
  if (!exchange.open || !exchange.waiting) return;
  exchange.waiting = false;
  exchange.due_at = now + retry_after;
  --exchange.tries;
}

void Node::check_exchanges(Instant now) {
  if (state_ == NodeState::kLeaving) return;
  bool late = false;
  for (Exchange* exchange : {&describe_, &ping_}) {
    if (!exchange->open || !exchange->waiting || now < exchange->due_at) continue;
    late = true;
    exchange->waiting = false;
    exchange->due_at = now;
    if (exchange == &ping_) counters_.add(Count::kPingsUnanswered);
  }
  if (late) quality_.on_unanswered();
  if (quality_.lost()) {
    lose_link(now);
    return;
  }
  if (state_ == NodeState::kOnline && now >= next_ping_) {
    next_ping_ = kNever;
    if (!ping_.open) ping_.begin(now);
  }
}

/// When there is something to send; kNever when nothing is.
Instant Node::traffic_due_at() const {
  Instant due_at = ends_.empty() ? kNever : retry_at_;
  if (state_ == NodeState::kLeaving) return leave_sent_ ? due_at : retry_at_;
  for (const Exchange* exchange : {&describe_, &ping_}) {
    if (exchange->open && !exchange->waiting) due_at = std::min(due_at, exchange->due_at);
  }
  for (const Part* part : ports_.parts) due_at = std::min(due_at, part->send_at());
  return std::min(due_at, ring_.next_due_at());
}

/// Since when its share of the air allows the next sealed frame.
Instant Node::air_free_at() const {
  return ports_.conduct != nullptr ? ports_.conduct->free_at() : Instant{};
}

bool Node::may_talk(Instant now) {
  if (now >= air_free_at()) {
    held_back_ = false;
    return true;
  }
  if (!held_back_ && traffic_due_at() <= now) {
    held_back_ = true;
    counters_.add(Count::kDutyDelays);
  }
  return false;
}

Instant Node::traffic_timer() const {
  Instant earliest = std::min(flight_guard_, moved_at_);
  if (state_ != NodeState::kLeaving) {
    if (state_ == NodeState::kOnline) earliest = std::min(earliest, next_ping_);
    for (const Exchange* exchange : {&describe_, &ping_}) {
      if (exchange->open && exchange->waiting) earliest = std::min(earliest, exchange->due_at);
    }
    for (const Part* part : ports_.parts) earliest = std::min(earliest, part->next_timer());
  }
  const Instant due_at = traffic_due_at();
  if (flight_ != Flight::kNone || due_at == kNever) return earliest;
  return std::min(earliest,
                  std::max(std::max(due_at, retry_at_), std::max(radio_retry_, air_free_at())));
}

}  // namespace espial::node
