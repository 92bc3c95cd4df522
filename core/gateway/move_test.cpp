// Where a gateway says it is, before and after it has moved.

#include "core/crypto/discovery.hpp"
#include "core/gateway/gateway_fixture_test.hpp"

namespace espial::gateway {
namespace {

class Move : public GatewayTest {
 protected:
  /// `mac` was heard, asleep again soon or listening.
  void wake(Instant now, const MacAddress& mac, bool listening = false, ServerId server = kServer) {
    hear(now, mac, sealed(false, 0x11, listening, server));
  }
  /// How often it has said where it is since the last call.
  std::size_t said() {
    end_all_sends(at_ms(0));
    const std::size_t count = radio.sent.size();
    radio.sent.clear();
    return count;
  }
};

TEST_F(Move, IsAnnouncedSeveralTimesAndThenDone) {
  serve_second = true;
  build();
  gateway->on_channel(at_ms(0), Channel{11});
  for (int guard = 0; gateway->next_timer() != kNever && guard < 50; ++guard) {
    end_all_sends(at_ms(0));
    if (gateway->next_timer() != kNever) gateway->on_timer(gateway->next_timer());
  }
  EXPECT_EQ(radio.channel(), Channel{11});
  ASSERT_EQ(radio.sent.size(), 2U * kMoveAnnouncements);
  Key key;
  key.fill(0x5a);
  std::uint16_t previous = UINT16_MAX;
  for (std::size_t i = 0; i < radio.sent.size(); i += 2) {
    const Bytes& body = radio.sent[i].body;
    const auto moved = wire::parse_moved(view(body));
    ASSERT_TRUE(moved);
    EXPECT_EQ(radio.sent[i].to, kBroadcast);
    EXPECT_EQ(moved->server, kServer);
    EXPECT_EQ(moved->channel, Channel{11});
    EXPECT_EQ(moved->address, mac_of(0xaa));
    EXPECT_LT(moved->after_ms, previous);
    previous = moved->after_ms;
    EXPECT_EQ(moved->tag,
              crypto::moved_tag(crypto, key, view(body).subview(0, wire::kMovedSignedSize)));
  }
}

TEST_F(Move, ToTheSameOrNoChannelIsNone) {
  gateway->on_channel(at_ms(0), Channel{6});
  gateway->on_channel(at_ms(0), Channel{0});
  EXPECT_EQ(count(Count::kBadControl), 1U);
  EXPECT_TRUE(radio.sent.empty());
  EXPECT_EQ(gateway->next_timer(), kNever);
}

/// A module that is left on the channel beside it is answered now and then.
TEST_F(Move, AfterAChangeOfItsChannelItSaysWhereItIs) {
  wake(at_ms(0), mac_of(1), true);
  EXPECT_TRUE(radio.sent.empty());
  radio.set_channel(Channel{7});
  wake(at_ms(1000), mac_of(1), true);
  ASSERT_EQ(radio.sent.size(), 1U);
  EXPECT_EQ(radio.sent[0].to, kBroadcast);
  const auto moved = wire::parse_moved(view(radio.sent[0].body));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->channel, Channel{7});
  EXPECT_EQ(moved->after_ms, 0);
  EXPECT_EQ(moved->address, mac_of(0xaa));
  end_all_sends(at_ms(1001));

  wake(at_ms(1500), mac_of(2), true);
  EXPECT_EQ(radio.sent.size(), 1U) << "not to everybody anew";
  wake(at_ms(2000), mac_of(2), true);
  EXPECT_EQ(radio.sent.size(), 2U);
  end_all_sends(at_ms(2001));
  wake(at_ms(1000) + kChannelNews, mac_of(1), true);
  EXPECT_EQ(radio.sent.size(), 2U) << "and for a while only";
}

/// Which has slept through what they were told.
TEST_F(Move, ASleeperIsToldThoughOthersTalkAllTheTime) {
  for (std::uint8_t n = 1; n <= 3; ++n) wake(at_ms(0), mac_of(n), n == 1);
  radio.set_channel(Channel{7});
  wake(at_ms(1000), mac_of(1), true);
  EXPECT_EQ(said(), 1U);
  wake(at_ms(1100), mac_of(2));
  EXPECT_EQ(said(), 1U);
  wake(at_ms(1199), mac_of(3));
  EXPECT_EQ(said(), 0U) << "as many as there are would fill the air";
  wake(at_ms(1200), mac_of(3));
  EXPECT_EQ(said(), 1U);
}

TEST_F(Move, ASleeperIsToldInItsFirstWakesHoweverFarApart) {
  const auto hour = [](int n) { return at_ms(0) + Duration::seconds(3600) * n; };
  wake(hour(0), mac_of(1));
  radio.set_channel(Channel{7});
  wake(at_ms(1000), mac_of(2));
  EXPECT_EQ(said(), 1U);
  int told = 0;
  for (int n = 1; n <= 2 * kSleeperNews; ++n) {
    wake(hour(n), mac_of(1));
    told += static_cast<int>(said());
    wake(hour(n) + Duration::seconds(1800), mac_of(2), true);
    EXPECT_EQ(said(), 0U) << "who listens was told at the time";
  }
  EXPECT_EQ(told, kSleeperNews);
  radio.set_channel(Channel{6});
  wake(hour(100), mac_of(1));
  EXPECT_EQ(said(), 1U) << "and anew after the next change";
}

/// One that wakes several times a second would else never be at rest for ten minutes.
TEST_F(Move, ASleeperIsToldNoOftenerHoweverOftenItWakes) {
  wake(at_ms(0), mac_of(1));
  radio.set_channel(Channel{7});
  // The second was not listed at that time, but may have been there.
  for (std::uint8_t n = 1; n <= 2; ++n) {
    std::size_t told = 0;
    for (int i = 1; i <= 4 * kSleeperNews; ++i) {
      wake(at_ms(20'000 * n + 250 * i), mac_of(n));
      told += said();
    }
    EXPECT_EQ(told, kSleeperNews);
  }
}

TEST_F(Move, WhoeverTalksInOneNetworkSilencesNoOther) {
  serve_second = true;
  build();
  wake(at_ms(0), mac_of(1), true);
  radio.set_channel(Channel{7});
  wake(at_ms(1000), mac_of(1), true);
  EXPECT_EQ(said(), 1U);
  wake(at_ms(1001), mac_of(2), true, kSecondServer);
  ASSERT_EQ(radio.sent.size(), 1U);
  const auto moved = wire::parse_moved(view(radio.sent[0].body));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->server, kSecondServer);
}

/// It may have been on another one before.
TEST_F(Move, AfterItsStartItSaysWhereItIsToWhoListens) {
  gateway->on_started(at_ms(0));
  wake(at_ms(1), mac_of(1));
  EXPECT_TRUE(radio.sent.empty()) << "a wake shall be short";
  wake(at_ms(2), mac_of(2), true);
  EXPECT_EQ(radio.sent.size(), 1U);
  end_all_sends(at_ms(3));
  wake(at_ms(0) + kChannelNews, mac_of(2), true);
  EXPECT_EQ(radio.sent.size(), 1U);
}

}  // namespace
}  // namespace espial::gateway
