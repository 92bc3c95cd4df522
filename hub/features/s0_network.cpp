#include "hub/features/s0_network.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "hub/features/s0_shown.hpp"
#include "hub/features/shown_records.hpp"
#include "ports/linux/clock.hpp"
#include "station/registry.hpp"

namespace espial::features {

namespace {

/// `last_seen` is written at most this often for a module that just keeps talking.
constexpr std::int64_t kSeenStoredInterval_ms = 30'000;

}  // namespace

S0Network::S0Network(const Options& options, Ports ports)
    : options_(options),
      ports_(std::move(ports)),
      topics_(options.site, options.server),
      places_(ports_.documents),
      role_(options.server,
            {{modules_.data(), modules_.size()}, {commands_.data(), commands_.size()}},
            {*this, *this, *this}) {}

void S0Network::restore(const store::Snapshot& snapshot) {
  tidy_places();
  const Instant now = monotonic_now();
  for (const store::DeviceRecord& record : snapshot.devices) {
    if (record.protocol != station::Protocol::s0 || record.server != options_.server) continue;
    if (!record.joined_at.known()) continue;  // it was forgotten
    (void)role_.restore(record.mac, places_.number_of(record.module));
    if (const auto* const device = ports_.live.find(record.id)) show_configured(*device);
  }
  for (const auto& [device, id] : snapshot.highest_command_ids) last_command_[device.value] = id;
  for (const store::CommandRecord& record : snapshot.open_commands) {
    const station::Device* const device = ports_.live.find(record.device);
    if (device == nullptr || role_.find(device->mac) == nullptr) continue;
    open_commands_[{record.device.value, record.command_id}] = record;
    const Duration left = Duration::milliseconds(record.expires_at.ms - unix_now().ms);
    const auto status =
        role_.command(now, device->mac, record.slot, {record.payload.data(), record.payload.size()},
                      record.command_id, now + left, true);
    if (status != coordinator::S0CommandStatus::kOk) {
      on_command_ended(device->mac, record.command_id, coordinator::CommandState::kExpired);
    }
  }
  submit_changes();
}

bool S0Network::owns(const mqtt::Publish& message) const {
  if (!s0::claims(message.payload)) return false;
  const auto topic = topics_.parse(message.topic);
  return topic && topic->what == topics::Network::Parsed::What::kUp;
}

void S0Network::on_message(const mqtt::Publish& message, mqtt::Ticket ticket) {
  const auto topic = topics_.parse(message.topic);
  const auto properties = topics::parse_up(message.user_properties);
  if (!topic || !properties) {
    ++counters_.malformed;
    ports_.acknowledge(ticket);
    return;
  }
  coordinator::UplinkFrame frame;
  frame.server = options_.server;
  frame.gateway = topic->gateway;
  frame.mac = topic->mac;
  frame.body = message.payload;
  frame.rssi_dbm = properties->rssi_dbm;
  frame.channel = properties->channel;
  frame.held =
      Duration::milliseconds(properties->held_ms) + topics::waited_at_broker(message.expiry_s);
  const Instant now = monotonic_now();
  ports_.trace.arrive(topics::arrival_of(*topic, *properties, message, now, unix_time_us()));
  role_.on_uplink(now, frame);
  submit(ticket);
}

/// Shows and tells what is now stored.
std::function<void(store::Verdict)> S0Network::completion() {
  return [this, shown = std::exchange(shown_, {}), devices = std::exchange(new_devices_, {}),
          ended = std::exchange(ended_, {})](store::Verdict verdict) {
    if (verdict == store::Verdict::refused) {
      ++counters_.not_stored;
      return;
    }
    for (const station::DeviceId device : devices) (void)ports_.live.show(device);
    for (const Shown& one : shown) {
      const auto outcome = ports_.live.apply_reading(one.device, one.slot, one.taken_at,
                                                     one.values.data(), one.values.size());
      ports_.trace.stored(one.trace, monotonic_now(), outcome == station::Outcome::done);
    }
    if (!ports_.on_command) return;
    for (const CommandChange& change : ended) ports_.on_command(change);
  };
}

/// Stores what a message caused, and is done with the message then.
void S0Network::submit(mqtt::Ticket ticket) {
  if (changes_.empty()) {
    ports_.acknowledge(ticket);
    return;
  }
  store::Unit unit;
  unit.changes = std::exchange(changes_, {});
  unit.completion = [this, ticket, show = completion()](store::Verdict verdict) {
    show(verdict);
    ports_.acknowledge(ticket);
  };
  if (ports_.committer.submit(std::move(unit))) return;
  ++counters_.not_stored;
  ports_.give_back(ticket);
}

/// Likewise for what no message caused: time passed, or a person gave a command.
void S0Network::submit_changes() {
  if (changes_.empty()) return;
  if (!ports_.committer.submit({std::exchange(changes_, {}), completion()})) {
    ++counters_.not_stored;
  }
}

void S0Network::on_timer(Instant now) {
  role_.on_timer(now);
  submit_changes();
}

void S0Network::send(ServerId, const MacAddress& gateway, const MacAddress& mac,
                     DownClass down_class, ByteView body, std::uint32_t command,
                     std::uint32_t expires_s) {
  const topics::PropertyList list(topics::DownProperties{down_class, command, expires_s});
  const auto properties = list.view();
  const std::string topic = topics_.down(gateway, mac);
  mqtt::Message message;
  message.topic = topic;
  message.payload = body;
  message.qos = mqtt::Qos::kAtLeastOnce;
  message.user_properties = properties;
  // Late it would only be wrong: a module that was not reached is spoken to again.
  message.expiry_s = 1;
  if (ports_.publish(message) != mqtt::PublishError::kNone) ++counters_.not_published;
}

coordinator::S0Admission S0Network::admit(const MacAddress& mac, ModuleId module) {
  const station::Device* const known = ports_.live.find(mac);
  if (known != nullptr && known->protocol != station::Protocol::s0) {
    return coordinator::S0Admission::kKeyed;
  }
  station::AdmitRequest request;
  request.mac = mac;
  request.protocol = station::Protocol::s0;
  request.server = options_.server;
  request.wanted_module = places_.place_of(module);
  request.now = unix_now();
  request.hidden = true;
  const auto admitted = station::admit(ports_.live, request);
  switch (admitted.error) {
    case station::AdmitError::none:
      return coordinator::S0Admission::kWelcome;
    case station::AdmitError::module_taken:
      return coordinator::S0Admission::kModuleTaken;
    default:
      return coordinator::S0Admission::kFull;
  }
}

s0::ModuleConfiguration S0Network::configuration_of(ModuleId module) {
  const std::string* const document =
      ports_.documents.find(s0::kModuleCollection, std::to_string(module.value));
  if (document == nullptr) return {};
  auto configuration = s0::parse_module(*document);
  if (configuration) return *std::move(configuration);
  ++counters_.bad_configuration;
  if (log_limit_.pass(monotonic_now())) {
    spdlog::warn("S0: the configuration of module {} can't be read; it gets no functions",
                 module.value);
  }
  return {};
}

s0::Functions S0Network::functions_of(ModuleId module) {
  return configuration_of(places_.place_of(module)).functions;
}

bool S0Network::configure(ModuleId module, const s0::ModuleConfiguration& configuration) {
  const std::string name = std::to_string(module.value);
  std::string body = s0::to_document(configuration);
  const std::string* const present = ports_.documents.find(s0::kModuleCollection, name);
  if (present != nullptr && *present == body) return true;
  store::Document document{std::string(s0::kModuleCollection), name, std::move(body)};
  if (!ports_.documents.put(std::move(document))) return false;
  role_.on_configured(places_.number_of(module));
  if (const auto* const device = ports_.live.find_module(options_.server, module)) {
    show_configured(*device);
    submit_changes();
  }
  return true;
}

/// Of a module that was heard, what it does is known from its last pairing.
void S0Network::show_configured(const station::Device& device) {
  if (device.protocol != station::Protocol::s0 || device.last_seen.known()) return;
  const s0::ModuleConfiguration configuration = configuration_of(device.module);
  const auto functions = s0::function_states(configuration.functions, configuration);
  const auto former = device.functions;
  if (ports_.live.set_functions(device.id, functions) != station::Outcome::done) return;
  append_functions(changes_, device.id, former, device.functions);
}

void S0Network::relabelled(std::string_view before, std::string_view now) {
  std::vector<station::DeviceId> ours;
  ports_.live.for_each([&](const station::Device& device) {
    const bool here = device.server == options_.server;
    if (here && device.protocol == station::Protocol::s0) ours.push_back(device.id);
  });
  for (const station::DeviceId id : ours) {
    const station::Device& device = *ports_.live.find(id);
    const auto functions = device.functions;
    for (const station::FunctionState& function : functions) {
      if (function.title != before) continue;
      const std::string own = configuration_of(device.module).titles[function.slot];
      // It may be called that by itself; if not, its next reading says so.
      if (own == before) continue;
      set_title(device, function.slot, now.empty() ? own : now);
    }
  }
  submit_changes();
}

void S0Network::set_title(const station::Device& device, std::uint8_t slot,
                          std::string_view title) {
  std::vector<station::FunctionState> functions = device.functions;
  for (station::FunctionState& one : functions) {
    if (one.slot != slot || one.title == title) continue;
    one.title = title;
    changes_.emplace_back(function_record(device.id, one));
  }
  (void)ports_.live.set_functions(device.id, functions);
}

void S0Network::forget(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr) return;
  role_.forget(device->mac);
  tidy_places();
  seen_stored_at_ms_.erase(id.value);
  submit_changes();
}

void S0Network::on_paired(const MacAddress& mac, ModuleId module, const s0::Functions& functions) {
  const station::Device* const known = ports_.live.find(mac);
  if (known == nullptr) return;
  station::Device device = *known;
  device.joined_at = device.last_seen = unix_now();
  device.online = true;
  const auto former = std::exchange(device.functions, {});
  (void)ports_.live.put(device);
  (void)ports_.live.set_functions(device.id,
                                  s0::function_states(functions, configuration_of(device.module)));
  // Its number may have been changed since it took somebody's place.
  for (const store::Document& document : places_.moved(module, device.module)) {
    changes_.emplace_back(document);
    ports_.documents.adopt(document);
  }
  // Or it has left that place.
  tidy_places();
  asking_.erase(mac);
  changes_.emplace_back(device_record(device));
  append_functions(changes_, device.id, former, known->functions);
  if (device.hidden) new_devices_.push_back(device.id);
  seen_stored_at_ms_[device.id.value] = device.last_seen.ms;
  spdlog::info("S0: {} paired as module {}, unauthenticated", device.name, module.value);
}

void S0Network::on_heard(const MacAddress& mac, const MacAddress& gateway,
                         std::optional<std::int8_t> rssi_dbm) {
  const station::Device* const device = ports_.live.find(mac);
  if (device == nullptr) return;
  const UnixTime at = unix_now();
  (void)ports_.live.touch(device->id, at, gateway, rssi_dbm);
  std::int64_t& stored_at_ms = seen_stored_at_ms_[device->id.value];
  if (at.ms - stored_at_ms < kSeenStoredInterval_ms) return;
  stored_at_ms = at.ms;
  changes_.emplace_back(store::DeviceSeen{device->id, at, true});
}

void S0Network::on_online(const MacAddress& mac, bool online) {
  const station::Device* const device = ports_.live.find(mac);
  if (device == nullptr) return;
  const UnixTime seen = online ? unix_now() : device->last_seen;
  (void)ports_.live.set_online(device->id, online, seen);
  changes_.emplace_back(store::DeviceSeen{device->id, seen, online});
  if (!online) spdlog::info("S0: {} is offline: silent for too long", device->name);
}

void S0Network::on_reading(const coordinator::S0Reading& reading) {
  const station::Device* const device = ports_.live.find(reading.mac);
  if (device == nullptr) return;
  label(*device, reading);
  Shown shown;
  shown.device = device->id;
  shown.slot = reading.slot;
  shown.taken_at = {std::max<std::int64_t>(unix_now().ms - reading.held.ms(), 0)};
  shown.values = s0::shown_values(reading.kind, reading.value);
  for (const station::Value& value : shown.values) {
    if (!ports_.notes.is_logged(device->id, reading.slot, value.field)) continue;
    store::Reading row;
    row.device = device->id;
    row.slot = reading.slot;
    row.field = value.field;
    row.type = value.type;
    row.taken_at = shown.taken_at;
    row.number = value.number;
    changes_.emplace_back(std::move(row));
  }
  shown.trace = ports_.trace.begin(monotonic_now(), {});
  shown_.push_back(std::move(shown));
}

void S0Network::label(const station::Device& device, const coordinator::S0Reading& reading) {
  const std::string* const title =
      ports_.documents.find(s0::kSensorCollection, s0::sensor_name(reading.sensor));
  const station::FunctionState* const function = device.function(reading.slot);
  if (title == nullptr || function == nullptr || function->title == *title) return;
  set_title(device, reading.slot, *title);
}

void S0Network::on_refused(const MacAddress& mac, ModuleId module, coordinator::S0Refusal reason) {
  if (reason == coordinator::S0Refusal::kModuleTaken) note_asking(mac, module);
  const auto left_out = log_limit_.pass(monotonic_now());
  if (!left_out) return;
  const auto text = to_text(mac);
  const std::string from(text.begin(), text.end());
  if (reason == coordinator::S0Refusal::kModuleTaken) {
    const station::Device* const holder =
        ports_.live.find_module(options_.server, places_.place_of(module));
    const std::string name = holder == nullptr ? "another" : holder->name;
    spdlog::warn(
        "S0: {} asks to be module {}, which is {}: two modules have one number; give one of them "
        "another or, if it is to take the place of the other, broken one: espial replace \"{}\" {} "
        "({} more not logged)",
        from, module.value, name, name, from, *left_out);
    return;
  }
  spdlog::warn("S0: refused a message of {}: {} ({} more not logged)", from,
               s0::sentence_of(reason), *left_out);
}

}  // namespace espial::features
