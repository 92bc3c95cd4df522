#include "sim/house.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>

#include "core/wire/kind.hpp"
#include "core/wire/kinds_table.hpp"
#include "core/wire/week_schedule.hpp"

namespace espial::sim {
namespace {

constexpr UnixTime kNoon{1'700'049'600'000};  // 12:00 UTC

const ModulePlan& plan_of(std::string_view name) {
  for (const ModulePlan& plan : house_plan()) {
    if (plan.name == name) return plan;
  }
  throw std::invalid_argument(std::string(name));
}

wire::Reading command(std::uint8_t slot, wire::Kind kind, ByteView value) {
  return {slot, static_cast<std::uint8_t>(kind), value};
}

TEST(House, HasRoomForEverybody) {
  EXPECT_GE(house_plan().size(), 24U);
  std::set<std::string_view> names;
  std::set<MacAddress> addresses;
  for (std::size_t i = 0; i < house_plan().size(); ++i) {
    const ModulePlan& plan = house_plan()[i];
    EXPECT_LE(plan.name.size(), wire::kMaxNameSize);
    names.insert(plan.name);
    addresses.insert(house_address(i));
    for (const std::string_view kind : plan.kinds) {
      if (kind.empty()) continue;
      EXPECT_NE(wire::find_standard_kind(kind), nullptr) << kind;
    }
  }
  EXPECT_EQ(names.size(), house_plan().size());
  EXPECT_EQ(addresses.size(), house_plan().size());
}

TEST(House, EveryReadingOfADayIsWithinItsKindsLimits) {
  std::array<std::uint8_t, wire::kMaxValueSize> bytes{};
  for (std::size_t i = 0; i < house_plan().size(); ++i) {
    HouseModule module(house_plan()[i], i);
    for (int minute = 0; minute < 24 * 60; minute += 7) {
      const UnixTime now{kNoon.ms + minute * 60'000};
      auto said = module.measure(now);
      for (auto& happening : module.happenings(now)) said.push_back(happening);
      for (const HouseReading& reading : said) {
        const auto* const kind = wire::find_standard_kind(reading.kind);
        EXPECT_TRUE(wire::encode_value(*kind, reading.values, bytes))
            << module.plan().name << " " << kind->name;
      }
    }
  }
}

TEST(House, ALampSaysWhatItWasTold) {
  HouseModule lamp(plan_of("Hall lamp"), 1);
  const std::array<std::uint8_t, 1> on{1};
  const auto executed = lamp.execute(command(0, wire::Kind::kRelay, on), kNoon);
  EXPECT_EQ(executed.outcome, wire::Outcome::kExecuted);
  ASSERT_EQ(executed.readings.size(), 1U);
  EXPECT_EQ(executed.readings[0].values[0].number, 1);
  EXPECT_EQ(lamp.measure(kNoon)[0].values[0].number, 1) << "and it stays on";
}

TEST(House, AThermostatKeepsToWhatItsWeekSays) {
  HouseModule heating(plan_of("Living room heating"), 1);
  const auto warm = heating.keep_to(0, 2650, kNoon);
  ASSERT_EQ(warm.size(), 1U);
  EXPECT_EQ(warm[0].values[1].number, 26.5);
  EXPECT_EQ(warm[0].values[2].number, 1) << "it is colder than that";
  const auto off = heating.keep_to(0, wire::kNoSetPoint, kNoon);
  ASSERT_EQ(off.size(), 1U);
  EXPECT_EQ(off[0].values[1].number, std::nullopt);
  EXPECT_EQ(off[0].values[2].number, 0);
  EXPECT_TRUE(heating.keep_to(1, 2000, kNoon).empty()) << "no such slot";
  EXPECT_TRUE(HouseModule(plan_of("Hall lamp"), 1).keep_to(0, 2000, kNoon).empty());
}

TEST(House, WhatAModuleCannotDoItRefuses) {
  HouseModule lamp(plan_of("Hall lamp"), 1);
  const std::array<std::uint8_t, 1> on{1};
  const std::array<std::uint8_t, 1> neither{7};
  const auto outcome = [&](std::uint8_t slot, wire::Kind kind, ByteView value) {
    return lamp.execute(command(slot, kind, value), kNoon).outcome;
  };
  EXPECT_EQ(outcome(1, wire::Kind::kRelay, on), wire::Outcome::kRefused) << "no such slot";
  EXPECT_EQ(outcome(0, wire::Kind::kLed, on), wire::Outcome::kRefused) << "another kind";
  EXPECT_EQ(outcome(0, wire::Kind::kRelay, neither), wire::Outcome::kRefused) << "no such value";
  EXPECT_EQ(outcome(0, wire::Kind::kRelay, {}), wire::Outcome::kRefused) << "no value";
}

TEST(House, DoorsOpenAndCloseAgain) {
  HouseModule door(plan_of("Front door"), 3);
  int opened = 0;
  int closed = 0;
  for (int second = 0; second < 3600; ++second) {
    for (const HouseReading& said : door.happenings({kNoon.ms + second * 1000})) {
      if (said.values[0].number == 1) {
        ++opened;
      } else {
        ++closed;
      }
    }
  }
  EXPECT_GT(opened, 0);
  EXPECT_GE(opened, closed);
  EXPECT_LE(opened - closed, 1);
}

TEST(House, AButtonThatWorksALampIsPressedByPeopleOnly) {
  const auto index = house_index("Bedroom button");
  ASSERT_TRUE(index);
  const ModulePlan& plan = house_plan()[*index];
  ASSERT_TRUE(house_index(plan.works)) << "what it works is in the house";
  HouseModule button(plan, 1);
  for (std::int64_t s = 0; s < 3600; ++s) EXPECT_TRUE(button.happenings({s * 1000}).empty());
  const auto pressed = button.press({3'600'000});
  ASSERT_EQ(pressed.size(), 1U);
  EXPECT_EQ(*pressed[0].values[0].number, 1);
  const auto released = button.happenings({3'601'000});
  ASSERT_EQ(released.size(), 1U);
  EXPECT_EQ(*released[0].values[0].number, 0);
  EXPECT_TRUE(HouseModule(house_plan()[0], 1).press({}).empty()) << "it has none";
}

}  // namespace
}  // namespace espial::sim
