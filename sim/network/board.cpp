#include "sim/network/board.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"

namespace espial::sim {
namespace {

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

Board::Board(Scene& scene, const BoardSettings& settings)
    : scene_(scene),
      settings_(settings),
      random_(settings.seed),
      node_random_(random_.fork()),
      crypto_(scene, settings.chip),
      radio_(scene, radio_settings(settings)),
      clock_(scene.now, settings.clock_origin, settings.drift_ppm),
      slots_(settings.ring_slots),
      ring_bytes_(settings.ring_slots * kNumberedSize),
      held_(settings.ring_slots) {
  radio_.set_processor(crypto_);
  radio_.set_powered(false);
}

void Board::switch_on() {
  if (on()) return;
  flash_.restore_power();
  radio_.set_powered(true);
  radio_.set_channel(Channel{1});
  node::Config config;
  config.server = kSimServer;
  config.keepalive = settings_.keepalive;
  config.firmware = "sim";
  config.chip = "virtual";
  config.join_key.key = scene_.network_key;
  (void)config.functions.push_back({kCommandSlot, kCommandKind, true, true});
  node_ = std::make_unique<node::Node>(
      config, node::Ports{radio_, crypto_, node_random_, flash_, *this},
      node::Memory{{{slots_.data(), slots_.size()}, {ring_bytes_.data(), ring_bytes_.size()}},
                   frame_});
  ++life_;
  next_index_ = {};
  acknowledged_ = 0;
  scene_.watch.on_power(scene_.now, settings_.number, true);
  node_->start(local_now());
  draw_next_report();
}

void Board::switch_off() {
  if (!on()) return;
  node_.reset();
  radio_.set_powered(false);
  std::fill(held_.begin(), held_.end(), std::nullopt);
  next_report_ = kNever;
  scene_.watch.on_power(scene_.now, settings_.number, false);
}

void Board::on_frame(const ReceivedFrame& frame) {
  // A board whose power failed at its last write does nothing any more.
  if (!on() || flash_.cut()) return;
  node_->on_frame(local_now(), frame);
  notice_settled();
}

void Board::on_sent(bool acknowledged) {
  if (on() && !flash_.cut()) node_->on_sent(local_now(), acknowledged);
}

void Board::on_timer() {
  if (!on() || flash_.cut()) return;
  if (node_->next_timer() <= local_now()) node_->on_timer(local_now());
  if (scene_.now < next_report_) return;
  draw_next_report();
  report(random_.chance(settings_.event_permille));
}

Instant Board::next_timer() const {
  if (!on() || flash_.cut()) return kNever;
  return std::min(std::max(clock_.world(node_->next_timer()), scene_.now), next_report_);
}

void Board::draw_next_report() {
  const auto interval = static_cast<std::uint64_t>(settings_.report_interval.us);
  next_report_ = kNever;
  if (interval == 0 || !reporting_) return;
  // Between a half and one and a half of it, so that boards don't march in step.
  next_report_ =
      scene_.now + Duration{static_cast<std::int64_t>(interval / 2 + random_.below(interval))};
}

void Board::set_reporting(bool reporting) {
  reporting_ = reporting;
  if (on()) draw_next_report();
}

void Board::report(bool event) {
  if (!on() || flash_.cut()) return;
  Numbered numbered;
  numbered.life = life_;
  numbered.event = event;
  numbered.index = next_index_[event ? 1 : 0];
  numbered.taken_at = scene_.utc();
  const auto stream = event ? wire::Stream::kEvents : wire::Stream::kReadings;
  notice_submitted(numbered, node_->report(local_now(), stream, true, encode(address(), numbered)));
}

void Board::notice_submitted(const Numbered& report, node::ReportStatus status) {
  const bool taken =
      status == node::ReportStatus::kTaken || status == node::ReportStatus::kTakenForOther;
  if (taken) {
    ++next_index_[report.event ? 1 : 0];
    scene_.watch.on_submitted(scene_.now, settings_.number, report);
  } else {
    scene_.watch.on_dropped(scene_.now, settings_.number, report);
  }
  const transfer::ReportRing& ring = node_->ring();
  for (std::size_t slot = 0; slot < held_.size(); ++slot) {
    const auto held = ring.keep(scene_.now, slot);
    const auto now_there =
        held ? parse_numbered(address(), held->report_class == transfer::ReportClass::kEvent,
                              held->readings)
             : std::nullopt;
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

wire::Outcome Board::execute(Instant now, const wire::Reading& command) {
  (void)now;
  const std::uint32_t number = ByteReader(command.value).u32();
  if (!flash_.cut()) scene_.watch.on_executed(scene_.now, settings_.number, number);
  return wire::Outcome::kExecuted;
}

void Board::on_state(Instant now, node::NodeState state) {
  (void)now;
  scene_.watch.on_state(scene_.now, settings_.number, state);
}

}  // namespace espial::sim
