#include "station/live_state.hpp"

#include <algorithm>
#include <utility>

#include "core/base/utf8.hpp"
#include "core/wire/reading.hpp"

namespace espial::station {
namespace {

std::uint64_t key_of(const MacAddress& mac) {
  std::uint64_t key = 0;
  for (const std::uint8_t octet : mac.octets) key = (key << 8) | octet;
  return key;
}

std::uint16_t key_of(ServerId server, ModuleId module) {
  return static_cast<std::uint16_t>(server.value << 8 | module.value);
}

bool usable_name(std::string_view name) { return !name.empty() && name.size() <= kMaxNameBytes; }

template <typename Map, typename Key>
Device* find_in(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

bool same_facts(const Device& a, const Device& b) {
  return a.mac == b.mac && a.name == b.name && a.protocol == b.protocol && a.server == b.server &&
         a.module == b.module && a.joined_at == b.joined_at && a.online == b.online &&
         a.gateway == b.gateway && a.rssi_dbm == b.rssi_dbm && a.firmware == b.firmware &&
         a.chip == b.chip && a.interval_s == b.interval_s;
}

FunctionState* function_in(Device& device, std::uint8_t slot) {
  for (FunctionState& function : device.functions) {
    if (function.slot == slot) return &function;
  }
  return nullptr;
}

/// Where `field` stands or belongs.
std::vector<Value>::iterator place_of(std::vector<Value>& values, std::uint8_t field) {
  return std::find_if(values.begin(), values.end(),
                      [field](const Value& value) { return value.field >= field; });
}

/// Sorts by `key` and keeps the first of equals.
template <typename T, typename KeyOf>
void sort_unique(std::vector<T>& items, KeyOf key) {
  std::stable_sort(items.begin(), items.end(),
                   [key](const T& a, const T& b) { return key(a) < key(b); });
  items.erase(std::unique(items.begin(), items.end(),
                          [key](const T& a, const T& b) { return key(a) == key(b); }),
              items.end());
}

}  // namespace

std::string_view to_text(Protocol protocol) {
  switch (protocol) {
    case Protocol::espial:
      return "espial";
    case Protocol::s0:
      return "s0";
    case Protocol::s1:
      return "s1";
    case Protocol::s2:
      return "s2";
  }
  return "unknown";
}

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::unchanged:
      return "it was so already";
    case Outcome::stale:
      return "a newer value is shown";
    case Outcome::unknown_device:
      return "there is no such device";
    case Outcome::unknown_slot:
      return "the device has no such function";
    case Outcome::too_many_fields:
      return "the function has too many fields";
    case Outcome::mac_taken:
      return "another device has this MAC address";
    case Outcome::name_taken:
      return "another device has this name";
    case Outcome::module_taken:
      return "another device has this module ID in this network";
    case Outcome::table_full:
      return "the limit of devices is reached";
    case Outcome::invalid:
      return "a device needs an id and a name of 1 to 29 bytes";
  }
  return "unknown";
}

const Value* FunctionState::value(std::uint8_t field) const {
  for (const Value& value : values) {
    if (value.field == field) return &value;
  }
  return nullptr;
}

const FunctionState* Device::function(std::uint8_t slot) const {
  for (const FunctionState& function : functions) {
    if (function.slot == slot) return &function;
  }
  return nullptr;
}

LiveState::LiveState(std::uint64_t first_revision, std::size_t max_devices)
    : max_devices_(std::min(max_devices, kMaxDevices)),
      revision_(first_revision),
      resume_floor_(first_revision) {}

LiveState::~LiveState() = default;

Outcome LiveState::check(const Device& device, const Device* present) const {
  if (device.id == DeviceId{} || !usable_name(device.name)) return Outcome::invalid;
  const auto taken = [present](const Device* other) { return other && other != present; };
  if (taken(find(device.mac))) return Outcome::mac_taken;
  if (taken(find_name(device.name))) return Outcome::name_taken;
  if (taken(find_module(device.server, device.module))) return Outcome::module_taken;
  return Outcome::done;
}

Outcome LiveState::put(const Device& device) {
  Device* present = find_mutable(device.id);
  if (const Outcome refusal = check(device, present); refusal != Outcome::done) return refusal;
  if (!present && devices_.size() >= max_devices_) {
    ++counters_.devices_refused;
    return Outcome::table_full;
  }
  Device fresh = device;
  clip_texts(fresh);
  if (present) {
    if (fresh.functions.empty()) {
      if (same_facts(fresh, *present)) {
        present->last_seen = fresh.last_seen;
        return Outcome::unchanged;
      }
      fresh.functions = std::move(present->functions);
    }
    unindex(*present);
    *present = std::move(fresh);
  } else {
    if (!fresh.hidden) not_removed(fresh.id);
    devices_.push_back(std::make_unique<Device>(std::move(fresh)));
    present = devices_.back().get();
    highest_id_ = std::max(highest_id_, present->id.value);
  }
  index(present);
  device_changed(*present);
  return Outcome::done;
}

Outcome LiveState::show(DeviceId id) {
  Device* device = find_mutable(id);
  if (!device) return Outcome::unknown_device;
  if (!device->hidden || !device->joined_at.known()) return Outcome::unchanged;
  device->hidden = false;
  not_removed(id);
  device_changed(*device);
  return Outcome::done;
}

Outcome LiveState::hide(DeviceId id) {
  Device* device = find_mutable(id);
  if (!device) return Outcome::unknown_device;
  if (device->hidden) return Outcome::unchanged;
  device_removed(*device);
  device->hidden = true;
  return Outcome::done;
}

Outcome LiveState::remove(DeviceId id) {
  const Device* device = find(id);
  if (!device) return Outcome::unknown_device;
  unindex(*device);
  const auto place = std::find_if(devices_.begin(), devices_.end(),
                                  [device](const auto& owned) { return owned.get() == device; });
  const std::unique_ptr<Device> removed = std::move(*place);
  devices_.erase(place);
  device_removed(*removed);
  return Outcome::done;
}

Outcome LiveState::rename(DeviceId id, std::string_view name) {
  Device* device = find_mutable(id);
  if (!device) return Outcome::unknown_device;
  if (!usable_name(name)) return Outcome::invalid;
  if (device->name == name) return Outcome::unchanged;
  if (find_name(name)) return Outcome::name_taken;
  by_name_.erase(device->name);
  device->name = name;
  by_name_.emplace(device->name, device);
  device_changed(*device);
  return Outcome::done;
}

Outcome LiveState::set_online(DeviceId id, bool online, UnixTime now) {
  Device* device = find_mutable(id);
  if (!device) return Outcome::unknown_device;
  if (online) device->last_seen = now;
  if (device->online == online) return Outcome::unchanged;
  device->online = online;
  device_changed(*device);
  return Outcome::done;
}

Outcome LiveState::touch(DeviceId id, UnixTime now, std::optional<MacAddress> gateway,
                         std::optional<std::int8_t> rssi_dbm,
                         std::optional<std::uint32_t> interval_s) {
  Device* device = find_mutable(id);
  if (!device) return Outcome::unknown_device;
  device->last_seen = now;
  if (gateway) device->gateway = gateway;
  if (rssi_dbm) device->rssi_dbm = rssi_dbm;
  if (interval_s) device->interval_s = *interval_s;
  return Outcome::done;
}

Outcome LiveState::set_functions(DeviceId id, const std::vector<FunctionState>& functions) {
  Device* device = find_mutable(id);
  if (!device) return Outcome::unknown_device;
  for (const FunctionState& function : functions) {
    if (!wire::valid_slot(function.slot)) return Outcome::unknown_slot;
  }
  std::vector<FunctionState> fresh = functions;
  tidy_functions(fresh);
  bool changed = fresh.size() != device->functions.size();
  for (FunctionState& function : fresh) {
    FunctionState* old = function_in(*device, function.slot);
    if (old && old->kind == function.kind && function.values.empty()) {
      changed = changed || old->title != function.title ||
                old->accepts_commands != function.accepts_commands;
      function.values = std::move(old->values);
      function.taken_at = old->taken_at;
      function.revision = old->revision;
    } else {
      changed = true;
    }
  }
  device->functions = std::move(fresh);
  if (!changed) return Outcome::unchanged;
  device_changed(*device);
  return Outcome::done;
}

Outcome LiveState::apply_reading(DeviceId id, std::uint8_t slot, UnixTime taken_at,
                                 const Value* values, std::size_t count) {
  Device* device = find_mutable(id);
  FunctionState* function = device ? function_in(*device, slot) : nullptr;
  if (!function) {
    ++counters_.readings_refused;
    return device ? Outcome::unknown_slot : Outcome::unknown_device;
  }
  bool shown = false;
  bool too_many = false;
  for (const Value* value = values; value != values + count; ++value) {
    auto place = place_of(function->values, value->field);
    if (place == function->values.end() || place->field != value->field) {
      if (function->values.size() >= kMaxFieldsPerFunction) {
        too_many = true;
        continue;
      }
      place = function->values.insert(place, *value);
    } else {
      if (taken_at < place->taken_at) continue;
      *place = *value;
    }
    place->taken_at = taken_at;
    clip(place->text, kMaxTextBytes);
    shown = true;
  }
  if (too_many) ++counters_.readings_refused;
  if (!shown) {
    if (too_many) return Outcome::too_many_fields;
    ++counters_.readings_stale;
    return Outcome::stale;
  }
  if (function->taken_at < taken_at) function->taken_at = taken_at;
  function->revision = device->revision = ++revision_;
  notify(*device, {ChangeKind::reading_changed, id, slot, revision_});
  return too_many ? Outcome::too_many_fields : Outcome::done;
}

const Device* LiveState::find(DeviceId id) const { return find_in(by_id_, id.value); }

const Device* LiveState::find(const MacAddress& mac) const { return find_in(by_mac_, key_of(mac)); }

const Device* LiveState::find_name(std::string_view name) const { return find_in(by_name_, name); }

const Device* LiveState::find_module(ServerId server, ModuleId module) const {
  if (server.value == 0 || module.value == 0) return nullptr;
  return find_in(by_module_, key_of(server, module));
}

bool LiveState::can_resume_from(std::uint64_t revision) const {
  return revision >= resume_floor_ && revision <= revision_;
}

bool LiveState::add_observer(Observer* observer) {
  if (observers_.size() >= kMaxObservers) return false;
  observers_.push_back(observer);
  return true;
}

void LiveState::remove_observer(Observer* observer) {
  observers_.erase(std::remove(observers_.begin(), observers_.end(), observer), observers_.end());
}

Device* LiveState::find_mutable(DeviceId id) { return find_in(by_id_, id.value); }

void LiveState::index(Device* device) {
  by_id_[device->id.value] = device;
  by_mac_[key_of(device->mac)] = device;
  by_name_.emplace(device->name, device);
  if (device->server.value != 0 && device->module.value != 0) {
    by_module_[key_of(device->server, device->module)] = device;
  }
}

void LiveState::unindex(const Device& device) {
  by_id_.erase(device.id.value);
  by_mac_.erase(key_of(device.mac));
  by_name_.erase(device.name);
  if (device.server.value != 0 && device.module.value != 0) {
    by_module_.erase(key_of(device.server, device.module));
  }
}

void LiveState::clip(std::string& text, std::size_t limit_bytes) {
  if (text.size() <= limit_bytes) return;
  text.resize(utf8_prefix(text, limit_bytes).size());
  ++counters_.texts_cut;
}

void LiveState::clip_texts(Device& device) {
  clip(device.firmware, kMaxTitleBytes);
  clip(device.chip, kMaxTitleBytes);
  tidy_functions(device.functions);
}

void LiveState::tidy_functions(std::vector<FunctionState>& functions) {
  functions.erase(std::remove_if(functions.begin(), functions.end(),
                                 [](const FunctionState& f) { return !wire::valid_slot(f.slot); }),
                  functions.end());
  sort_unique(functions, [](const FunctionState& f) { return f.slot; });
  for (FunctionState& function : functions) {
    clip(function.title, kMaxTitleBytes);
    sort_unique(function.values, [](const Value& value) { return value.field; });
    if (function.values.size() > kMaxFieldsPerFunction) {
      function.values.resize(kMaxFieldsPerFunction);
    }
    for (Value& value : function.values) clip(value.text, kMaxTextBytes);
  }
}

void LiveState::device_changed(Device& device) {
  device.revision = device.facts_revision = ++revision_;
  notify(device, {ChangeKind::device_changed, device.id, 0, revision_});
}

void LiveState::device_removed(const Device& device) {
  ++revision_;
  if (removals_.size() == kMaxRemovals) {
    resume_floor_ = removals_.front().revision;
    removals_.pop_front();
  }
  removals_.push_back({device.id, revision_});
  notify(device, {ChangeKind::device_removed, device.id, 0, revision_});
}

void LiveState::not_removed(DeviceId id) {
  removals_.erase(std::remove_if(removals_.begin(), removals_.end(),
                                 [id](const Removal& removal) { return removal.device == id; }),
                  removals_.end());
}

void LiveState::notify(const Device& device, const Change& change) {
  if (device.hidden) return;
  for (Observer* observer : observers_) observer->on_change(change);
}

}  // namespace espial::station
