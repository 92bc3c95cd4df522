#include "sim/network/board.hpp"

#include <algorithm>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/wire/header.hpp"

namespace espial::sim {
namespace {

constexpr std::size_t kLine = 64;       // of the cache
constexpr std::size_t kHotLines = 8;    // what every frame asks for
constexpr std::size_t kTurnLines = 56;  // what a turn asks for, the node with it
static_assert(kTurnLines * kLine <= sizeof(Board));

RadioSettings radio_settings(const BoardSettings& board) {
  RadioSettings radio;
  radio.address = board_address(board.number);
  radio.max_body_size = board.max_body_size;
  radio.position = board.position;
  radio.rates = board.rates;
  return radio;
}

}  // namespace

MacAddress board_address(std::uint32_t number) {
  return {{0x02, 0x0b, 0, static_cast<std::uint8_t>(number >> 16U),
           static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)}};
}

std::optional<std::uint32_t> board_number(const MacAddress& mac) {
  const auto& octets = mac.octets;
  const std::uint32_t number =
      std::uint32_t{octets[3]} << 16U | std::uint32_t{octets[4]} << 8U | octets[5];
  if (board_address(number) != mac) return std::nullopt;
  return number;
}

Key label_key(std::uint32_t board) {
  constexpr std::uint64_t kLabelSeed = 0x1abe1;
  Key key{};
  SeededRandom(kLabelSeed + board).fill(key);
  return key;
}

Board::Board(Scene& scene, const BoardSettings& settings)
    : scene_(scene),
      clock_(scene.now, settings.clock_origin, settings.drift_ppm),
      retained_(settings.sleeper || settings.retains
                    ? node::retained_size(settings.ring_slots, kNumberedSize)
                    : 0),
      settings_(settings),
      random_(settings.seed),
      node_random_(random_.fork()),
      crypto_(scene, settings.chip),
      radio_(*this, scene, radio_settings(settings)),
      ages_(scene, settings.number),
      slots_(settings.ring_slots),
      ring_bytes_(settings.ring_slots * kNumberedSize),
      long_bytes_(settings.long_packet_bytes),
      long_incoming_(settings.long_packet_bytes),
      held_(settings.ring_slots) {
  radio_.set_processor(crypto_);
  radio_.set_powered(false);
  if (settings.room) room_.emplace(scene, settings.number, *settings.room);
}

void Board::switch_on() {
  if (power_ == BoardPower::kOff) boot(wire::ResetReason::kPower);
  if (power_ == BoardPower::kDown) boot(wire::ResetReason::kWatchdog);
}

void Board::boot(wire::ResetReason reason) {
  const Instant now = local_now();
  const bool power_lost = reason == wire::ResetReason::kPower;
  const bool slept = reason == wire::ResetReason::kDeepSleep;
  const bool tells = slept || (settings_.knows_reset && !power_lost);
  const bool torn = retained_.stopped();
  flash_.restore_power();
  crypto_.restart();
  retained_.release(tells ? std::optional(measured(now - retained_.written_at())) : std::nullopt);
  retained_.set_now(now);
  power_ = BoardPower::kAwake;
  radio_since_ = scene_.now;
  radio_.set_powered(true);
  radio_.set_channel(Channel{1});
  node::Config config;
  config.server = kSimServer;
  config.always_listening = !settings_.sleeper;
  config.keepalive = settings_.sleeper ? Duration{} : settings_.keepalive;
  config.reset_reason = reason;
  config.firmware = "sim";
  config.chip = "virtual";
  config.join_key.key = scene_.network_key;
  if (settings_.labelled) {
    config.join_key.key = label_key(settings_.number);
    config.join_key.id = wire::KeyId::kLabel;
  }
  (void)config.functions.push_back({kCommandSlot, kCommandKind, true, true});
  if (room_) (void)config.functions.push_back(room_->function());
  make_node(config, now);
  state_ = node::NodeState::kIdle;
  acknowledged_ = 0;
  touched_at_ = scene_.now;
  if (!slept) duty_.begin();
  room_duty_.begin();
  look_at_ring(torn);
  watch_ages(!tells && !torn && told_ && !node_->utc(now).known());
  // A sleeper's report and whatever else it has to say travel in one frame.
  if (slept) reporting_ ? report_all() : say_once();
  if (!dark()) core()->start(now);
  draw_next_report();
}

/// What the chip makes of a time in which it did not run.
Duration Board::measured(Duration away) const {
  return away - Duration{away.us / 1'000'000 * settings_.sleep_drift_ppm};
}

/// A node and what it is handed beside its role, all of it new.
void Board::make_node(const node::Config& config, Instant now) {
  parts_.clear();
  if (settings_.long_packet_bytes > 0) {
    long_receiver_.emplace(MutableByteView(long_incoming_.data(), long_incoming_.size()));
    long_reports_.emplace();
    parts_ = {&*long_receiver_, &*long_reports_};
  }
  conduct_.emplace();
  if (room_) {
    parts_.push_back(
        &room_->begin(now, address(), {crypto_, node_random_, flash_, *this, *conduct_}));
  }
  if (retains()) retention_.emplace(retained_);
  node_.emplace(config,
                node::Ports{radio_,
                            crypto_,
                            node_random_,
                            flash_,
                            *this,
                            retains() ? &*retention_ : nullptr,
                            &*conduct_,
                            {parts_.data(), parts_.size()}},
                node::Memory{{{slots_.data(), slots_.size()},
                              {ring_bytes_.data(), ring_bytes_.size()},
                              {long_bytes_.data(), long_bytes_.size()}},
                             frame_},
                now);
  configuration_ = conduct_->configuration();
  told_interval_ = node_->report_interval();
  limit_airtime();
}

void Board::limit_airtime() {
  duty_.set_limit(scene_.now, configuration_.max_airtime_permille);
  room_duty_.set_limit(scene_.now, configuration_.max_airtime_permille);
}

/// What came through the reset, if anything did.
void Board::look_at_ring(bool torn) {
  const auto next = node_->ring().streams().next_sequence;
  const bool kept = alive_ && (next[0] != 0 || next[1] != 0);
  const auto before = std::exchange(held_, std::vector<std::optional<Numbered>>(held_.size()));
  for (std::size_t slot = 0; slot < held_.size(); ++slot) held_[slot] = held_at(slot);
  if (!kept) {
    end_life();
    begin_life();
    return;
  }
  // The record before has what had made room since, too.
  for (const auto& report : held_) {
    if (torn && report) scene_.watch.on_time_lost(scene_.now, settings_.number, *report, true);
  }
  // What was being written down when the reset came was not sent yet, and its place is free again.
  for (std::size_t i = 0; i < next.size(); ++i) next_index_[i] = next[i];
  for (const auto& report : before) {
    if (!report || std::find(held_.begin(), held_.end(), report) != held_.end()) continue;
    // Long ones are not kept: the node counts them.
    const bool was_being_written = torn && newest_ == report;
    if (report->padding > 0 || was_being_written) {
      scene_.watch.on_dropped(scene_.now, settings_.number, *report);
    }
  }
}

/// Reports that came through a reset of unknown length wait for the time, or no longer.
void Board::watch_ages(bool open) {
  std::vector<Numbered> reports;
  if (open) {
    for (const auto& report : held_) {
      if (report) reports.push_back(*report);
    }
  }
  crypto_.set_listener(reports.empty() ? nullptr : &ages_);
  ages_.begin(std::move(reports));
}

/// What the frame takes of the air, without the radio's own repeats.
void Board::notice_sent(ByteView body) {
  const Duration span = airtime(body.size(), settings_.rates.front());
  const wire::Parsed<wire::SealedFrame> sealed = wire::parse_sealed(body);
  const wire::Parsed<wire::AuthFrame> auth = wire::parse_auth(body);
  const bool to_node =
      sealed ? sealed->header.peer : auth && auth->header.key_id == wire::KeyId::kPair;
  const bool whole_kept = duty_.on_sent(scene_.now, span, sealed && !to_node);
  const bool half_kept = !to_node || room_duty_.on_sent(scene_.now, span * 2, true);
  if (whole_kept && half_kept) return;
  scene_.watch.on_broken(scene_.now, "more of the air was used than is allowed",
                         "board " + std::to_string(settings_.number));
}

void Board::begin_life() {
  alive_ = true;
  ++life_;
  next_index_ = {};
  newest_.reset();
  scene_.watch.on_power(scene_.now, settings_.number, true);
}

void Board::end_life() {
  if (!std::exchange(alive_, false)) return;
  scene_.watch.on_power(scene_.now, settings_.number, false);
}

void Board::stop(BoardPower power) {
  told_ = node_ && node_->utc(local_now()).known();
  watch_ages(false);
  if (power_ == BoardPower::kAwake) radio_on_ = radio_on_ + (scene_.now - radio_since_);
  power_ = power;
  node_.reset();
  if (room_) room_->end();
  radio_.set_powered(false);
}

void Board::switch_off() {
  if (power_ == BoardPower::kOff) return;
  stop(BoardPower::kOff);
  retained_.release(std::nullopt);
  retained_.lose_power(static_cast<std::uint8_t>(random_.next()));
  std::fill(held_.begin(), held_.end(), std::nullopt);
  next_report_ = kNever;
  end_life();
}

void Board::reset() {
  if (!on()) return;
  if (retained_.size() == 0) return switch_off();
  if (!settings_.knows_reset || retained_.stopped()) lose_time();
  stop(BoardPower::kDown);
  next_report_ = kNever;
}

bool Board::leave() {
  if (!runs() || settings_.sleeper || state_ != node::NodeState::kOnline) return false;
  retained_.set_now(local_now());
  core()->leave(local_now());
  return true;
}

/// What is known of the time is in the record; when the reset came while that was written, the one
/// before it counts, and nobody knows how old that is.
void Board::lose_time() {
  const bool told = node_ && node_->utc(local_now()).known();
  const bool entirely = !told || retained_.stopped();
  for (const auto& report : held_) {
    if (report) scene_.watch.on_time_lost(scene_.now, settings_.number, *report, entirely);
  }
}

void Board::go_dark() { flash_.cut() ? switch_off() : reset(); }

Duration Board::radio_on() const {
  const bool listens = power_ == BoardPower::kAwake;
  return radio_on_ + (listens ? scene_.now - radio_since_ : Duration{});
}

void Board::fetch(std::size_t lines) const {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(this);
  for (std::size_t line = 0; line < lines; ++line) __builtin_prefetch(begin + line * kLine);
  __builtin_prefetch(slots_.data());
}

/// Thousands of boards don't fit into a cache, and a broadcast comes to many of them: fetched one
/// after the other, they are most of what it costs.
void Board::approach() const { fetch(kHotLines); }

void Board::approach_turn() const { fetch(kTurnLines); }

void Board::on_frame(const ReceivedFrame& frame) {
  if (!runs()) return;
  retained_.set_now(local_now());
  touched_at_ = scene_.now;
  core()->on_frame(local_now(), frame);
  notice_settled();
}

void Board::on_sent(bool acknowledged) {
  if (!runs()) return;
  retained_.set_now(local_now());
  touched_at_ = scene_.now;
  core()->on_sent(local_now(), acknowledged);
}

void Board::on_timer() {
  if (power_ == BoardPower::kAsleep && std::min(next_report_, next_press()) <= scene_.now) {
    return boot(wire::ResetReason::kDeepSleep);
  }
  if (!runs()) return;
  retained_.set_now(local_now());
  if (node_->next_timer() <= local_now()) core()->on_timer(local_now());
  if (next_report_ <= scene_.now && runs()) {
    draw_next_report();
    if (reporting_) report_all();
  }
  if (room_ && runs()) room_->act(local_now());
  sleep_if_done();
}

void Board::sleep_if_done() {
  if (!runs() || sleep_at() > scene_.now) return;
  stop(BoardPower::kAsleep);
  ++sleeps_;
}

/// A board needs a moment to fall asleep, in which its radio acknowledges what it has just
/// received.
Instant Board::sleep_at() const {
  constexpr Duration kMoment = Duration::milliseconds(1);
  if (!settings_.sleeper) return kNever;
  const Instant done = node_->awake_until();
  if (done == kNever) return kNever;
  return std::max({clock_.world(done), touched_at_ + kMoment, crypto_.busy_until()});
}

Instant Board::next_timer() const {
  if (power_ == BoardPower::kAsleep) return std::min(next_report_, next_press());
  if (!runs()) return kNever;
  const Instant work = std::max(clock_.world(node_->next_timer()), scene_.now);
  const Instant press = std::max(next_press(), scene_.now);
  return std::min({work, next_report_, press, std::max(sleep_at(), scene_.now)});
}

void Board::draw_next_report() {
  const auto interval = static_cast<std::uint64_t>(report_interval().us);
  next_report_ = kNever;
  // A sleeper wakes all the same, for what has not been acknowledged.
  if (interval == 0 || (!reporting_ && !settings_.sleeper)) return;
  // Between a half and one and a half of it, so that boards don't march in step.
  next_report_ =
      scene_.now + Duration{static_cast<std::int64_t>(interval / 2 + random_.below(interval))};
}

void Board::set_reporting(bool reporting) {
  reporting_ = reporting;
  if (power_ == BoardPower::kAwake) draw_next_report();
}

void Board::report(bool event) {
  if (!runs()) return;
  Numbered numbered;
  numbered.life = life_;
  numbered.event = event;
  numbered.index = next_index_[event ? 1 : 0];
  numbered.taken_at = scene_.utc();
  const std::size_t most_padding = settings_.long_packet_bytes / (kPaddingSize + 20);
  if (most_padding > 1 && !event && random_.chance(settings_.long_permille)) {
    numbered.padding = static_cast<std::uint8_t>(2 + random_.below(most_padding - 1));
  }
  const auto stream = event ? wire::Stream::kEvents : wire::Stream::kReadings;
  const std::vector<std::uint8_t> readings = encode(address(), numbered);
  retained_.set_now(local_now());
  touched_at_ = scene_.now;
  const node::ReportStatus status =
      core()->report(local_now(), stream, true, {readings.data(), readings.size()});
  notice_submitted(numbered, status);
}

void Board::report_all() {
  for (std::uint32_t i = 0; i < settings_.reports_at_once; ++i) {
    report(random_.chance(settings_.event_permille));
  }
}

void Board::say_once() {
  Numbered numbered;
  numbered.life = life_;
  numbered.index = kOnceIndex;
  numbered.taken_at = scene_.utc();
  const std::vector<std::uint8_t> readings = encode(address(), numbered);
  (void)core()->report(local_now(), wire::Stream::kReadings, false,
                       {readings.data(), readings.size()});
}

std::optional<Numbered> Board::held_at(std::size_t slot) const {
  const auto held = node_->ring().keep(scene_.now, slot);
  if (!held || held->report_class == transfer::ReportClass::kOnce) return std::nullopt;
  return parse_numbered(address(), held->report_class == transfer::ReportClass::kEvent,
                        held->readings);
}

void Board::notice_submitted(const Numbered& report, node::ReportStatus status) {
  const bool taken =
      status == node::ReportStatus::kTaken || status == node::ReportStatus::kTakenForOther;
  if (taken) {
    ++next_index_[report.event ? 1 : 0];
    newest_ = report;
    scene_.watch.on_submitted(scene_.now, settings_.number, report);
  } else {
    scene_.watch.on_dropped(scene_.now, settings_.number, report);
  }
  for (std::size_t slot = 0; slot < held_.size(); ++slot) {
    const auto now_there = held_at(slot);
    if (held_[slot] && held_[slot] != now_there) {
      scene_.watch.on_dropped(scene_.now, settings_.number, *held_[slot]);
    }
    held_[slot] = now_there;
  }
}

void Board::notice_settled() {
  const transfer::ReportRing& ring = node_->ring();
  if (ring.counters().acknowledged == acknowledged_) return;
  acknowledged_ = ring.counters().acknowledged;
  for (std::size_t slot = 0; slot < held_.size(); ++slot) {
    if (!held_[slot] || ring.keep(scene_.now, slot)) continue;
    scene_.watch.on_settled(scene_.now, settings_.number, *held_[slot]);
    held_[slot].reset();
  }
}

bool Board::holds_nothing() const {
  return std::all_of(held_.begin(), held_.end(), [](const auto& held) { return !held; });
}

wire::Outcome Board::execute(Instant now, const wire::Reading& command) {
  (void)now;
  const OutsideCore port;
  if (has_lamp(command)) {
    if (!dark()) room_->execute(command.value, state_ == node::NodeState::kOnline);
    return wire::Outcome::kExecuted;
  }
  const std::uint32_t number = ByteReader(command.value).u32();
  if (!dark()) scene_.watch.on_executed(scene_.now, settings_.number, number);
  return wire::Outcome::kExecuted;
}

void Board::on_state(Instant now, node::NodeState state) {
  (void)now;
  const OutsideCore port;
  state_ = state;
  ages_.on_state(state);
  scene_.watch.on_state(scene_.now, settings_.number, state);
}

void Board::on_time(Instant now, UnixTime utc, std::int16_t zone_minutes) {
  (void)now, (void)utc, (void)zone_minutes;
  const OutsideCore port;
  watch_ages(false);
}

void Board::on_configured(Instant now, const node::Configuration& configuration) {
  (void)now;
  const OutsideCore port;
  configuration_ = configuration;
  limit_airtime();
}

void Board::on_assigned(Instant now, const node::Assignment& assignment) {
  (void)now;
  const OutsideCore port;
  if (assignment.report_interval == std::exchange(told_interval_, assignment.report_interval)) {
    return;
  }
  draw_next_report();
}

}  // namespace espial::sim
