// The world's loop: what is due next, who is told of it, and what must hold after it.

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/wire/reading.hpp"
#include "sim/world.hpp"
#include "sim/world_parts.hpp"

namespace espial::sim {
namespace {

/// More events than this at one instant mean that somebody's timer never moves on.
constexpr std::uint32_t kEventsPerInstant = 5000;
constexpr Duration kNodeAway = Duration::seconds(1);

enum What : std::uint64_t { kDelivered = 1, kSent, kUp, kDown, kCommitted, kExecuted, kRestarted };

}  // namespace

void World::note(std::uint64_t what, std::uint64_t value) {
  constexpr std::uint64_t kPrime = 0x100000001b3U;
  for (const std::uint64_t word : {static_cast<std::uint64_t>(now_.us), what, value}) {
    digest_ = (digest_ ^ word) * kPrime;
    digest_ ^= digest_ >> 29U;
  }
}

Instant World::next_event() const {
  Instant next = std::min({air_.next_event(), broker_.next_down(), ledger_.next_event(),
                           gateway_back_at_, hub_back_at_});
  if (gateway_ != nullptr) next = std::min(next, gateway_->next_timer());
  if (coordinator_ != nullptr) {
    next = std::min({next, coordinator_->next_timer(), broker_.next_up()});
  }
  for (const auto& device : devices_) {
    const Instant timer = device->asleep ? kNever : device->node->next_timer();
    next = std::min({next, device->back_at, timer});
  }
  return std::max(next, now_);
}

bool World::step(Instant end) {
  const Instant next = next_event();
  if (next > end) {
    now_ = end;
    return false;
  }
  at_this_instant_ = next == now_ ? at_this_instant_ + 1 : 0;
  if (at_this_instant_ > kEventsPerInstant) {
    violations_.insert("time stands still");
    return false;
  }
  now_ = next;
  ++events_;
  run_due();
  return true;
}

void World::run_for(Duration span) {
  const Instant end = now_ + span;
  while (step(end)) {
  }
}

void World::run_due() {
  ledger_.set_now(now_);
  for (const auto& device : devices_) device->rtc.set_now(now_);
  air_.advance(now_, *sink_);
  run_ledger();
  run_broker();
  if (gateway_ != nullptr && gateway_->next_timer() <= now_) gateway_->on_timer(now_);
  if (coordinator_ != nullptr && coordinator_->next_timer() <= now_) coordinator_->on_timer(now_);
  for (const auto& device : devices_) run_device(*device);
  if (watcher_->keyed_changed) publish_keyed();
  if (gateway_back_at_ <= now_) {
    gateway_back_at_ = kNever;
    gateway_radio_->set_powered(true);
    note(kRestarted, 1);
    make_gateway();
  }
  if (hub_back_at_ <= now_) {
    hub_back_at_ = kNever;
    note(kRestarted, 2);
    make_coordinator();
    broker_.redeliver(now_);
    tell_gateway();
  }
}

void World::run_device(Device& device) {
  if (!device.asleep && device.node->next_timer() <= now_) device.node->on_timer(now_);
  if (device.dark() && device.back_at == kNever) {
    device.radio.set_powered(false);
    device.back_at = now_ + kNodeAway;
  }
  if (device.back_at <= now_) {
    device.back_at = kNever;
    note(kRestarted, 3 + device.index);
    if (device.flash.cut()) {
      reset_node(device.index);
    } else {
      crash_node(device.index);
    }
  }
  check(device);
}

void World::check(const Device& device) {
  const std::uint32_t acknowledged =
      device.acknowledged_before + device.node->ring().counters().acknowledged;
  if (acknowledged > 0 && acknowledged > ledger_.rows_of(device.radio.address())) {
    violations_.insert("acknowledged before it was stored");
  }
}

void World::run_ledger() {
  for (const MemoryLedger::Answer& answer : ledger_.run(now_)) {
    note(kCommitted, answer.ticket);
    if (coordinator_ != nullptr) coordinator_->on_committed(now_, answer.ticket, answer.ok);
  }
}

void World::run_broker() {
  while (coordinator_ != nullptr) {
    const Broker::Up* const up = broker_.take_up(now_);
    if (up == nullptr) break;
    note(kUp, up->token);
    coordinator::UplinkFrame frame;
    frame.server = kWorldServer;
    frame.gateway = gateway_address();
    frame.mac = up->mac;
    // A copy: the broker may drop the message during the call.
    const std::vector<std::uint8_t> body = up->body;
    frame.body = {body.data(), body.size()};
    frame.rssi_dbm = up->rssi_dbm;
    frame.channel = up->channel;
    frame.held = up->held;
    coordinator_->on_uplink(now_, frame, up->token);
  }
  while (const auto down = broker_.take_down(now_)) {
    note(kDown, down->body.size());
    if (gateway_ == nullptr) continue;
    gateway_->on_down(now_, kWorldServer, down->mac, down->down_class,
                      {down->body.data(), down->body.size()}, down->command, down->expires_s);
  }
}

World::SimRadio::SimRadio(World& world, RadioSettings settings)
    : world_(world), settings_(settings), id_(*world.air_.add_radio(world.now_, settings)) {}

bool World::SimRadio::send(const MacAddress& destination, ByteView body) {
  for (const auto& device : world_.devices_) {
    if (device != nullptr && &device->radio == this && device->dark()) return false;
  }
  const auto result = world_.air_.transmit(world_.now_, id_, destination, body);
  if (result == Air::SendResult::kOk && world_.overheard_.size() < kOverheardLimit) {
    world_.overheard_.push_back({settings_.address, destination, {body.begin(), body.end()}});
  }
  return result == Air::SendResult::kOk;
}

void World::SimRadio::set_channel(Channel channel) { world_.air_.tune(world_.now_, id_, channel); }

Channel World::SimRadio::channel() const { return world_.air_.channel(id_); }

void World::SimRadio::set_powered(bool powered) {
  world_.air_.set_powered(world_.now_, id_, powered);
}

void World::SimRadio::power_cycle() {
  set_powered(false);
  set_powered(true);
  set_channel(Channel{1});
}

World::Device::Device(World& the_world, std::size_t the_index)
    : world(the_world),
      index(the_index),
      radio(the_world,
            [&] {
              RadioSettings settings;
              settings.address = {{0x02, 0, 0, 0, 0, static_cast<std::uint8_t>(the_index + 1)}};
              settings.max_body_size = the_world.settings_.long_bodies ? kMaxBodyV2 : kMaxBodyV1;
              return settings;
            }()),
      random(the_world.random_.fork()) {}

wire::Outcome World::Device::execute(Instant now, const wire::Reading& command) {
  (void)now;
  const std::uint32_t number = ByteReader(command.value).u32();
  world.note(kExecuted, number);
  // A board that has lost its power at the write before does nothing any more.
  if (!dark()) executed.push_back(number);
  return wire::Outcome::kExecuted;
}

bool World::Uplink::publish_up(ServerId server, const MacAddress& mac, ByteView body,
                               std::optional<std::int8_t> rssi_dbm, Channel channel,
                               Duration held) {
  (void)server;
  return world_.broker_.publish_up(world_.now_, mac, body, rssi_dbm, channel, held);
}

bool World::Uplink::publish_device(const MacAddress& mac, ByteView body,
                                   std::optional<std::int8_t> rssi_dbm, Channel channel) {
  (void)mac;
  (void)body;
  (void)rssi_dbm;
  (void)channel;
  return world_.broker_.alive();
}

void World::Downlink::send(ServerId server, const MacAddress& gateway, const MacAddress& mac,
                           DownClass down_class, ByteView body, std::uint32_t command,
                           std::uint32_t expires_s) {
  (void)server;
  (void)gateway;
  world_.broker_.publish_down(world_.now_, mac, down_class, body, command, expires_s);
}

void World::Sink::on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) {
  (void)at;
  world_.note(kDelivered, receiver.value * 4096U + frame.body.size());
  if (receiver == world_.gateway_radio_->id()) {
    if (world_.gateway_ != nullptr) world_.gateway_->on_frame(world_.now_, frame);
    return;
  }
  for (const auto& device : world_.devices_) {
    if (device->radio.id() == receiver && !device->asleep && !device->dark()) {
      device->node->on_frame(world_.now_, frame);
    }
  }
}

void World::Sink::on_sent(Instant at, RadioId sender, bool acknowledged) {
  (void)at;
  world_.note(kSent, sender.value * 2U + (acknowledged ? 1U : 0U));
  if (sender == world_.gateway_radio_->id()) {
    if (world_.gateway_ != nullptr) world_.gateway_->on_sent(world_.now_, acknowledged);
    return;
  }
  for (const auto& device : world_.devices_) {
    if (device->radio.id() == sender) device->node->on_sent(world_.now_, acknowledged);
  }
}

}  // namespace espial::sim
