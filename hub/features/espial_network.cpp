#include "hub/features/espial_network.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/wire/reading.hpp"
#include "ports/linux/clock.hpp"
#include "station/dashboard_body.hpp"
#include "station/mac_text.hpp"

namespace espial::features {

using station::Problem;

namespace {

constexpr std::string_view kOnline = R"({"state":"online","s0":false})";
constexpr std::string_view kOnlineWithS0 = R"({"state":"online","s0":true})";
constexpr std::string_view kOffline = R"({"state":"offline"})";

/// What a gateway may call a counter: it becomes a label at /metrics.
bool is_counter_name(std::string_view name) {
  constexpr std::size_t kMaxSize = 40;
  return name != "channel" && name != "time" && name.size() <= kMaxSize &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

coordinator::Config role_config(const EspialNetwork::Options& options) {
  coordinator::Config config;
  config.server = options.server;
  config.network_key = options.network_key.key;
  config.network_key_generation = options.network_key.generation;
  config.former_network_key = options.network_key.former;
  return config;
}

}  // namespace

/// The role's tables, sized for a hub.
struct EspialNetwork::Tables {
  explicit Tables(std::size_t max_frames) : pending(2 * max_frames), frames(max_frames) {}

  coordinator::Storage storage() {
    return {{nodes.data(), nodes.size()},
            {handshakes.data(), handshakes.size()},
            {commands.data(), commands.size()},
            {pending.data(), pending.size()},
            {frames.data(), frames.size()},
            {{long_slots.data(), long_slots.size()}, {long_bytes.get(), kLongBytes}, {}},
            {labels.data(), labels.size()},
            {former.data(), former.size()}};
  }

  std::vector<coordinator::NodeEntry> nodes{kMaxNodes};
  std::vector<coordinator::Handshake> handshakes{kMaxNodes};
  std::vector<coordinator::CommandEntry> commands{kMaxCommands};
  std::vector<coordinator::PendingCommit> pending;
  std::vector<coordinator::FrameInFlight> frames;
  std::vector<coordinator::LabelEntry> labels{NetworkKeys::kMaxLabels};
  std::vector<coordinator::FormerEntry> former{kMaxFormer};
  std::vector<transfer::LongSlot> long_slots{kLongPackets};
  static constexpr std::size_t kLongBytes = kLongPackets * kMaxLongPacket;
  /// Not initialised: a megabyte, of which only what long reports have filled costs memory.
  std::unique_ptr<std::uint8_t[]> long_bytes =
      std::make_unique_for_overwrite<std::uint8_t[]>(kLongBytes);
};

EspialNetwork::EspialNetwork(const Options& options, Ports ports)
    : options_(options),
      ports_(std::move(ports)),
      topics_(options.site, options.server),
      tables_(std::make_unique<Tables>(options.max_frames)),
      ledger_(options.server, options.wrap_key,
              {ports_.live, ports_.committer, ports_.trace, ports_.notes, ports_.crypto,
               ports_.random, unix_now,
               [this](coordinator::Ticket ticket, bool ok) {
                 if (failed_) return;
                 role_.on_committed(monotonic_now(), ticket, ok);
                 follow_up();
               },
               [this](coordinator::Token token) {
                 const auto waiting = waiting_.find(token);
                 if (waiting == waiting_.end()) return;
                 const mqtt::Ticket ticket = waiting->second;
                 waiting_.erase(waiting);
                 ports_.acknowledge(ticket);
               },
               [this] { no_room_ = true; },
               [this](std::string_view what) {
                 failed_ = true;
                 ports_.on_failure(what);
               }}),
      role_(role_config(options), tables_->storage(),
            {*this, ledger_, *this, ports_.random, ports_.crypto}),
      keys_({options.server, options.wrap_key, options.network_key, options.join_policy},
            {role_, ports_.documents, ports_.crypto, ports_.random, ports_.keep_keys}) {}

EspialNetwork::~EspialNetwork() = default;

void EspialNetwork::restore(const store::Snapshot& snapshot) {
  role_.set_time(monotonic_now(), unix_now(), local_zone_minutes());
  ledger_.restore(snapshot, monotonic_now(), role_);
  keys_.restore();
}

void EspialNetwork::start() {
  role_.set_time(monotonic_now(), unix_now(), local_zone_minutes());
  if (options_.pairing > Duration{}) {
    keys_.open_pairing(static_cast<std::uint32_t>(options_.pairing.ms() / 1000), {});
  }
}

std::vector<std::string> EspialNetwork::filters() const {
  return {topics_.all_up(), topics_.all_gateways(), std::string(topics::kAllDeviceSets)};
}

bool EspialNetwork::owns(std::string_view topic) const {
  return topics_.parse(topic).has_value() || topics::parse_device_set(topic).has_value();
}

mqtt::WillOptions EspialNetwork::will() const {
  return {topics_.coordinator(), std::string(kOffline)};
}

void EspialNetwork::on_connected() {
  publish(topics_.coordinator(), as_bytes(options_.s0 ? kOnlineWithS0 : kOnline), true);
  publish_keyed();
}

void EspialNetwork::on_broker_lost() {
  // What gateways said last stays: who does not come back with the broker will be missed.
  std::set<MacAddress> lost;
  ports_.live.for_each([&](const station::Device& device) {
    if (device.online && device.gateway) lost.insert(*device.gateway);
  });
  for (const MacAddress& gateway : lost) role_.on_gateway_lost(monotonic_now(), gateway);
}

void EspialNetwork::say_goodbye() { publish(topics_.coordinator(), as_bytes(kOffline), true); }

void EspialNetwork::on_timer(Instant now) {
  if (failed_) return;
  role_.set_time(now, unix_now(), local_zone_minutes());
  role_.on_timer(now);
  follow_up();
  ledger_.answer_failures();
}

void EspialNetwork::on_message(const mqtt::Publish& message, mqtt::Ticket ticket) {
  using What = topics::Network::Parsed::What;
  if (const auto mac = topics::parse_device_set(message.topic)) {
    on_device_set(*mac, message);
    ports_.acknowledge(ticket);
    return;
  }
  const auto topic = topics_.parse(message.topic);
  if (!topic) {
    refuse(message, ticket);
  } else if (topic->what == What::kUp) {
    on_up(*topic, message, ticket);
  } else {
    if (topic->what == What::kGateway) {
      on_gateway(topic->gateway, message.payload, message.retain);
    }
    ports_.acknowledge(ticket);
  }
}

void EspialNetwork::refuse(const mqtt::Publish& message, mqtt::Ticket ticket) {
  ++counters_.malformed;
  ports_.acknowledge(ticket);
  if (const auto left_out = log_limit_.pass(monotonic_now())) {
    spdlog::warn("refused a message on {}: topic or properties are not a gateway's ({} more)",
                 message.topic, *left_out);
  }
}

void EspialNetwork::on_up(const topics::Network::Parsed& topic, const mqtt::Publish& message,
                          mqtt::Ticket ticket) {
  const auto properties = topics::parse_up(message.user_properties);
  if (!properties) {
    refuse(message, ticket);
    return;
  }
  // Silent, and unacknowledged: whoever comes after us gets these frames again.
  if (failed_) return;
  // With so many frames on its way that its own state finds no room, a gateway is not silent.
  const auto known = gateways_.find(topic.gateway);
  if (known != gateways_.end() && known->second.online) watch_.hear(topic.gateway);
  coordinator::UplinkFrame frame;
  frame.server = options_.server;
  frame.gateway = topic.gateway;
  frame.mac = topic.mac;
  frame.body = message.payload;
  frame.rssi_dbm = properties->rssi_dbm;
  frame.channel = properties->channel;
  frame.held =
      Duration::milliseconds(properties->held_ms) + topics::waited_at_broker(message.expiry_s);
  const coordinator::Token token = ++last_token_;
  waiting_.emplace(token, ticket);
  no_room_ = false;
  const Instant now = monotonic_now();
  ports_.trace.arrive(topics::arrival_of(topic, *properties, message, now, unix_time_us()));
  role_.on_uplink(now, frame, token);
  if (no_room_ && waiting_.erase(token) > 0) ports_.give_back(ticket);
  follow_up();
  ledger_.answer_failures();
}

void EspialNetwork::follow_up() {
  if (keyed_changed_) publish_keyed();
  for (const MacAddress& mac : described_) {
    // The module is told the name that stands: its own proposal, or the one it was given before.
    const station::Device* const device = ports_.live.find(mac);
    if (device != nullptr) tell_name(*device);
  }
  described_.clear();
}

void EspialNetwork::on_gateway(const MacAddress& gateway, ByteView payload, bool retained) {
  const auto known = gateways_.find(gateway);
  if (payload.empty()) {
    if (known != gateways_.end()) gateways_.erase(known);
    watch_.forget(gateway);
    ports_.on_gateways();
    return;
  }
  if (known == gateways_.end() && gateways_.size() >= kMaxGateways) {
    ++counters_.gateways_refused;
    return;
  }
  const auto state = nlohmann::json::parse(payload.begin(), payload.end(), nullptr, false);
  const auto number = [&](const char* name) -> std::uint64_t {
    const auto found = state.find(name);
    return found != state.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  };
  if (!state.is_object()) {
    ++counters_.malformed;
    return;
  }
  const auto said = state.find("state");
  const bool online = said != state.end() && *said == "online";
  if (!online) {
    watch_.forget(gateway);
  } else if (!retained) {
    watch_.hear(gateway);
  } else if (!watch_.expect(gateway)) {
    return;
  }
  GatewayStatus& status = gateways_[gateway];
  const Channel channel{static_cast<std::uint8_t>(number("channel") & 0xff)};
  status.channel = channel.valid() ? channel : Channel{};
  status.counters.clear();
  for (const auto& [name, value] : state.items()) {
    if (status.counters.size() >= kMaxGatewayCounters) break;
    if (value.is_number_unsigned() && is_counter_name(name)) status.counters[name] = value;
  }
  // What the broker has kept for us is of another time.
  status.clock_ahead_ms.reset();
  const auto time_ms = static_cast<std::int64_t>(
      std::min<std::uint64_t>(number("time"), static_cast<std::uint64_t>(store::kMaxTimeMs)));
  if (time_ms != 0 && !retained) status.clock_ahead_ms = time_ms - unix_now().ms;
  if (online != status.online) {
    set_gateway(gateway, online);
    spdlog::info("gateway {} is {}", text_of(gateway), online ? "online" : "offline");
  }
  ports_.on_gateways();
}

void EspialNetwork::set_gateway(const MacAddress& gateway, bool online) {
  GatewayStatus& status = gateways_[gateway];
  status.online = online;
  status.changed_at = unix_now();
  if (!online) role_.on_gateway_lost(monotonic_now(), gateway);
}

void EspialNetwork::watch_gateways(Instant now, bool listening) {
  const std::vector<MacAddress> missed = watch_.look(now, listening);
  for (const MacAddress& gateway : missed) {
    set_gateway(gateway, false);
    spdlog::warn("gateway {} has said nothing for {} s: it is taken for offline", text_of(gateway),
                 GatewayWatch::kPatience.ms() / 1000);
  }
  if (!missed.empty()) ports_.on_gateways();
}

void EspialNetwork::on_device_set(const MacAddress& mac, const mqtt::Publish& message) {
  if (role_.find(mac) == nullptr) return;  // not keyed: its gateway sends it as it is
  const auto reading = wire::parse_reading(message.payload);
  if (!reading) {
    ++counters_.malformed;
    return;
  }
  const station::Device* const device = ports_.live.find(mac);
  if (device == nullptr) return;
  // Of the message's own lifetime the broker has taken off what it waited there.
  std::optional<std::uint32_t> lifetime_s = message.expiry_s;
  if (lifetime_s) {
    lifetime_s =
        std::clamp(*lifetime_s, station::kMinCommandLifetime_s, station::kMaxCommandLifetime_s);
  }
  (void)command(device->id, reading->slot, reading->kind, reading->value, lifetime_s);
}

std::uint32_t EspialNetwork::lifetime_for(const coordinator::NodeEntry& node) const {
  const bool heard = node.heard_at != Instant{};  // whether it sleeps is not known before
  if (heard && !node.sleeps) return kCommandLifetime_s;
  const std::uint32_t told_s = node.config.report_interval_s;
  const std::uint32_t heard_s = node.rhythm.longest_pause_s();
  const std::uint32_t sleep_s = std::max(told_s, heard_s);
  return std::clamp(kSleepsInLifetime * (sleep_s > 0 ? sleep_s : kUnknownSleep_s),
                    kCommandLifetime_s, station::kMaxCommandLifetime_s);
}

CommandAccepted EspialNetwork::command(station::DeviceId id, std::uint8_t slot, std::uint8_t kind,
                                       ByteView value, std::optional<std::uint32_t> lifetime_s) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr)
    return CommandRefusal{false, Problem::kNoSuchDevice, "there is no such device"};
  const coordinator::NodeEntry* const node = role_.find(device->mac);
  const std::uint32_t default_s = node == nullptr ? kCommandLifetime_s : lifetime_for(*node);
  const std::uint32_t expiry_s =
      static_cast<std::uint32_t>(unix_now().ms / 1000) + lifetime_s.value_or(default_s);
  const auto ticket = role_.command(monotonic_now(), device->mac, slot, kind, value, expiry_s);
  switch (ticket.status) {
    case coordinator::CommandStatus::kOk:
      return TakenCommand{ticket.id, {std::int64_t{expiry_s} * 1000}, node->sleeps};
    case coordinator::CommandStatus::kUnknownNode:
      return CommandRefusal{false, Problem::kNeverJoined,
                            "this module has never joined the network"};
    case coordinator::CommandStatus::kRevoked:
      return CommandRefusal{false, Problem::kRevoked,
                            "this module was revoked; take that back first"};
    case coordinator::CommandStatus::kBadValue:
      return CommandRefusal{false, Problem::kBadValue, "this function can't take that value"};
    case coordinator::CommandStatus::kAlreadyOver:
      return CommandRefusal{true, Problem::kTooLate,
                            "the command expired before it was sent; check the hub's clock"};
    case coordinator::CommandStatus::kTooMany:
      return CommandRefusal{true, Problem::kDeviceBusy,
                            std::to_string(coordinator::kMaxCommandsPerNode) +
                                " commands wait for this module already; give this one again when "
                                "it has taken them, or when one has expired"};
    case coordinator::CommandStatus::kBusy:
      return CommandRefusal{true, Problem::kHubBusy,
                            "too many commands are waiting; give this one again when some of them "
                            "have ended"};
  }
  return CommandRefusal{true, Problem::kHubBusy, "the command was not taken"};
}

bool EspialNetwork::renamed(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr || !ledger_.store_device(id)) return false;
  tell_name(*device);
  return true;
}

void EspialNetwork::tell_name(const station::Device& device) {
  const auto told = configured_.find(device.mac);
  const std::uint16_t interval_s = told == configured_.end() ? 0 : told->second.interval_s;
  (void)role_.set_config(monotonic_now(), device.mac, device.name, interval_s);
}

void EspialNetwork::send(ServerId, const MacAddress& gateway, const MacAddress& mac,
                         DownClass down_class, ByteView body, std::uint32_t command,
                         std::uint32_t expires_s) {
  const topics::PropertyList list(topics::DownProperties{down_class, command, expires_s});
  // What the broker takes off the lifetime, the gateway takes off the command's.
  const auto lifetime_s = expires_s > 0 ? std::optional(expires_s) : std::nullopt;
  publish(topics_.down(gateway, mac), body, false, list.view(), lifetime_s);
}

void EspialNetwork::publish(const std::string& topic, ByteView payload, bool retain,
                            const std::vector<mqtt::UserProperty>& properties,
                            std::optional<std::uint32_t> lifetime_s) {
  mqtt::Message message;
  message.topic = topic;
  message.payload = payload;
  message.qos = mqtt::Qos::kAtLeastOnce;
  message.retain = retain;
  message.user_properties = properties;
  message.expiry_s = lifetime_s;
  if (ports_.publish(message) != mqtt::PublishError::kNone) ++counters_.not_published;
}

void EspialNetwork::publish_keyed() {
  keyed_changed_ = false;
  std::vector<MacAddress> macs(kMaxNodes);
  macs.resize(role_.keyed({macs.data(), macs.size()}));
  std::vector<std::uint8_t> bytes;
  for (const MacAddress& mac : macs) {
    bytes.insert(bytes.end(), mac.octets.begin(), mac.octets.end());
  }
  publish(topics_.keyed(), {bytes.data(), bytes.size()}, true);
}

}  // namespace espial::features
