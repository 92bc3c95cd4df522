#include "station/live_state.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace espial::station {
namespace {

Device device(std::uint32_t number) {
  Device device;
  device.id = DeviceId{number};
  device.mac.octets = {2,
                       0,
                       0,
                       static_cast<std::uint8_t>(number >> 16),
                       static_cast<std::uint8_t>(number >> 8),
                       static_cast<std::uint8_t>(number)};
  device.name = "device " + std::to_string(number);
  return device;
}

Device lamp(std::uint32_t number) {
  Device lamp = device(number);
  FunctionState relay;
  relay.slot = 3;
  relay.kind = 7;
  relay.title = "Lamp";
  lamp.functions.push_back(relay);
  return lamp;
}

struct Recorder : Observer {
  std::vector<Change> changes;
  void on_change(const Change& change) override { changes.push_back(change); }
};

Outcome show(LiveState& state, std::uint32_t id, std::int64_t at_ms, Value value) {
  return state.apply_reading(DeviceId{id}, 3, UnixTime{at_ms}, &value, 1);
}

double shown(const LiveState& state, std::uint32_t id, std::uint8_t field = 0) {
  return state.find(DeviceId{id})->function(3)->value(field)->number;
}

TEST(LiveState, FindsADeviceByEverythingItIsCalled) {
  LiveState state;
  Device module = device(7);
  module.server = ServerId{4};
  module.module = ModuleId{9};
  ASSERT_EQ(state.put(module), Outcome::done);
  const Device* found = state.find(DeviceId{7});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(state.find(module.mac), found);
  EXPECT_EQ(state.find_name("device 7"), found);
  EXPECT_EQ(state.find_module(ServerId{4}, ModuleId{9}), found);
  EXPECT_EQ(state.find_module(ServerId{5}, ModuleId{9}), nullptr);
  EXPECT_EQ(state.find_name("device 8"), nullptr);
}

TEST(LiveState, ForgetsTheOldAliasesOfAReplacedDevice) {
  LiveState state;
  Device module = device(7);
  module.server = ServerId{4};
  module.module = ModuleId{9};
  ASSERT_EQ(state.put(module), Outcome::done);
  module.name = "other";
  module.module = ModuleId{10};
  module.mac.octets[0] = 6;
  ASSERT_EQ(state.put(module), Outcome::done);
  EXPECT_EQ(state.size(), 1u);
  EXPECT_EQ(state.find(device(7).mac), nullptr);
  EXPECT_EQ(state.find_name("device 7"), nullptr);
  EXPECT_EQ(state.find_module(ServerId{4}, ModuleId{9}), nullptr);
  EXPECT_NE(state.find_name("other"), nullptr);
}

TEST(LiveState, RefusesWhatIsTakenAndChangesNothing) {
  LiveState state;
  Device first = device(1);
  first.server = ServerId{1};
  first.module = ModuleId{1};
  ASSERT_EQ(state.put(first), Outcome::done);
  const std::uint64_t revision = state.revision();
  Device second = device(2);
  second.mac = first.mac;
  EXPECT_EQ(state.put(second), Outcome::mac_taken);
  second = device(2);
  second.name = first.name;
  EXPECT_EQ(state.put(second), Outcome::name_taken);
  second = device(2);
  second.server = first.server;
  second.module = first.module;
  EXPECT_EQ(state.put(second), Outcome::module_taken);
  EXPECT_EQ(state.put(device(0)), Outcome::invalid);
  EXPECT_EQ(state.size(), 1u);
  EXPECT_EQ(state.revision(), revision);
}

TEST(LiveState, TakesNoMoreDevicesThanItsLimitAndCountsThem) {
  LiveState state(1, 2);
  ASSERT_EQ(state.put(device(1)), Outcome::done);
  ASSERT_EQ(state.put(device(2)), Outcome::done);
  EXPECT_EQ(state.put(device(3)), Outcome::table_full);
  EXPECT_EQ(state.counters().devices_refused, 1u);
  Device known = device(2);
  known.chip = "ESP8266";
  EXPECT_EQ(state.put(known), Outcome::done) << "a known one needs no room";
}

TEST(LiveState, ShowsTheNewestValueWhateverTheOrderOfArrival) {
  LiveState state;
  ASSERT_EQ(state.put(lamp(1)), Outcome::done);
  EXPECT_EQ(show(state, 1, 2'000, Value::of(0, 20.0)), Outcome::done);
  EXPECT_EQ(show(state, 1, 1'000, Value::of(0, 10.0)), Outcome::stale);
  EXPECT_EQ(shown(state, 1), 20.0);
  EXPECT_EQ(state.counters().readings_stale, 1u);
  EXPECT_EQ(show(state, 1, 2'000, Value::of(0, 21.0)), Outcome::done);
  EXPECT_EQ(shown(state, 1), 21.0);
  EXPECT_EQ(show(state, 1, 1'500, Value::of(4, 4.0)), Outcome::done) << "another field";
  EXPECT_EQ(state.find(DeviceId{1})->function(3)->taken_at.ms, 2'000);
  EXPECT_EQ(show(state, 1, 3'000, Value::none(0)), Outcome::done);
  EXPECT_EQ(state.find(DeviceId{1})->function(3)->value(0)->type, ValueType::none);
}

TEST(LiveState, KeepsFieldsInOrderAndWithinTheirLimit) {
  LiveState state;
  ASSERT_EQ(state.put(lamp(1)), Outcome::done);
  for (int field = 40; field > 40 - static_cast<int>(kMaxFieldsPerFunction); --field) {
    ASSERT_EQ(show(state, 1, 1, Value::of(static_cast<std::uint8_t>(field), 1.0)), Outcome::done);
  }
  EXPECT_EQ(show(state, 1, 1, Value::of(1, 1.0)), Outcome::too_many_fields);
  EXPECT_EQ(show(state, 1, 2, Value::of(40, 2.0)), Outcome::done);
  const auto& values = state.find(DeviceId{1})->function(3)->values;
  ASSERT_EQ(values.size(), kMaxFieldsPerFunction);
  EXPECT_EQ(values.front().field, 25);
  EXPECT_EQ(values.back().field, 40);
  EXPECT_EQ(values.back().number, 2.0);
}

TEST(LiveState, RefusesReadingsOfWhatIsNotThere) {
  LiveState state;
  ASSERT_EQ(state.put(lamp(1)), Outcome::done);
  const Value value = Value::of(0, 1.0);
  EXPECT_EQ(state.apply_reading(DeviceId{2}, 3, UnixTime{1}, &value, 1), Outcome::unknown_device);
  EXPECT_EQ(state.apply_reading(DeviceId{1}, 4, UnixTime{1}, &value, 1), Outcome::unknown_slot);
  EXPECT_EQ(state.counters().readings_refused, 2u);
}

TEST(LiveState, CutsALongTextBetweenCharacters) {
  LiveState state;
  ASSERT_EQ(state.put(lamp(1)), Outcome::done);
  const std::string text = std::string(kMaxTextBytes - 1, 'a') + "é";
  ASSERT_EQ(show(state, 1, 1, Value::of(0, std::string_view(text))), Outcome::done);
  EXPECT_EQ(state.find(DeviceId{1})->function(3)->value(0)->text,
            std::string(kMaxTextBytes - 1, 'a'));
  EXPECT_EQ(state.counters().texts_cut, 1u);
}

TEST(LiveState, TellsObserversEachChangeOnceWithARisingRevision) {
  LiveState state(100);
  Recorder recorder;
  ASSERT_TRUE(state.add_observer(&recorder));
  ASSERT_EQ(state.put(lamp(1)), Outcome::done);
  ASSERT_EQ(state.put(device(1)), Outcome::unchanged);
  ASSERT_EQ(show(state, 1, 5, Value::of(0, 1.0)), Outcome::done);
  ASSERT_EQ(show(state, 1, 4, Value::of(0, 1.0)), Outcome::stale);
  ASSERT_EQ(state.set_online(DeviceId{1}, true, UnixTime{6}), Outcome::done);
  ASSERT_EQ(state.set_online(DeviceId{1}, true, UnixTime{7}), Outcome::unchanged);
  ASSERT_EQ(state.rename(DeviceId{1}, "Salon"), Outcome::done);
  ASSERT_EQ(state.remove(DeviceId{1}), Outcome::done);
  state.remove_observer(&recorder);
  ASSERT_EQ(state.put(lamp(2)), Outcome::done);

  ASSERT_EQ(recorder.changes.size(), 5u);
  const ChangeKind kinds[] = {ChangeKind::device_changed, ChangeKind::reading_changed,
                              ChangeKind::device_changed, ChangeKind::device_changed,
                              ChangeKind::device_removed};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(recorder.changes[i].kind, kinds[i]) << i;
    EXPECT_EQ(recorder.changes[i].revision, 101 + i);
    EXPECT_EQ(recorder.changes[i].device, DeviceId{1});
  }
  EXPECT_EQ(recorder.changes[1].slot, 3);
}

TEST(LiveState, RefusesMoreObserversThanItsLimit) {
  LiveState state;
  Recorder recorder;
  for (std::size_t i = 0; i < kMaxObservers; ++i) ASSERT_TRUE(state.add_observer(&recorder));
  EXPECT_FALSE(state.add_observer(&recorder));
}

TEST(LiveState, TellsAReturningBrowserWhatItMissed) {
  LiveState state(100);
  for (std::uint32_t id = 1; id <= 3; ++id) ASSERT_EQ(state.put(lamp(id)), Outcome::done);
  const std::uint64_t seen = state.revision();
  ASSERT_EQ(show(state, 2, 5, Value::of(0, 1.0)), Outcome::done);
  ASSERT_EQ(state.remove(DeviceId{3}), Outcome::done);
  ASSERT_TRUE(state.can_resume_from(seen));
  std::vector<std::uint32_t> changed;
  std::vector<std::uint32_t> removed;
  state.for_each_changed_since(seen, [&](const Device& d) { changed.push_back(d.id.value); });
  state.for_each_removed_since(seen, [&](DeviceId id) { removed.push_back(id.value); });
  EXPECT_EQ(changed, std::vector<std::uint32_t>{2});
  EXPECT_EQ(removed, std::vector<std::uint32_t>{3});
  EXPECT_FALSE(state.can_resume_from(99)) << "a revision of the last run";
  EXPECT_FALSE(state.can_resume_from(state.revision() + 1));
}

TEST(LiveState, CannotResumeOverMoreRemovalsThanItRemembers) {
  LiveState state(100);
  const std::uint64_t seen = state.revision();
  for (std::uint32_t id = 1; id <= kMaxRemovals; ++id) {
    ASSERT_EQ(state.put(device(id)), Outcome::done);
    ASSERT_EQ(state.remove(DeviceId{id}), Outcome::done);
  }
  EXPECT_TRUE(state.can_resume_from(seen));
  ASSERT_EQ(state.put(device(9'999)), Outcome::done);
  ASSERT_EQ(state.remove(DeviceId{9'999}), Outcome::done);
  EXPECT_FALSE(state.can_resume_from(seen));
  EXPECT_TRUE(state.can_resume_from(state.revision()));
}

TEST(LiveState, ReportsADeviceThatCameBackAsChangedAndNotAsRemoved) {
  LiveState state;
  ASSERT_EQ(state.put(device(1)), Outcome::done);
  const std::uint64_t seen = state.revision();
  ASSERT_EQ(state.remove(DeviceId{1}), Outcome::done);
  ASSERT_EQ(state.put(device(1)), Outcome::done);
  int removed = 0;
  state.for_each_removed_since(seen, [&](DeviceId) { ++removed; });
  EXPECT_EQ(removed, 0);
}

TEST(LiveState, TellsPagesThatAHiddenDeviceIsRemovedAndAShownOneIsBack) {
  LiveState state;
  ASSERT_EQ(state.put(lamp(1)), Outcome::done);
  const std::uint64_t seen = state.revision();
  Recorder recorder;
  ASSERT_TRUE(state.add_observer(&recorder));
  const auto removed = [&] {
    int count = 0;
    state.for_each_removed_since(seen, [&](DeviceId) { ++count; });
    return count;
  };
  ASSERT_EQ(state.hide(DeviceId{1}), Outcome::done);
  EXPECT_EQ(state.hide(DeviceId{1}), Outcome::unchanged);
  EXPECT_EQ(removed(), 1);
  Device still = *state.find(DeviceId{1});
  still.name = "Salon";
  still.joined_at = {};
  ASSERT_EQ(state.put(still), Outcome::done);
  EXPECT_EQ(removed(), 1) << "what changes while it is hidden does not bring it back";
  EXPECT_EQ(state.show(DeviceId{1}), Outcome::unchanged) << "it has not joined again";
  still.joined_at = UnixTime{1'000};
  ASSERT_EQ(state.put(still), Outcome::done);
  ASSERT_EQ(state.show(DeviceId{1}), Outcome::done);
  EXPECT_EQ(removed(), 0);
  ASSERT_EQ(recorder.changes.size(), 2u);
  EXPECT_EQ(recorder.changes[0].kind, ChangeKind::device_removed);
  EXPECT_EQ(recorder.changes[1].kind, ChangeKind::device_changed);
}

TEST(LiveState, KeepsTheValuesOfAFunctionWhoseKindStays) {
  LiveState state;
  ASSERT_EQ(state.put(lamp(1)), Outcome::done);
  ASSERT_EQ(show(state, 1, 5, Value::of(0, 1.0)), Outcome::done);
  FunctionState relay;
  relay.slot = 3;
  relay.kind = 7;
  relay.title = "Ceiling";
  FunctionState button;
  button.slot = 0;
  ASSERT_EQ(state.set_functions(DeviceId{1}, {relay, button}), Outcome::done);
  const Device* lamp = state.find(DeviceId{1});
  ASSERT_EQ(lamp->functions.size(), 2u);
  EXPECT_EQ(lamp->functions[0].slot, 0);
  EXPECT_EQ(lamp->function(3)->title, "Ceiling");
  EXPECT_EQ(shown(state, 1), 1.0);
  EXPECT_EQ(state.set_functions(DeviceId{1}, {relay, button}), Outcome::unchanged);
  relay.kind = 8;
  ASSERT_EQ(state.set_functions(DeviceId{1}, {relay}), Outcome::done);
  EXPECT_EQ(lamp->function(3)->value(0), nullptr) << "another kind means other fields";
  constexpr std::uint8_t kItself = 15;
  relay.slot = kItself;
  EXPECT_EQ(state.set_functions(DeviceId{1}, {relay}), Outcome::done) << "the module itself";
  EXPECT_NE(lamp->function(kItself), nullptr);
  for (const std::uint8_t no_slot : {kSlotCount, std::uint8_t{14}, std::uint8_t{16}}) {
    relay.slot = no_slot;
    EXPECT_EQ(state.set_functions(DeviceId{1}, {relay}), Outcome::unknown_slot);
  }
}

TEST(LiveState, RenamesOnlyToAFreeName) {
  LiveState state;
  ASSERT_EQ(state.put(device(1)), Outcome::done);
  ASSERT_EQ(state.put(device(2)), Outcome::done);
  EXPECT_EQ(state.rename(DeviceId{1}, "device 2"), Outcome::name_taken);
  EXPECT_EQ(state.rename(DeviceId{1}, ""), Outcome::invalid);
  EXPECT_EQ(state.rename(DeviceId{1}, std::string(kMaxNameBytes + 1, 'n')), Outcome::invalid);
  EXPECT_EQ(state.rename(DeviceId{3}, "x"), Outcome::unknown_device);
  ASSERT_EQ(state.rename(DeviceId{1}, "Salon"), Outcome::done);
  EXPECT_EQ(state.find_name("device 1"), nullptr);
  EXPECT_EQ(state.find_name("Salon"), state.find(DeviceId{1}));
}

TEST(LiveState, AHiddenDeviceIsKnownAndToldToNobody) {
  LiveState state;
  Recorder recorder;
  ASSERT_TRUE(state.add_observer(&recorder));
  const std::uint64_t before = state.revision();
  Device hidden = lamp(7);
  hidden.hidden = true;
  hidden.joined_at = UnixTime{1'000};
  ASSERT_EQ(state.put(hidden), Outcome::done);
  ASSERT_EQ(show(state, 7, 1, Value::of(0, 1)), Outcome::done);
  EXPECT_NE(state.find_name("device 7"), nullptr);
  EXPECT_TRUE(recorder.changes.empty());
  int listed = 0;
  const auto count = [&listed](const Device&) { ++listed; };
  state.for_each(count);
  state.for_each_changed_since(before, count);
  EXPECT_EQ(listed, 0);

  ASSERT_EQ(state.show(DeviceId{7}), Outcome::done);
  EXPECT_EQ(state.show(DeviceId{7}), Outcome::unchanged);
  ASSERT_EQ(recorder.changes.size(), 1U);
  EXPECT_EQ(recorder.changes[0].kind, ChangeKind::device_changed);
  state.for_each(count);
  state.for_each_changed_since(before, count);
  EXPECT_EQ(listed, 2);
}

TEST(LiveState, NotesSignsOfLifeWithoutAnEvent) {
  LiveState state;
  ASSERT_EQ(state.put(device(1)), Outcome::done);
  const std::uint64_t revision = state.revision();
  ASSERT_EQ(state.touch(DeviceId{1}, UnixTime{8}, device(9).mac, std::int8_t{-60}), Outcome::done);
  ASSERT_EQ(state.touch(DeviceId{1}, UnixTime{9}), Outcome::done);
  const Device* seen = state.find(DeviceId{1});
  EXPECT_EQ(seen->last_seen.ms, 9);
  EXPECT_EQ(seen->gateway, device(9).mac);
  EXPECT_EQ(seen->rssi_dbm, -60);
  EXPECT_EQ(state.revision(), revision);
}

}  // namespace
}  // namespace espial::station
