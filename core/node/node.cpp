#include "core/node/node.hpp"

#include <algorithm>

#include "core/crypto/discovery.hpp"
#include "core/wire/header.hpp"

namespace espial::node {
namespace {

// The first of a report's statuses are those of the ring.
static_assert(static_cast<int>(ReportStatus::kTaken) ==
              static_cast<int>(transfer::AddStatus::kStored));
static_assert(static_cast<int>(ReportStatus::kTakenForOther) ==
              static_cast<int>(transfer::AddStatus::kStoredForOther));
static_assert(static_cast<int>(ReportStatus::kFull) ==
              static_cast<int>(transfer::AddStatus::kFull));
static_assert(static_cast<int>(ReportStatus::kTooLong) ==
              static_cast<int>(transfer::AddStatus::kTooLong));

}  // namespace

Node::Node(const Config& config, const Ports& ports, const Memory& memory, Instant now)
    : buffer_(memory.frame),
      config_(config),
      ports_(ports),
      ring_(memory.reports),
      search_(config.always_listening ? link::kMaxListenerPause : link::kMaxPause) {
  config_.firmware = config_.firmware.substr(0, wire::kMaxFirmwareSize);
  config_.chip = config_.chip.substr(0, wire::kMaxChipSize);
  config_.name = config_.name.substr(0, wire::kMaxNameSize);
  node_key_.load(ports_.settings, config_.server, ports_.crypto);
  if (!node_key_.discovery_key && config_.join_key.id == wire::KeyId::kNetwork) {
    node_key_.discovery_key =
        crypto::discovery_key(ports_.crypto, config_.join_key.key, config_.server);
  }
  last_good_ = GatewayRecord::load(ports_.settings, config_.server);
  assigned_ = AssignedRecord::load(ports_.settings, config_.server);
  if (ports_.conduct != nullptr) ports_.conduct->load(*this);
  commands_.load(ports_.settings, config_.server);
  stream_id_ = ports_.random.u32();
  if (ports_.retention != nullptr) ports_.retention->restore(*this, now);
}

void Node::start(Instant now) {
  if (state_ != NodeState::kIdle) return;
  inside_ = true;
  if (ports_.retention != nullptr && session_.valid()) {
    ports_.retention->go_on(*this, now);
  } else {
    search(now, false);
  }
  pump(now);
  retain_if_changed(now);
  inside_ = false;
}

void Node::on_frame(Instant now, const ReceivedFrame& frame) {
  if (state_ == NodeState::kIdle) return;
  inside_ = true;
  counters_.add(Count::kFramesHeard);
  const bool taken = on_parts_frame(now, frame);
  const auto type = wire::peek_type(frame.body);
  if (taken) {
    // Between this node and another one.
  } else if (!type.has_value()) {
    counters_.add(frame.body.empty() ? Count::kTooShort : Count::kUnknownType);
  } else if (*type == wire::PacketType::kSealed) {
    on_sealed(now, frame.body);
  } else if (*type == wire::PacketType::kAuth) {
    on_auth(now, frame.body);
  } else if (*type == wire::PacketType::kConnack) {
    on_connack(now, frame);
  } else if (*type == wire::PacketType::kDisconnect) {
    on_moved(now, frame);
  } else {
    counters_.add(Count::kNotForUs);
  }
  pump(now);
  retain_if_changed(now);
  inside_ = false;
}

void Node::on_sent(Instant now, bool acknowledged) {
  if (flight_ == Flight::kNone) return;
  inside_ = true;
  finish_send(now, acknowledged);
  pump(now);
  retain_if_changed(now);
  inside_ = false;
}

void Node::on_timer(Instant now) {
  if (state_ == NodeState::kIdle) return;
  inside_ = true;
  handle_timers(now);
  pump(now);
  retain_if_changed(now);
  inside_ = false;
}

ReportStatus Node::report(Instant now, wire::Stream stream, bool acknowledged, ByteView readings) {
  if (!wire::parse_readings(readings)) {
    counters_.add(Count::kReportsRefused);
    return ReportStatus::kMalformed;
  }
  if (readings.size() > kMaxReport && (!acknowledged || long_reports() == nullptr)) {
    counters_.add(Count::kReportsRefused);
    return ReportStatus::kTooLong;
  }
  transfer::ReportClass report_class = transfer::ReportClass::kOnce;
  if (acknowledged) {
    report_class = stream == wire::Stream::kEvents ? transfer::ReportClass::kEvent
                                                   : transfer::ReportClass::kReading;
  }
  std::array<std::uint8_t, kMaxReport> in_use;
  if (ports_.conduct != nullptr) readings = ports_.conduct->readings_in_use(readings, in_use);
  if (readings.empty()) return ReportStatus::kNotInUse;
  const auto status = static_cast<ReportStatus>(ring_.add(now, report_class, readings));
  changed_ = true;
  if (!inside_) {
    inside_ = true;
    pump(now);
    retain_if_changed(now);
    inside_ = false;
  }
  return status;
}

void Node::retain(Instant now) {
  changed_ = false;
  if (ports_.retention != nullptr) ports_.retention->keep(*this, now);
}

void Node::retain_if_changed(Instant now) {
  if (changed_) retain(now);
}

Part* Node::long_reports() const {
  for (Part* part : ports_.parts) {
    if (part->sends_long_reports()) return part;
  }
  return nullptr;
}

bool Node::in_use(std::uint8_t slot) const {
  return ports_.conduct == nullptr || ports_.conduct->configuration().in_use(slot);
}

void Node::leave(Instant now) {
  if (state_ == NodeState::kIdle) return;
  inside_ = true;
  search_.stop();
  if (in_session()) {
    leave_sent_ = false;
    quality_.reset();
    enter(now, NodeState::kLeaving);
    pump(now);
  } else {
    drop_session();
    enter(now, NodeState::kIdle);
  }
  retain_if_changed(now);
  inside_ = false;
}

std::string_view Node::name() const {
  return assigned_.name_size > 0 ? assigned_.name() : config_.name;
}

UnixTime Node::utc(Instant now) const {
  return utc_known_ ? UnixTime{utc_offset_ms_ + now.us / 1000} : UnixTime{};
}

Instant Node::awake_until() const {
  const bool resting =
      state_ == NodeState::kOnline || state_ == NodeState::kPaused || state_ == NodeState::kIdle;
  if (config_.always_listening || !resting || flight_ != Flight::kNone) return kNever;
  for (const Part* part : ports_.parts) {
    if (part->moves()) return kNever;
  }
  // A frame that failed is tried again, where anything of it is kept, and who it is for told,
  // before the next sleep.
  const bool repeats = quality_.failing() && traffic_due_at() != kNever;
  const bool owing = state_ == NodeState::kOnline && (repeats || describe_.open);
  return owing ? kNever : awake_until_;
}

void Node::enter(Instant now, NodeState state) {
  if (state_ == state) return;
  state_ = state;
  ports_.application.on_state(now, state);
}

bool Node::in_session() const {
  return state_ == NodeState::kConfirming || state_ == NodeState::kOnline ||
         state_ == NodeState::kLeaving;
}

void Node::pump(Instant now) {
  if (flight_ != Flight::kNone || now < radio_retry_ || send_parts_frame(now)) return;
  switch (state_) {
    case NodeState::kIdle:
    case NodeState::kPaused:
      return;
    case NodeState::kSearching:
      if (probe_due_ && now >= search_waits_until_) send_probe(now);
      return;
    case NodeState::kJoining:
    case NodeState::kResuming:
      if (now >= auth_due_ && auth_tries_ < kAuthTries) send_auth(now);
      return;
    case NodeState::kConfirming:
    case NodeState::kOnline:
    case NodeState::kLeaving:
      if (now >= retry_at_ && may_talk(now)) send_traffic(now);
      return;
  }
}

void Node::retry_radio_later(Instant now) {
  constexpr std::uint32_t kMaxDoublings = 7;
  const std::int64_t factor = std::int64_t{1} << std::min(radio_refusals_++, kMaxDoublings);
  radio_retry_ = now + std::min(kRadioBusyRetry * factor, kMaxRadioBusyRetry);
}

bool Node::transmit(Instant now, Flight flight, Channel channel, const MacAddress& destination,
                    ByteView body) {
  if (ports_.radio.channel() != channel) ports_.radio.set_channel(channel);
  if (!ports_.radio.send(destination, body)) {
    counters_.add(Count::kSendsRefused);
    retry_radio_later(now);
    return false;
  }
  radio_refusals_ = 0;
  counters_.add(Count::kFramesSent);
  if (ports_.conduct != nullptr) ports_.conduct->on_sent(now, body.size());
  flight_ = flight;
  flight_guard_ = now + kSendGuard;
  return true;
}

void Node::finish_send(Instant now, bool acknowledged) {
  const Flight flight = flight_;
  flight_ = Flight::kNone;
  flight_guard_ = kNever;
  if (!acknowledged) counters_.add(Count::kSendsFailed);
  switch (flight) {
    case Flight::kNone:
      return;
    case Flight::kProbe:
      search_.probe_sent(now);
      return;
    case Flight::kAuth:
      if (state_ != NodeState::kJoining && state_ != NodeState::kResuming) return;
      quality_.on_sent(acknowledged);
      // No radio has it, so there is no answer to wait for.
      if (!acknowledged) auth_due_ = std::min(auth_due_, now + kSendRetry);
      return;
    case Flight::kSealed:
      sealed_sent(now, acknowledged);
      return;
    case Flight::kPart:
      search_waits_until_ = now + kPartAnswer;
      return;
  }
}

void Node::handle_timers(Instant now) {
  if (now >= flight_guard_) {
    counters_.add(Count::kSendsLost);
    finish_send(now, false);
  }
  switch (state_) {
    case NodeState::kIdle:
      return;
    case NodeState::kPaused:
      if (now >= search_again_at_) {
        search(now, false);
        return;
      }
      [[fallthrough]];
    case NodeState::kSearching:
      if (now >= search_waits_until_) step_search(now);
      return;
    case NodeState::kJoining:
    case NodeState::kResuming:
      if (now >= auth_due_ && auth_tries_ >= kAuthTries) auth_timed_out(now);
      return;
    case NodeState::kConfirming:
    case NodeState::kOnline:
    case NodeState::kLeaving:
      if (now >= moved_at_) check_moved(now);
      for (Part* part : ports_.parts) part->on_timer(now, around_);
      check_exchanges(now);
      return;
  }
}

Instant Node::next_timer() const {
  if (state_ == NodeState::kIdle) return flight_guard_;
  const Instant role = role_timer();
  if (flight_ != Flight::kNone) return role;
  return std::min(role, std::max(parts_frame_at(), radio_retry_));
}

Instant Node::role_timer() const {
  const bool free = flight_ == Flight::kNone;
  switch (state_) {
    case NodeState::kIdle:
      return kNever;
    case NodeState::kPaused:
    case NodeState::kSearching: {
      const Instant probe = free && probe_due_ ? radio_retry_ : kNever;
      const Instant step = std::min(std::min(search_.next_timer(), search_again_at_), probe);
      return std::min(flight_guard_, std::max(step, search_waits_until_));
    }
    case NodeState::kJoining:
    case NodeState::kResuming:
      return free ? std::max(auth_due_, radio_retry_) : flight_guard_;
    case NodeState::kConfirming:
    case NodeState::kOnline:
    case NodeState::kLeaving:
      return traffic_timer();
  }
  return kNever;
}

}  // namespace espial::node
