// What every engine must do when a device's history is erased, at every stage of being sorted.

#include <vector>

#include "hub/store/rollups.hpp"
#include "hub/store/store_conformance_test.hpp"

namespace espial::store {
namespace {

/// Midnight, 2026-11-21.
constexpr std::int64_t kMidnightMs = 20'778 * kDayMs;

class StoreErasing : public StoreConformance {
 protected:
  void put_readings(double number) {
    for (int day = 0; day < 4; ++day) {
      for (int i = 0; i < 3; ++i) {
        put({number_reading(1, kMidnightMs + day * kDayMs + i, number),
             number_reading(2, kMidnightMs + day * kDayMs + i, number)});
      }
    }
  }
  static CommandRecord command_of(std::uint32_t device) {
    CommandRecord command;
    command.device = DeviceId{device};
    command.command_id = 4;
    command.created_at = UnixTime{1'000};
    return command;
  }
};

TEST_P(StoreErasing, TakesAllOfOneDeviceAndNothingOfAnother) {
  put({device_record(1), device_record(2), command_of(1), command_of(2)});
  put_readings(1);
  put({HistoryErased{DeviceId{1}}});
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(history(0, kMaxTimeMs, 3).readings, 0u);
    EXPECT_EQ(history(0, kMaxTimeMs, 100, 0, 2).readings, 12u);
    const Snapshot snapshot = load();
    ASSERT_EQ(snapshot.latest.size(), 1u);
    EXPECT_EQ(snapshot.latest[0].device, DeviceId{2});
    ASSERT_EQ(snapshot.open_commands.size(), 1u);
    EXPECT_EQ(snapshot.open_commands[0].device, DeviceId{2});
    EXPECT_EQ(snapshot.devices.size(), 2u) << "the device itself stays";
    EXPECT_EQ(store_->open_reader()->counts().readings, 12u);
    reopen();
  }
}

TEST_P(StoreErasing, LeavesRoomForWhatTheDeviceMeasuresLater) {
  put({device_record(1), device_record(2)});
  put_readings(1);
  put({HistoryErased{DeviceId{1}}});
  put_readings(5);
  tidy(1'000);
  const History all = history(0, kMaxTimeMs, 2);
  EXPECT_EQ(all.readings, 12u);
  ASSERT_FALSE(all.points.empty());
  EXPECT_EQ(all.points[0].lowest, 5);
  EXPECT_EQ(history(0, kMaxTimeMs, 100, 0, 2).readings, 24u);
}

TEST_P(StoreErasing, TakesWhatIsStoredTogetherWithIt) {
  put({device_record(1)});
  put({HistoryErased{DeviceId{1}}, number_reading(1, kMidnightMs, 1)});
  EXPECT_EQ(history(0, kMaxTimeMs, 100).readings, 0u);
}

TEST_P(StoreErasing, IsDoneBesideAUnitThatIsRefused) {
  put({device_record(1), device_record(2)});
  put_readings(1);
  std::vector<std::size_t> refused;
  ASSERT_EQ(apply(*store_,
                  {{HistoryErased{DeviceId{1}}},
                   {HistoryErased{DeviceId{2}}, number_reading(9, kMidnightMs, 1)}},
                  refused),
            StoreError::none);
  EXPECT_EQ(refused, std::vector<std::size_t>{1});
  tidy(1'000);
  EXPECT_EQ(history(0, kMaxTimeMs, 100).readings, 0u);
  EXPECT_EQ(history(0, kMaxTimeMs, 100, 0, 2).readings, 12u);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Engines, StoreErasing, engines(), name_of);

}  // namespace espial::store
