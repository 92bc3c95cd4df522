#include "hub/main/doctor.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace espial::main {
namespace {

constexpr std::int64_t kNow_ms = 1'774'598'400'000;

class DoctorTest : public testing::Test {
 protected:
  /// What is wrong now, in the order of urgency.
  std::vector<std::string> findings() {
    std::vector<std::string> texts;
    for (const Finding& finding : diagnose(house_, figures_, earlier_, kNow_ms)) {
      EXPECT_FALSE(finding.repair.empty());
      texts.push_back(finding.what);
    }
    return texts;
  }
  /// The only finding.
  std::string finding() {
    const auto texts = findings();
    EXPECT_EQ(texts.size(), 1u);
    return texts.empty() ? "" : texts[0];
  }
  void count(const std::string& what, double value) {
    figures_["espial_gateway_counts{gateway=\"24:6f:28:aa:aa:01\",what=\"" + what + "\"}"] = value;
  }

  nlohmann::json house_ = nlohmann::json::parse(R"({
    "now": 1774598400000,
    "devices": [{"name": "Hall", "protocol": "espial", "online": true, "rssi": -60}],
    "system": {"broker": {"connected": true, "address": "127.0.0.1:1883"}, "store": {"ok": true},
               "gateways": [{"mac": "24:6f:28:aa:aa:01", "online": true, "channel": 6, "devices": 1}]}
  })");
  void add_gateway(const std::string& mac, int channel) {
    house_["system"]["gateways"].push_back(
        {{"mac", mac}, {"online", true}, {"channel", channel}, {"devices", 0}});
  }
  void refuse(Figures& figures, const std::string& what, double times) {
    figures["espial_network_events_total{server=\"1\",what=\"" + what + "\"}"] = times;
  }

  Figures figures_;
  Figures earlier_;
};

TEST_F(DoctorTest, AHealthyHouseHasNothing) { EXPECT_TRUE(findings().empty()); }

TEST_F(DoctorTest, AClockThatIsOff) {
  house_["now"] = kNow_ms - 3'600'000;
  EXPECT_EQ(finding(), "the hub's clock is -3600 s away from this machine's");
}

TEST_F(DoctorTest, ACertificateThatEnds) {
  house_["system"]["certificate_days"] = nullptr;
  EXPECT_TRUE(findings().empty());
  house_["system"]["certificate_days"] = 12;
  EXPECT_EQ(finding(), "the hub's certificate ends in 12 days");
  house_["system"]["certificate_days"] = -1;
  EXPECT_NE(finding().find("has ended"), std::string::npos);
}

TEST_F(DoctorTest, ABrokerThatIsAwayOrDrops) {
  figures_["espial_mqtt_connection_failures_total"] = 3;
  house_["system"]["broker"]["since"] = kNow_ms - 60'000;
  EXPECT_NE(finding().find("again and again"), std::string::npos);
  house_["system"]["broker"]["since"] = kNow_ms - 3'600'000;
  EXPECT_TRUE(findings().empty()) << "it has been well for an hour";
  house_["system"]["broker"]["connected"] = false;
  EXPECT_NE(finding().find("does not reach"), std::string::npos);
}

TEST_F(DoctorTest, AGatewayThatIsHeardBadlyByItsModules) {
  count("sent", 100);
  count("send_failed", 40);
  EXPECT_NE(finding().find("40 %"), std::string::npos);
}

TEST_F(DoctorTest, WhoIsHeardWellAndDoesNotHearIsNotTooFar) {
  count("sent", 100);
  count("send_failed", 40);
  house_["devices"][0]["gateway"] = "24:6f:28:aa:aa:01";
  const auto repair = [this] { return diagnose(house_, figures_, earlier_, kNow_ms).at(0).repair; };
  EXPECT_NE(finding().find("hears its modules well, and they do not hear it: 40 %"),
            std::string::npos);
  EXPECT_EQ(repair().find("nearer"), std::string::npos);
  house_["devices"][0]["rssi"] = -78;
  EXPECT_NE(finding().find("is heard by its modules badly: 40 %"), std::string::npos);
  EXPECT_NE(repair().find("nearer"), std::string::npos);
}

TEST_F(DoctorTest, WhatComesToAStationsAddressWhileItGoesOn) {
  count("to_station", 7);
  EXPECT_TRUE(needs_second_look(figures_));
  EXPECT_EQ(finding(), "modules send to the station address of gateway 24:6f:28:aa:aa:01");
  EXPECT_NE(diagnose(house_, figures_, earlier_, kNow_ms).at(0).repair.find("24:6f:28:aa:aa:01"),
            std::string::npos);
  count("station_sleeps", 1);
  EXPECT_NE(finding().find("misses what comes between two beacons"), std::string::npos);
  earlier_ = figures_;
  EXPECT_EQ(finding(), "the station of gateway 24:6f:28:aa:aa:01 is in modem sleep");
  count("station_sleeps", 0);
  EXPECT_TRUE(findings().empty()) << "it is over";
}

TEST_F(DoctorTest, WhetherAStationSleepsTellsAddressFromChannel) {
  house_["system"]["gateways"][0]["devices"] = 0;
  count("connects_answered", 100);
  count("frames_heard", 100);
  const auto repair = [this] { return diagnose(house_, figures_, earlier_, kNow_ms).at(0).repair; };
  EXPECT_NE(repair().find("can't be seen from here"), std::string::npos);
  count("station_sleeps", 0);
  EXPECT_NE(repair().find("is awake and would hear them"), std::string::npos);
  count("station_sleeps", 1);
  EXPECT_NE(repair().find("hears little at its own address"), std::string::npos);
}

TEST_F(DoctorTest, AGatewaysClockThatIsOffWhileBothOursAgree) {
  const std::string name = "espial_gateway_clock_off_ms{gateway=\"24:6f:28:aa:aa:01\"}";
  figures_[name] = 29'000;
  EXPECT_TRUE(findings().empty());
  figures_[name] = 90'000;
  EXPECT_EQ(finding(), "the clocks of the hub and of gateway 24:6f:28:aa:aa:01 are 90 s apart");
}

TEST_F(DoctorTest, AClockThatWasSetBack) {
  house_["devices"][0]["last_seen"] = kNow_ms + 600'000;
  EXPECT_NE(finding().find("600 s after the hub's present time"), std::string::npos);
}

TEST_F(DoctorTest, HowFarModulesComeThatFindAGatewaySaysWhatStopsThem) {
  house_["system"]["gateways"][0]["devices"] = 0;
  count("connects_answered", 100);
  count("frames_heard", 100);
  EXPECT_NE(finding().find("and then send it nothing"), std::string::npos);
  count("relayed_up", 30);
  EXPECT_NE(finding().find("stay without a session, though their radios acknowledge"),
            std::string::npos);
  count("sent", 20);
  count("send_failed", 10);
  EXPECT_NE(finding().find("its answers do not reach them"), std::string::npos);
  refuse(figures_, "joins_refused", 30);
  EXPECT_NE(findings()[0].find("the hub refuses them all"), std::string::npos);
}

TEST_F(DoctorTest, AGatewayOnAnotherChannelThanWhereModulesAreHeard) {
  count("frames_heard", 9);
  add_gateway("24:6f:28:aa:aa:02", 11);
  EXPECT_EQ(finding(),
            "gateway 24:6f:28:aa:aa:02 is on channel 11 and hears nobody; modules are heard on "
            "channel 6");
  house_["system"]["gateways"][1]["channel"] = 6;
  EXPECT_EQ(finding(), "gateway 24:6f:28:aa:aa:02 on channel 6 hears nobody");
  house_["system"]["gateways"][1]["channel"] = 0;
  EXPECT_NE(finding().find("no channel from 1 to 13"), std::string::npos);
}

TEST_F(DoctorTest, NoiseUnderTheNameOfAModuleThatIsWellIsNotHeldAgainstIt) {
  refuse(figures_, "not_authentic", 2);
  const auto found = diagnose(house_, figures_, earlier_, kNow_ms);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].urgent);
  EXPECT_EQ(found[0].repair.find("forget"), std::string::npos);
  EXPECT_TRUE(needs_second_look(figures_));
  earlier_ = figures_;
  EXPECT_TRUE(findings().empty()) << "it is over";
}

TEST_F(DoctorTest, AModuleThatIsOfflineWhileWrongFramesComeIsToBePairedAgain) {
  house_["devices"][0]["online"] = false;
  refuse(earlier_, "not_authentic", 2);
  refuse(figures_, "not_authentic", 3);
  const auto found = diagnose(house_, figures_, earlier_, kNow_ms);
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found[0].urgent);
  EXPECT_NE(found[0].what.find("offline is: Hall"), std::string::npos);
  EXPECT_NE(found[0].repair.find("pair it again"), std::string::npos);
}

TEST_F(DoctorTest, WhoIsOfflineWithItsGatewayNeedsNoBattery) {
  auto& hall = house_["devices"][0];
  hall["gateway"] = "24:6f:28:aa:aa:01";
  hall["online"] = false;
  EXPECT_EQ(finding(), "offline: Hall");
  house_["system"]["gateways"][0]["online"] = false;
  EXPECT_EQ(finding(), "gateway 24:6f:28:aa:aa:01 is offline");
  hall["gateway"] = nullptr;
  EXPECT_EQ(findings().back(), "offline: Hall");
}

TEST_F(DoctorTest, FullPlaces) {
  count("sent", 100);
  count("peers_evicted", 20);
  EXPECT_TRUE(findings().empty()) << "now and then is how more than 20 are served";
  count("peers_evicted", 40);
  EXPECT_NE(finding().find("one module's place for another's with 40 %"), std::string::npos);
}

TEST_F(DoctorTest, WhatAGatewayHadNoRoomToSend) {
  count("down_evicted", 1);
  EXPECT_NE(finding().find("no room for some of what it was to send"), std::string::npos);
}

TEST_F(DoctorTest, AHouseWithoutAGateway) {
  house_["system"]["gateways"] = nlohmann::json::array();
  EXPECT_EQ(finding(), "no gateway has ever reported");
  house_["devices"][0]["protocol"] = "s2";
  EXPECT_TRUE(findings().empty()) << "boards of S2 need none";
  house_["devices"] = nlohmann::json::array();
  EXPECT_EQ(finding(), "no gateway has ever reported");
}

TEST_F(DoctorTest, ABoardOfAnyProtocolCanBeReplaced) {
  house_["devices"][0]["online"] = false;
  for (const char* const protocol : {"espial", "s0", "s1", "s2"}) {
    house_["devices"][0]["protocol"] = protocol;
    const auto found = diagnose(house_, figures_, earlier_, kNow_ms);
    EXPECT_NE(found.at(0).repair.find("espial replace"), std::string::npos) << protocol;
  }
}

TEST_F(DoctorTest, WhatHelpsAStoreIsSaidByItsError) {
  const auto repair = [this](const char* code) {
    house_["system"]["store"] = {{"ok", false}, {"reason", "it fails"}, {"code", code}};
    return diagnose(house_, figures_, earlier_, kNow_ms).at(0).repair;
  };
  EXPECT_NE(repair("store_full").find("room"), std::string::npos);
  EXPECT_NE(repair("store_locked").find("other program"), std::string::npos);
  EXPECT_NE(repair("store_away").find("start the database's server"), std::string::npos);
  EXPECT_NE(repair("store_denied").find("password"), std::string::npos);
  EXPECT_NE(repair("store_untrusted").find("tls_ca="), std::string::npos);
  EXPECT_NE(repair("store_failed").find("log"), std::string::npos);
}

TEST_F(DoctorTest, UrgentThingsComeFirst) {
  house_["devices"][0]["rssi"] = -90;
  house_["system"]["store"] = {{"ok", false}, {"reason", "no space left"}};
  const auto texts = findings();
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0], "nothing is stored: no space left");
  EXPECT_EQ(texts[1], "barely heard: Hall");
}

TEST(DoctorFigures, AreReadFromMetrics) {
  const Figures figures = read_figures("# HELP x y\nx 3\ny{a=\"b c\"} 4.5\n\nbroken\n");
  EXPECT_EQ(figures.at("x"), 3);
  EXPECT_EQ(figures.at("y{a=\"b c\"}"), 4.5);
  EXPECT_EQ(figures.size(), 2u);
}

}  // namespace
}  // namespace espial::main
