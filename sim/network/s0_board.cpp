#include "sim/network/s0_board.hpp"

#include <algorithm>
#include <string>

#include "core/wire/reading.hpp"
#include "core/wire/value.hpp"

namespace espial::sim {
namespace {

constexpr double kFirstSetPoint = 19;

RadioSettings radio_settings(std::uint32_t number, const S0BoardSettings& board) {
  RadioSettings radio;
  radio.address = {{0x02, 0x51, 0, 0, 1, static_cast<std::uint8_t>(number)}};
  radio.position = board.position;
  return radio;
}

constexpr std::uint8_t number_of(wire::Kind kind) { return static_cast<std::uint8_t>(kind); }

}  // namespace

S0Board::S0Board(Scene& scene, ServerId server, std::uint32_t number, std::uint32_t watched_as,
                 const S0BoardSettings& settings)
    : scene_(scene),
      server_(server),
      module_{static_cast<std::uint8_t>(number + 1)},
      watched_as_(watched_as),
      settings_(settings),
      random_(settings.seed),
      radio_(scene, radio_settings(number, settings)),
      clock_(scene.now, settings.clock_origin, settings.drift_ppm) {
  radio_.set_powered(false);
}

void S0Board::switch_on() {
  if (on()) return;
  radio_.set_powered(true);
  radio_.set_channel(Channel{1});
  taken_ = 0;
  set_point_ = kFirstSetPoint;
  relay_on_ = false;
  node::S0Config config;
  config.server = server_;
  config.module = module_;
  (void)config.functions.push_back(
      {kThermostatSlot, number_of(wire::Kind::kThermostat), true, true});
  (void)config.functions.push_back(
      {kThermometerSlot, number_of(wire::Kind::kTemperature), false, true});
  (void)config.functions.push_back({kRelaySlot, number_of(wire::Kind::kRelay), true, true});
  client_.emplace(config, node::S0Ports{radio_, flash_, *this});
  core()->start(clock_.local(scene_.now));
  draw_next_report();
}

void S0Board::switch_off() {
  client_.reset();
  radio_.set_powered(false);
  next_report_ = kNever;
}

void S0Board::on_frame(const ReceivedFrame& frame) {
  if (!on()) return;
  core()->on_frame(clock_.local(scene_.now), frame);
  check_books();
  if (!client_->take_restart()) return;
  // Some boards restart when the server asks for it, others only pair again.
  if (random_.chance(500)) return;
  switch_off();
  switch_on();
}

void S0Board::on_sent(bool acknowledged) {
  if (!on()) return;
  core()->on_sent(clock_.local(scene_.now), acknowledged);
  check_books();
}

void S0Board::on_timer() {
  if (!on()) return;
  const Instant now = clock_.local(scene_.now);
  if (client_->next_timer() <= now) core()->on_timer(now);
  if (next_report_ <= scene_.now) {
    draw_next_report();
    measure(kThermostatSlot);
    measure(kThermometerSlot);
    if (random_.chance(300)) say_relay();
  }
  check_books();
}

Instant S0Board::next_timer() const {
  if (!on()) return kNever;
  const Instant work = std::max(clock_.world(client_->next_timer()), scene_.now);
  return std::min(work, std::max(next_report_, scene_.now));
}

void S0Board::draw_next_report() {
  const auto interval = static_cast<std::uint64_t>(settings_.report_interval.us);
  next_report_ =
      scene_.now + Duration{static_cast<std::int64_t>(interval / 2 + random_.below(interval))};
}

void S0Board::measure(Slot slot) {
  constexpr std::uint64_t kMost_centi = 8'000;
  const auto centi = static_cast<std::int16_t>(random_.below(kMost_centi));
  const double celsius = centi / 100.0;
  scene_.watch.on_s0_measured(scene_.now, watched_as_, slot, centi);
  if (slot == kThermometerSlot) return say(slot, wire::Kind::kTemperature, {celsius});
  say(slot, wire::Kind::kThermostat, {celsius, set_point_, celsius < set_point_ ? 1.0 : 0.0});
}

void S0Board::say_relay() { say(kRelaySlot, wire::Kind::kRelay, {relay_on_ ? 1.0 : 0.0}); }

void S0Board::say(Slot slot, wire::Kind kind, std::initializer_list<double> fields) {
  wire::FieldValues values;
  for (const double field : fields) (void)values.push_back(wire::FieldValue::of(field));
  std::array<std::uint8_t, 16> value{};
  const auto size = wire::encode_value(*wire::find_standard_kind(number_of(kind)), values, value);
  std::array<std::uint8_t, 32> reading{};
  const std::size_t length =
      wire::encode(wire::Reading{slot, number_of(kind), {value.data(), size.value_or(0)}}, reading);
  (void)core()->report(clock_.local(scene_.now), {reading.data(), length});
  ++taken_;
}

/// Each reading was heard by the server's radio, gave way to a newer one or had no place; or it is
/// held, one of each function at most, and one more on its way. With no timer nothing is held.
void S0Board::check_books() {
  const node::S0Counters& counters = client_->counters();
  const std::uint64_t ended =
      std::uint64_t{counters.data_sent} + counters.replaced + counters.no_place;
  const std::uint64_t most_held = client_->next_timer() == kNever ? 0 : kSlots + 1;
  if (ended <= taken_ && taken_ - ended <= most_held) return;
  scene_.watch.on_broken(scene_.now, "a client of S0's lost count of its readings",
                         "module " + std::to_string(watched_as_) + ", " + std::to_string(taken_) +
                             " taken, " + std::to_string(ended) + " ended");
}

wire::Outcome S0Board::execute(Instant now, const wire::Reading& command) {
  (void)now;
  const OutsideCore port;
  const auto wanted =
      wire::decode_command_value(*wire::find_standard_kind(command.kind), command.value);
  if (!wanted || !wanted->number) return wire::Outcome::kRefused;
  ++executed_;
  scene_.watch.on_s0_executed(scene_.now, watched_as_, command.slot,
                              static_cast<std::int32_t>(*wanted->number));
  if (command.slot == kRelaySlot) {
    relay_on_ = *wanted->number != 0;
    say_relay();
  } else {
    set_point_ = *wanted->number;
    measure(kThermostatSlot);
  }
  return wire::Outcome::kExecuted;
}

}  // namespace espial::sim
