#include "sim/network/gateway_box.hpp"

#include <algorithm>

#include "core/crypto/discovery.hpp"

namespace espial::sim {
namespace {

constexpr std::size_t kDownBodySize = 256;

MacAddress address(std::uint32_t number, std::uint8_t interface) {
  return {{0x02, 0x09, interface, 0, static_cast<std::uint8_t>(number >> 8U),
           static_cast<std::uint8_t>(number)}};
}

RadioSettings radio_settings(const GatewaySettings& gateway) {
  RadioSettings radio;
  radio.address = address(gateway.number, 0);
  radio.second_address = gateway_address(gateway.number);
  radio.channel = gateway.channel;
  radio.max_body_size = gateway.max_body_size;
  radio.position = gateway.position;
  radio.rates = gateway.rates;
  return radio;
}

}  // namespace

MacAddress gateway_address(std::uint32_t number) { return address(number, 1); }

std::optional<std::uint32_t> gateway_number(const MacAddress& mac) {
  const std::uint32_t number = std::uint32_t{mac.octets[4]} << 8U | mac.octets[5];
  if (gateway_address(number) != mac) return std::nullopt;
  return number;
}

GatewayBox::GatewayBox(Scene& scene, const GatewaySettings& settings)
    : scene_(scene),
      settings_(settings),
      network_key_(scene.network_key),
      crypto_(scene, settings.chip),
      radio_(*this, scene, radio_settings(settings), settings.peer_slots),
      clock_(scene.now, settings.clock_origin, settings.drift_ppm),
      modules_(settings.modules),
      down_frames_(settings.down_frames),
      down_bytes_(settings.down_frames * kDownBodySize),
      held_bytes_(settings.held_bytes),
      keyed_(settings.modules),
      audit_(scene.watch, settings.number) {
  radio_.set_processor(crypto_);
  radio_.set_powered(false);
  channels_.set(settings.channel.number);
  scene.air.set_station_asleep(radio_.id(), settings.station_sleeps);
}

void GatewayBox::switch_on() {
  if (on()) return;
  was_on_ = true;
  crypto_.restart();
  radio_.set_powered(true);
  gateway::Config config;
  config.address = gateway_address(settings_.number);
  config.networks[0] = {kSimServer, crypto::discovery_key(scene_.crypto, network_key_, kSimServer)};
  config.network_count = 1;
  const gateway::Storage storage{{modules_.data(), modules_.size()},
                                 {down_frames_.data(), down_frames_.size()},
                                 {down_bytes_.data(), down_bytes_.size()},
                                 {held_bytes_.data(), held_bytes_.size()},
                                 {keyed_.data(), keyed_.size()}};
  role_ =
      std::make_unique<gateway::Gateway>(config, storage, gateway::Ports{radio_, crypto_, *this});
  role_->on_started(local_now());
  audit_.begin(*role_);
}

void GatewayBox::switch_off() {
  if (!on()) return;
  audit_.count_places(scene_.now, *role_);
  lost_held_ += role_->held_count();
  held_dropped_ = held_dropped();
  role_.reset();
  radio_.set_powered(false);
  scene_.backbone.restart_gateway(settings_.number);
}

void GatewayBox::set_network_key(const Key& network_key) {
  network_key_ = network_key;
  if (!on()) return;
  core()->set_discovery_key(kSimServer,
                            crypto::discovery_key(scene_.crypto, network_key, kSimServer));
}

void GatewayBox::move(Channel channel) { radio_.set_channel(channel); }

void GatewayBox::announce_move(Channel channel) {
  if (!on()) return;
  channels_.set(channel.number);  // power may fail when it has been said and not been done
  core()->on_channel(local_now(), channel);
  audit_.after(scene_.now, *role_, false);
}

void GatewayBox::on_frame(const ReceivedFrame& frame) {
  if (!on()) return;
  core()->on_frame(local_now(), frame);
  audit_.after(scene_.now, *role_, true);
}

void GatewayBox::on_sent(bool acknowledged) {
  if (!on()) return;
  audit_.brought(acknowledged);
  core()->on_sent(local_now(), acknowledged);
  audit_.after(scene_.now, *role_, false);
}

void GatewayBox::on_down(const Backbone::Down& down) {
  if (!on()) return;
  audit_.before_down(*role_, down.mac);
  core()->on_down(local_now(), kSimServer, down.mac, down.down_class,
                  {down.body.data(), down.body.size()}, down.command, down.expires_s);
  audit_.after_down(scene_.now, *role_, down);
}

void GatewayBox::on_timer() {
  if (!on() || role_->next_timer() > local_now()) return;
  core()->on_timer(local_now());
  audit_.after(scene_.now, *role_, false);
}

Instant GatewayBox::next_timer() const {
  if (!on()) return kNever;
  return std::max(clock_.world(role_->next_timer()), scene_.now);
}

void GatewayBox::tell(bool coordinator_alive, ByteView keyed) {
  if (!on()) return;
  const bool ready = scene_.backbone.link(settings_.number);
  core()->on_uplink_ready(local_now(), ready);
  core()->on_s0(local_now(), kSimServer, settings_.s0);
  core()->on_coordinator(local_now(), kSimServer, ready && coordinator_alive);
  if (ready) core()->on_keyed(local_now(), kSimServer, keyed);
  audit_.after(scene_.now, *role_, false);
}

bool GatewayBox::publish_up(ServerId server, const MacAddress& mac, ByteView body,
                            std::optional<std::int8_t> rssi_dbm, Channel channel, Duration held) {
  (void)server;
  const OutsideCore port;
  const bool taken =
      scene_.backbone.publish_up(scene_.now, settings_.number, mac, body, rssi_dbm, channel, held);
  if (taken) audit_.published();
  return taken;
}

bool GatewayBox::publish_device(const MacAddress& mac, ByteView body,
                                std::optional<std::int8_t> rssi_dbm, Channel channel) {
  (void)mac, (void)body, (void)rssi_dbm, (void)channel;
  const bool taken = scene_.backbone.link(settings_.number);
  if (taken) audit_.published();
  return taken;
}

}  // namespace espial::sim
