#include "hub/main/broker_option.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace espial::main {
namespace {

BrokerPlace place_of(const std::string& address, const std::string& ca_file = {}) {
  return BrokerOption{address, ca_file, {}, {}}.place();
}

TEST(BrokerOption, HasThePortThatGoesWithItsScheme) {
  const BrokerPlace plain = place_of("hub.local");
  EXPECT_FALSE(plain.secure);
  EXPECT_EQ(plain.text(), "hub.local:1883");
  EXPECT_EQ(place_of("mqtt://hub.local").text(), "hub.local:1883");
  const BrokerPlace secure = place_of("mqtts://hub.local", "ca.crt");
  EXPECT_TRUE(secure.secure);
  EXPECT_EQ(secure.ca_file, "ca.crt");
  EXPECT_EQ(secure.text(), "mqtts://hub.local:8883");
  EXPECT_EQ(place_of("mqtts://10.0.0.2:1234").text(), "mqtts://10.0.0.2:1234");
}

TEST(BrokerOption, AnAddressOfColonsStandsInBracketsBeforeItsPort) {
  EXPECT_EQ(place_of("[::1]:1234").host, "::1");
  EXPECT_EQ(place_of("mqtts://[fe80::1%eth0]:1234").text(), "mqtts://[fe80::1%eth0]:1234");
  EXPECT_EQ(place_of("[2001:db8::5]").text(), "[2001:db8::5]:1883");
  EXPECT_EQ(place_of("2001:db8::5").text(), "[2001:db8::5]:1883");
}

TEST(BrokerOption, NamesWhatIsWrong) {
  for (const char* bad : {"", "mqtts://", "http://hub.local", "hub.local:", "hub.local:70000",
                          "mqtts://hub.local:8883/", ":8883"}) {
    EXPECT_THROW((void)place_of(bad), CLI::ValidationError) << bad;
  }
  // An authority that is given must not be left unused without a word.
  EXPECT_THROW((void)place_of("hub.local:8883", "ca.crt"), CLI::ValidationError);
}

TEST(BrokerOption, TellsAConnectionWhereToGo) {
  mqtt::ConnectionOptions options;
  place_of("mqtts://hub.local", "ca.crt").apply_to(options);
  EXPECT_EQ(options.host, "hub.local");
  EXPECT_EQ(options.port, 8883);
  EXPECT_TRUE(options.secure);
  EXPECT_EQ(options.ca_file, "ca.crt");
}

}  // namespace
}  // namespace espial::main
