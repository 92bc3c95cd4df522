#include "hub/features/dispobox/boxes.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/wire/kind.hpp"
#include "hub/features/shown_records.hpp"
#include "station/registry.hpp"

namespace espial::dispobox {
namespace {

constexpr std::array<std::uint8_t, 5> kAddressStart = {0x02, 0x53, 0x31, 0x00, 0x00};
constexpr std::uint8_t kSystem = 0;

std::uint8_t kind_number(std::string_view name) {
  const wire::KindInfo* const kind = wire::find_standard_kind(name);
  return kind == nullptr ? std::uint8_t{0} : kind->number;
}

station::FunctionState function(std::uint8_t slot, std::string_view kind) {
  station::FunctionState state;
  state.slot = slot;
  state.kind = kind_number(kind);
  return state;
}

std::string number_text(std::uint8_t box) { return (box < 10 ? "0" : "") + std::to_string(box); }

store::Reading stored(station::DeviceId device, std::uint8_t slot, UnixTime at,
                      const station::Value& value) {
  store::Reading reading;
  reading.device = device;
  reading.slot = slot;
  reading.field = value.field;
  reading.type = value.type;
  reading.taken_at = at;
  reading.number = value.number;
  return reading;
}

/// Presence as the dashboard has it: a box without information has no value.
station::Value presence(BoxState state) {
  return state == BoxState::unknown ? station::Value::none(0)
                                    : station::Value::of(0, static_cast<double>(state));
}

}  // namespace

std::string boxes_json(const std::vector<BoxView>& boxes) {
  nlohmann::ordered_json data = nlohmann::ordered_json::array();
  for (const BoxView& box : boxes) {
    nlohmann::ordered_json item;
    item["id"] = box.box == kSystem ? "0" : number_text(box.box);
    item["state"] = static_cast<int>(box.state);
    item["name"] = box.name;
    data.push_back(std::move(item));
  }
  nlohmann::ordered_json root;
  root["code"] = 0;
  root["message"] = "";
  root["data"] = std::move(data);
  return root.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string boxes_error_json(int code, std::string_view message) {
  nlohmann::ordered_json root;
  root["code"] = code;
  root["message"] = message;
  root["data"] = nlohmann::ordered_json::array();
  return root.dump();
}

MacAddress box_address(std::uint8_t box) {
  MacAddress mac;
  std::copy(kAddressStart.begin(), kAddressStart.end(), mac.octets.begin());
  mac.octets[5] = box;
  return mac;
}

std::optional<std::uint8_t> box_of(const MacAddress& mac) {
  if (!std::equal(kAddressStart.begin(), kAddressStart.end(), mac.octets.begin())) return {};
  const std::uint8_t box = mac.octets[5];
  return box > 0 && box < kBoxCount ? std::optional(box) : std::nullopt;
}

void Boxes::restore(const store::Snapshot& snapshot) {
  for (const store::DeviceRecord& record : snapshot.devices) {
    const auto box = box_of(record.mac);
    if (record.protocol != station::Protocol::s1 || !box || !record.joined_at.known()) continue;
    boxes_[*box].exists = true;
  }
  for (const store::Reading& reading : snapshot.latest) {
    const station::Device* const device = ports_.live.find(reading.device);
    const auto number = device == nullptr ? std::nullopt : box_of(device->mac);
    if (!number || !boxes_[*number].exists || reading.slot != kPresenceSlot) continue;
    if (reading.type != station::ValueType::number) continue;
    Box& box = boxes_[*number];
    const bool occupied = reading.number != 0;
    box.state = box.stored = occupied ? BoxState::occupied : BoxState::free;
    box.occupancy = Occupancy(occupied);
    (void)ports_.live.set_online(device->id, true, device->last_seen);
  }
}

void Boxes::on_answer(Instant now, const Answer& answer, const std::bitset<kBoxCount>& node_boxes) {
  for (const Sample& sample : answer.samples) {
    const std::uint8_t number = places_.place_of(sample.box);
    if (number == 0) {
      turn_away(now, sample.box);
      continue;
    }
    Box& box = boxes_[number];
    if (!box.exists) create(number);
    box.heard_at = now;
    const bool occupied = box.occupancy.add(sample.occupied);
    set(number, occupied ? BoxState::occupied : BoxState::free);
    if (const station::Device* const device = device_of(number)) {
      (void)ports_.live.touch(device->id, ports_.unix_now());
    }
  }
  if (!answer.battery.known()) return;
  for (std::uint8_t said = 1; said < kBoxCount; ++said) {
    const std::uint8_t number = places_.place_of(said);
    const bool is_there = node_boxes.test(said) && number != 0 && boxes_[number].exists;
    if (is_there) write_battery(number, answer.battery);
  }
}

void Boxes::tick(Instant now, bool open) {
  boxes_[kSystem].exists = true;
  set(kSystem, open ? BoxState::free : BoxState::unknown);
  for (std::uint8_t number = 1; number < kBoxCount; ++number) {
    Box& box = boxes_[number];
    if (!box.exists) continue;
    if (!box.heard_at) box.heard_at = now;
    if (box.state != BoxState::unknown && now >= *box.heard_at + kSilence) {
      box.occupancy = Occupancy{};
      set(number, BoxState::unknown);
    } else if (box.state != box.stored) {
      write(number);
    }
  }
}

void Boxes::end() {
  for (std::size_t number = 0; number < kBoxCount; ++number) {
    Box& box = boxes_[number];
    if (!box.exists || box.state == BoxState::unknown) continue;
    box.state = BoxState::unknown;
    if (ports_.on_change) ports_.on_change(views(), static_cast<std::uint8_t>(number));
  }
}

const station::Device* Boxes::device_of(std::uint8_t box) const {
  return ports_.live.find(box_address(box));
}

void Boxes::create(std::uint8_t number) {
  Box& box = boxes_[number];
  if (std::exchange(box.asked_to_exist, true)) return;
  station::AdmitRequest request;
  request.mac = box_address(number);
  request.protocol = station::Protocol::s1;
  const std::string name = number_text(number);
  if (ports_.live.find_name(name) == nullptr) request.wanted_name = name;
  request.now = ports_.unix_now();
  request.hidden = true;
  const auto admitted = station::admit(ports_.live, request);
  if (admitted.error != station::AdmitError::none) return;
  const station::DeviceId id = admitted.device->id;
  // One that was forgotten has no name of its own any more.
  if (!request.wanted_name.empty()) (void)station::rename(ports_.live, id, request.wanted_name);
  const station::FunctionState shown = function(kPresenceSlot, "presence");
  (void)ports_.live.set_functions(id, {shown});
  store::Changes changes{features::device_record(*admitted.device)};
  changes.emplace_back(store::FunctionRecord{id, shown.slot, shown.kind, {}, false});
  const bool taken = submit(std::move(changes), [this, id, number] {
    boxes_[number].exists = true;
    (void)ports_.live.show(id);
    if (boxes_[number].state == BoxState::unknown) return;
    if (ports_.on_change) ports_.on_change(views(), number);
    write(number);
  });
  if (!taken) box.asked_to_exist = false;
}

void Boxes::set(std::uint8_t number, BoxState state) {
  Box& box = boxes_[number];
  if (box.state == state) return;
  box.state = state;
  box.changed_at = ports_.unix_now();
  if (!box.exists) return;
  if (ports_.on_change) ports_.on_change(views(), number);
  if (number != kSystem) write(number);
}

void Boxes::write(std::uint8_t number) {
  const station::Device* const device = device_of(number);
  if (device == nullptr) return;
  Box& box = boxes_[number];
  const BoxState state = box.state;
  const bool online = state != BoxState::unknown;
  const station::DeviceId id = device->id;
  const UnixTime at = box.changed_at.known() ? box.changed_at : ports_.unix_now();
  store::Changes changes;
  changes.emplace_back(stored(id, kPresenceSlot, at, presence(state)));
  changes.emplace_back(store::DeviceSeen{id, online ? at : device->last_seen, online});
  const bool taken = submit(std::move(changes), [this, id, at, state, online] {
    const station::Value shown = presence(state);
    (void)ports_.live.apply_reading(id, kPresenceSlot, at, &shown, 1);
    const station::Device* const now_known = ports_.live.find(id);
    if (now_known == nullptr) return;
    (void)ports_.live.set_online(id, online, online ? at : now_known->last_seen);
  });
  if (taken) box.stored = state;
}

void Boxes::write_battery(std::uint8_t number, const Battery& battery) {
  const station::Device* const device = device_of(number);
  if (device == nullptr) return;
  const station::DeviceId id = device->id;
  const UnixTime at = ports_.unix_now();
  std::vector<station::Value> values;
  if (battery.percent) values.push_back(station::Value::of(0, *battery.percent));
  if (battery.millivolts) values.push_back(station::Value::of(1, *battery.millivolts / 1000.0));
  store::Changes changes;
  if (device->function(kBatterySlot) == nullptr) {
    const station::FunctionState added = function(kBatterySlot, "battery");
    std::vector<station::FunctionState> functions = device->functions;
    functions.push_back(added);
    (void)ports_.live.set_functions(id, functions);
    changes.emplace_back(store::FunctionRecord{id, added.slot, added.kind, {}, false});
  }
  for (const station::Value& value : values) {
    changes.emplace_back(stored(id, kBatterySlot, at, value));
  }
  (void)submit(std::move(changes), [this, id, at, values] {
    (void)ports_.live.apply_reading(id, kBatterySlot, at, values.data(), values.size());
  });
}

void Boxes::forget(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  const auto box = device == nullptr ? std::nullopt : box_of(device->mac);
  if (!box) return;
  boxes_[*box] = Box{};
  const auto vacated = places_.vacated(*box);
  // One that stays in the database brings this box back with its board's next answer.
  if (!vacated.empty() && !submit({vacated.begin(), vacated.end()}, {})) return;
  places_.adopt(vacated);
  if (ports_.on_change) ports_.on_change(views(), *box);
}

bool Boxes::renamed(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  const auto box = device == nullptr ? std::nullopt : box_of(device->mac);
  if (!box || !submit({features::device_record(*device)}, {})) return false;
  if (ports_.on_change) ports_.on_change(views(), *box);
  return true;
}

bool Boxes::submit(store::Changes changes, std::function<void()> stored_then) {
  store::Unit unit;
  unit.changes = std::move(changes);
  unit.completion = [this, then = std::move(stored_then)](store::Verdict verdict) {
    if (verdict == store::Verdict::refused) {
      ++not_stored_;
    } else if (then) {
      then();
    }
  };
  if (ports_.committer.submit(std::move(unit))) return true;
  ++not_stored_;
  return false;
}

std::vector<BoxView> Boxes::views() const {
  std::vector<BoxView> views;
  for (std::size_t number = 0; number < kBoxCount; ++number) {
    const Box& box = boxes_[number];
    if (!box.exists) continue;
    const auto small = static_cast<std::uint8_t>(number);
    const station::Device* const device = number == kSystem ? nullptr : device_of(small);
    views.push_back({small, box.state, device == nullptr ? std::to_string(number) : device->name});
  }
  return views;
}

}  // namespace espial::dispobox
