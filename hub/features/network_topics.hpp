#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/port/down_class.hpp"
#include "hub/features/trace/report_trace.hpp"
#include "hub/mqtt/packet.hpp"

/// The topics between gateways and coordinators; `protocol/mqtt.md` is their standard.
namespace espial::topics {

inline constexpr std::size_t kMaxSite = 32;

/// True for 1..32 letters, digits, '-' and '_': what may stand for a site in a topic.
bool valid_site(std::string_view site);

/// One network's topics.
class Network {
 public:
  /// `site` must be valid_site(), `server` 1..255.
  Network(std::string_view site, ServerId server);

  ServerId server() const { return server_; }
  std::string up(const MacAddress& gateway, const MacAddress& mac) const;
  std::string down(const MacAddress& gateway, const MacAddress& mac) const;
  std::string gateway(const MacAddress& gateway) const;
  std::string coordinator() const { return prefix_ + "coordinator"; }
  std::string keyed() const { return prefix_ + "keyed"; }
  /// Filters: every frame going up; every frame down to one gateway; every gateway's state.
  std::string all_up() const { return prefix_ + "up/+/+"; }
  std::string all_down(const MacAddress& gateway) const;
  std::string all_gateways() const { return prefix_ + "gateway/+"; }

  struct Parsed {
    enum class What : std::uint8_t { kUp, kDown, kGateway, kCoordinator, kKeyed };
    What what{};
    MacAddress gateway;  ///< of kUp, kDown, kGateway
    MacAddress mac;      ///< of kUp, kDown
  };
  /// Reads a topic of this network; nothing for any other.
  std::optional<Parsed> parse(std::string_view topic) const;

 private:
  std::string prefix_;
  ServerId server_;
};

/// `/device/<mac>` and `/device/<mac>/set`.
std::string device(const MacAddress& mac);
inline constexpr std::string_view kAllDeviceSets = "/device/+/set";
/// The module of a `/device/<mac>/set`; nothing for any other topic.
std::optional<MacAddress> parse_device_set(std::string_view topic);

/// What rides beside a frame going up.
struct UpProperties {
  std::optional<std::int8_t> rssi_dbm;
  Channel channel;
  std::uint32_t held_ms = 0;
};
/// Frames going up carry this as MQTT's message expiry interval. A broker takes off it what the
/// message waited there, which nobody else can know: a gateway may have no clock.
inline constexpr std::uint32_t kUpLifetime_s = 30 * 24 * 3600;
/// How long a frame waited at the broker, from the expiry interval it came with; 0 without one.
/// Brokers count whole seconds, so one may be missing from a message that did not wait.
Duration waited_at_broker(std::optional<std::uint32_t> expiry_s);

/// Properties that are missing stay at their defaults; one that is out of range makes it nothing.
std::optional<UpProperties> parse_up(const mqtt::UserProperties& properties);

/// For the trace of what the frame brings.
trace::Arrival arrival_of(const Network::Parsed& topic, const UpProperties& properties,
                          const mqtt::Publish& message, Instant now, std::int64_t now_unix_us);

/// What rides beside a frame going down.
struct DownProperties {
  DownClass down_class = DownClass::kAuth;
  std::uint32_t command_id = 0;
  std::uint32_t expires_s = 0;
};
/// Nothing when the class is missing or unknown, or a number is none.
std::optional<DownProperties> parse_down(const mqtt::UserProperties& properties);

/// User properties together with the texts they point to.
class PropertyList {
 public:
  explicit PropertyList(const UpProperties& up);
  explicit PropertyList(const DownProperties& down);
  /// Valid as long as this list.
  std::vector<mqtt::UserProperty> view() const;

 private:
  void add(std::string_view name, std::int64_t value);
  std::vector<std::pair<std::string_view, std::string>> entries_;
};

}  // namespace espial::topics
