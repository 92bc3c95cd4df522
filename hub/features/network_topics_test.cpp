#include "hub/features/network_topics.hpp"

#include <gtest/gtest.h>

namespace espial::topics {
namespace {

const MacAddress kGateway{{0x24, 0x6f, 0x28, 0xaa, 0xbb, 0x01}};
const MacAddress kModule{{0x5c, 0xcf, 0x7f, 0x01, 0x02, 0x03}};

/// A property block as it lies in a packet: 26, length and bytes of the name, and of the value.
class Block {
 public:
  Block& add(std::string_view name, std::string_view value) {
    bytes_.push_back(0x26);
    for (const std::string_view text : {name, value}) {
      bytes_.push_back(0);
      bytes_.push_back(static_cast<std::uint8_t>(text.size()));
      bytes_.insert(bytes_.end(), text.begin(), text.end());
    }
    return *this;
  }
  mqtt::UserProperties properties() const {
    return mqtt::UserProperties(ByteView(bytes_.data(), bytes_.size()));
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

TEST(NetworkTopics, AreSpelledAsTheStandardSays) {
  const Network network("home", ServerId{1});
  EXPECT_EQ(network.up(kGateway, kModule), "espial/home/1/up/24:6f:28:aa:bb:01/5c:cf:7f:01:02:03");
  EXPECT_EQ(network.all_down(kGateway), "espial/home/1/down/24:6f:28:aa:bb:01/+");
  EXPECT_EQ(network.gateway(kGateway), "espial/home/1/gateway/24:6f:28:aa:bb:01");
  EXPECT_EQ(device(kModule), "/device/5c:cf:7f:01:02:03");
}

TEST(NetworkTopics, ReadBack) {
  const Network network("home", ServerId{1});
  const auto up = network.parse(network.up(kGateway, kModule));
  ASSERT_TRUE(up);
  EXPECT_EQ(up->what, Network::Parsed::What::kUp);
  EXPECT_EQ(up->gateway, kGateway);
  EXPECT_EQ(up->mac, kModule);
  const auto down = network.parse(network.down(kGateway, kModule));
  ASSERT_TRUE(down);
  EXPECT_EQ(down->what, Network::Parsed::What::kDown);
  EXPECT_EQ(network.parse(network.gateway(kGateway))->gateway, kGateway);
  EXPECT_EQ(network.parse("espial/home/1/keyed")->what, Network::Parsed::What::kKeyed);
  EXPECT_EQ(parse_device_set("/device/5c:cf:7f:01:02:03/set"), kModule);
}

TEST(NetworkTopics, OthersAreNotOurs) {
  const Network network("home", ServerId{1});
  for (const char* topic :
       {"", "espial/home/2/keyed", "espial/cabin/1/keyed", "espial/home/1/", "espial/home/1/up/",
        "espial/home/1/up/24:6f:28:aa:bb:01", "espial/home/1/up/24:6f:28:aa:bb:01/",
        "espial/home/1/up/24:6f:28:aa:bb:01/5c:cf:7f:01:02:03/x",
        "espial/home/1/up/24:6F:28:AA:BB:01/5c:cf:7f:01:02:03",
        "espial/home/1/gateway/24:6f:28:aa:bb", "espial/home/1/sideways/x"}) {
    EXPECT_FALSE(network.parse(topic)) << topic;
  }
  EXPECT_FALSE(parse_device_set("/device/5c:cf:7f:01:02:03"));
  EXPECT_FALSE(parse_device_set("/device/5c:cf:7f:01:02/set"));
  EXPECT_FALSE(parse_device_set("device/5c:cf:7f:01:02:03/set"));
}

TEST(NetworkTopics, SitesAreWords) {
  EXPECT_TRUE(valid_site("home"));
  EXPECT_TRUE(valid_site("Site_4-b"));
  for (const char* bad : {"", "a/b", "+", "#", "a b", "maison é"}) {
    EXPECT_FALSE(valid_site(bad)) << bad;
  }
  EXPECT_FALSE(valid_site(std::string(kMaxSite + 1, 'a')));
}

TEST(NetworkProperties, UpReadsBackAndChecksRanges) {
  Block block;
  const UpProperties sent{std::int8_t{-71}, Channel{11}, 1234};
  const PropertyList list(sent);
  for (const auto& property : list.view()) block.add(property.name, property.value);
  const auto up = parse_up(block.properties());
  ASSERT_TRUE(up);
  EXPECT_EQ(up->rssi_dbm, -71);
  EXPECT_EQ(up->channel, Channel{11});
  EXPECT_EQ(up->held_ms, 1234U);

  EXPECT_EQ(parse_up(Block().properties())->rssi_dbm, std::nullopt) << "all may be missing";
  EXPECT_FALSE(parse_up(Block().add("rssi", "-129").properties()));
  EXPECT_FALSE(parse_up(Block().add("channel", "14").properties()));
  EXPECT_FALSE(parse_up(Block().add("held_ms", "-1").properties()));
  EXPECT_FALSE(parse_up(Block().add("held_ms", "12x").properties()));
  EXPECT_FALSE(parse_up(Block().add("held_ms", "").properties()));
}

TEST(NetworkProperties, WhatABrokerTookOffTheLifetimeIsTheWait) {
  EXPECT_EQ(waited_at_broker(std::nullopt), Duration{}) << "a broker of MQTT 3.1.1";
  EXPECT_EQ(waited_at_broker(kUpLifetime_s), Duration{});
  EXPECT_EQ(waited_at_broker(kUpLifetime_s - 1), Duration{}) << "a second that ticked on the way";
  EXPECT_EQ(waited_at_broker(kUpLifetime_s - 2), Duration::seconds(2));
  EXPECT_EQ(waited_at_broker(kUpLifetime_s - 3600), Duration::seconds(3600));
  EXPECT_EQ(waited_at_broker(UINT32_MAX), Duration{}) << "not a gateway of ours";
}

TEST(NetworkProperties, DownReadsBackAndNeedsAClass) {
  Block block;
  const PropertyList list(DownProperties{DownClass::kCommand, 77, 30});
  for (const auto& property : list.view()) block.add(property.name, property.value);
  const auto down = parse_down(block.properties());
  ASSERT_TRUE(down);
  EXPECT_EQ(down->down_class, DownClass::kCommand);
  EXPECT_EQ(down->command_id, 77U);
  EXPECT_EQ(down->expires_s, 30U);

  EXPECT_FALSE(parse_down(Block().properties()));
  EXPECT_FALSE(parse_down(Block().add("class", "order").properties()));
  EXPECT_FALSE(parse_down(Block().add("class", "command").add("id", "x").properties()));
}

}  // namespace
}  // namespace espial::topics
