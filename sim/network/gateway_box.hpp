#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/gateway/gateway.hpp"
#include "sim/network/device_clock.hpp"
#include "sim/network/gateway_audit.hpp"
#include "sim/network/sim_radio.hpp"

namespace espial::sim {

struct GatewaySettings {
  std::uint32_t number = 0;  ///< its place among the gateways; gives the addresses too
  Channel channel{6};
  std::size_t max_body_size = kMaxBodyV1;
  RateLadder rates = kEsp32Rates;
  /// What its chip's cryptography takes.
  ChipSpeed chip;
  std::optional<Position> position;
  std::size_t modules = 255;
  std::size_t down_frames = 256;
  std::size_t held_bytes = 16 * 1024;
  /// As many as a chip has; 0: any number, as on Linux.
  std::size_t peer_slots = gateway::kMaxPeers;
  std::int32_t drift_ppm = 0;
  Instant clock_origin;
  /// Its station is in modem sleep, as one is that nobody told otherwise: what is sent to the
  /// station's address is lost with AirSettings::asleep_permille.
  bool station_sleeps = false;
  /// It lets S0's modules in.
  bool s0 = false;
  /// It waits in a cupboard until it replaces another one.
  bool spare = false;
};

/// The softAP's address of a gateway: where boards send to.
MacAddress gateway_address(std::uint32_t number);
/// The gateway of an address; nothing for an address of nobody's.
std::optional<std::uint32_t> gateway_number(const MacAddress& mac);

/// A gateway with everything around it: a radio in AP+STA, its own clock, a link to the broker.
class GatewayBox final : private gateway::Uplink {
 public:
  GatewayBox(Scene& scene, const GatewaySettings& settings);

  void switch_on();
  /// Power goes: what it held for either side is gone.
  void switch_off();
  bool on() const { return role_ != nullptr; }
  bool was_on() const { return was_on_; }
  /// The network has another key: its searches are answered with what follows from that.
  void set_network_key(const Key& network_key);

  /// The router goes to another channel and takes the gateway along without a word.
  void move(Channel channel);
  /// The network is told before: an administrator's choice.
  void announce_move(Channel channel);

  void on_frame(const ReceivedFrame& frame);
  void on_sent(bool acknowledged);
  void on_down(const Backbone::Down& down);
  void on_timer();
  Instant next_timer() const;
  /// The link or the broker came or went, or the coordinator did, or its list of keyed MACs
  /// changed.
  void tell(bool coordinator_alive, ByteView keyed);

  /// Null while the power is off.
  const gateway::Gateway* role() const { return role_.get(); }
  const GatewaySettings& settings() const { return settings_; }
  RadioId radio() const { return radio_.id(); }
  Channel channel() const { return radio_.channel(); }
  /// It is there, or was at some time, or has said that it would be.
  bool was_on_channel(Channel channel) const { return channels_.test(channel.number); }
  Instant local_now() const { return clock_.local(scene_.now); }
  /// How many of its frames waited for its cryptography.
  std::uint64_t crypto_waits() const { return radio_.waits(); }
  /// Frames it had to drop while its uplink was away, over restarts.
  std::uint64_t held_dropped() const {
    return held_dropped_ + (on() ? role_->counters()[gateway::Count::kHeldDropped] : 0U);
  }
  /// Frames that restarts took along while they waited for the uplink, and for modules.
  std::uint64_t lost_held() const { return lost_held_; }

 private:
  /// Tells the audit what goes out.
  class GatewayRadio final : public SimRadio {
   public:
    GatewayRadio(GatewayBox& box, Scene& scene, const RadioSettings& settings,
                 std::size_t peer_slots)
        : SimRadio(scene, settings, peer_slots), box_(box) {}
    [[nodiscard]] bool send(const MacAddress& destination, ByteView body) override {
      if (!SimRadio::send(destination, body)) return false;
      const OutsideCore port;
      box_.audit_.sent(destination, body);
      return true;
    }
    void set_channel(Channel channel) override {
      SimRadio::set_channel(channel);
      box_.channels_.set(channel.number);
    }

   private:
    GatewayBox& box_;
  };

  CoreCall<gateway::Gateway> core() { return in_core(*role_, "a gateway"); }
  [[nodiscard]] bool publish_up(ServerId server, const MacAddress& mac, ByteView body,
                                std::optional<std::int8_t> rssi_dbm, Channel channel,
                                Duration held) override;
  [[nodiscard]] bool publish_device(const MacAddress& mac, ByteView body,
                                    std::optional<std::int8_t> rssi_dbm, Channel channel) override;

  Scene& scene_;
  GatewaySettings settings_;
  Key network_key_;
  ChargedCrypto crypto_;
  GatewayRadio radio_;
  DeviceClock clock_;
  std::vector<gateway::Module> modules_;
  std::vector<gateway::DownFrame> down_frames_;
  std::vector<std::uint8_t> down_bytes_;
  std::vector<std::uint8_t> held_bytes_;
  std::vector<gateway::KeyedMac> keyed_;
  std::unique_ptr<gateway::Gateway> role_;
  GatewayAudit audit_;
  std::uint64_t lost_held_ = 0;
  std::uint64_t held_dropped_ = 0;  ///< before the last restart
  bool was_on_ = false;
  std::bitset<UINT8_MAX + 1> channels_;  ///< that it was on, or has announced
};

}  // namespace espial::sim
