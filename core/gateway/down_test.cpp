// The way down: what a gateway keeps for modules and when it sends it.

#include "core/gateway/gateway_fixture_test.hpp"

namespace espial::gateway {
namespace {

class Down : public GatewayTest {
 protected:
  using Marks = std::vector<int>;

  /// `mac` was heard, asleep again soon or listening.
  void wake(Instant now, const MacAddress& mac, bool listening = false) {
    hear(now, mac, sealed(false, 0x11, listening));
  }
  void ack(Instant now, const MacAddress& mac, std::uint8_t mark) {
    down(now, mac, DownClass::kAck, sealed(true, mark));
  }
  void command(Instant now, const MacAddress& mac, std::uint32_t id, std::uint8_t mark,
               std::uint32_t expires_s = 0) {
    down(now, mac, DownClass::kCommand, sealed(true, mark), id, expires_s);
  }
  /// Lets every attempt fail until none follows, and forgets them. @returns how many there were.
  int let_nobody_answer() {
    for (int i = 0; i < 100; ++i) {
      if (radio.busy) end_send(at_ms(50), false);
      if (gateway->next_timer() == kNever) break;
      gateway->on_timer(gateway->next_timer());
    }
    return static_cast<int>(marks().size());
  }
  /// The commands that wait for a module.
  Marks waiting(const MacAddress& mac) const {
    std::array<std::uint32_t, kMaxCommandsPerModule> ids{};
    const std::size_t count = gateway->waiting_commands(kServer, mac, ids);
    return {ids.begin(), ids.begin() + count};
  }
};

TEST_F(Down, AuthIsSentAtOnceAndNotKept) {
  down(at_ms(0), mac_of(1), DownClass::kAuth, auth(wire::AuthStep::kJoinAccept));
  ASSERT_EQ(radio.sent.size(), 1U);
  end_send(at_ms(1));
  wake(at_ms(2), mac_of(1));
  EXPECT_EQ(radio.sent.size(), 1U);
}

TEST_F(Down, AFailedUnicastIsTriedAFewTimes) {
  down(at_ms(0), mac_of(1), DownClass::kAuth, auth(wire::AuthStep::kJoinAccept));
  for (int attempt = 1; attempt < kSendAttempts; ++attempt) {
    end_send(at_ms(1), false);
    ASSERT_FALSE(radio.busy);
    gateway->on_timer(gateway->next_timer());
  }
  end_send(at_ms(2), false);
  EXPECT_EQ(radio.sent.size(), kSendAttempts);
  EXPECT_EQ(count(Count::kSendFailed), 1U);
  EXPECT_EQ(gateway->next_timer(), kNever);
}

TEST_F(Down, ASleepersAckWaitsForItsNextUplinkAndTheNewestWins) {
  wake(at_ms(0), mac_of(1));
  ack(at_ms(10), mac_of(1), 1);
  ack(at_ms(20), mac_of(1), 2);
  EXPECT_TRUE(radio.sent.empty());
  wake(at_ms(1000), mac_of(1));
  end_all_sends(at_ms(1001));
  EXPECT_EQ(marks(), Marks{2});
  wake(at_ms(2000), mac_of(1));
  EXPECT_EQ(marks(), Marks{});
}

/// A gateway that has just started knows of nobody who listens.
TEST_F(Down, WhatComesForAnUnknownModuleIsTriedAtOnce) {
  command(at_ms(0), mac_of(1), 20, 1);
  ASSERT_TRUE(radio.busy);
  end_send(at_ms(1));
  ack(at_ms(2), mac_of(1), 2);
  end_all_sends(at_ms(3));
  EXPECT_EQ(marks(), (Marks{1, 2}));
}

TEST_F(Down, AnUnknownModuleThatNobodyHearsIsTakenForASleeper) {
  command(at_ms(0), mac_of(1), 20, 1);
  EXPECT_EQ(let_nobody_answer(), kSendAttempts);
  ack(at_ms(100), mac_of(1), 2);
  command(at_ms(200), mac_of(1), 21, 3);
  EXPECT_EQ(let_nobody_answer(), 0);
  wake(at_ms(1000), mac_of(1));
  end_all_sends(at_ms(1001));
  EXPECT_EQ(marks(), (Marks{0x81, 0x83, 2}));
}

/// Whereas a listener that was heard is tried each time.
TEST_F(Down, AListenerThatMissesOneFrameIsTriedWithTheNext) {
  wake(at_ms(0), mac_of(1), true);
  command(at_ms(1), mac_of(1), 20, 1);
  EXPECT_EQ(let_nobody_answer(), kSendAttempts);
  ack(at_ms(100), mac_of(1), 2);
  end_all_sends(at_ms(101));
  EXPECT_EQ(marks(), (Marks{2}));
}

TEST_F(Down, CommandsOfASessionThatIsOverMakeRoom) {
  wake(at_ms(0), mac_of(1));
  for (std::uint32_t id = 1; id <= kMaxCommandsPerModule; ++id) {
    command(at_ms(1), mac_of(1), id, static_cast<std::uint8_t>(id));
  }
  // What a module says of its session may be forged, and drops nothing.
  hear(at_ms(2), mac_of(1), sealed(false, 0x11, false, kServer, false, 2));
  end_all_sends(at_ms(3));
  EXPECT_EQ(marks().size(), kMaxCommandsPerModule);
  EXPECT_EQ(count(Count::kDownStale), 0U);

  down(at_ms(10), mac_of(1), DownClass::kCommand, sealed(true, 9, false, kServer, false, 2), 9);
  EXPECT_EQ(count(Count::kDownStale), kMaxCommandsPerModule);
  EXPECT_EQ(count(Count::kDownNoMemory), 0U);
  wake(at_ms(5000), mac_of(1));
  end_all_sends(at_ms(5001));
  EXPECT_EQ(marks(), Marks{9});
}

TEST_F(Down, CommandsGoBeforeTheAckWithMoreOnAllButTheLast) {
  wake(at_ms(0), mac_of(1));
  ack(at_ms(1), mac_of(1), 1);
  command(at_ms(2), mac_of(1), 20, 2);
  command(at_ms(3), mac_of(1), 21, 3);
  wake(at_ms(1000), mac_of(1));
  end_all_sends(at_ms(1001));
  EXPECT_EQ(marks(), (Marks{0x82, 0x83, 1}));
}

TEST_F(Down, AListenerGetsItAtOnce) {
  wake(at_ms(0), mac_of(1), true);
  command(at_ms(1), mac_of(1), 20, 1);
  end_all_sends(at_ms(1));
  EXPECT_EQ(marks(), Marks{1});
  ack(at_ms(2), mac_of(1), 2);
  end_all_sends(at_ms(2));
  EXPECT_EQ(marks(), Marks{2});
}

TEST_F(Down, ACommandStaysUntilItIsClearedOrExpires) {
  wake(at_ms(0), mac_of(1));
  command(at_ms(0), mac_of(1), 20, 1);
  command(at_ms(0), mac_of(1), 21, 2, 5);
  wake(at_ms(1000), mac_of(1));
  end_all_sends(at_ms(1000));
  EXPECT_EQ(marks(), (Marks{0x81, 2}));
  EXPECT_EQ(waiting(mac_of(1)), (Marks{20, 21}));
  EXPECT_EQ(gateway->claimed_count(), 2U);
  // Its end is probably on the way: not again behind the very next uplink.
  wake(at_ms(1050), mac_of(1));
  EXPECT_EQ(marks(), Marks{});
  wake(at_ms(4000), mac_of(1));
  end_all_sends(at_ms(4000));
  EXPECT_EQ(marks(), (Marks{0x81, 2}));
  wake(at_ms(7000), mac_of(1));
  end_all_sends(at_ms(7000));
  EXPECT_EQ(marks(), Marks{1});
  EXPECT_EQ(count(Count::kDownExpired), 1U);
  EXPECT_EQ(waiting(mac_of(1)), (Marks{20}));
  down(at_ms(7100), mac_of(1), DownClass::kClear, {}, 20);
  EXPECT_EQ(waiting(mac_of(1)), Marks{});
  wake(at_ms(10000), mac_of(1));
  EXPECT_EQ(marks(), Marks{});
}

TEST_F(Down, ExpiryCountsFromArrivalByTheGatewaysOwnClock) {
  // A gateway that has run for a day and was never told the time.
  constexpr std::int64_t kArrival_ms = 86'400'000;
  wake(at_ms(kArrival_ms - 1), mac_of(1));
  command(at_ms(kArrival_ms), mac_of(1), 20, 1, 5);
  command(at_ms(kArrival_ms + 2000), mac_of(1), 21, 2, 5);
  wake(at_ms(kArrival_ms + 4999), mac_of(1));
  end_all_sends(at_ms(kArrival_ms + 4999));
  EXPECT_EQ(marks(), (Marks{0x81, 2}));
  wake(at_ms(kArrival_ms + 5000), mac_of(1));
  EXPECT_EQ(count(Count::kDownExpired), 1U);
  EXPECT_EQ(marks(), Marks{}) << "the second was sent a moment ago";
  wake(at_ms(kArrival_ms + 7000), mac_of(1));
  EXPECT_EQ(count(Count::kDownExpired), 2U);
  EXPECT_EQ(marks(), Marks{});
}

TEST_F(Down, WhoeverWearsAModulesAddressTakesAtMostItsAck) {
  wake(at_ms(0), mac_of(1));
  for (std::uint8_t id = 1; id <= 8; ++id) command(at_ms(0), mac_of(1), id, id);
  ack(at_ms(0), mac_of(1), 9);
  for (int i = 1; i <= 20; ++i) {
    wake(at_ms(10'000 * i), mac_of(1));
    end_all_sends(at_ms(10'000 * i));
    EXPECT_EQ(marks().size(), i == 1 ? 9U : 8U);
  }
  // The next one replaces what it took; commands go on the coordinator's word only.
  ack(at_ms(300'000), mac_of(1), 10);
  for (std::uint8_t id = 1; id <= 7; ++id)
    down(at_ms(300'000), mac_of(1), DownClass::kClear, {}, id);
  wake(at_ms(310'000), mac_of(1));
  end_all_sends(at_ms(310'000));
  EXPECT_EQ(marks(), (Marks{0x88, 10}));
}

TEST_F(Down, TheSameCommandAgainReplacesItInItsPlace) {
  wake(at_ms(0), mac_of(1));
  command(at_ms(0), mac_of(1), 20, 1);
  command(at_ms(0), mac_of(1), 21, 2);
  wake(at_ms(10), mac_of(1));
  end_all_sends(at_ms(10));
  marks();
  command(at_ms(20), mac_of(1), 20, 3);
  wake(at_ms(30), mac_of(1));
  end_all_sends(at_ms(30));
  EXPECT_EQ(marks(), Marks{3});
  wake(at_ms(5000), mac_of(1));
  end_all_sends(at_ms(5000));
  EXPECT_EQ(marks(), (Marks{0x83, 2}));
}

TEST_F(Down, NineCommandsAreOneTooMany) {
  wake(at_ms(0), mac_of(1));
  for (std::uint32_t id = 1; id <= 9; ++id) {
    command(at_ms(0), mac_of(1), id, static_cast<std::uint8_t>(id));
  }
  EXPECT_EQ(count(Count::kDownNoMemory), 1U);
  wake(at_ms(10), mac_of(1));
  end_all_sends(at_ms(10));
  EXPECT_EQ(marks().size(), 8U);
}

/// The word that clears them was lost, and the module takes them for replays.
TEST_F(Down, CommandsThatWereBroughtAndNotClearedMakeRoom) {
  for (std::uint32_t id = 1; id <= kMaxCommandsPerModule; ++id) command(at_ms(0), mac_of(1), id, 9);
  wake(at_ms(10), mac_of(1));
  end_all_sends(at_ms(11));
  command(at_ms(100), mac_of(1), 100, 42);
  EXPECT_EQ(count(Count::kDownNoMemory), 0U);
  EXPECT_EQ(count(Count::kDownStale), 1U);
  radio.sent.clear();
  wake(at_ms(200), mac_of(1));
  end_all_sends(at_ms(201));
  EXPECT_EQ(marks().back(), 42);
}

TEST_F(Down, AQueueNobodyFetchesLeavesRoomForAnswers) {
  // 16 frames, a fourth of them for urgent ones.
  for (std::uint8_t n = 1; n <= 2; ++n) {
    for (std::uint32_t id = 1; id <= 8; ++id) command(at_ms(0), mac_of(n), id, 1);
  }
  EXPECT_EQ(count(Count::kDownNoMemory), 4U);
  bring_up();
  hear(at_ms(1), mac_of(3), connect());
  EXPECT_EQ(radio.sent.size(), 1U);
}

TEST_F(Down, AForgedUplinkEmptiesNoQueue) {
  wake(at_ms(0), mac_of(1));
  command(at_ms(0), mac_of(1), 20, 1);
  wake(at_ms(10), mac_of(1));  // somebody else's radio acknowledges
  end_all_sends(at_ms(10));
  EXPECT_EQ(marks(), Marks{1});
  wake(at_ms(60000), mac_of(1));
  end_all_sends(at_ms(60000));
  EXPECT_EQ(marks(), Marks{1});
}

TEST_F(Down, ARoundEndsWhenTheModuleStopsAcknowledging) {
  wake(at_ms(0), mac_of(1));
  command(at_ms(0), mac_of(1), 20, 1);
  ack(at_ms(0), mac_of(1), 2);
  wake(at_ms(10), mac_of(1));
  for (int attempt = 0; attempt < kSendAttempts; ++attempt) {
    end_send(at_ms(20), false);
    if (attempt + 1 < kSendAttempts) gateway->on_timer(gateway->next_timer());
  }
  EXPECT_FALSE(radio.busy);
  EXPECT_EQ(gateway->next_timer(), kNever);
  EXPECT_EQ(count(Count::kSendFailed), 1U);
  marks();
  wake(at_ms(1000), mac_of(1));
  end_all_sends(at_ms(1000));
  EXPECT_EQ(marks(), (Marks{0x81, 2}));
}

TEST_F(Down, WhoDoesNotAcknowledgeLosesItsTurnToThoseWhoWait) {
  wake(at_ms(0), mac_of(1), true);
  wake(at_ms(0), mac_of(2), true);
  ack(at_ms(1), mac_of(1), 1);
  ack(at_ms(1), mac_of(2), 2);
  end_send(at_ms(5), false);
  end_all_sends(at_ms(6));
  EXPECT_EQ(marks(), (Marks{1, 2}));
  EXPECT_EQ(count(Count::kSendFailed), 1U);
  wake(at_ms(500), mac_of(1), true);
  end_all_sends(at_ms(500));
  EXPECT_EQ(marks(), Marks{1});
}

TEST_F(Down, AnAckThatHadToWaitTooLongGoesWithTheNextFrame) {
  wake(at_ms(0), mac_of(1), true);
  wake(at_ms(0), mac_of(2), true);
  ack(at_ms(1), mac_of(1), 1);
  ack(at_ms(1), mac_of(2), 2);
  end_send(at_ms(2) + kAckPatience);
  EXPECT_FALSE(radio.busy);
  EXPECT_EQ(marks(), Marks{1});
  wake(at_ms(900), mac_of(2), true);
  end_all_sends(at_ms(900));
  EXPECT_EQ(marks(), Marks{2});
}

TEST_F(Down, NobodyIsEvictedFromARadioThatHasNoTableOfPeers) {
  radio.peer_slots = SIZE_MAX;
  for (std::uint8_t mac = 1; mac <= 2 * kMaxPeers; ++mac) {
    down(at_ms(mac), mac_of(mac), DownClass::kAuth, auth(wire::AuthStep::kJoinAccept));
    end_send(at_ms(mac));
  }
  EXPECT_EQ(radio.sent.size(), 2 * kMaxPeers);
  EXPECT_EQ(count(Count::kPeersEvicted), 0U);
}

TEST_F(Down, OfAFullTableOfPeersTheOneNotHeardForTheLongestMakesRoom) {
  radio.peer_slots = 2;
  const auto answer = [&](int ms, std::uint8_t mac) {
    down(at_ms(ms), mac_of(mac), DownClass::kAuth, auth(wire::AuthStep::kJoinAccept));
    end_send(at_ms(ms));
  };
  answer(0, 1);
  answer(1, 2);
  wake(at_ms(2), mac_of(1));
  answer(3, 3);
  EXPECT_EQ(radio.peers, (std::set<MacAddress>{mac_of(1), mac_of(3)}));
  answer(4, 1);
  EXPECT_EQ(count(Count::kPeersEvicted), 1U);
  answer(5, 2);
  EXPECT_EQ(radio.peers, (std::set<MacAddress>{mac_of(2), mac_of(3)}));
  EXPECT_EQ(radio.sent.size(), 5U);
}

TEST_F(Down, AnswersAndAuthGoBeforeCommands) {
  bring_up();
  wake(at_ms(0), mac_of(1));
  command(at_ms(0), mac_of(1), 20, 1);
  command(at_ms(0), mac_of(1), 21, 2);
  wake(at_ms(10), mac_of(1));
  hear(at_ms(10), mac_of(2), connect());
  end_all_sends(at_ms(10));
  ASSERT_EQ(radio.sent.size(), 3U);
  EXPECT_EQ(radio.sent[0].to, mac_of(1));
  EXPECT_EQ(radio.sent[1].to, mac_of(2));
  EXPECT_EQ(radio.sent[2].to, mac_of(1));
}

TEST_F(Down, TheModuleNotSeenForTheLongestMakesRoom) {
  for (std::uint8_t n = 1; n <= 4; ++n) {
    wake(at_ms(n), mac_of(n));
    ack(at_ms(n), mac_of(n), n);
  }
  wake(at_ms(20), mac_of(5));
  // The air may not push out a module that something waits for...
  EXPECT_EQ(count(Count::kModuleUnlisted), 1U);
  EXPECT_EQ(gateway->module_count(), 4U);
  // ...a coordinator may.
  ack(at_ms(30), mac_of(6), 6);
  let_nobody_answer();
  EXPECT_EQ(count(Count::kDownEvicted), 1U);
  EXPECT_EQ(gateway->waiting_count(), 4U);
  EXPECT_EQ(gateway->claimed_count(), 4U);
  wake(at_ms(40), mac_of(1));
  EXPECT_EQ(marks(), Marks{});
  wake(at_ms(50), mac_of(6));
  end_all_sends(at_ms(50));
  EXPECT_EQ(marks(), Marks{6});
}

TEST_F(Down, ForgedAddressesThatFillTheTablePushOutNoCommand) {
  wake(at_ms(0), mac_of(1));
  command(at_ms(1), mac_of(1), 20, 1);
  for (std::uint8_t n = 2; n <= 20; ++n) wake(at_ms(n), mac_of(n));
  EXPECT_EQ(count(Count::kModuleUnlisted), 0U) << "of those that hold nothing the oldest goes";
  for (std::uint8_t n = 30; n < 40; ++n) ack(at_ms(n), mac_of(n), n);
  let_nobody_answer();
  EXPECT_EQ(waiting(mac_of(1)), (Marks{20}));
  wake(at_ms(50), mac_of(1));
  end_all_sends(at_ms(50));
  EXPECT_EQ(marks(), Marks{1});
}

TEST_F(Down, AModuleWithCommandsGoesLastAndOnlyForACoordinator) {
  for (std::uint8_t n = 1; n <= 4; ++n) command(at_ms(n), mac_of(n), n, n);
  ack(at_ms(10), mac_of(5), 5);
  EXPECT_EQ(waiting(mac_of(1)), Marks{});
  command(at_ms(11), mac_of(6), 6, 6);
  EXPECT_EQ(waiting(mac_of(2)), (Marks{2})) << "the ack comes again";
  EXPECT_EQ(waiting(mac_of(6)), (Marks{6}));
  EXPECT_EQ(count(Count::kDownEvicted), 2U);
}

TEST_F(Down, AModuleEvictedWhileItsFrameIsInTheAirDisturbsNobody) {
  wake(at_ms(0), mac_of(1), true);
  command(at_ms(0), mac_of(1), 20, 1);
  ASSERT_TRUE(radio.busy);
  for (std::uint8_t n = 2; n <= 5; ++n) ack(at_ms(n), mac_of(n), n);
  EXPECT_EQ(count(Count::kDownEvicted), 1U);
  end_send(at_ms(10));
  let_nobody_answer();
  wake(at_ms(20), mac_of(5));
  end_all_sends(at_ms(20));
  EXPECT_EQ(marks(), Marks{5});
}

TEST_F(Down, AnAckReplacedInTheAirIsSentAgain) {
  wake(at_ms(0), mac_of(1), true);
  ack(at_ms(1), mac_of(1), 1);
  ASSERT_TRUE(radio.busy);
  ack(at_ms(2), mac_of(1), 2);
  end_all_sends(at_ms(3));
  EXPECT_EQ(marks(), (Marks{1, 2}));
}

TEST_F(Down, FramesThatAreNotOfTheirClassAreRefused) {
  down(at_ms(0), mac_of(1), DownClass::kAck, sealed(false, 1));
  down(at_ms(0), mac_of(1), DownClass::kAck, sealed(true, 1, false, ServerId{8}));
  down(at_ms(0), mac_of(1), DownClass::kAck, {});
  down(at_ms(0), mac_of(1), DownClass::kCommand, {0xd0, 0});
  down(at_ms(0), mac_of(1), DownClass::kAuth, auth(wire::AuthStep::kJoin));
  down(at_ms(0), mac_of(1), DownClass::kAuth, sealed(true, 1));
  radio.longest = 20;
  down(at_ms(0), mac_of(1), DownClass::kAck, sealed(true, 1));
  EXPECT_EQ(count(Count::kDownBadBody), 7U);
  gateway->on_down(at_ms(0), ServerId{8}, mac_of(1), DownClass::kAck, view(sealed(true, 1)), 0, 0);
  EXPECT_EQ(count(Count::kDownNotServed), 1U);
  EXPECT_EQ(gateway->module_count(), 0U);
}

TEST_F(Down, ABusyRadioIsAskedAgain) {
  radio.busy = true;
  down(at_ms(0), mac_of(1), DownClass::kAuth, auth(wire::AuthStep::kJoinAccept));
  EXPECT_TRUE(radio.sent.empty());
  radio.busy = false;
  ASSERT_EQ(gateway->next_timer(), at_ms(0) + kRadioBusyRetry);
  gateway->on_timer(gateway->next_timer());
  EXPECT_EQ(radio.sent.size(), 1U);
}

TEST_F(Down, ATransmissionThatNeverEndsIsGivenUp) {
  down(at_ms(0), mac_of(1), DownClass::kAuth, auth(wire::AuthStep::kJoinAccept));
  radio.busy = false;  // and no on_sent()
  ASSERT_EQ(gateway->next_timer(), at_ms(0) + kSendTimeout);
  gateway->on_timer(gateway->next_timer());
  EXPECT_EQ(count(Count::kSendLost), 1U);
  gateway->on_timer(gateway->next_timer());
  EXPECT_EQ(radio.sent.size(), 2U);
}

}  // namespace
}  // namespace espial::gateway
