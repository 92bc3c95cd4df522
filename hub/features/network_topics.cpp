#include "hub/features/network_topics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "station/mac_text.hpp"

namespace espial::topics {
namespace {

constexpr std::string_view kDevicePrefix = "/device/";
constexpr std::string_view kSetSuffix = "/set";

constexpr std::array<std::pair<DownClass, std::string_view>, 4> kClasses{{
    {DownClass::kAuth, "auth"},
    {DownClass::kAck, "ack"},
    {DownClass::kCommand, "command"},
    {DownClass::kClear, "clear"},
}};

/// Topics are spelled in lower case, so that a module has one topic and not several.
std::optional<MacAddress> parse_topic_mac(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; })) {
    return std::nullopt;
  }
  return parse_mac(text);
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Reads property `name`. True when it is missing, then `value` is untouched; false when it is not
/// a plain decimal number from `minimum` to the type's greatest.
template <typename T>
bool read_number(const mqtt::UserProperties& properties, std::string_view name, T& value,
                 T minimum = std::numeric_limits<T>::min()) {
  const auto text = properties.find(name);
  if (!text) return true;
  T number{};
  const char* const end = text->data() + text->size();
  const auto result = std::from_chars(text->data(), end, number);
  if (result.ec != std::errc{} || result.ptr != end || number < minimum) return false;
  value = number;
  return true;
}

}  // namespace

bool valid_site(std::string_view site) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !site.empty() && site.size() <= kMaxSite && std::all_of(site.begin(), site.end(), allowed);
}

Network::Network(std::string_view site, ServerId server)
    : prefix_("espial/" + std::string(site) + "/" + std::to_string(server.value) + "/"),
      server_(server) {}

std::string Network::up(const MacAddress& gateway, const MacAddress& mac) const {
  return prefix_ + "up/" + text_of(gateway) + "/" + text_of(mac);
}

std::string Network::down(const MacAddress& gateway, const MacAddress& mac) const {
  return prefix_ + "down/" + text_of(gateway) + "/" + text_of(mac);
}

std::string Network::gateway(const MacAddress& gateway) const {
  return prefix_ + "gateway/" + text_of(gateway);
}

std::string Network::all_down(const MacAddress& gateway) const {
  return prefix_ + "down/" + text_of(gateway) + "/+";
}

std::optional<Network::Parsed> Network::parse(std::string_view topic) const {
  using What = Parsed::What;
  if (!take_prefix(topic, prefix_)) return std::nullopt;
  if (topic == "coordinator") return Parsed{What::kCoordinator, {}, {}};
  if (topic == "keyed") return Parsed{What::kKeyed, {}, {}};
  if (take_prefix(topic, "gateway/")) {
    const auto gateway = parse_topic_mac(topic);
    if (!gateway) return std::nullopt;
    return Parsed{What::kGateway, *gateway, {}};
  }
  Parsed parsed;
  if (take_prefix(topic, "up/")) {
    parsed.what = What::kUp;
  } else if (take_prefix(topic, "down/")) {
    parsed.what = What::kDown;
  } else {
    return std::nullopt;
  }
  if (topic.size() != 2 * kMacTextSize + 1 || topic[kMacTextSize] != '/') return std::nullopt;
  const auto gateway = parse_topic_mac(topic.substr(0, kMacTextSize));
  const auto mac = parse_topic_mac(topic.substr(kMacTextSize + 1));
  if (!gateway || !mac) return std::nullopt;
  parsed.gateway = *gateway;
  parsed.mac = *mac;
  return parsed;
}

std::string device(const MacAddress& mac) { return std::string(kDevicePrefix) + text_of(mac); }

std::optional<MacAddress> parse_device_set(std::string_view topic) {
  if (!take_prefix(topic, kDevicePrefix)) return std::nullopt;
  if (topic.size() != kMacTextSize + kSetSuffix.size()) return std::nullopt;
  if (topic.substr(kMacTextSize) != kSetSuffix) return std::nullopt;
  return parse_topic_mac(topic.substr(0, kMacTextSize));
}

Duration waited_at_broker(std::optional<std::uint32_t> expiry_s) {
  if (!expiry_s || *expiry_s >= kUpLifetime_s - 1) return {};
  return Duration::seconds(kUpLifetime_s - *expiry_s);
}

std::optional<UpProperties> parse_up(const mqtt::UserProperties& properties) {
  UpProperties up;
  std::int8_t rssi_dbm = 0;
  if (!read_number(properties, "rssi", rssi_dbm)) return std::nullopt;
  if (properties.find("rssi")) up.rssi_dbm = rssi_dbm;
  if (!read_number(properties, "channel", up.channel.number)) return std::nullopt;
  if (up.channel.number != 0 && !up.channel.valid()) return std::nullopt;
  if (!read_number(properties, "held_ms", up.held_ms)) return std::nullopt;
  return up;
}

trace::Arrival arrival_of(const Network::Parsed& topic, const UpProperties& properties,
                          const mqtt::Publish& message, Instant now, std::int64_t now_unix_us) {
  trace::Arrival arrival;
  arrival.mac = topic.mac;
  arrival.gateway = topic.gateway;
  arrival.rssi_dbm = properties.rssi_dbm;
  arrival.channel = properties.channel;
  arrival.held = Duration::milliseconds(properties.held_ms);
  arrival.waited = waited_at_broker(message.expiry_s);
  arrival.mark = trace::mark_of(message.payload);
  arrival.at = now;
  arrival.at_unix_us = now_unix_us;
  return arrival;
}

std::optional<DownProperties> parse_down(const mqtt::UserProperties& properties) {
  const auto name = properties.find("class");
  if (!name) return std::nullopt;
  const auto known = std::find_if(kClasses.begin(), kClasses.end(),
                                  [&](const auto& entry) { return entry.second == *name; });
  if (known == kClasses.end()) return std::nullopt;
  DownProperties down;
  down.down_class = known->first;
  if (!read_number(properties, "id", down.command_id)) return std::nullopt;
  if (!read_number(properties, "expires_s", down.expires_s)) return std::nullopt;
  return down;
}

PropertyList::PropertyList(const UpProperties& up) {
  if (up.rssi_dbm) add("rssi", *up.rssi_dbm);
  add("channel", up.channel.number);
  add("held_ms", up.held_ms);
}

PropertyList::PropertyList(const DownProperties& down) {
  const auto known = std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& entry) {
    return entry.first == down.down_class;
  });
  entries_.emplace_back("class", std::string(known->second));
  if (down.down_class == DownClass::kCommand || down.down_class == DownClass::kClear) {
    add("id", down.command_id);
  }
  if (down.down_class == DownClass::kCommand) add("expires_s", down.expires_s);
}

void PropertyList::add(std::string_view name, std::int64_t value) {
  entries_.emplace_back(name, std::to_string(value));
}

std::vector<mqtt::UserProperty> PropertyList::view() const {
  std::vector<mqtt::UserProperty> properties;
  for (const auto& [name, value] : entries_) properties.push_back({name, value});
  return properties;
}

}  // namespace espial::topics
