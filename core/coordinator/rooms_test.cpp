// Who is bound to whom, and the keys of pairs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/coordinator/coordinator_fixture_test.hpp"
#include "core/crypto/hkdf.hpp"
#include "core/wire/rooms.hpp"

namespace espial::coordinator {
namespace {

using testing::SizeIs;

constexpr std::uint8_t kLampKind = 5;

class RoomsTest : public CoordinatorTest {
 protected:
  RoomsTest() : button(make_node(1)), lamp(make_node(2)) {
    join(button);
    join(lamp);
  }

  void describe_lamp(std::uint8_t slot = 3) {
    wire::Description description;
    description.properties.functions.emplace();
    (void)description.properties.functions->push_back({0, kLampKind, false, true});
    (void)description.properties.functions->push_back({slot, kLampKind, true, true});
    hear(lamp, lamp.frame(description));
    settle();
    (void)received(lamp);
    downlink.take();
  }
  static wire::Subscribe wish(const MacAddress& provider = {}) {
    return {wire::Role::kSubscriber, 1, 7, kLampKind, 0, provider};
  }
  /// The bonds that `node` is told of, each with where it was sent.
  std::vector<std::pair<MacAddress, wire::Suback>> told() {
    settle();
    std::vector<std::pair<MacAddress, wire::Suback>> result;
    for (const auto& sent : downlink.take()) {
      FakeNode& node = sent.mac == lamp.mac ? lamp : button;
      for (const Bytes& bytes : node.open(sent.body).packets) {
        const auto suback = wire::parse_suback(*wire::parse_packet(view(bytes)));
        if (suback) result.emplace_back(sent.mac, *suback);
      }
    }
    return result;
  }
  wire::Suback told_to(const MacAddress& mac) {
    for (const auto& [to, suback] : told()) {
      if (to == mac) return suback;
    }
    ADD_FAILURE() << "was not told";
    return {};
  }

  FakeNode button;
  FakeNode lamp;
};

TEST_F(RoomsTest, BothEndsAreToldOfEachOtherWithOneKey) {
  describe_lamp();
  hear(button, button.frame(wish()));
  const auto bonds = told();
  ASSERT_THAT(bonds, SizeIs(2));
  for (const auto& [mac, suback] : bonds) {
    const bool subscriber = mac == button.mac;
    EXPECT_TRUE(suback.success);
    EXPECT_EQ(suback.role, subscriber ? wire::Role::kSubscriber : wire::Role::kProvider);
    EXPECT_EQ(suback.slot, subscriber ? 7 : 3) << "the slot that takes commands";
    EXPECT_EQ(suback.peer_slot, subscriber ? 3 : 7);
    EXPECT_EQ(suback.peer, subscriber ? lamp.mac : button.mac);
    EXPECT_EQ(suback.peer_session, 0x73);
    EXPECT_EQ(suback.request, subscriber ? 1 : 0);
  }
  EXPECT_EQ(bonds[0].second.pair_key, bonds[1].second.pair_key);

  Bytes info{'e', 's', 'p', 'i', 'a', 'l', ' ', 'p', 'a', 'i', 'r', 7};
  info.insert(info.end(), button.mac.octets.begin(), button.mac.octets.end());
  info.push_back(7);
  info.insert(info.end(), lamp.mac.octets.begin(), lamp.mac.octets.end());
  info.push_back(3);
  EXPECT_EQ(bonds[0].second.pair_key,
            crypto::derive_key(crypto, button.key->key, lamp.key->key, view(info)));
}

TEST_F(RoomsTest, TheSamePairHasTheSameKeyAfterARestartOfNothingButMemory) {
  describe_lamp();
  hear(button, button.frame(wish(lamp.mac)));
  const Key first = told_to(button.mac).pair_key;
  hear(button, button.frame(wish(lamp.mac)));
  EXPECT_EQ(told_to(button.mac).pair_key, first);
}

/// What is cached for a sleeper may be replaced by the next acknowledgement before it wakes.
TEST_F(RoomsTest, ASleeperIsToldThreeTimes) {
  describe_lamp();
  button.always_listening = false;
  hear(button, button.frame(wish()));
  EXPECT_TRUE(told_to(button.mac).success);
  for (int wake = 1; wake <= 3; ++wake) {
    hear(button, button.frame(wire::PingRequest{}));
    EXPECT_THAT(told(), SizeIs(wake < 3 ? 1 : 0)) << "wake " << wake;
  }
}

TEST_F(RoomsTest, NobodyOffersIt) {
  describe_lamp();
  wire::Subscribe other = wish();
  other.kind = kLampKind + 1;
  hear(button, button.frame(other));
  const auto suback = told_to(button.mac);
  EXPECT_FALSE(suback.success);
  EXPECT_EQ(suback.request, 1);
  EXPECT_EQ(count(Count::kBondsDenied), 1U);
  hear(button, button.frame(wish(button.mac)));
  EXPECT_FALSE(told_to(button.mac).success) << "nobody is bound to itself";
  hear(button, button.frame(wish(mac_of(99))));
  EXPECT_FALSE(told_to(button.mac).success);
}

TEST_F(RoomsTest, ANamedNodeThatHasNotSaidWhatItOffersIsNotDenied) {
  hear(button, button.frame(wish(lamp.mac)));
  EXPECT_THAT(told(), SizeIs(0));
  describe_lamp();
  hear(button, button.frame(wish(lamp.mac)));
  EXPECT_TRUE(told_to(button.mac).success);
}

TEST_F(RoomsTest, WhatTheStoreKnowsOfANodeIsEnoughToBeBoundToIt) {
  wire::FunctionList functions;
  (void)functions.push_back({3, kLampKind, true, true});
  ASSERT_TRUE(coordinator->restore_functions(lamp.mac, functions));
  EXPECT_FALSE(coordinator->restore_functions(mac_of(99), functions));
  hear(button, button.frame(wish(lamp.mac)));
  EXPECT_TRUE(told_to(button.mac).success);
}

TEST_F(RoomsTest, AProviderThatAsksIsToldWhetherItsSubscriberIsStillThere) {
  describe_lamp();
  const wire::Subscribe still{wire::Role::kProvider, 2, 3, kLampKind, 7, button.mac};
  hear(lamp, lamp.frame(still));
  EXPECT_TRUE(told_to(lamp.mac).success);
  ASSERT_TRUE(coordinator->forget(now, button.mac));
  settle();
  downlink.take();
  hear(lamp, lamp.frame(still));
  const auto suback = told_to(lamp.mac);
  EXPECT_FALSE(suback.success);
  EXPECT_EQ(suback.role, wire::Role::kProvider);
  EXPECT_EQ(suback.request, 2);
}

TEST_F(RoomsTest, NobodyIsBoundToARevokedNode) {
  describe_lamp();
  hear(button, button.frame(wish(lamp.mac)));
  EXPECT_TRUE(told_to(button.mac).success);
  ASSERT_TRUE(coordinator->revoke(now, lamp.mac));
  settle();
  downlink.take();
  for (const MacAddress& named : {lamp.mac, MacAddress{}}) {
    hear(button, button.frame(wish(named)));
    EXPECT_FALSE(told_to(button.mac).success);
  }
  hear(lamp, lamp.frame(wire::Subscribe{wire::Role::kProvider, 2, 3, kLampKind, 7, button.mac}));
  EXPECT_THAT(told(), SizeIs(0)) << "and it has no session to ask in";
  ASSERT_TRUE(coordinator->unrevoke(lamp.mac));
  hear(button, button.frame(wish(lamp.mac)));
  EXPECT_TRUE(told_to(button.mac).success);
}

TEST_F(RoomsTest, AProviderLearnsThatItsSubscriberWasRevoked) {
  describe_lamp();
  const wire::Subscribe still{wire::Role::kProvider, 2, 3, kLampKind, 7, button.mac};
  ASSERT_TRUE(coordinator->revoke(now, button.mac));
  settle();
  downlink.take();
  hear(lamp, lamp.frame(still));
  EXPECT_FALSE(told_to(lamp.mac).success);
  hear(button, button.frame(wish(lamp.mac)));
  EXPECT_THAT(told(), SizeIs(0)) << "and it has no session to ask in";
}

TEST_F(RoomsTest, WhatIsNotSaneIsRefused) {
  hear(button, button.seal(view({0x80, 1, 0})));
  EXPECT_EQ(count(Count::kNotSane), 1U);
  EXPECT_THAT(told(), SizeIs(0));
}

}  // namespace
}  // namespace espial::coordinator
