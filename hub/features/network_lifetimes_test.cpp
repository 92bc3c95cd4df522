// How long commands wait for their module: as long as somebody says, or as it sleeps.
#include "hub/features/network_fixture_test.hpp"
#include "station/dashboard_body.hpp"

namespace espial::features {
namespace {

class NetworkLifetimes : public EspialNetworkTest {
 protected:
  static constexpr std::array<std::uint8_t, 1> kOn{1};
  static constexpr auto kRelay = static_cast<std::uint8_t>(wire::Kind::kRelay);

  /// Joins, and is heard for the first time afterwards.
  void join_as(bool listener) {
    join();
    node_.always_listening = listener;
    hear(node_.frame(FakeNode::report(sequence_++)));
  }

  /// A configuration wants reports this often.
  void tell_interval(std::uint16_t interval_s) {
    configuration::ModulePlan plan;
    plan.interval_s = interval_s;
    ASSERT_TRUE(network_->configure(live_->find(kNode)->id, plan));
  }

  CommandAccepted switch_on(std::optional<std::uint32_t> lifetime_s = std::nullopt) {
    return network_->command(live_->find(kNode)->id, 1, kRelay, kOn, lifetime_s);
  }

  struct Wait {
    bool for_wake = false;
    std::int64_t lifetime_s = 0;
  };
  /// What becomes of a command of which nobody says how long it may wait.
  Wait wait() {
    for (;;) {
      const std::int64_t now_s = unix_now().ms / 1000;
      const auto accepted = switch_on();
      const auto* const taken = std::get_if<TakenCommand>(&accepted);
      if (taken == nullptr) return {};
      const Wait wait{taken->waits_for_wake, taken->expires_at.ms / 1000 - now_s};
      if (unix_now().ms / 1000 == now_s) return wait;  // else the second may have turned before
    }
  }

  /// The commands that are stored as open.
  std::vector<store::CommandRecord> open_commands() {
    EXPECT_TRUE(commit_all());
    store::Snapshot snapshot;
    EXPECT_EQ(store_->load(snapshot), store::StoreError::none);
    return snapshot.open_commands;
  }

  std::uint16_t sequence_ = 0;
};

TEST_F(NetworkLifetimes, AModuleThatListensHasAMinute) {
  join_as(true);
  tell_interval(900);
  const Wait minute = wait();
  EXPECT_FALSE(minute.for_wake);
  EXPECT_EQ(minute.lifetime_s, EspialNetwork::kCommandLifetime_s);
}

TEST_F(NetworkLifetimes, AModuleThatSleepsHasThreeOfItsIntervals) {
  join_as(false);
  tell_interval(900);
  const Wait long_sleep = wait();
  EXPECT_TRUE(long_sleep.for_wake);
  EXPECT_EQ(long_sleep.lifetime_s, 2700);
  tell_interval(10);
  EXPECT_EQ(wait().lifetime_s, EspialNetwork::kCommandLifetime_s) << "the least";
}

/// It listens too while it waits for an answer that it needs, as in a new session.
TEST_F(NetworkLifetimes, ASleeperIsOneWhateverItsNewestFrameSays) {
  join_as(false);
  tell_interval(900);
  node_.always_listening = true;
  hear(node_.frame(FakeNode::report(sequence_++)));
  const Wait long_sleep = wait();
  EXPECT_TRUE(long_sleep.for_wake);
  EXPECT_EQ(long_sleep.lifetime_s, 2700);
}

TEST_F(NetworkLifetimes, OfASleeperWhoseIntervalNobodyKnowsMuchIsAllowed) {
  join_as(false);
  EXPECT_EQ(wait().lifetime_s, 900);
  shut_down();
  boot(Duration{});
  const Wait unheard = wait();
  EXPECT_FALSE(unheard.for_wake) << "whether it sleeps is not known before it is heard";
  EXPECT_EQ(unheard.lifetime_s, 900);
}

TEST_F(NetworkLifetimes, PagesAreToldHowLongAModuleIsSilentBetweenTwoReports) {
  join_as(false);
  EXPECT_EQ(live_->find(kNode)->interval_s, 0U) << "nobody knows";
  tell_interval(3600);
  EXPECT_EQ(live_->find(kNode)->interval_s, 3600U);
  const std::uint64_t told = live_->revision();
  hear(node_.frame(FakeNode::report(sequence_++)));
  EXPECT_EQ(live_->find(kNode)->interval_s, 3600U);
  tell_interval(0);
  EXPECT_EQ(live_->find(kNode)->interval_s, 0U);
  EXPECT_GT(live_->find(kNode)->facts_revision, told) << "at once, not with its next report";
}

TEST_F(NetworkLifetimes, ThePauseOfASleeperIsHeard) {
  constexpr std::uint32_t kPause_s = 1000;
  join_as(false);
  shut_down();
  boot(Duration{});
  const coordinator::Bytes body = node_.frame(FakeNode::report(sequence_++));
  mqtt::Publish waited;
  waited.topic = kUp;
  waited.payload = {body.data(), body.size()};
  waited.qos = mqtt::Qos::kAtLeastOnce;
  waited.expiry_s = topics::kUpLifetime_s - kPause_s;
  const int expected = acknowledged_ + 1;
  network_->on_message(waited, mqtt::Ticket{});
  ASSERT_TRUE(settle([&] { return acknowledged_ >= expected; }));
  EXPECT_EQ(live_->find(kNode)->interval_s, 0U);
  hear(node_.frame(FakeNode::report(sequence_++)));
  EXPECT_GE(live_->find(kNode)->interval_s, kPause_s);
}

TEST_F(NetworkLifetimes, WhoeverGivesACommandSaysHowLongAndItIsStored) {
  join_as(true);
  const std::int64_t before_ms = unix_now().ms;
  const auto accepted = switch_on(station::kMaxCommandLifetime_s);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(accepted));
  const UnixTime expires_at = std::get<TakenCommand>(accepted).expires_at;
  EXPECT_GE(expires_at.ms, before_ms - 1000 + std::int64_t{station::kMaxCommandLifetime_s} * 1000);
  const auto open = open_commands();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].expires_at, expires_at);
}

TEST_F(NetworkLifetimes, AMessagesExpiryIsItsCommandsLifetime) {
  join_as(true);
  const std::array<std::uint8_t, 3> reading{0x11, kRelay, 1};
  mqtt::Publish message;
  message.topic = "/device/5e:50:1a:10:00:07/set";
  message.payload = reading;
  const std::array<std::optional<std::uint32_t>, 3> expiries_s{3600, std::nullopt, UINT32_MAX};
  const std::int64_t before_s = unix_now().ms / 1000;
  for (const auto& expiry_s : expiries_s) {
    message.expiry_s = expiry_s;
    network_->on_message(message, mqtt::Ticket{});
  }
  const std::int64_t took_s = unix_now().ms / 1000 - before_s;
  const auto open = open_commands();
  ASSERT_EQ(open.size(), 3U);
  const std::array<std::int64_t, 3> lifetimes_s{3600, EspialNetwork::kCommandLifetime_s,
                                                station::kMaxCommandLifetime_s};
  for (std::size_t i = 0; i < open.size(); ++i) {
    const std::int64_t lifetime_s = open[i].expires_at.ms / 1000 - before_s;
    EXPECT_GE(lifetime_s, lifetimes_s[i]);
    EXPECT_LE(lifetime_s, lifetimes_s[i] + took_s);
  }
}

TEST_F(NetworkLifetimes, OneCommandTooManyIsRefusedWithWhatToDo) {
  join_as(false);
  for (std::size_t i = 0; i < coordinator::kMaxCommandsPerNode; ++i) {
    ASSERT_TRUE(std::holds_alternative<TakenCommand>(switch_on(3600)));
  }
  const auto answer = switch_on(3600);
  ASSERT_TRUE(std::holds_alternative<CommandRefusal>(answer));
  const auto& refusal = std::get<CommandRefusal>(answer);
  EXPECT_EQ(refusal.problem, station::Problem::kDeviceBusy);
  EXPECT_TRUE(refusal.try_again_later);
  EXPECT_EQ(refusal.reason,
            "8 commands wait for this module already; give this one again when it has taken them, "
            "or when one has expired");
}

}  // namespace
}  // namespace espial::features
