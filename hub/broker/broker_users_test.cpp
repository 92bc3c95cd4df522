#include "hub/broker/broker_users.hpp"

#include <gtest/gtest.h>

#include "ports/linux/random_linux.hpp"

namespace espial::broker {
namespace {

TEST(BrokerUsers, AGatewayMayTouchItsOwnTopicsOnly) {
  const auto mac = parse_mac("5e:50:1a:01:00:02");
  ASSERT_TRUE(mac);
  const BrokerUser user = make_gateway_user("home", *mac, "$7$x");
  EXPECT_EQ(password_file({user}), "gateway-5e501a010002:$7$x\n");
  EXPECT_EQ(access_list({user}),
            "user gateway-5e501a010002\n"
            "topic read espial/home/+/down/5e:50:1a:01:00:02/+\n"
            "topic read espial/home/+/coordinator\n"
            "topic read espial/home/+/keyed\n"
            "topic read /device/+/set\n"
            "topic write espial/home/+/up/5e:50:1a:01:00:02/+\n"
            "topic write espial/home/+/gateway/5e:50:1a:01:00:02\n"
            "topic write /device/+\n"
            "\n");
}

TEST(BrokerUsers, AFilterCanNotBreakOutOfItsLine) {
  for (const char* good :
       {"/device/#", "#", "+", "a/+/b", "+/+", "homeassistant/#", "/device/+/set"}) {
    EXPECT_TRUE(acceptable_filter(good)) << good;
  }
  for (const char* bad : {"", "a b", "a\nuser root", "a\r", "$SYS/#", "a#", "#/a", "a+/b", "+a",
                          "a/#b", "\xc3\xa9"}) {
    EXPECT_FALSE(acceptable_filter(bad)) << bad;
  }
  EXPECT_FALSE(acceptable_filter(std::string(201, 'a')));
}

TEST(BrokerUsers, HashesAreSaltedAndInMosquittosForm) {
  RandomLinux random;
  const std::string one = hash_broker_password("secret", random);
  EXPECT_EQ(one.rfind("$7$101$", 0), 0U);
  EXPECT_EQ(one.size(), 7 + 16 + 1 + 88U);
  EXPECT_NE(hash_broker_password("secret", random), one);
}

}  // namespace
}  // namespace espial::broker
