#include "hub/main/hub_dashboard.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cmath>
#include <utility>

#include "core/wire/kind.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/s0_function.hpp"
#include "core/wire/value.hpp"
#include "hub/main/version.hpp"
#include "ports/linux/clock.hpp"
#include "station/field_index.hpp"
#include "station/registry.hpp"

namespace espial::main {
namespace {

using http::Refusal;
using station::Problem;

station::CommandState shown_state(store::CommandState state) {
  switch (state) {
    case store::CommandState::pending:
      return station::CommandState::pending;
    case store::CommandState::executed:
      return station::CommandState::executed;
    case store::CommandState::refused:
      return station::CommandState::refused;
    case store::CommandState::expired:
      return station::CommandState::expired;
  }
  return station::CommandState::expired;
}

Problem problem_of(store::StoreError error) {
  switch (error) {
    case store::StoreError::away:
      return Problem::kStoreAway;
    case store::StoreError::denied:
      return Problem::kStoreDenied;
    case store::StoreError::untrusted:
      return Problem::kStoreUntrusted;
    case store::StoreError::locked:
      return Problem::kStoreLocked;
    case store::StoreError::full:
      return Problem::kStoreFull;
    case store::StoreError::io:
      return Problem::kStoreIo;
    case store::StoreError::read_only:
      return Problem::kStoreReadOnly;
    case store::StoreError::corrupt:
      return Problem::kStoreCorrupt;
    case store::StoreError::too_new:
      return Problem::kStoreTooNew;
    default:
      return Problem::kStoreFailed;
  }
}

std::string sentence(std::string_view error) { return std::string(error); }

}  // namespace

/// One thread for questions to the database, so that a long one does not hold up the event loop.
class HubDashboard::Worker {
 public:
  template <typename Work>
  void post(Work&& work) {
    boost::asio::post(pool_, std::forward<Work>(work));
  }
  void join() { pool_.join(); }

 private:
  boost::asio::thread_pool pool_{1};
};

HubDashboard::HubDashboard(boost::asio::io_context& io, Parts parts)
    : io_(io), parts_(std::move(parts)), worker_(std::make_unique<Worker>()) {}

HubDashboard::~HubDashboard() { stop(); }

void HubDashboard::stop() { worker_->join(); }

const station::Device* HubDashboard::find(const MacAddress& mac) const {
  const station::Device* const device = parts_.live.find(mac);
  return device == nullptr || device->hidden ? nullptr : device;
}

http::Snapshot HubDashboard::snapshot() {
  http::Snapshot snapshot;
  snapshot.devices = station::devices_json(parts_.live, parts_.notes);
  snapshot.system = system_state();
  snapshot.keys = keys_state();
  return snapshot;
}

std::string HubDashboard::system_state() {
  station::SystemView view = system_view();
  // Another figure with every reading: for those who ask, not worth an event each time.
  view.counters.emplace_back("recent_readings", parts_.committer.counters().recent_readings);
  return station::system_json(view);
}

std::string HubDashboard::keys_state() { return parts_.network.keys().json(); }

void HubDashboard::history(const http::HistoryQuery& query,
                           std::function<void(http::HistoryResult)> done) {
  const station::Device* const device = find(query.device);
  if (device == nullptr) {
    done(Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchDevice, "there is no such device"});
    return;
  }
  const station::FunctionState* const function = device->function(query.slot);
  const auto field =
      function == nullptr ? std::nullopt : station::field_index(*function, query.field);
  if (!field) {
    done(Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchField,
                 "this device has no such slot or field"});
    return;
  }
  worker_->post([this, id = device->id, slot = query.slot, field = *field, from = query.from,
                 to = query.to, points = query.points, done = std::move(done)]() mutable {
    auto found = parts_.reader.history(id, slot, field, from, to, points);
    boost::asio::post(io_, [found = std::move(found), done = std::move(done)] {
      if (found.error != store::StoreError::none) {
        done(Refusal{Refusal::Kind::kUnavailable, problem_of(found.error),
                     sentence(store::to_text(found.error))});
        return;
      }
      std::vector<http::HistoryPoint> shown;
      shown.reserve(found.points.size());
      for (const store::HistoryPoint& point : found.points) {
        if (point.type != store::ValueType::number) continue;
        shown.push_back({point.at, point.number, point.lowest, point.highest});
      }
      done(std::move(shown));
    });
  });
}

void HubDashboard::audit(std::size_t limit, std::function<void(http::AuditResult)> done) {
  worker_->post([this, limit, done = std::move(done)]() mutable {
    std::vector<store::AuditRecord> records;
    const store::StoreError error = parts_.reader.audit(limit, records);
    boost::asio::post(io_, [error, records = std::move(records), done = std::move(done)]() mutable {
      if (error == store::StoreError::none) return done(std::move(records));
      done(
          Refusal{Refusal::Kind::kUnavailable, problem_of(error), sentence(store::to_text(error))});
    });
  });
}

void HubDashboard::command(const http::CommandRequest& request,
                           std::function<void(http::CommandResult)> done) {
  const station::Device* const device = find(request.device);
  if (device == nullptr) {
    done(Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchDevice, "there is no such device"});
    return;
  }
  const station::FunctionState* const function = device->function(request.slot);
  if (function == nullptr) {
    done(Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchFunction,
                 "this device has no function in that slot"});
    return;
  }
  const station::DeviceId id = device->id;
  const auto accepted = give(*device, *function, request);
  if (const auto* refusal = std::get_if<features::CommandRefusal>(&accepted)) {
    done(Refusal{refusal->try_again_later ? Refusal::Kind::kUnavailable : Refusal::Kind::kInvalid,
                 refusal->problem, refusal->reason});
    return;
  }
  const std::uint32_t command_id = std::get<std::uint32_t>(accepted);
  done(http::CommandId{command_id});
  announce_command({id, command_id, request.slot, store::CommandState::pending});
}

features::CommandAccepted HubDashboard::give_own(const station::Device& device,
                                                 const station::FunctionState& function,
                                                 const http::CommandRequest& request) {
  using features::CommandRefusal;
  const station::FunctionNote* const note = parts_.notes.find(device.id, function.slot);
  const station::FieldNote* const field = note == nullptr ? nullptr : note->settable();
  if (field == nullptr || device.protocol != station::Protocol::s0) {
    return CommandRefusal{false, Problem::kTakesNoCommands, "this function takes no commands"};
  }
  const std::string name = "field_" + std::to_string(field->field);
  if (request.values.size() != 1 || request.values[0].first != name) {
    return CommandRefusal{false, Problem::kWrongField, "set exactly one field: \"" + name + "\""};
  }
  const auto* const wanted = std::get_if<double>(&request.values[0].second);
  const bool is_whole = wanted != nullptr && std::floor(*wanted) == *wanted;
  if (!is_whole || *wanted < field->settable->minimum || *wanted > field->settable->maximum) {
    return CommandRefusal{false, Problem::kBadValue,
                          "\"" + name + "\" can be set to whole numbers from " +
                              std::to_string(field->settable->minimum) + " to " +
                              std::to_string(field->settable->maximum)};
  }
  const std::array<std::uint8_t, s0::kOwnCommandSize> value{static_cast<std::uint8_t>(*wanted),
                                                            field->field};
  return give_s0(device, function, value);
}

features::CommandAccepted HubDashboard::give_s0(const station::Device& device,
                                                const station::FunctionState& function,
                                                ByteView value) {
  if (parts_.s0 != nullptr) return parts_.s0->command(device.id, function.slot, value);
  return features::CommandRefusal{true, Problem::kDeviceOffline,
                                  "S0 is switched off; start the hub with --s0"};
}

features::CommandAccepted HubDashboard::give(const station::Device& device,
                                             const station::FunctionState& function,
                                             const http::CommandRequest& request) {
  using features::CommandRefusal;
  const wire::KindInfo* const kind = wire::find_standard_kind(function.kind);
  if (kind == nullptr) return give_own(device, function, request);
  if (!kind->accepts_commands() || !function.accepts_commands) {
    return CommandRefusal{false, Problem::kTakesNoCommands, "this function takes no commands"};
  }
  const wire::FieldInfo& field = kind->fields[kind->command_field];
  if (request.values.size() != 1 || request.values[0].first != field.name) {
    return CommandRefusal{false, Problem::kWrongField,
                          "set exactly one field: \"" + std::string(field.name) + "\""};
  }
  const http::FieldValue& wanted = request.values[0].second;
  const wire::FieldValue value = std::holds_alternative<double>(wanted)
                                     ? wire::FieldValue::of(std::get<double>(wanted))
                                     : wire::FieldValue::of_text(std::get<std::string>(wanted));
  std::array<std::uint8_t, wire::kMaxValueSize> bytes{};
  const auto size = wire::encode_command_value(*kind, value, bytes);
  if (!size) {
    return CommandRefusal{false, Problem::kBadValue,
                          "\"" + std::string(field.name) + "\" can't be set to that value"};
  }
  if (device.protocol == station::Protocol::s2) {
    return parts_.s2.switch_led(device.id, value.number.value_or(0) != 0);
  }
  if (device.protocol == station::Protocol::s0) {
    return give_s0(device, function, {bytes.data(), *size});
  }
  return parts_.network.command(device.id, function.slot, function.kind, {bytes.data(), *size});
}

bool HubDashboard::keep_name(const station::Device& device, std::string_view former_name) {
  if (device.protocol == station::Protocol::s2) return parts_.s2.renamed(device.id, former_name);
  if (device.protocol == station::Protocol::s0 && parts_.s0 != nullptr) {
    return parts_.s0->renamed(device.id);
  }
  if (device.protocol == station::Protocol::s1) return parts_.devices.renamed(device.id);
  return parts_.network.renamed(device.id);
}

void HubDashboard::rename(const MacAddress& mac, std::string_view name,
                          std::function<void(http::RenameResult)> done) {
  const station::Device* const device = find(mac);
  if (device == nullptr) {
    done(Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchDevice, "there is no such device"});
    return;
  }
  const station::DeviceId id = device->id;
  const std::string former_name = device->name;
  const auto result = station::rename(parts_.live, id, name);
  if (result.name_error != station::NameError::none) {
    done(Refusal{Refusal::Kind::kInvalid, station::problem_of(result.name_error),
                 sentence(station::to_text(result.name_error))});
    return;
  }
  if (result.outcome != station::Outcome::done && result.outcome != station::Outcome::unchanged) {
    done(Refusal{Refusal::Kind::kInvalid, Problem::kNameTaken,
                 sentence(station::to_text(result.outcome))});
    return;
  }
  if (!keep_name(*device, former_name)) {
    (void)station::rename(parts_.live, id, former_name);
    done(Refusal{Refusal::Kind::kUnavailable, Problem::kStoreBusy,
                 "the hub can't store the name now; try again"});
    return;
  }
  done(http::FormerName{former_name});
}

void HubDashboard::restart(const MacAddress& mac, std::function<void(http::RestartResult)> done) {
  const station::Device* const device = find(mac);
  if (device == nullptr) {
    done(Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchDevice, "there is no such device"});
  } else if (device->protocol != station::Protocol::s0 || parts_.s0 == nullptr) {
    done(Refusal{Refusal::Kind::kInvalid, Problem::kTakesNoCommands,
                 "only a module of S0's can be told to start again, by a hub with --s0"});
  } else if (!parts_.s0->restart(device->id)) {
    done(Refusal{Refusal::Kind::kUnavailable, Problem::kDeviceOffline,
                 "the module has not been heard since the hub was started"});
  } else {
    done(std::nullopt);
  }
}

/// Units are completed in the order in which they were submitted.
void HubDashboard::after_stored(std::function<void(bool)> done) {
  store::Unit unit;
  unit.completion = [done](store::Verdict) { done(true); };
  if (!parts_.committer.submit(std::move(unit))) done(false);
}

std::optional<std::string> HubDashboard::trouble() {
  if (!failure_.empty()) return failure_;
  if (!parts_.connection.up()) return "the broker " + parts_.broker_address + " does not answer";
  const auto error = parts_.committer.counters().last_error;
  if (error != store::StoreError::none) return sentence(store::to_text(error));
  return std::nullopt;
}

station::SystemView HubDashboard::system_view() const {
  station::SystemView view;
  view.broker_connected = parts_.connection.up();
  view.broker = parts_.broker_address;
  view.broker_since = broker_since_;
  const store::CommitterCounters tidying = parts_.committer.counters();
  view.counters = {{"days_to_roll_up", tidying.days_to_roll_up},
                   {"days_to_prune", tidying.days_to_prune}};
  const auto error = tidying.last_error;
  view.store_ok = error == store::StoreError::none && failure_.empty();
  view.store = parts_.store_engine;
  view.store_reason = failure_.empty() ? store::to_text(error) : std::string_view(failure_);
  view.store_code =
      station::code_of(failure_.empty() ? problem_of(error) : Problem::kNetworkStopped);
  if (view.store_ok) view.store_reason = view.store_code = {};
  view.s2_open = parts_.s2_open;
  view.version = kVersion;
  for (const alarms::AlarmView& alarm : parts_.devices.alarms().all()) {
    if (!alarm.record.raised) continue;
    view.alarms.push_back({alarm.rule.name, alarm.rule.device, alarm.rule.slot, alarm.rule.field,
                           alarm.record.since, alarm.record.acknowledged.has_value(),
                           alarm.record.silence.has_value()});
  }
  std::map<MacAddress, std::uint32_t> devices_of;
  parts_.live.for_each([&](const station::Device& device) {
    if (device.gateway) ++devices_of[*device.gateway];
  });
  for (const auto& [mac, status] : parts_.network.gateways()) {
    station::GatewayView gateway;
    gateway.mac = mac;
    gateway.online = status.online && view.broker_connected;
    gateway.channel = status.channel.number;
    gateway.devices = devices_of[mac];
    view.gateways.push_back(gateway);
  }
  return view;
}

void HubDashboard::broker_changed() {
  broker_since_ = unix_now();
  announce_system();
}

void HubDashboard::announce_system() {
  std::string system = station::system_json(system_view());
  if (system == last_system_) return;
  last_system_ = system;
  parts_.announce({http::Event::Kind::kSystem, {}, std::move(system)});
}

void HubDashboard::announce_list(std::string_view list) {
  const std::string name(list);
  parts_.announce({http::Event::Kind::kChanged, name, R"({"list":")" + name + R"("})"});
  announce_system();  // which names the alarms that are raised
}

std::uint8_t HubDashboard::slot_of(const features::CommandChange& change) {
  const auto key = std::make_pair(change.device.value, change.command_id);
  if (change.state == store::CommandState::pending) {
    command_slots_[key] = change.slot;
    return change.slot;
  }
  const auto known = command_slots_.find(key);
  if (known == command_slots_.end()) return change.slot;
  const std::uint8_t slot = known->second;
  command_slots_.erase(known);
  return slot;
}

void HubDashboard::announce_command(const features::CommandChange& change) {
  parts_.devices.on_command(change);
  const station::Device* const device = parts_.live.find(change.device);
  if (device == nullptr) return;
  station::CommandView view;
  view.id = change.command_id;
  view.device = device->mac;
  view.slot = slot_of(change);
  view.state = shown_state(change.state);
  const auto mac = to_text(device->mac);
  parts_.announce({http::Event::Kind::kCommand,
                   std::string(mac.begin(), mac.end()) + "/" + std::to_string(change.command_id),
                   station::command_json(view)});
}

}  // namespace espial::main
