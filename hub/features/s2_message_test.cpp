#include "hub/features/s2_message.hpp"

#include <gtest/gtest.h>

namespace espial::s2 {
namespace {

Refusal refusal_of(std::string_view topic, std::string_view payload) {
  const auto result = parse(topic, payload);
  const auto* refusal = std::get_if<Refusal>(&result);
  if (refusal == nullptr) {
    ADD_FAILURE() << "accepted: " << payload;
    return Refusal::kWrongTopic;
  }
  return *refusal;
}

template <typename T>
T accepted(std::string_view topic, std::string_view payload) {
  const auto result = parse(topic, payload);
  if (const auto* refusal = std::get_if<Refusal>(&result)) {
    ADD_FAILURE() << payload << ": " << to_text(*refusal);
    return {};
  }
  return std::get<T>(std::get<Message>(result));
}

TEST(S2Message, TheExamplesOfTheSpecification) {
  const auto join = accepted<JoinRequest>("state/join", "61:EC:ED:3B:25:B1");
  EXPECT_EQ(join.mac, (MacAddress{{0x61, 0xec, 0xed, 0x3b, 0x25, 0xb1}}));
  EXPECT_EQ(join.mac_text, "61:EC:ED:3B:25:B1");

  const auto begin = accepted<SessionBegin>("state/join", "capteur02;1743946777.603371");
  EXPECT_EQ(begin.credentials.name, "capteur02");
  EXPECT_EQ(begin.credentials.session, "1743946777.603371");

  const auto light = accepted<Status>("photoresistor/status", "capteur01;1743946777.603371;58");
  EXPECT_EQ(light.sensor, Sensor::kPhotoresistor);
  EXPECT_EQ(light.value, 58);

  EXPECT_EQ(accepted<Status>("button/status", "optimus;1743946777.603371;1").value, 1);
  EXPECT_EQ(accepted<Status>("led/status", "54;1743946777.603371;0").credentials.name, "54");
  EXPECT_EQ(accepted<Leave>("state/leave", "capteur01;1743946777.603371").credentials.name,
            "capteur01");
  EXPECT_EQ(name_assign("61:EC:ED:3B:25:B1", "capteur01", "1743946777.603371"),
            "61:EC:ED:3B:25:B1;capteur01;1743946777.603371");
  EXPECT_EQ(led_command("capteur01", "1743946777.603371", true), "capteur01;1743946777.603371;1");
}

TEST(S2Message, ValuesAreTheRangeOfTheirTopic) {
  EXPECT_EQ(accepted<Status>("photoresistor/status", "a;1;0").value, 0);
  EXPECT_EQ(accepted<Status>("photoresistor/status", "a;1;100").value, 100);
  for (const char* bad : {"101", "256", "-1", "+1", "1.5", " 1", "1 ", "abc", "", "007", "0x1"}) {
    EXPECT_EQ(refusal_of("photoresistor/status", std::string("a;1;") + bad), Refusal::kValue)
        << bad;
  }
  EXPECT_EQ(refusal_of("led/status", "a;1;2"), Refusal::kValue);
  EXPECT_EQ(refusal_of("button/status", "a;1;10"), Refusal::kValue);
}

TEST(S2Message, NamesAndSessionsHaveTheirLengths) {
  const std::string name29(29, 'n');
  const std::string session17(17, '1');
  EXPECT_EQ(accepted<Status>("led/status", name29 + ";" + session17 + ";1").credentials.name,
            name29);
  EXPECT_EQ(refusal_of("led/status", name29 + "n;1;1"), Refusal::kLongName);
  EXPECT_EQ(refusal_of("led/status", name29 + "n;" + session17 + ";1"), Refusal::kLongName);
  EXPECT_EQ(refusal_of("led/status", "a;" + session17 + "1;1"), Refusal::kSession);
  EXPECT_EQ(refusal_of("led/status", ";1;1"), Refusal::kNoName);
  EXPECT_EQ(refusal_of("led/status", "a;;1"), Refusal::kSession);
  EXPECT_EQ(refusal_of("photoresistor/status", std::string(5000, 'x')), Refusal::kTooLong);
}

TEST(S2Message, OtherNumbersOfPartsAreRefused) {
  for (const char* bad : {"", "a", "a;1", "a;1;1;", "a;1;1;1", ";;;;;"}) {
    EXPECT_EQ(refusal_of("led/status", bad), Refusal::kParts) << bad;
  }
  EXPECT_EQ(refusal_of("state/leave", "capteur01"), Refusal::kParts);
  EXPECT_EQ(refusal_of("state/leave", "a;b;c"), Refusal::kParts);
  EXPECT_EQ(refusal_of("state/join", "a;b;c"), Refusal::kParts);
  EXPECT_EQ(refusal_of("state/join", "61:EC:ED:3B:25"), Refusal::kMac);
  EXPECT_EQ(refusal_of("state/join", "61:EC:ED:3B:25:G1"), Refusal::kMac);
  EXPECT_EQ(refusal_of("state/join", ""), Refusal::kMac);
  EXPECT_EQ(refusal_of("led/command", "a;1;1"), Refusal::kWrongTopic);
}

TEST(S2SessionClock, IdsHaveSixDecimalsAndNeverRepeat) {
  SessionClock clock;
  EXPECT_EQ(clock.next(1'743'946'777'603'371), "1743946777.603371");
  EXPECT_EQ(clock.next(1'743'946'777'603'371), "1743946777.603372") << "same microsecond";
  EXPECT_EQ(clock.next(1'743'946'000'000'000), "1743946777.603373") << "the clock went back";
  clock.not_before("1743946779.000005");
  EXPECT_EQ(clock.next(1'743'946'778'000'000), "1743946779.000006") << "after a restart";
  clock.not_before("rubbish");
  clock.not_before("1.5");
  EXPECT_EQ(clock.next(1'743'946'780'000'000), "1743946780.000000");
}

TEST(S2Message, FormerNamesAreReadAsTheyAreWritten) {
  const FormerNames former{"1743946777.603371", {"capteur01", "Salle à manger"}};
  const auto again = parse_former_names(to_document(former));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->session, former.session);
  EXPECT_EQ(again->names, former.names);
  for (const std::string& text :
       {std::string(), std::string(";a"), std::string("1;"), std::string("1;;a"),
        std::string("1;a;"), std::string(18, '1') + ";a", "1;" + std::string(30, 'a')}) {
    EXPECT_FALSE(parse_former_names(text)) << text;
  }
}

}  // namespace
}  // namespace espial::s2
