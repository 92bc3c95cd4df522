#include "station/registry.hpp"

#include <gtest/gtest.h>

#include <string>

namespace espial::station {
namespace {

MacAddress mac(std::uint16_t number) {
  return {{2, 0, 0, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}};
}

AdmitRequest board(std::uint16_t number) {
  AdmitRequest request;
  request.mac = mac(number);
  request.protocol = Protocol::s2;
  request.now = UnixTime{1'000};
  return request;
}

AdmitRequest module(std::uint16_t number, std::uint8_t server, std::uint8_t wanted = 0) {
  AdmitRequest request = board(number);
  request.protocol = Protocol::espial;
  request.server = ServerId{server};
  request.wanted_module = ModuleId{wanted};
  return request;
}

TEST(CheckName, TakesWhatFitsAMessage) {
  for (const char* name : {"capteur01", "1", "54", "LeBron", "Salon d'été", "температура", "a b",
                           "\xf0\x9f\x92\xa1"}) {
    EXPECT_EQ(check_name(name), NameError::none) << name;
  }
  EXPECT_EQ(check_name(std::string(29, 'a')), NameError::none);
}

TEST(CheckName, SaysWhyNot) {
  EXPECT_EQ(check_name(""), NameError::empty);
  EXPECT_EQ(check_name(std::string(30, 'a')), NameError::too_long);
  EXPECT_EQ(check_name("a;b"), NameError::separator);
  EXPECT_EQ(check_name(" a"), NameError::not_printable);
  EXPECT_EQ(check_name("a "), NameError::not_printable);
  EXPECT_EQ(check_name("a\tb"), NameError::not_printable);
  EXPECT_EQ(check_name("a\x7f"), NameError::not_printable);
  EXPECT_EQ(check_name(std::string("a\0b", 3)), NameError::not_printable);
  EXPECT_EQ(check_name("a\xc2\x85"), NameError::not_printable);
  for (const char* broken : {"\xff", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                             "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\x80"}) {
    EXPECT_EQ(check_name(broken), NameError::not_utf8) << broken;
  }
}

TEST(DefaultName, HasAtLeastTwoDigits) {
  EXPECT_EQ(default_name(1), "capteur01");
  EXPECT_EQ(default_name(99), "capteur99");
  EXPECT_EQ(default_name(100), "capteur100");
}

TEST(Admit, NamesBoardsInTheOrderTheyCome) {
  LiveState state;
  EXPECT_EQ(admit(state, board(1)).device->name, "capteur01");
  const AdmitResult second = admit(state, board(2));
  EXPECT_TRUE(second.created);
  EXPECT_EQ(second.device->name, "capteur02");
  EXPECT_EQ(second.device->joined_at.ms, 1'000);
  EXPECT_FALSE(second.device->online);
  EXPECT_EQ(second.device->module, ModuleId{});
}

TEST(Admit, KeepsAMacsNameForEver) {
  LiveState state;
  const DeviceId id = admit(state, board(1)).device->id;
  ASSERT_EQ(admit(state, board(2)).error, AdmitError::none);
  ASSERT_EQ(rename(state, id, "LeBron").outcome, Outcome::done);
  AdmitRequest again = board(1);
  again.wanted_name = "another";
  const AdmitResult result = admit(state, again);
  EXPECT_FALSE(result.created);
  EXPECT_EQ(result.device->id, id);
  EXPECT_EQ(result.device->name, "LeBron");
}

TEST(Admit, SkipsADefaultNameThatIsTaken) {
  LiveState state;
  ASSERT_EQ(rename(state, admit(state, board(1)).device->id, "capteur02").outcome, Outcome::done);
  EXPECT_EQ(admit(state, board(2)).device->name, "capteur03");
  EXPECT_EQ(admit(state, board(3)).device->name, "capteur04");
}

TEST(Admit, NeverGivesTheNameOfARemovedDeviceToAnother) {
  LiveState state;
  ASSERT_EQ(admit(state, board(1)).error, AdmitError::none);
  ASSERT_EQ(state.remove(admit(state, board(2)).device->id), Outcome::done);
  EXPECT_EQ(admit(state, board(3)).device->name, "capteur03");
}

TEST(Admit, TakesAConfiguredNameOrSaysWhyNot) {
  LiveState state;
  AdmitRequest request = module(1, 1);
  request.wanted_name = "Salon";
  EXPECT_EQ(admit(state, request).device->name, "Salon");
  request.mac = mac(2);
  EXPECT_EQ(admit(state, request).error, AdmitError::name_taken);
  request.wanted_name = "a;b";
  EXPECT_EQ(admit(state, request).error, AdmitError::bad_name);
  EXPECT_EQ(state.size(), 1u);
}

TEST(Admit, GivesTheLowestFreeModuleIdOfEachNetwork) {
  LiveState state;
  EXPECT_EQ(admit(state, module(1, 1)).device->module, ModuleId{1});
  EXPECT_EQ(admit(state, module(2, 1, 3)).device->module, ModuleId{3});
  EXPECT_EQ(admit(state, module(3, 1)).device->module, ModuleId{2});
  EXPECT_EQ(admit(state, module(4, 1)).device->module, ModuleId{4});
  EXPECT_EQ(admit(state, module(5, 2)).device->module, ModuleId{1});
  EXPECT_EQ(admit(state, module(2, 1)).device->module, ModuleId{3}) << "it keeps its own";
  EXPECT_EQ(admit(state, module(2, 1, 9)).device->module, ModuleId{9}) << "configured anew";
  EXPECT_EQ(state.find_module(ServerId{1}, ModuleId{3}), nullptr);
}

TEST(Admit, RefusesAModuleIdThatIsTaken) {
  LiveState state;
  ASSERT_EQ(admit(state, module(1, 1, 7)).error, AdmitError::none);
  const AdmitResult result = admit(state, module(2, 1, 7));
  EXPECT_EQ(result.error, AdmitError::module_taken);
  EXPECT_EQ(result.device, nullptr);
  EXPECT_EQ(state.size(), 1u);
  EXPECT_EQ(admit(state, module(1, 1, 7)).error, AdmitError::none) << "its own is no collision";
}

TEST(Admit, GivesTheTwoHundredAndFiftySixthModuleNoShortName) {
  LiveState state;
  for (std::uint16_t number = 1; number <= 255; ++number) {
    ASSERT_EQ(admit(state, module(number, 1)).error, AdmitError::none);
  }
  for (const std::uint16_t number : {std::uint16_t{256}, std::uint16_t{257}}) {
    const AdmitResult result = admit(state, module(number, 1));
    ASSERT_EQ(result.error, AdmitError::none);
    EXPECT_EQ(result.device->module, ModuleId{});
  }
  EXPECT_EQ(admit(state, module(258, 2)).device->module, ModuleId{1});
}

TEST(Admit, RefusesWhenTheTableIsFull) {
  LiveState state(1, 1);
  ASSERT_EQ(admit(state, board(1)).error, AdmitError::none);
  EXPECT_EQ(admit(state, board(2)).error, AdmitError::table_full);
  EXPECT_EQ(admit(state, board(1)).error, AdmitError::none);
}

TEST(Admit, MovesAModuleToAnotherNetwork) {
  LiveState state;
  ASSERT_EQ(admit(state, module(1, 1)).error, AdmitError::none);
  ASSERT_EQ(admit(state, module(2, 2)).error, AdmitError::none);
  EXPECT_EQ(admit(state, module(1, 2)).device->module, ModuleId{2});
  EXPECT_EQ(state.find_module(ServerId{1}, ModuleId{1}), nullptr);
}

TEST(Remains, LeaveNameAndModuleIdToOthersUntilTheDeviceJoinsAgain) {
  LiveState state;
  const Device lamp = *admit(state, module(1, 1, 5)).device;
  ASSERT_EQ(rename(state, lamp.id, "Lamp").outcome, Outcome::done);
  const Device remains = remains_of(state, *state.find(lamp.id));
  EXPECT_FALSE(remains.joined_at.known());
  EXPECT_TRUE(remains.hidden);
  ASSERT_EQ(state.put(remains), Outcome::done);
  EXPECT_EQ(state.find(lamp.id)->name, "capteur01");
  ASSERT_TRUE(admit(state, module(2, 1, 5)).created);
  EXPECT_EQ(rename(state, DeviceId{2}, "Lamp").outcome, Outcome::done);

  AdmitRequest again = module(1, 1);
  again.now = UnixTime{2'000};
  const AdmitResult back = admit(state, again);
  EXPECT_FALSE(back.created);
  EXPECT_EQ(back.device->id, lamp.id);
  EXPECT_EQ(back.device->joined_at.ms, 2'000);
  EXPECT_EQ(back.device->module, ModuleId{1});
  EXPECT_TRUE(back.device->hidden) << "until it is stored";
}

TEST(Remains, TakeAnotherNameWhenTheirOwnIsTaken) {
  LiveState state;
  const DeviceId first = admit(state, board(1)).device->id;
  const DeviceId second = admit(state, board(2)).device->id;
  ASSERT_EQ(rename(state, first, "Lamp").outcome, Outcome::done);
  ASSERT_EQ(rename(state, second, "capteur01").outcome, Outcome::done);
  EXPECT_EQ(remains_of(state, *state.find(first)).name, "capteur02");
  EXPECT_EQ(remains_of(state, *state.find(second)).name, "capteur02");
}

TEST(Rename, ChecksTheNameFirst) {
  LiveState state;
  const DeviceId id = admit(state, board(1)).device->id;
  EXPECT_EQ(rename(state, id, "a;b").name_error, NameError::separator);
  EXPECT_EQ(state.find(id)->name, "capteur01");
}

}  // namespace
}  // namespace espial::station
