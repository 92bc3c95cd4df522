#include "hub/features/replacing.hpp"

#include <gtest/gtest.h>

namespace espial::features {
namespace {

using station::Problem;
using station::Protocol;

station::Device device(std::uint32_t id, std::string_view name, Protocol protocol) {
  station::Device one;
  one.id = {id};
  one.mac = {{2, 0, 0, 0, 0, static_cast<std::uint8_t>(id)}};
  one.name = name;
  one.protocol = protocol;
  return one;
}

station::FunctionState function(std::uint8_t slot, std::uint8_t kind, std::string_view title) {
  station::FunctionState state;
  state.slot = slot;
  state.kind = kind;
  state.title = title;
  return state;
}

TEST(Replacing, OnlyABoardThatSpeaksAlikeTakesAPlace) {
  constexpr Protocol kAll[] = {Protocol::espial, Protocol::s0, Protocol::s1, Protocol::s2};
  for (const Protocol former : kAll) {
    for (const Protocol now : kAll) {
      const auto refusal = check_replacement(device(1, "Hall", former), device(2, "Spare", now));
      EXPECT_EQ(refusal.has_value(), former != now);
      if (!refusal) continue;
      EXPECT_EQ(refusal->problem, Problem::kOtherProtocol);
      EXPECT_NE(refusal->reason.find("forget Hall and give its name to Spare"), std::string::npos)
          << refusal->reason;
    }
  }
}

TEST(Replacing, WhoIsThereIsNotReplaced) {
  station::Device hall = device(1, "Hall", Protocol::s2);
  hall.online = true;
  const auto refusal = check_replacement(hall, device(2, "Spare", Protocol::s2));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->problem, Problem::kStillOnline);
  EXPECT_NE(refusal->reason.find("switch it off first"), std::string::npos);
  hall.online = false;
  EXPECT_EQ(check_replacement(hall, hall)->problem, Problem::kNoSuchDevice);
}

TEST(Replacing, TheDeviceKeepsNumberNameAndTitlesAndHasTheNewBoardsRest) {
  station::Device hall = device(1, "Hall", Protocol::s2);
  hall.functions = {function(0, 3, "Lamp"), function(1, 4, "Button"), function(2, 5, "Light"),
                    function(3, 5, "Window")};
  hall.functions[0].values = {station::Value::of(0, 1.0)};
  station::Device spare = device(2, "Spare", Protocol::s2);
  spare.online = true;
  spare.functions = {function(0, 3, ""), function(1, 9, "Knob"), function(3, 5, "")};
  spare.functions[2].values = {station::Value::of(0, 7.0)};
  station::LiveState live;
  ASSERT_EQ(live.put(hall), station::Outcome::done);
  ASSERT_EQ(live.put(spare), station::Outcome::done);
  const Succession succession = succession_of(live, hall, spare);
  EXPECT_EQ(succession.device.id.value, 1U);
  EXPECT_EQ(succession.device.name, "Hall");
  EXPECT_EQ(succession.device.mac, spare.mac);
  EXPECT_TRUE(succession.device.online);
  ASSERT_EQ(succession.device.functions.size(), 3U);
  EXPECT_EQ(succession.device.functions[0].title, "Lamp");
  EXPECT_EQ(succession.device.functions[0].values.size(), 1U) << "until it says something itself";
  EXPECT_EQ(succession.device.functions[1].title, "Knob") << "it is another kind of function";
  EXPECT_EQ(succession.device.functions[2].title, "Window");
  EXPECT_EQ(succession.device.functions[2].values[0].number, 7.0);
  EXPECT_EQ(succession.remains.id.value, 2U);
  EXPECT_FALSE(succession.remains.joined_at.known());
  EXPECT_NE(succession.remains.mac, spare.mac);

  show(live, succession);
  EXPECT_EQ(live.find(hall.mac), nullptr);
  EXPECT_EQ(live.find(spare.mac)->id.value, 1U);
  EXPECT_TRUE(live.find(station::DeviceId{2})->hidden);

  const store::Changes changes = records_of(succession, hall);
  ASSERT_EQ(changes.size(), 6U);
  EXPECT_EQ(std::get<store::DeviceRecord>(changes[0]).id.value, 2U) << "which frees the address";
  EXPECT_EQ(std::get<store::DeviceRecord>(changes[1]).mac, spare.mac);
  EXPECT_EQ(std::get<store::FunctionRecord>(changes[2]).kind, 0) << "slot 2 is no more";
}

TEST(Replacing, WhatRemainsTakesNobodysName) {
  station::LiveState live;
  const station::Device spare = device(2, "Spare", Protocol::s2);
  ASSERT_EQ(live.put(device(1, "Hall", Protocol::s2)), station::Outcome::done);
  ASSERT_EQ(live.put(spare), station::Outcome::done);
  ASSERT_EQ(live.put(device(3, "replaced 2", Protocol::s2)), station::Outcome::done);
  show(live, succession_of(live, *live.find(station::DeviceId{1}), spare));
  ASSERT_NE(live.find(station::DeviceId{2}), nullptr);
  EXPECT_NE(live.find(station::DeviceId{2})->name, "replaced 2");
}

}  // namespace
}  // namespace espial::features
