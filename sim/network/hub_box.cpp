#include "sim/network/hub_box.hpp"

#include <algorithm>
#include <array>

#include "core/base/byte_writer.hpp"
#include "sim/network/board.hpp"
#include "sim/network/gateway_box.hpp"

namespace espial::sim {
namespace {

constexpr std::size_t kFrames = 256;
constexpr std::int16_t kZoneMinutes = 60;

}  // namespace

HubBox::HubBox(Scene& scene, const HubSettings& settings)
    : scene_(scene),
      settings_(settings),
      random_(settings.seed),
      store_(settings.store, scene.crypto, scene.backbone, scene.watch),
      clock_(scene.now, settings.clock_origin, settings.drift_ppm),
      nodes_(settings.nodes),
      handshakes_(std::max<std::size_t>(settings.nodes / 4, 16)),
      commands_(settings.nodes + 16),
      pending_(kFrames * 4),
      frames_(kFrames) {}

void HubBox::switch_on() {
  if (on()) return;
  coordinator::Config config;
  config.server = kSimServer;
  config.network_key = scene_.network_key;
  config.join_policy = coordinator::JoinPolicy::kOpen;
  store_.set_now(scene_.now);
  const coordinator::Storage storage{{nodes_.data(), nodes_.size()},
                                     {handshakes_.data(), handshakes_.size()},
                                     {commands_.data(), commands_.size()},
                                     {pending_.data(), pending_.size()},
                                     {frames_.data(), frames_.size()}};
  role_ = std::make_unique<coordinator::Coordinator>(
      config, storage, coordinator::Ports{*this, store_, *this, random_, scene_.crypto});
  if (!store_.restore(local_now(), *role_)) restore_failed_ = true;
  role_->set_time(local_now(), scene_.utc(), kZoneMinutes);
  scene_.backbone.redeliver(scene_.now);
  list_keyed();
}

void HubBox::switch_off() {
  if (!on()) return;
  role_.reset();
  store_.power_cut();
}

void HubBox::on_timer() {
  store_.set_now(scene_.now);
  for (const HubStore::Answer& answer : store_.run(scene_.now)) {
    if (on()) role_->on_committed(local_now(), answer.ticket, answer.ok);
  }
  if (!on()) return;
  take_messages();
  if (role_->next_timer() <= local_now()) role_->on_timer(local_now());
  if (keyed_stale_) list_keyed();
}

void HubBox::take_messages() {
  while (const Backbone::Up* const up = scene_.backbone.take_up(scene_.now)) {
    coordinator::UplinkFrame frame;
    frame.server = kSimServer;
    frame.gateway = gateway_address(up->gateway);
    frame.mac = up->mac;
    // A copy: the broker may drop the message during the call.
    body_ = up->body;
    frame.body = {body_.data(), body_.size()};
    frame.rssi_dbm = up->rssi_dbm;
    frame.channel = up->channel;
    frame.held = up->held + up->waited;
    role_->on_uplink(local_now(), frame, up->token);
  }
}

Instant HubBox::next_timer() const {
  Instant next = store_.next_event();
  if (on()) {
    next = std::min({next, scene_.backbone.next_up(), clock_.world(role_->next_timer())});
  }
  return std::max(next, scene_.now);
}

void HubBox::on_gateway_lost(std::uint32_t gateway) {
  store_.set_now(scene_.now);
  if (on()) role_->on_gateway_lost(local_now(), gateway_address(gateway));
}

bool HubBox::command(std::uint32_t board, std::uint32_t number, Duration lifetime) {
  if (!on()) return false;
  store_.set_now(scene_.now);
  std::array<std::uint8_t, 4> value{};
  ByteWriter(value).u32(number);
  const bool ends = lifetime > Duration{};
  const UnixTime expiry = ends ? UnixTime{scene_.utc().ms + lifetime.ms()} : UnixTime{};
  const auto ticket = role_->command(local_now(), board_address(board), kCommandSlot, kCommandKind,
                                     value, static_cast<std::uint32_t>(expiry.ms / 1000));
  if (ticket.status != coordinator::CommandStatus::kOk) return false;
  scene_.watch.on_command(scene_.now, board, ticket.id, number, expiry);
  return true;
}

void HubBox::send(ServerId server, const MacAddress& gateway, const MacAddress& mac,
                  DownClass down_class, ByteView body, std::uint32_t command,
                  std::uint32_t expires_s) {
  (void)server;
  const auto number = gateway_number(gateway);
  if (!number || *number >= settings_.gateways) return;
  scene_.backbone.publish_down(scene_.now, *number, mac, down_class, body, command, expires_s);
}

void HubBox::on_command_ended(const MacAddress& mac, std::uint32_t id,
                              coordinator::CommandState state) {
  if (const auto board = board_number(mac)) {
    scene_.watch.on_command_ended(scene_.now, *board, id, state);
  }
}

void HubBox::list_keyed() {
  keyed_stale_ = false;
  keyed_changed_ = true;
  std::vector<MacAddress> macs(nodes_.size());
  macs.resize(std::min(role_->keyed({macs.data(), macs.size()}), macs.size()));
  keyed_.clear();
  for (const MacAddress& mac : macs) {
    keyed_.insert(keyed_.end(), mac.octets.begin(), mac.octets.end());
  }
}

}  // namespace espial::sim
