// Who waits for whom, and who collides: each effect, and the same without its cause.

#include <gtest/gtest.h>

#include "sim/air/air_log_test.hpp"

namespace espial::sim {
namespace {

constexpr std::int64_t kSeconds = 5;
constexpr Duration kWhile = Duration::seconds(kSeconds);
constexpr std::size_t kBody = 250;

struct Tap : AirTap {
  void on_transmission(const Transmission& transmission) override { seen.push_back(transmission); }
  std::vector<Transmission> seen;
};

/// Two senders and the receiver between them or beside them.
struct Three {
  explicit Three(std::int32_t a_m, std::int32_t b_m, const AirSettings& settings = {})
      : air(settings), senders(air) {
    const RadioId a = *air.add_radio({}, test_radio_at(1, a_m));
    const RadioId b = *air.add_radio({}, test_radio_at(2, b_m));
    (void)air.add_radio({}, test_radio_at(3, 0));
    senders.add(a, test_mac(3), kBody);
    senders.add(b, test_mac(3), kBody);
    senders.run_for(kWhile);
  }
  /// Collisions in a thousand attempts.
  std::uint64_t collided_permille() const {
    return air.counters().collisions * 1000 / air.counters().attempts;
  }
  std::size_t heard_from(std::uint32_t number) const {
    std::size_t count = 0;
    for (const auto& heard : senders.heard) count += heard.source == test_mac(number) ? 1U : 0U;
    return count;
  }

  Air air;
  BusySenders senders;
};

TEST(AirAccess, HiddenSendersCollide) {
  const Three hidden(-50, 50);
  EXPECT_GT(hidden.collided_permille(), 300U);
  EXPECT_GT(hidden.air.counters().unanswered, 0U);
}

TEST(AirAccess, TheSameTwoInSightTakeTurns) {
  const Three in_sight(50, 51);
  EXPECT_LT(in_sight.collided_permille(), 80U);
  EXPECT_GT(in_sight.air.counters().sensed_busy, 500U);
  EXPECT_EQ(in_sight.air.counters().unanswered, 0U);
  // Two share what one has alone, with less waiting: 312 frames a second.
  EXPECT_GT(in_sight.senders.heard.size(), 300U * kSeconds);
  EXPECT_LT(in_sight.senders.heard.size(), 340U * kSeconds);
}

TEST(AirAccess, ACollisionTakesStartsWithinASlot) {
  const Three in_sight(50, 51);
  EXPECT_GT(in_sight.air.counters().blind_starts, 0U);
  EXPECT_GT(in_sight.air.counters().collisions, 0U);
}

TEST(AirAccess, WhoIsAloneNeverWaitsAndNeverCollides) {
  Air air({});
  BusySenders senders(air);
  const RadioId a = *air.add_radio({}, test_radio_at(1, 50));
  (void)air.add_radio({}, test_radio_at(3, 0));
  senders.add(a, test_mac(3), kBody);
  senders.run_for(kWhile);
  EXPECT_EQ(air.counters().blind_starts, 0U);
  EXPECT_EQ(air.counters().collisions, 0U);
  EXPECT_EQ(air.counters().sensed_busy, 0U);
  EXPECT_EQ(air.counters().retries, 0U);
}

/// Two radios in one room, of which the first is sending a long frame to the second.
struct DuringAFrame {
  explicit DuringAFrame(std::uint64_t seed) : air(seeded(seed)) {
    air.set_tap(&tap);
    const RadioId a = *air.add_radio({}, test_radio(1));
    b = *air.add_radio({}, test_radio(2));
    (void)air.transmit({}, a, test_mac(2), test_bytes(1470));
    start = air.next_event();
    air.advance(start, log);
  }
  static AirSettings seeded(std::uint64_t seed) {
    AirSettings settings;
    settings.seed = seed;
    return settings;
  }

  Air air;
  AirLog log;
  Tap tap;
  RadioId b;
  Instant start;
};

TEST(AirAccess, WhoHasSomethingToSayDuringAFrameWaitsForItsEnd) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    DuringAFrame during(seed);
    ASSERT_EQ(during.air.transmit(during.start + Duration{500}, during.b, kBroadcast, {}),
              Air::SendResult::kOk);
    run_all(during.air, during.log);
    const auto& seen = during.tap.seen;
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_TRUE(seen[1].acknowledgement) << "its own comes before its frame";
    EXPECT_GE(seen[2].start, seen[1].end + Duration{50});
    EXPECT_EQ(during.air.counters().sensed_busy, 1U);
  }
}

TEST(AirAccess, WhoTunesInDuringAFrameWaitsForItsEnd) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    DuringAFrame during(seed);
    const RadioId c = *during.air.add_radio(during.start, test_radio(3, 1));
    ASSERT_EQ(during.air.transmit(during.start, c, kBroadcast, {}), Air::SendResult::kOk);
    during.air.tune(during.start + Duration{10}, c, Channel{6});
    run_all(during.air, during.log);
    ASSERT_EQ(during.tap.seen.size(), 3U);
    EXPECT_GE(during.tap.seen[2].start, during.tap.seen[0].end + Duration{50});
  }
}

/// C hears the sender A but not the receiver G, and so not the acknowledgement.
TEST(AirAccess, WhoHearsTheSenderOnlyLeavesRoomForTheAcknowledgement) {
  Air air({});
  Tap tap;
  air.set_tap(&tap);
  BusySenders senders(air);
  const RadioId a = *air.add_radio({}, test_radio_at(1, 0));
  (void)air.add_radio({}, test_radio_at(2, 45));
  const RadioId c = *air.add_radio({}, test_radio_at(3, -45));
  senders.add(a, test_mac(2), kBody);
  senders.add(c, kBroadcast, 10);
  senders.run_for(kWhile);
  int acknowledgements = 0;
  for (std::size_t i = 1; i + 1 < tap.seen.size(); ++i) {
    if (!tap.seen[i].acknowledgement) continue;
    ++acknowledgements;
    EXPECT_GE(tap.seen[i + 1].start, tap.seen[i].end + Duration{50});
  }
  EXPECT_GT(acknowledgements, 200);
}

TEST(AirAccess, TheNearOneOfTwoHiddenSendersIsCaptured) {
  const Three near_and_far(5, -60);
  EXPECT_GT(near_and_far.air.counters().captures, 100U);
  EXPECT_GT(near_and_far.heard_from(1), 5 * near_and_far.heard_from(2));
}

TEST(AirAccess, EqualsAreNotCaptured) {
  const Three equals(-50, 50);
  EXPECT_EQ(equals.air.counters().captures, 0U);
  EXPECT_LT(equals.heard_from(1), 2 * equals.heard_from(2));
}

TEST(AirAccess, AGreaterMarginEndsCapture) {
  AirSettings settings;
  settings.capture_db = 50;
  const Three near_and_far(5, -60, settings);
  EXPECT_EQ(near_and_far.air.counters().captures, 0U);
}

/// Frames heard a while from two pairs whose senders are `apart_m` apart, on these channels.
AirCounters two_pairs(std::int32_t apart_m, std::uint8_t one, std::uint8_t other,
                      std::size_t* heard = nullptr) {
  Air air({});
  BusySenders senders(air);
  const RadioId a = *air.add_radio({}, test_radio_at(1, 0, one));
  (void)air.add_radio({}, test_radio_at(2, 1, one));
  const RadioId b = *air.add_radio({}, test_radio_at(3, apart_m, other));
  (void)air.add_radio({}, test_radio_at(4, apart_m + 1, other));
  senders.add(a, test_mac(2), kBody);
  senders.add(b, test_mac(4), kBody);
  senders.run_for(kWhile);
  if (heard != nullptr) *heard = senders.heard.size();
  return air.counters();
}

TEST(AirAccess, WhoIsFarApartUsesAChannelTwice) {
  std::size_t far_apart = 0;
  std::size_t together = 0;
  EXPECT_EQ(two_pairs(10'000, 6, 6, &far_apart).sensed_busy, 0U);
  EXPECT_GT(two_pairs(10, 6, 6, &together).sensed_busy, 0U);
  EXPECT_GT(far_apart, 600U * kSeconds);
  EXPECT_LT(together, 340U * kSeconds);
}

TEST(AirAccess, NearChannelsAreSensed) {
  EXPECT_GT(two_pairs(2, 6, 7).sensed_busy, 500U);
  EXPECT_GT(two_pairs(2, 6, 8).sensed_busy, 500U);
}

TEST(AirAccess, DistantChannelsAreNot) {
  const AirCounters counters = two_pairs(2, 1, 13);
  EXPECT_EQ(counters.sensed_busy, 0U);
  EXPECT_EQ(counters.collisions, 0U);
}

/// Too weak for its energy to be sensed one channel away, too strong to be heard beside: the
/// senders are as far from each other as from their receivers.
TEST(AirAccess, NearChannelsDisturbWhoeverIsTooFarToBeSensed) {
  const auto collisions = [](std::uint8_t other) {
    Air air({});
    BusySenders senders(air);
    const RadioId a = *air.add_radio({}, test_radio_at(1, 0, 6));
    (void)air.add_radio({}, test_radio_at(2, 20, 6));
    const RadioId b = *air.add_radio({}, test_radio_at(3, 40, other));
    (void)air.add_radio({}, test_radio_at(4, 60, other));
    senders.add(a, test_mac(2), kBody);
    senders.add(b, test_mac(4), kBody);
    senders.run_for(kWhile);
    return air.counters().collisions;
  };
  EXPECT_GT(collisions(7), 500U);
  EXPECT_EQ(collisions(11), 0U);
}

/// A sends to G, H sends to I. H hears neither A nor G well enough to wait, and drowns at A what G
/// acknowledges, but not at G what A sends.
struct LostAcks {
  explicit LostAcks(bool with_h, std::uint32_t repeat_permille = 0)
      : air(settings(repeat_permille)), senders(air) {
    const RadioId a = *air.add_radio({}, test_radio_at(1, 0));
    (void)air.add_radio({}, test_radio_at(2, 50));
    const RadioId h = *air.add_radio({}, test_radio_at(3, -60));
    (void)air.add_radio({}, test_radio_at(4, -65));
    senders.add(a, test_mac(2), kBody);
    if (with_h) senders.add(h, test_mac(4), kBody);
    senders.run_for(kWhile);
  }
  static AirSettings settings(std::uint32_t repeat_permille) {
    AirSettings settings;
    settings.repeat_permille = repeat_permille;
    return settings;
  }
  std::size_t heard_by_g() const {
    std::size_t count = 0;
    for (const auto& heard : senders.heard) count += heard.destination == test_mac(2) ? 1U : 0U;
    return count;
  }
  std::size_t sent_by_a() const {
    std::size_t count = 0;
    for (const auto& sent : senders.sent) count += sent.sender.value == 0 ? 1U : 0U;
    return count;
  }

  Air air;
  BusySenders senders;
};

TEST(AirAccess, AnAcknowledgementCanCollide) {
  const LostAcks lost(true);
  EXPECT_GT(lost.air.counters().acks_lost, 100U);
  EXPECT_GT(lost.air.counters().repeats, 100U);
  // The receiver's filter takes the repeats away: each frame is heard at most once.
  EXPECT_LE(lost.heard_by_g(), lost.sent_by_a() + 1);
  EXPECT_EQ(lost.air.counters().repeats_passed, 0U);
}

TEST(AirAccess, WithoutTheOtherSenderNoneIsLost) {
  const LostAcks none(false);
  EXPECT_EQ(none.air.counters().acks_lost, 0U);
  EXPECT_EQ(none.air.counters().repeats, 0U);
}

TEST(AirAccess, WithoutTheFilterRepeatsAreHeard) {
  const LostAcks lost(true, 1000);
  EXPECT_EQ(lost.air.counters().repeats_passed, lost.air.counters().repeats);
  EXPECT_GT(lost.heard_by_g(), lost.sent_by_a());
}

/// Frames heard a second with this much of other people's Wi-Fi on channel 6.
AirCounters among_foreign(std::uint32_t share_permille, std::uint32_t deaf_permille, int dbm) {
  AirSettings settings;
  settings.foreign[6] = {share_permille, dbm, deaf_permille};
  Air air(settings);
  BusySenders senders(air);
  const RadioId a = *air.add_radio({}, test_radio_at(1, 0));
  (void)air.add_radio({}, test_radio_at(2, 10));
  senders.add(a, test_mac(2), kBody);
  senders.run_for(kWhile);
  return air.counters();
}

TEST(AirAccess, OtherPeoplesWifiTakesItsShare) {
  const AirCounters alone = among_foreign(0, 0, -60);
  const AirCounters half = among_foreign(500, 0, -60);
  EXPECT_EQ(alone.foreign_busy, 0U);
  EXPECT_GT(half.foreign_busy, 500U);
  EXPECT_LT(half.deliveries, alone.deliveries * 8 / 10);
}

TEST(AirAccess, TheDeafAmongThemHitOurFrames) {
  const AirCounters polite = among_foreign(300, 0, -60);
  const AirCounters deaf = among_foreign(300, 1000, -60);
  EXPECT_GT(deaf.foreign_hits, 100U);
  EXPECT_LT(polite.foreign_hits, deaf.foreign_hits / 10);
  EXPECT_LT(deaf.deliveries, polite.deliveries);
}

TEST(AirAccess, TheWeakAmongThemDoNotMatter) {
  const AirCounters counters = among_foreign(500, 1000, -100);
  EXPECT_EQ(counters.foreign_busy, 0U);
  EXPECT_EQ(counters.foreign_hits, 0U);
}

}  // namespace
}  // namespace espial::sim
