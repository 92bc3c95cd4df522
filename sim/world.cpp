#include "sim/world.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/crypto/discovery.hpp"
#include "core/wire/reading.hpp"
#include "sim/world_parts.hpp"

namespace espial::sim {
namespace {

constexpr MacAddress kGatewayStation{{0x02, 0, 0, 0, 1, 0}};
constexpr MacAddress kGatewaySoftAp{{0x02, 0, 0, 0, 1, 1}};
constexpr MacAddress kAdversary{{0x02, 0, 0, 0, 9, 9}};
constexpr std::uint64_t kUtcAtStartMs = 1'700'000'000'000;

AirSettings with_seed(AirSettings settings, std::uint64_t seed) {
  settings.seed = seed;
  return settings;
}

Broker::Settings broker_settings(std::uint64_t seed) {
  Broker::Settings settings;
  settings.seed = seed;
  return settings;
}

MemoryLedger::Settings ledger_settings(std::uint64_t seed, bool answers_early) {
  MemoryLedger::Settings settings;
  settings.seed = seed;
  settings.answers_early = answers_early;
  return settings;
}

std::array<std::uint8_t, 6> number_reading(std::uint32_t number) {
  std::array<std::uint8_t, 6> bytes{};
  std::array<std::uint8_t, 4> value{};
  for (unsigned i = 0; i < 4; ++i) value[i] = static_cast<std::uint8_t>(number >> (8 * i));
  (void)wire::encode(wire::Reading{kNumberSlot, kNumberKind, value}, bytes);
  return bytes;
}

std::uint32_t number_in(const wire::Reading& reading) { return ByteReader(reading.value).u32(); }

}  // namespace

World::World(const WorldSettings& settings, Crypto& crypto)
    : settings_(settings),
      crypto_(crypto),
      random_(settings.seed),
      air_(with_seed(settings.air, random_.fork())),
      broker_(broker_settings(random_.fork())),
      ledger_(ledger_settings(random_.fork(), settings.ledger_answers_early), crypto, broker_),
      coordinator_random_(random_.fork()) {
  SeededRandom(random_.fork()).fill(network_key_);
  sink_ = std::make_unique<Sink>(*this);
  uplink_ = std::make_unique<Uplink>(*this);
  downlink_ = std::make_unique<Downlink>(*this);
  watcher_ = std::make_unique<Watcher>();
  RadioSettings radio;
  radio.address = kGatewayStation;
  radio.second_address = kGatewaySoftAp;
  radio.channel = settings.gateway_channel;
  radio.max_body_size = settings.long_gateway_bodies ? kMaxBodyV2 : kMaxBodyV1;
  gateway_radio_ = std::make_unique<SimRadio>(*this, radio);
  radio = {};
  radio.address = kAdversary;
  radio.channel = settings.gateway_channel;
  radio.max_body_size = kMaxBodyV2;
  adversary_ = air_.add_radio(now_, radio);
  make_coordinator();
  make_gateway();
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    devices_[i] = std::make_unique<Device>(*this, i);
    make_node(*devices_[i], wire::ResetReason::kPower);
  }
}

World::~World() = default;

void World::make_node(Device& device, wire::ResetReason reason) {
  node::Config config;
  config.server = kWorldServer;
  config.always_listening = !settings_.sleepers;
  config.keepalive = settings_.sleepers ? Duration{} : settings_.keepalive;
  config.reset_reason = reason;
  config.firmware = "sim";
  config.chip = "virtual";
  config.join_key.key = network_key_;
  (void)config.functions.push_back({kNumberSlot, kNumberKind, true, true});
  device.long_receiver.emplace(device.long_incoming);
  device.long_reports.emplace();
  if (settings_.rooms) {
    device.rooms.emplace(now_, kWorldServer, device.radio.address(),
                         node::Rooms::Ports{crypto_, device.random, device.flash, device, device},
                         device.bonds);
  }
  device.parts = {&*device.long_receiver, &*device.long_reports,
                  device.rooms ? &*device.rooms : nullptr};
  device.retention.emplace(device.rtc);
  device.conduct.emplace();
  device.node = std::make_unique<node::Node>(
      config,
      node::Ports{device.radio,
                  crypto_,
                  device.random,
                  device.flash,
                  device,
                  settings_.sleepers ? &*device.retention : nullptr,
                  &*device.conduct,
                  {device.parts.data(), settings_.rooms ? std::size_t{3} : std::size_t{2}}},
      device.storage.memory(), now_);
}

void World::make_gateway() {
  gateway_memory_ = std::make_unique<GatewayMemory>();
  gateway::Config config;
  config.address = kGatewaySoftAp;
  config.networks[0] = {kWorldServer, crypto::discovery_key(crypto_, network_key_, kWorldServer),
                        false};
  config.network_count = 1;
  GatewayMemory& memory = *gateway_memory_;
  gateway_ = std::make_unique<gateway::Gateway>(
      config,
      gateway::Storage{memory.modules, memory.down_frames, memory.down_bytes, memory.held_bytes,
                       memory.keyed},
      gateway::Ports{*gateway_radio_, crypto_, *uplink_});
  tell_gateway();
}

void World::make_coordinator() {
  coordinator_memory_ = std::make_unique<CoordinatorMemory>();
  coordinator::Config config;
  config.server = kWorldServer;
  config.network_key = network_key_;
  config.join_policy = coordinator::JoinPolicy::kOpen;
  CoordinatorMemory& memory = *coordinator_memory_;
  ledger_.set_now(now_);
  coordinator_ = std::make_unique<coordinator::Coordinator>(
      config,
      coordinator::Storage{memory.nodes,
                           memory.handshakes,
                           memory.commands,
                           memory.pending,
                           memory.frames,
                           {memory.long_slots, memory.long_bytes, memory.long_downs}},
      coordinator::Ports{*downlink_, ledger_, *watcher_, coordinator_random_, crypto_});
  if (!ledger_.restore(now_, *coordinator_, !settings_.streams_forgotten))
    violations_.insert("restore refused");
  coordinator_->set_time(now_, UnixTime{static_cast<std::int64_t>(kUtcAtStartMs) + now_.us / 1000},
                         60);
}

void World::tell_gateway() {
  if (gateway_ == nullptr) return;
  gateway_->on_uplink_ready(now_, broker_.alive());
  gateway_->on_coordinator(now_, kWorldServer, broker_.alive() && coordinator_ != nullptr);
  publish_keyed();
}

void World::publish_keyed() {
  watcher_->keyed_changed = false;
  if (gateway_ == nullptr || coordinator_ == nullptr || !broker_.alive()) return;
  std::array<MacAddress, 16> macs;
  const std::size_t count = std::min(coordinator_->keyed(macs), macs.size());
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes.insert(bytes.end(), macs[i].octets.begin(), macs[i].octets.end());
  }
  gateway_->on_keyed(now_, kWorldServer, {bytes.data(), bytes.size()});
}

void World::start_node(std::size_t index) {
  devices_[index]->started = true;
  devices_[index]->node->start(now_);
}

void World::bind(std::size_t index, std::size_t provider) {
  if (!devices_[index]->rooms->bind(now_, kNumberSlot, kNumberKind, mac_of(provider))) {
    violations_.insert("no room for a bond");
  }
}

std::uint32_t World::press(std::size_t index) {
  Device& device = *devices_[index];
  const std::uint32_t number = device.next_number++;
  const auto reading = number_reading(number);
  const bool told = device.rooms->press(now_, kNumberSlot, ByteView(reading).subview(2)) != 0;
  return told ? number : 0;
}

const std::vector<node::PressEnd>& World::press_ends(std::size_t index) const {
  return devices_[index]->press_ends;
}

std::uint32_t World::report(std::size_t index, bool event) {
  Device& device = *devices_[index];
  const std::uint32_t number = device.next_number++;
  device.rtc.set_now(now_);
  const auto status = device.node->report(
      now_, event ? wire::Stream::kEvents : wire::Stream::kReadings, true, number_reading(number));
  if (status != node::ReportStatus::kTaken) violations_.insert("ring dropped a report");
  return number;
}

std::uint32_t World::report_long(std::size_t index, std::size_t size) {
  Device& device = *devices_[index];
  const std::uint32_t number = device.next_number++;
  const auto first = number_reading(number);
  std::vector<std::uint8_t> readings(first.begin(), first.end());
  std::array<std::uint8_t, wire::kMaxReadingSize> bytes{};
  std::array<std::uint8_t, wire::kMaxValueSize> value{};
  value.fill(static_cast<std::uint8_t>(number));
  while (readings.size() < size) {
    const std::size_t length = wire::encode(wire::Reading{kNumberSlot, kPaddingKind, value}, bytes);
    readings.insert(readings.end(), bytes.begin(), bytes.begin() + static_cast<long>(length));
  }
  const auto status =
      device.node->report(now_, wire::Stream::kReadings, true, {readings.data(), readings.size()});
  if (status != node::ReportStatus::kTaken) violations_.insert("ring dropped a report");
  return number;
}

std::uint32_t World::command(std::size_t index, std::uint32_t number, std::uint32_t expiry_s) {
  if (coordinator_ == nullptr) return 0;
  ledger_.set_now(now_);
  const auto reading = number_reading(number);
  const coordinator::CommandTicket ticket = coordinator_->command(
      now_, mac_of(index), kNumberSlot, kNumberKind, ByteView(reading).subview(2), expiry_s);
  return ticket.status == coordinator::CommandStatus::kOk ? ticket.id : 0;
}

void World::cut_node_at_write(std::size_t index, std::uint32_t writes, bool whole) {
  devices_[index]->flash.cut_at(writes, whole);
}

void World::restart_gateway(Duration away) {
  gateway_.reset();
  gateway_radio_->set_powered(false);
  if (coordinator_ != nullptr) {
    ledger_.set_now(now_);
    coordinator_->on_gateway_lost(now_, kGatewaySoftAp);
  }
  gateway_back_at_ = now_ + away;
}

void World::move_gateway(Channel channel) { gateway_->on_channel(now_, channel); }

void World::move_gateway_silently(Channel channel) { gateway_radio_->set_channel(channel); }

void World::cut_hub_power(Duration away) {
  ledger_.power_cut();
  coordinator_.reset();
  hub_back_at_ = now_ + away;
  tell_gateway();
}

void World::set_broker_alive(bool alive) {
  broker_.set_alive(alive);
  tell_gateway();
}

void World::forge(const MacAddress& source, const MacAddress& destination, ByteView body) {
  air_.tune(now_, *adversary_, gateway_radio_->channel());
  SendOptions options;
  options.forged_source = source;
  (void)air_.transmit(now_, *adversary_, destination, body, options);
}

coordinator::LongStatus World::send_long(std::size_t index, transfer::LongSource& source,
                                         std::uint32_t size) {
  ledger_.set_now(now_);
  return coordinator_->send_long(now_, mac_of(index), source, size);
}

int World::ended(transfer::LongEnd how) const {
  return watcher_->long_ended[static_cast<std::size_t>(how)];
}

node::Node& World::node(std::size_t index) { return *devices_[index]->node; }
const node::Configuration& World::configuration(std::size_t index) const {
  return devices_[index]->conduct->configuration();
}
MemorySettings& World::settings_of(std::size_t index) { return devices_[index]->flash; }
MacAddress World::mac_of(std::size_t index) const { return devices_[index]->radio.address(); }
MacAddress World::gateway_address() const { return kGatewaySoftAp; }

bool World::all_online() {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (!online(i)) return false;
  }
  return true;
}

const std::vector<std::uint32_t>& World::executed(std::size_t index) const {
  return devices_[index]->executed;
}

std::uint32_t World::reported(std::size_t index) const { return devices_[index]->next_number - 1; }

std::map<std::uint32_t, int> World::stored(std::size_t index) const {
  std::map<std::uint32_t, int> numbers;
  for (const MemoryLedger::Row& row : ledger_.rows()) {
    if (row.mac != mac_of(index)) continue;
    std::size_t size = 0;
    const auto reading =
        wire::parse_first_reading({row.readings.data(), row.readings.size()}, size);
    if (reading) ++numbers[number_in(*reading)];
  }
  return numbers;
}

bool World::all_settled() {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const Device& device = *devices_[i];
    if (!device.node->ring().empty()) return false;
    if (ledger_.rows_of(mac_of(i)) < reported(i)) return false;
  }
  return true;
}

}  // namespace espial::sim
