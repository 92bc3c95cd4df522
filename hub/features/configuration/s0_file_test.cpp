#include "hub/features/configuration/s0_file.hpp"

#include <gtest/gtest.h>

#include "hub/features/configuration/json_lines.hpp"

namespace espial::configuration {
namespace {

constexpr const char* kPeers = R"([
  {"PeerID": 3, "Devices": [
    {"ID": 1, "Type": "0", "Title": "Salon", "CtrlID": "1", "SP": "8", "Hyst": "1"},
    {"ID": 2, "Type": "7", "Title": "Piscine", "Min": 6, "Max": "8.5"}
  ]}
])";
constexpr const char* kRest = R"("DataTypes": [
    {"Type": "0", "F1": "L", "F2": "", "U1": "L"},
    {"Type": 7, "Title": "pH", "F1": {"Title": "pH", "Unit": "pH", "Log": true}}
  ],
  "HTMLs": [{"Type": "0", "HTML": "<p>$Title: $F1</p>"}],
  "Titles": [{"28FF641E8216C4A1": "Cuisine"}])";

std::string newer() { return std::string("{\"Peers\": ") + kPeers + ", " + kRest + "}"; }
std::string older() {
  return std::string("{\"Struct\": [{\"Peers\": ") + kPeers +
         R"(}, {"DataTypes": [{"Type": "7", "F1": "L"}]}, {"HTMLs": []}, {"Titles": []}]})";
}

S0File read(const std::string& text) {
  const auto result = read_s0_file(text);
  EXPECT_TRUE(std::holds_alternative<S0File>(result))
      << (std::holds_alternative<FileError>(result) ? to_text(std::get<FileError>(result), "x.json")
                                                    : "");
  return std::holds_alternative<S0File>(result) ? std::get<S0File>(result) : S0File{};
}

std::string refused(const std::string& text) {
  const auto result = read_s0_file(text);
  EXPECT_TRUE(std::holds_alternative<FileError>(result)) << text;
  return std::holds_alternative<FileError>(result)
             ? to_text(std::get<FileError>(result), "Maison.json")
             : "";
}

TEST(S0File, AModulesShareOfTheAirAndAThermostatsWeekAreRead) {
  const S0File file = read(R"({"Peers": [{"PeerID": 3, "Airtime": "50", "Devices": [
    {"ID": 1, "Type": 1}, {"ID": 2, "Type": "0", "Week": ["Tue 22:00 off", "Mon-Tue 06:30 21.5"]}]}]})");
  const ModulePlan& module = *file.find(ModuleId{3});
  EXPECT_EQ(module.max_airtime_permille, 50);
  ASSERT_TRUE(module.week);
  EXPECT_EQ(module.week->slot, 1);
  ASSERT_EQ(module.week->points.size(), 3U);
  EXPECT_EQ(module.week->points[1].minute, 24 * 60 + 390);
  EXPECT_EQ(module.week->points[1].set_point_cC, 2150);
}

TEST(S0File, ABadWeekIsRefusedWithWords) {
  const auto with = [](const std::string& device) {
    return R"({"Peers": [{"PeerID": 3, "Devices": [)" + device + "]}]}";
  };
  EXPECT_EQ(refused(with(R"({"ID": 1, "Type": 1, "Week": []})")),
            "Maison.json:1: Week: only a thermostat (Type 0) keeps to one");
  EXPECT_EQ(refused(with(R"({"ID": 1, "Type": 0, "Week": "Mon 06:30 21"})")),
            "Maison.json:1: Week: write a list, as [\"Mon-Fri 06:30 21\"]");
  EXPECT_EQ(refused(with(R"({"ID": 1, "Type": 0, "Week": ["Mon 6:30 21"]})")),
            "Maison.json:1: Week: write days, time and °C, as \"Mon-Fri 06:30 21.5\" or "
            "\"Sun 22:00 off\"");
  EXPECT_EQ(refused(with(R"({"ID": 1, "Type": 0, "Week": ["Mon 06:30 21", "Mon 06:30 22"]})")),
            "Maison.json:1: Week: write at most 28 times, each day's counted, and no two at one "
            "minute");
  EXPECT_EQ(refused(with(R"({"ID": 1, "Type": 0, "Week": []}, {"ID": 2, "Type": 0, "Week": []})")),
            "Maison.json:1: Week: a module keeps to one; leave the other one out");
  EXPECT_EQ(refused(R"({"Peers": [{"PeerID": 3, "Airtime": 1001, "Devices": []}]})"),
            "Maison.json:1: Airtime: write a whole number from 1 to 1000");
}

TEST(S0File, TheNewerFormIsRead) {
  const S0File file = read(newer());
  const ModulePlan* const module = file.find(ModuleId{3});
  ASSERT_NE(module, nullptr);
  ASSERT_EQ(module->functions.size(), 2u);
  EXPECT_EQ(module->functions[0].title, "Salon");
  EXPECT_EQ(module->functions[0].set_point, 8);
  EXPECT_EQ(module->functions[1].slot, 1);
  EXPECT_EQ(module->functions[1].maximum, 8.5);
  ASSERT_EQ(file.kinds.size(), 2u);
  EXPECT_TRUE(file.kinds[0].fields[0].logged);
  EXPECT_FALSE(file.kinds[0].fields[1].logged);
  EXPECT_EQ(file.kinds[1].fields[0].unit, "pH");
  EXPECT_EQ(file.templates.at(0), "<p>$Title: $F1</p>");
  EXPECT_EQ(file.titles.at("28ff641e8216c4a1"), "Cuisine") << "as they are looked up";
}

TEST(S0File, AKindOfItsOwnSaysWhatPeopleMaySet) {
  const auto kind = [](const std::string& fields) { return "{\"DataTypes\": [\n" + fields + "]}"; };
  const S0File file = read(kind(R"({"Type": 7, "F1": "L", "F2": {"Set": {"Min": "10", "Max": 30}}},
                                   {"Type": 8, "U1": {"Set": {}}})"));
  EXPECT_FALSE(file.kinds[0].fields[0].settable);
  ASSERT_TRUE(file.kinds[0].fields[1].settable);
  EXPECT_EQ(file.kinds[0].fields[1].settable->minimum, 10);
  EXPECT_EQ(file.kinds[0].fields[1].settable->maximum, 30);
  ASSERT_TRUE(file.kinds[1].fields[0].settable);
  EXPECT_EQ(file.kinds[1].fields[0].settable->minimum, 0);
  EXPECT_EQ(file.kinds[1].fields[0].settable->maximum, 255);

  EXPECT_EQ(refused(kind(R"({"Type": 2, "U1": {"Set": {}}})")),
            "Maison.json:2: Set: only kinds of the file's own take it");
  EXPECT_EQ(refused(kind(R"({"Type": 7, "U1": {"Set": {}}, "U2": {"Set": {}}})")),
            "Maison.json:2: Set: a kind has one field that is set; leave the other one out");
  EXPECT_EQ(refused(kind(R"({"Type": 7, "U1": {"Set": true}})")),
            "Maison.json:2: Set: write limits, as {\"Min\": 10, \"Max\": 30}");
  EXPECT_EQ(refused(kind(R"({"Type": 7, "U1": {"Set": {"Min": 10, "Max": 10}}})")),
            "Maison.json:2: Max: write a whole number from 11 to 255");
  EXPECT_EQ(refused(kind(R"({"Type": 7, "U1": {"Set": {"Max": 21.5}}})")),
            "Maison.json:2: Max: write a whole number from 1 to 255");
}

TEST(S0File, TheOlderFormSaysTheSame) {
  const S0File file = read(older());
  ASSERT_NE(file.find(ModuleId{3}), nullptr);
  EXPECT_EQ(file.find(ModuleId{3})->functions[1].title, "Piscine");
}

// As S0's server has them: types by their place, the page's buttons among the values, addresses
// with colons.
TEST(S0File, FilesOfS0sOwnServerAreRead) {
  const std::string lists = R"("DataTypes": [
      {"Title": "", "F1": "L", "F2": "", "U1": "T", "up": "", "down": "", "MsgID": ""},
      {"Title": "", "F1": 21, "MsgID": 0},
      {"Title": "", "U1": "", "U2": "D", "btnOn": "", "btnOff": "", "MsgID": ""},
      {"Title": "Niveau", "F1": "L"}],
    "HTMLs": [{"HTML": "<p>zero</p>"}, {"HTML": "<p>one</p>"}],
    "Titles": [{"28:7E:c6:38:0a:00:00:15": "Salon", "28ff641e8216c4a1": "Cuisine", "Cave": "x"}])";
  const S0File file =
      read(R"({"Peers": [{"PeerID": 3, "Devices": [{"ID": 1, "Type": "3", "Title": "Puits"}]}],)" +
           lists + "}");
  ASSERT_EQ(file.kinds.size(), 4u);
  EXPECT_EQ(file.kinds[2].type, 2);
  EXPECT_EQ(file.kinds[3].type, 3);
  EXPECT_EQ(file.kinds[3].title, "Niveau");
  EXPECT_EQ(file.kinds[0].fields.size(), 3u) << "buttons are no values";
  EXPECT_TRUE(file.kinds[0].fields[0].logged);
  EXPECT_FALSE(file.kinds[1].fields[0].logged);
  EXPECT_EQ(file.templates.at(1), "<p>one</p>");
  EXPECT_EQ(file.titles.at("287ec6380a000015"), "Salon");
  EXPECT_EQ(file.titles.at("28ff641e8216c4a1"), "Cuisine");
  EXPECT_EQ(file.titles.at("Cave"), "x");
}

TEST(S0File, ServerAndIntervalsMayBeAdded) {
  const S0File file = read(
      R"({"ServerID": 5, "Interval": "30", "Peers": [{"PeerID": 1, "Devices": []},
          {"PeerID": 2, "Interval": 600, "Devices": []}]})");
  EXPECT_EQ(file.server->value, 5);
  EXPECT_EQ(file.find(ModuleId{1})->interval_s, 30);
  EXPECT_EQ(file.find(ModuleId{2})->interval_s, 600);
}

TEST(S0File, ErrorsNameFileLineAndWhatToWrite) {
  const auto bad = [](const std::string& device) {
    return refused("{\n \"Peers\": [\n  {\"PeerID\": 3, \"Devices\": [\n   " + device + "]}]}");
  };
  EXPECT_EQ(bad(R"({"ID": 1, "Type": "9"})"),
            "Maison.json:4: Type 9 is defined nowhere; write 0 (thermostat), 1 (thermometer), 2 "
            "(relay), or define it in DataTypes");
  EXPECT_EQ(bad(R"({"ID": 1})"), "Maison.json:4: Type is missing: write \"Type\": 0");
  EXPECT_EQ(bad("{\"ID\": 1, \"Type\": 1,\n\"SP\": \"warm\"}"),
            "Maison.json:5: SP: write a number, as \"21.5\"");
  EXPECT_EQ(bad(R"({"ID": 1, "Type": 1, "Min": 5, "Max": 5})"),
            "Maison.json:4: Min must be less than Max");
  EXPECT_EQ(refused("{\n\"Peers\": [\n{\"PeerID\": 0, \"Devices\": []}]}"),
            "Maison.json:3: PeerID: write a whole number from 1 to 255");
  EXPECT_EQ(
      refused("{\n\n\"Peer\": []}"),
      "Maison.json:3: \"Peer\" is unknown; write Peers, DataTypes, HTMLs, Titles, ServerID or "
      "Interval");
  EXPECT_EQ(refused("{\"Peers\": [\n{\"PeerID\": 1 \"Devices\": []}]}").rfind("Maison.json:2: ", 0),
            0u);
  EXPECT_NE(
      refused(R"({"Peers":[{"PeerID":1,"Devices":[]},{"PeerID":1,"Devices":[]}]})").find("twice"),
      std::string::npos);
  EXPECT_NE(refused("\xff").find("UTF-8"), std::string::npos);
  EXPECT_NE(refused("{\"Interval\": 1e911}").find("too large"), std::string::npos);
  EXPECT_NE(refused(std::string(100, '[') + std::string(100, ']')).find("deeply"),
            std::string::npos);
}

TEST(S0File, WhatIsThereTwiceIsRefused) {
  const auto module = [](const std::string& devices) {
    return "{\"Peers\": [{\"PeerID\": 3, \"Devices\": [\n" + devices + "]}]}";
  };
  EXPECT_EQ(refused(module("{\"ID\": 1, \"Type\": 1},\n{\"ID\": 1, \"Type\": \"1\"}")),
            "Maison.json:3: ID 1 with Type 1 is there twice in this module; write another ID");
  EXPECT_EQ(read(module(R"({"ID": 1, "Type": 1}, {"ID": 1, "Type": 2})")).modules.size(), 1u)
      << "S0 tells functions apart by both";
  EXPECT_EQ(refused("{\"Peers\": [],\n \"Peers\": []}"),
            "Maison.json:2: \"Peers\" is there twice in one object; leave one of the two out, or "
            "make one of them");
  EXPECT_EQ(
      refused("{\"Titles\": [{\"28FF641E8216C4A1\": \"a\"},\n{\"28ff641e8216c4a1\": \"b\"}]}"),
      "Maison.json:2: the sensor 28ff641e8216c4a1 has two labels in Titles; leave one of the two "
      "out");
  EXPECT_EQ(
      read(R"({"Titles": [{"28FF641E8216C4A1": "a"}, {"28ff641e8216c4a1": "a"}]})").titles.size(),
      1u);
  EXPECT_EQ(
      refused("{\"HTMLs\": [{\"Type\": 0, \"HTML\": \"a\"},\n{\"Type\": 0, \"HTML\": \"b\"}]}"),
      "Maison.json:2: Type 0 is there twice in HTMLs; leave one of the two out");
  EXPECT_EQ(refused("{\"Struct\": [{\"ServerID\": 1},\n{\"ServerID\": 2}]}"),
            "Maison.json:2: ServerID is there twice; leave one of the two out");
}

TEST(S0File, AFileWithNothingInItIsRefused) {
  const char* const kEmpty[] = {"{}", R"({"Struct": []})", R"({"Struct": [{}, {}]})",
                                R"({"$schema": "x"})"};
  for (const char* const text : kEmpty) {
    EXPECT_EQ(refused(text),
              "Maison.json:1: nothing is in it; write {\"Peers\": [...]}, or {\"Peers\": []} for "
              "no modules");
  }
  EXPECT_TRUE(read(R"({"Peers": []})").modules.empty());
}

TEST(S0File, ListsInSeveralPlacesAreJoined) {
  const S0File file = read(R"({"Struct": [{"Peers": [{"PeerID": 1, "Devices": []}]},
    {"Titles": [{"28ff": "Cuisine"}]}, {"Peers": [{"PeerID": 2, "Devices": []}]}],
    "Titles": [{"28fe": "Salon"}]})");
  EXPECT_NE(file.find(ModuleId{1}), nullptr);
  EXPECT_NE(file.find(ModuleId{2}), nullptr);
  EXPECT_EQ(file.titles.size(), 2u);
  EXPECT_EQ(
      refused("{\"Struct\": [{\"Peers\": [{\"PeerID\": 1, \"Devices\": []}]},\n"
              "{\"Peers\": [{\"PeerID\": 1, \"Devices\": []}]}]}"),
      "Maison.json:2: PeerID 1 is there twice; write all its Devices in one place, or another "
      "PeerID");
  EXPECT_EQ(refused("{\"Struct\": [\n[]]}"), "Maison.json:2: Struct: write objects, as { ... }");
}

TEST(S0File, NamesThatNobodyReadsAreTold) {
  const S0File file = read(R"({"Peers": [{"PeerID": 3, "Intervall": 60, "Devices": [
    {"ID": 1, "Type": 1, "Titel": "Salon",
     "Colour": "red"}]}],
    "HTMLs": [{"Type": 1, "HTML": "", "Html": ""}],
    "DataTypes": [{"Type": 7, "F1": {"unit": "pH", "Log": true}}]})");
  std::string told;
  for (const SkippedName& one : file.skipped) told += to_text(one, "x") + "\n";
  EXPECT_EQ(told,
            "x:5: \"unit\" is unknown and left out; did you mean \"Unit\"?\n"
            "x:1: \"Intervall\" is unknown and left out; did you mean \"Interval\"?\n"
            "x:3: \"Colour\" is unknown and left out\n"
            "x:2: \"Titel\" is unknown and left out; did you mean \"Title\"?\n"
            "x:4: \"Html\" is unknown and left out; did you mean \"HTML\"?\n");
  EXPECT_TRUE(read(newer()).skipped.empty());
  EXPECT_TRUE(read(older()).skipped.empty());
  EXPECT_EQ(refused(R"({"DataTypes": [{"Type": 7, "F1": {"Log": "L"}}]})"),
            "Maison.json:1: Log: write true or false");
  std::string many;
  for (int i = 0; i < 100; ++i) many += ", \"x" + std::to_string(i) + "\": 1";
  EXPECT_EQ(read("{\"Peers\": [{\"PeerID\": 3, \"Devices\": []" + many + "}]}").skipped.size(),
            kMaxSkippedNames);
}

TEST(S0File, TitlesAndNamesHaveNoControlCharacters) {
  const std::string words = ": write it without control characters, as line ends and zero bytes";
  for (const std::string bad : {"a\\u0000b", "\\n", "\\u0085"}) {
    EXPECT_EQ(refused(R"({"Peers": [{"PeerID": 3, "Devices": [{"ID": 1, "Type": 1,)"
                      "\n\"Title\": \"" +
                      bad + "\"}]}]}"),
              "Maison.json:2: Title" + words);
    EXPECT_EQ(refused("{\"DataTypes\": [{\"Type\": 7, \"Title\": \"" + bad + "\"}]}"),
              "Maison.json:1: Title" + words);
    EXPECT_EQ(refused("{\"DataTypes\": [{\"Type\": 7, \"F1\": {\"Unit\": \"" + bad + "\"}}]}"),
              "Maison.json:1: Unit" + words);
    EXPECT_EQ(refused("{\"Titles\": [{\"28ff\": \"" + bad + "\"}]}"),
              "Maison.json:1: Titles" + words);
    EXPECT_EQ(refused("{\"Titles\": [{\"" + bad + "\": \"Salon\"}]}"),
              "Maison.json:1: Titles: write a sensor's address before its label");
  }
}

TEST(S0File, NamesAreShort) {
  const auto titles = [](std::size_t size) {
    return "{\n\"Titles\": [\n{\"" + std::string(size, 'x') + "\": \"Cuisine\"}]}";
  };
  EXPECT_EQ(read(titles(64)).titles.size(), 1u);
  EXPECT_EQ(refused(titles(65)), "Maison.json:3: a name is too long; write at most 64 bytes");
  EXPECT_EQ(refused(titles(0)), "Maison.json:3: Titles: write a sensor's address before its label");
  // Each of so many values has a path as long as this name.
  std::string many = "{\"" + std::string(32'000, 'x') + "\": [0";
  for (int i = 0; i < 16'000; ++i) many += ",0";
  EXPECT_EQ(refused(many + "]}"), "Maison.json:1: a name is too long; write at most 64 bytes");
}

TEST(JsonLines, KnowWhereEveryValueBegins) {
  const auto line_of = [](std::string_view path) {
    return line_of_value("{\n\"a\": [1,\n 2, {\"b\\\"c\":\n null}],\n\"d\": \"x\ny\"}", path);
  };
  EXPECT_EQ(line_of(""), 1u);
  EXPECT_EQ(line_of("/a/0"), 2u);
  EXPECT_EQ(line_of("/a/1"), 3u);
  EXPECT_EQ(line_of("/a/2/b\\\"c"), 4u);
  EXPECT_EQ(line_of("/d"), 5u);
  EXPECT_EQ(line_of("/a/7/nothing"), 2u);
  EXPECT_EQ(line_of("/ab"), 1u);
  EXPECT_EQ(line_of_value("{\"a\": 1,\n\"a\": {\"b\":\n 2}}", "/a"), 1u);
}

}  // namespace
}  // namespace espial::configuration
