// What every engine must do. A new engine joins by some more lines in store_conformance_test.hpp.

#include "hub/store/store_conformance_test.hpp"

#include <algorithm>
#include <limits>

namespace espial::store {
namespace {

TEST_P(StoreConformance, BeginsEmpty) {
  const Snapshot snapshot = load();
  EXPECT_TRUE(snapshot.devices.empty());
  EXPECT_TRUE(snapshot.latest.empty());
  EXPECT_TRUE(snapshot.meta.empty());
  EXPECT_TRUE(history(0, kMaxTimeMs, 10).points.empty());
}

TEST_P(StoreConformance, KeepsADeviceOverARestart) {
  DeviceRecord device = device_record(1);
  device.name = "Salon d'été";
  device.server = ServerId{4};
  device.module = ModuleId{255};
  device.online = true;
  device.session_id = "1743946777.603371";
  device.firmware = "1.2";
  device.chip = "ESP8266";
  put({device});
  reopen();
  const Snapshot snapshot = load();
  ASSERT_EQ(snapshot.devices.size(), 1u);
  const DeviceRecord& read = snapshot.devices[0];
  EXPECT_EQ(read.id, device.id);
  EXPECT_EQ(read.mac, device.mac);
  EXPECT_EQ(read.name, device.name);
  EXPECT_EQ(read.protocol, Protocol::s2);
  EXPECT_EQ(read.server, device.server);
  EXPECT_EQ(read.module, device.module);
  EXPECT_EQ(read.joined_at.ms, 1'000);
  EXPECT_EQ(read.last_seen.ms, 2'000);
  EXPECT_TRUE(read.online);
  EXPECT_EQ(read.session_id, device.session_id);
  EXPECT_EQ(read.firmware, "1.2");
  EXPECT_EQ(read.chip, "ESP8266");
}

TEST_P(StoreConformance, ReplacesARecordOfTheSameKey) {
  DeviceRecord device = device_record(1);
  put({device, FunctionRecord{DeviceId{1}, 2, 3, "Lamp", true}});
  device.name = "other";
  put({device, FunctionRecord{DeviceId{1}, 2, 4, "Fan", false}});
  const Snapshot snapshot = load();
  ASSERT_EQ(snapshot.devices.size(), 1u);
  EXPECT_EQ(snapshot.devices[0].name, "other");
  ASSERT_EQ(snapshot.functions.size(), 1u);
  EXPECT_EQ(snapshot.functions[0].kind, 4);
  EXPECT_EQ(snapshot.functions[0].title, "Fan");
  EXPECT_FALSE(snapshot.functions[0].accepts_commands);
}

TEST_P(StoreConformance, NotesSignsOfLifeInTheOrderGiven) {
  DeviceRecord device = device_record(1);
  put({device});
  put({DeviceSeen{DeviceId{1}, UnixTime{3'000}, true}, DeviceSeen{DeviceId{9}, UnixTime{1}, true}});
  EXPECT_TRUE(load().devices[0].online);
  EXPECT_EQ(load().devices[0].last_seen.ms, 3'000);
  device.online = true;
  device.last_seen = UnixTime{5'000};
  put({DeviceSeen{DeviceId{1}, UnixTime{4'000}, false}, device});
  EXPECT_TRUE(load().devices[0].online);
  EXPECT_EQ(load().devices[0].last_seen.ms, 5'000);
  put({device, DeviceSeen{DeviceId{1}, UnixTime{6'000}, false}});
  EXPECT_FALSE(load().devices[0].online);
}

TEST_P(StoreConformance, KeepsEveryKindOfValue) {
  Reading text = number_reading(1, 20, 0, 1);
  text.type = ValueType::text;
  text.text = std::string("où\0?", 5);
  Reading none = number_reading(1, 30, 0, 2);
  none.type = ValueType::none;
  const Reading not_a_number = number_reading(1, 40, std::numeric_limits<double>::quiet_NaN(), 3);
  put({device_record(1), number_reading(1, 10, -21.5), text, none, not_a_number});
  const auto latest = load().latest;
  ASSERT_EQ(latest.size(), 4u);
  for (const Reading& reading : latest) {
    EXPECT_EQ(reading.taken_at.ms, 10 + 10 * reading.slot);
    if (reading.slot == 0) {
      EXPECT_EQ(reading.type, ValueType::number);
      EXPECT_EQ(reading.number, -21.5);
    } else if (reading.slot == 1) {
      EXPECT_EQ(reading.type, ValueType::text);
      EXPECT_EQ(reading.text, text.text);
    } else {
      EXPECT_EQ(reading.type, ValueType::none);
    }
  }
}

TEST_P(StoreConformance, KeepsTwoReadingsOfTheSameMillisecond) {
  put({device_record(1), number_reading(1, 10, 1), number_reading(1, 10, 2)});
  reopen();
  put({number_reading(1, 10, 3)});
  const History all = history(0, 11, 10);
  ASSERT_EQ(all.points.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(all.points[i].number, static_cast<double>(i + 1)) << "in order of arrival";
  }
  EXPECT_EQ(load().latest[0].number, 3);
}

TEST_P(StoreConformance, TakesARepeatedReadingOnce) {
  Reading reading = number_reading(1, 10, 1);
  reading.arrival = 77;
  put({device_record(1), reading});
  put({reading});
  EXPECT_EQ(history(0, 11, 10).readings, 1u);
}

TEST_P(StoreConformance, LoadsTheNewestByTimeTakenNotByArrival) {
  Changes changes{device_record(1), device_record(2)};
  for (std::uint32_t device = 1; device <= 2; ++device) {
    for (std::uint8_t field = 0; field < 3; ++field) {
      changes.push_back(number_reading(device, 2'000, device * 100 + field, 5, field));
      changes.push_back(number_reading(device, 1'000, -1, 5, field));
    }
  }
  put(changes);
  const auto latest = load().latest;
  ASSERT_EQ(latest.size(), 6u);
  for (const Reading& reading : latest) {
    EXPECT_EQ(reading.taken_at.ms, 2'000);
    EXPECT_EQ(reading.number, reading.device.value * 100 + reading.field);
  }
}

TEST_P(StoreConformance, KeepsEspialsSessionsAndStreams) {
  EspialNode node{device_record(1).mac, ServerId{3}, ModuleId{4}, 7, Bytes(kMaxWrappedBytes, 0xa5)};
  EspialSession session{DeviceId{1}, std::uint64_t{1} << 63, 10, 64, {0, 255}};
  StreamProgress readings{DeviceId{1}, 0xffffffff, false, {12, 0xff, 0}};
  StreamProgress events{DeviceId{1}, 5, true, {1, 2}};
  put({device_record(1), node, session, readings, events});
  reopen();
  Snapshot snapshot = load();
  ASSERT_EQ(snapshot.nodes.size(), 1u);
  EXPECT_EQ(snapshot.nodes[0].mac, node.mac);
  EXPECT_EQ(snapshot.nodes[0].generation, 7u);
  EXPECT_EQ(snapshot.nodes[0].wrapped, node.wrapped);
  ASSERT_EQ(snapshot.sessions.size(), 1u);
  EXPECT_EQ(snapshot.sessions[0].session_id, session.session_id);
  EXPECT_EQ(snapshot.sessions[0].reserved_downlink, 64u);
  EXPECT_EQ(snapshot.sessions[0].wrapped, session.wrapped);
  ASSERT_EQ(snapshot.streams.size(), 2u);
  EXPECT_EQ(snapshot.streams[0].stream_id, 0xffffffffu);
  EXPECT_EQ(snapshot.streams[0].window, (Bytes{12, 0xff, 0}));
  EXPECT_TRUE(snapshot.streams[1].events);

  readings.stream_id = 6;
  readings.window = {1};
  put({StreamProgress{DeviceId{1}, 6, false, {}}, readings});
  snapshot = load();
  ASSERT_EQ(snapshot.streams.size(), 2u) << "a new stream replaces the old one";
  EXPECT_EQ(snapshot.streams[0].stream_id, 6u);
  EXPECT_EQ(snapshot.streams[0].window, Bytes{1}) << "the last one of a batch counts";
}

TEST_P(StoreConformance, NeverTakesASessionsCountersBack) {
  put({device_record(1), EspialSession{DeviceId{1}, 8, 10, 64, {1}}});
  put({SessionProgress{DeviceId{1}, 8, 20, 32}, SessionProgress{DeviceId{1}, 8, 15, 128},
       SessionProgress{DeviceId{1}, 9, 999, 999}});
  put({SessionProgress{DeviceId{1}, 8, 1, 1}});
  const auto sessions = load().sessions;
  EXPECT_EQ(sessions[0].committed_uplink, 20u);
  EXPECT_EQ(sessions[0].reserved_downlink, 128u);
  EXPECT_EQ(sessions[0].wrapped, Bytes{1});
}

TEST_P(StoreConformance, KeepsCommandsAndLoadsTheOpenOnes) {
  CommandRecord first{DeviceId{1},  7, 3, 4, {9}, CommandState::pending, UnixTime{100}, UnixTime{},
                      UnixTime{500}};
  CommandRecord second = first;
  second.command_id = 8;
  put({device_record(1), first, second});
  first.state = CommandState::executed;
  first.ended_at = UnixTime{200};
  put({first});
  reopen();
  const Snapshot snapshot = load();
  ASSERT_EQ(snapshot.open_commands.size(), 1u);
  EXPECT_EQ(snapshot.open_commands[0].command_id, 8u);
  EXPECT_EQ(snapshot.open_commands[0].payload, Bytes{9});
  EXPECT_EQ(snapshot.open_commands[0].expires_at.ms, 500);
  ASSERT_EQ(snapshot.highest_command_ids.size(), 1u);
  EXPECT_EQ(snapshot.highest_command_ids[0].second, 8u);

  std::vector<CommandRecord> commands;
  ASSERT_EQ(store_->open_reader()->commands(DeviceId{1}, 10, commands), StoreError::none);
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(commands[0].command_id, 8u);
  EXPECT_EQ(commands[1].state, CommandState::executed);
  EXPECT_EQ(commands[1].ended_at.ms, 200);
}

TEST_P(StoreConformance, KeepsSettings) {
  put({MetaRecord{"site", "home"}, MetaRecord{"site", "away"}, MetaRecord{"empty", ""}});
  reopen();
  const auto meta = load().meta;
  ASSERT_EQ(meta.size(), 2u);
  EXPECT_EQ(meta[0].key, "empty");
  EXPECT_EQ(meta[1].value, "away");
  EXPECT_EQ(apply(*store_, {MetaRecord{"store.arrival", "1"}}), StoreError::constraint);
}

TEST_P(StoreConformance, LeavesAPoisonUnitOutAndStoresTheRest) {
  DeviceRecord same_name = device_record(3);
  same_name.name = device_record(1).name;
  const std::vector<Changes> units{
      {device_record(1)},
      {number_reading(1, 10, 1), number_reading(99, 10, 1)},  // 99 is not known
      {number_reading(1, 20, 2)},
      {device_record(2), same_name},
      {device_record(4), number_reading(4, 10, 4)},
  };
  std::vector<std::size_t> refused;
  ASSERT_EQ(apply(*store_, units, refused), StoreError::none);
  EXPECT_EQ(refused, (std::vector<std::size_t>{1, 3}));
  const Snapshot snapshot = load();
  ASSERT_EQ(snapshot.devices.size(), 2u);
  EXPECT_EQ(snapshot.devices[1].id, DeviceId{4});
  EXPECT_EQ(history(0, 100, 10).readings, 1u) << "nothing of a refused unit stays";
}

TEST_P(StoreConformance, RefusesWhatIsBeyondItsLimits) {
  put({device_record(1)});
  Reading late = number_reading(1, kMaxTimeMs + 1, 1);
  Reading early = number_reading(1, -1, 1);
  Reading wrong_slot = number_reading(1, 1, 1, kSlotCount);
  Reading long_text = number_reading(1, 1, 1);
  long_text.type = ValueType::text;
  long_text.text.assign(kMaxTextBytes + 1, 'x');
  DeviceRecord long_name = device_record(2);
  long_name.name.assign(30, 'x');
  DeviceRecord long_session = device_record(2);
  long_session.session_id.assign(18, '1');
  const EspialSession big_keys{DeviceId{1}, 1, 1, 1, Bytes(kMaxWrappedBytes + 1)};
  CommandRecord big_command;
  big_command.device = DeviceId{1};
  big_command.payload.resize(kMaxPayloadBytes + 1);
  const std::vector<Changes> units{{number_reading(1, 1, 1)},
                                   {late},
                                   {early},
                                   {wrong_slot},
                                   {long_text},
                                   {long_name},
                                   {long_session},
                                   {big_keys},
                                   {big_command},
                                   {device_record(0)}};
  std::vector<std::size_t> refused;
  ASSERT_EQ(apply(*store_, units, refused), StoreError::none);
  EXPECT_EQ(refused, (std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(history(0, 10, 10).readings, 1u);
}

TEST_P(StoreConformance, AModuleItselfHasAPlaceBesideItsFunctions) {
  constexpr std::uint8_t kItself = 15;
  CommandRecord command;
  command.device = DeviceId{1};
  command.command_id = 1;
  command.slot = kItself;
  put({device_record(1), FunctionRecord{DeviceId{1}, kItself, 9, {}, false}, command,
       number_reading(1, 1, 87, kItself)});
  reopen();
  const Snapshot snapshot = load();
  EXPECT_EQ(snapshot.functions.at(0).slot, kItself);
  EXPECT_EQ(snapshot.latest.at(0).slot, kItself);
  EXPECT_EQ(snapshot.latest.at(0).number, 87);
}

TEST_P(StoreConformance, WritesBatchesOfAnySize) {
  put({device_record(1)});
  std::int64_t at_ms = 0;
  for (const std::size_t size : {3'000u, 1u, 0u, 7u, 2'000u}) {
    std::vector<Changes> units;
    for (std::size_t i = 0; i < size; ++i) units.push_back({number_reading(1, ++at_ms, 1)});
    std::vector<std::size_t> refused;
    ASSERT_EQ(apply(*store_, units, refused), StoreError::none);
  }
  EXPECT_EQ(history(0, at_ms + 1, 10).readings, static_cast<std::uint64_t>(at_ms));
}

TEST_P(StoreConformance, ReadsARangeWithItsEndLeftOut) {
  put({device_record(1), number_reading(1, 10, 1), number_reading(1, 20, 2),
       number_reading(1, 30, 3), number_reading(1, 20, 99, 1)});
  const History range = history(10, 30, 10);
  ASSERT_EQ(range.points.size(), 2u);
  EXPECT_EQ(range.points[0].at.ms, 10);
  EXPECT_EQ(range.points[1].number, 2);
  EXPECT_EQ(range.points[1].lowest, 2);
  EXPECT_EQ(range.points[1].count, 1u);
}

TEST_P(StoreConformance, ThinsACurveKeepingItsExtremes) {
  Changes changes{device_record(1)};
  for (int i = 0; i < 1'000; ++i) changes.push_back(number_reading(1, i, i == 500 ? 1'000 : 1));
  put(changes);
  const History day = history(0, kMaxTimeMs, 10);
  EXPECT_EQ(day.readings, 1'000u);
  ASSERT_LE(day.points.size(), 10u);
  ASSERT_GE(day.points.size(), 5u);
  std::uint32_t count = 0;
  double highest = 0;
  for (const HistoryPoint& point : day.points) {
    count += point.count;
    highest = std::max(highest, point.highest);
    EXPECT_EQ(point.lowest, 1);
  }
  EXPECT_EQ(count, 1'000u);
  EXPECT_EQ(highest, 1'000);
  EXPECT_EQ(history(0, kMaxTimeMs, 0).points.size(), 1u) << "at least one point";
}

TEST_P(StoreConformance, KeepsTheNewestTextsOfALongRange) {
  Changes changes{device_record(1)};
  for (int i = 0; i < 30; ++i) {
    Reading reading = number_reading(1, i, 0);
    reading.type = ValueType::text;
    reading.text = std::to_string(i);
    changes.push_back(reading);
  }
  put(changes);
  const History texts = history(0, 100, 2);
  EXPECT_EQ(texts.readings, 30u);
  ASSERT_EQ(texts.points.size(), 2u);
  EXPECT_EQ(texts.points[0].text, "28");
  EXPECT_EQ(texts.points[1].text, "29");
}

TEST_P(StoreConformance, CountsWhatThereIs) {
  put({device_record(1), number_reading(1, 1, 1), number_reading(1, 2, 1)});
  const StoreCounts counts = store_->open_reader()->counts();
  EXPECT_EQ(counts.error, StoreError::none);
  EXPECT_EQ(counts.devices, 1u);
  EXPECT_EQ(counts.readings, 2u);
  EXPECT_EQ(counts.commands, 0u);
}

TEST_P(StoreConformance, DoesNothingUnlessOpen) {
  store_->close();
  Snapshot snapshot;
  EXPECT_EQ(store_->load(snapshot), StoreError::not_open);
  EXPECT_EQ(apply(*store_, {device_record(1)}), StoreError::not_open);
  EXPECT_EQ(store_->open_reader(), nullptr);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Engines, StoreConformance, engines(), name_of);

}  // namespace espial::store
