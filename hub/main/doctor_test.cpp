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
    for (const Finding& finding : diagnose(house_, figures_, kNow_ms)) {
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
    "devices": [{"name": "Hall", "online": true, "rssi": -60}],
    "system": {"broker": {"connected": true, "address": "127.0.0.1:1883"}, "store": {"ok": true},
               "gateways": [{"mac": "24:6f:28:aa:aa:01", "online": true, "channel": 6, "devices": 1}]}
  })");
  Figures figures_;
};

TEST_F(DoctorTest, AHealthyHouseHasNothing) { EXPECT_TRUE(findings().empty()); }

TEST_F(DoctorTest, AClockThatIsOff) {
  house_["now"] = kNow_ms - 3'600'000;
  EXPECT_EQ(finding(), "the hub's clock is -3600 s away from this machine's");
}

TEST_F(DoctorTest, ABrokerThatIsAwayOrDrops) {
  figures_["espial_mqtt_connection_failures_total"] = 3;
  EXPECT_NE(finding().find("again and again"), std::string::npos);
  house_["system"]["broker"]["connected"] = false;
  EXPECT_NE(finding().find("does not reach"), std::string::npos);
}

TEST_F(DoctorTest, AGatewayThatIsHeardBadlyByItsModules) {
  count("sent", 100);
  count("send_failed", 40);
  EXPECT_NE(finding().find("40 %"), std::string::npos);
}

TEST_F(DoctorTest, ModulesThatFindAGatewayAndNeverComeIn) {
  house_["system"]["gateways"][0]["devices"] = 0;
  count("connects_answered", 100);
  count("frames_heard", 100);
  EXPECT_NE(finding().find("never come in"), std::string::npos);
}

TEST_F(DoctorTest, AGatewayThatHearsNobodyIsOnAWrongChannel) {
  house_["system"]["gateways"][0]["devices"] = 0;
  EXPECT_NE(finding().find("hears nobody"), std::string::npos);
}

TEST_F(DoctorTest, FullPlacesAndWrongKeys) {
  count("down_evicted", 1);
  figures_["espial_network_events_total{server=\"1\",what=\"not_authentic\"}"] = 2;
  EXPECT_EQ(findings().size(), 2u);
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
