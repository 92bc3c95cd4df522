#include "core/wire/s0_function.hpp"
#include "hub/features/network_fixture_test.hpp"

namespace espial::features {
namespace {

TEST_F(EspialNetworkTest, AModuleJoinsAndIsShownAsItDescribesItself) {
  join();
  const station::Device& device = *live_->find(kNode);
  EXPECT_EQ(device.name, "Cellar");
  EXPECT_EQ(device.chip, "ESP8266");
  EXPECT_TRUE(device.online);
  EXPECT_EQ(device.gateway, kGateway);
  ASSERT_EQ(device.functions.size(), 2U);
  EXPECT_TRUE(device.functions[1].accepts_commands);
}

TEST_F(EspialNetworkTest, WhileTheBrokerIsAwayNoModuleIsOnline) {
  hand_over("espial/home/1/gateway/24:6f:28:00:00:02",
            as_bytes(R"({"state":"online","channel":6})"));
  join();
  network_->on_broker_lost();
  EXPECT_FALSE(live_->find(kNode)->online);
  EXPECT_TRUE(network_->gateways().begin()->second.online)
      << "it may be there again with the broker";
  hear(node_.frame(FakeNode::report(0)));
  EXPECT_TRUE(live_->find(kNode)->online);
}

TEST_F(EspialNetworkTest, NobodyJoinsWithoutAPairingWindow) {
  shut_down();
  boot(Duration{});
  hear(node_.join());
  const auto answer = downlink();
  EXPECT_FALSE(node_.accept({answer.data(), answer.size()}));
  EXPECT_EQ(live_->find(kNode), nullptr);
}

TEST_F(EspialNetworkTest, AReportIsAcknowledgedToTheBrokerOnlyWhenItIsStored) {
  join();
  const auto body = node_.frame(FakeNode::report(0));
  const int before = acknowledged_;
  hand_over(kUp, {body.data(), body.size()});
  EXPECT_EQ(acknowledged_, before) << "nothing can be committed before the event loop runs";
  EXPECT_EQ(shown(), std::nullopt);
  ASSERT_TRUE(settle([&] { return acknowledged_ > before; }));
  EXPECT_EQ(stored_readings(), 1U);
  EXPECT_EQ(shown(), 21.63);
  const auto received = node_.open(downlink());
  ASSERT_TRUE(received.opened);
}

TEST_F(EspialNetworkTest, AReportIsTracedWithEveryGatewayThatHeardIt) {
  join();
  const auto body = node_.frame(FakeNode::report(0));
  hear(body);
  const int before = acknowledged_;
  hand_over("espial/home/1/up/5e:50:1a:01:00:04/5e:50:1a:10:00:07", {body.data(), body.size()});
  ASSERT_TRUE(settle([&] { return acknowledged_ > before; }));
  const auto reports = trace_.newest(kNode, 9);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0]->fate, trace::Fate::kStored);
  EXPECT_FALSE(reports[0]->numbered_by_hub);
  ASSERT_EQ(reports[0]->hearings, 2);
  EXPECT_EQ(reports[0]->heard[0].gateway, kGateway);
  EXPECT_EQ(reports[0]->heard[1].gateway, *parse_mac("5e:50:1a:01:00:04"));
}

TEST_F(EspialNetworkTest, WhatBearsNoMarkIsShownAndNotStored) {
  join();
  station::FunctionNote note;
  note.logged = 0;
  ASSERT_TRUE(notes_.put(live_->find(kNode)->id, {{0, note}}));
  hear(node_.frame(FakeNode::report(0)));
  EXPECT_EQ(stored_readings(), 0U);
  EXPECT_EQ(shown(), 21.63);
}

TEST_F(EspialNetworkTest, AKindOfTheConfigurationHasTheFieldsOfS0) {
  constexpr std::uint8_t kOwnKind = 196;
  join();
  wire::Description described = description();
  (void)described.properties.functions->push_back({2, kOwnKind, false, true});
  hear(node_.frame(described));
  station::FunctionNote only_f1;
  only_f1.logged = 1U << 5;
  ASSERT_TRUE(notes_.put(live_->find(kNode)->id, {{2, only_f1}}));
  // U1 is 3, F1 is 7.25, F2 is none.
  coordinator::Bytes value(s0::kOwnValueSize);
  value[0] = 3;
  value[7] = 0xe8;
  value[8] = 0x40;
  value[11] = 0xc0;
  value[12] = 0x7f;
  coordinator::Bytes reading(wire::kMaxReadingSize);
  reading.resize(
      wire::encode({2, kOwnKind, {value.data(), value.size()}}, {reading.data(), reading.size()}));
  wire::Report report = FakeNode::report(0);
  report.readings = {reading.data(), reading.size()};
  hear(node_.frame(report));
  const station::FunctionState& own = *live_->find(kNode)->function(2);
  ASSERT_EQ(own.values.size(), 10U);
  EXPECT_EQ(own.value(0)->number, 3);
  EXPECT_EQ(own.value(5)->number, 7.25);
  EXPECT_EQ(own.value(6)->type, station::ValueType::none);
  EXPECT_EQ(stored_readings(), 1U) << "what bears no mark is not stored";

  // Of another size it is nobody's: kept as it came.
  reading = {0x22, kOwnKind, 0xab, 0xcd};
  report = FakeNode::report(1);
  report.readings = {reading.data(), reading.size()};
  hear(node_.frame(report));
  EXPECT_EQ(live_->find(kNode)->function(2)->value(0)->text, "abcd");
}

TEST_F(EspialNetworkTest, WhatIsOfAModuleItselfIsStoredAndShownLikeTheRest) {
  join();
  wire::Description described = description();
  (void)described.properties.functions->push_back(
      {wire::kModuleSlot, static_cast<std::uint8_t>(wire::Kind::kBattery), false, true});
  hear(node_.frame(described));
  // Slot 15, one byte, kind battery, 87 %.
  const coordinator::Bytes level{0xf1, 0x09, 0x57};
  wire::Report report = FakeNode::report(0);
  report.readings = {level.data(), level.size()};
  hear(node_.frame(report));
  EXPECT_EQ(stored_readings(), 1U);
  const auto level_shown = [this] {
    const auto* const itself = live_->find(kNode)->function(wire::kModuleSlot);
    const auto* const value = itself == nullptr ? nullptr : itself->value(0);
    return value == nullptr ? 0 : value->number;
  };
  EXPECT_EQ(live_->find(kNode)->functions.size(), 3U);
  EXPECT_EQ(level_shown(), 87);
  hand_over("/device/5e:50:1a:10:00:07/set", {level.data(), level.size()});
  hear(node_.frame(FakeNode::report(1)));
  EXPECT_EQ(shown(), 21.63) << "nothing of it has stopped the network";
  shut_down();
  boot(Duration{});
  hear(node_.frame(FakeNode::report(2)));
  EXPECT_EQ(stored_readings(), 3U);
}

TEST_F(EspialNetworkTest, ARepeatedReportIsStoredOnceAlsoOverARestart) {
  join();
  const auto again = node_.frame(FakeNode::report(0));
  hear(again);
  hear(again);                             // the broker hands it out again
  hear(node_.frame(FakeNode::report(0)));  // the node repeats it under a new counter
  EXPECT_EQ(stored_readings(), 1U);
  shut_down();
  boot(Duration{});
  hear(again);
  hear(node_.frame(FakeNode::report(0)));
  hear(node_.frame(FakeNode::report(1)));
  EXPECT_EQ(stored_readings(), 2U) << "the session goes on, and knows what it has stored";
}

TEST_F(EspialNetworkTest, ACommandReachesTheModuleAndEndsWhenItSaysSo) {
  join();
  hear(node_.frame(FakeNode::report(0)));
  published_.clear();
  const std::array<std::uint8_t, 1> on{1};
  const auto accepted = network_->command(live_->find(kNode)->id, 1,
                                          static_cast<std::uint8_t>(wire::Kind::kRelay), on);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(accepted));
  std::optional<wire::Command> command;
  for (int i = 0; i < 4 && !command; ++i) command = node_.open(downlink()).command;
  ASSERT_TRUE(command);
  EXPECT_TRUE(commands_.empty());
  hear(node_.frame(wire::CommandEnd{command->id, wire::Outcome::kExecuted}));
  ASSERT_EQ(commands_.size(), 1U);
  EXPECT_EQ(commands_[0].state, store::CommandState::executed);
}

TEST_F(EspialNetworkTest, AForgottenModuleIsGoneAlsoOverARestartAndComesBackOnlyAsANewOne) {
  join();
  hear(node_.frame(FakeNode::report(0)));
  const station::DeviceId id = live_->find(kNode)->id;
  forget(false);
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(shown_devices(), 0U);
    EXPECT_EQ(live_->find(kNode)->name, "capteur01");
    hear(node_.frame(FakeNode::report(1)));
    hear(node_.resume());
    EXPECT_EQ(shown_devices(), 0U);
    EXPECT_EQ(stored_readings(), 1U) << "its key is good for nothing";
    FakeNode stranger(crypto_, kServer, kNode, Key{});
    network_->keys().open_pairing(0, {});
    hear(stranger.join());
    EXPECT_EQ(network_->role_counters()[coordinator::Count::kJoins], start == 0 ? 1U : 0U);
    shut_down();
    boot(Duration{});
  }
  network_->keys().open_pairing(600, {});
  FakeNode anew(crypto_, kServer, kNode, Key{});
  published_.clear();
  join(anew);
  const station::Device& back = *live_->find(kNode);
  EXPECT_EQ(back.id, id);
  EXPECT_FALSE(back.hidden);
  EXPECT_EQ(back.name, "Cellar");
  hear(anew.frame(FakeNode::report(0)));
  EXPECT_EQ(stored_readings(), 2U) << "what it measured before is there again";
  shut_down();
  boot(Duration{});
  EXPECT_EQ(shown_devices(), 1U);
}

TEST_F(EspialNetworkTest, AForgottenModulesHistoryGoesWithItIfSoWished) {
  join();
  hear(node_.frame(FakeNode::report(0)));
  ASSERT_TRUE(settle([&] { return shown().has_value(); }));
  forget(true);
  EXPECT_EQ(stored_readings(), 0U);
  EXPECT_EQ(shown(), std::nullopt);
}

TEST_F(EspialNetworkTest, AForgottenModulesCommandsAreOver) {
  join();
  const std::array<std::uint8_t, 1> on{1};
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(network_->command(
      live_->find(kNode)->id, 1, static_cast<std::uint8_t>(wire::Kind::kRelay), on)));
  forget(false);
  ASSERT_EQ(commands_.size(), 1U) << "nobody waits for their end";
  EXPECT_EQ(commands_[0].state, store::CommandState::expired);
  store::Snapshot snapshot;
  EXPECT_EQ(store_->load(snapshot), store::StoreError::none);
  EXPECT_TRUE(snapshot.open_commands.empty());
}

TEST_F(EspialNetworkTest, AModuleStaysWhereItsEndCanNotBeStored) {
  join();
  const station::DeviceId id = live_->find(kNode)->id;
  const std::array<std::uint8_t, 1> on{1};
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(
      network_->command(id, 1, static_cast<std::uint8_t>(wire::Kind::kRelay), on)));
  std::optional<wire::Command> command;
  for (int i = 0; i < 4 && !command; ++i) command = node_.open(downlink()).command;
  ASSERT_TRUE(command);
  fill_backlog();
  (void)network_->forget(id);
  EXPECT_TRUE(commands_.empty()) << "it may still do that";
  const auto refusal = forget_device(*live_, *committer_, id, true, [] {});
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(refusal->try_again_later);
  ASSERT_TRUE(commit_all());
  hear(node_.frame(FakeNode::report(0)));
  EXPECT_EQ(shown_devices(), 1U);
  EXPECT_EQ(stored_readings(), 1U);
}

TEST_F(EspialNetworkTest, AppsSeeWhatWasOpenedAndGatewaysWhoIsKeyed) {
  join();
  published_.clear();
  hear(node_.frame(FakeNode::report(0)));
  bool seen = false;
  for (const Published& published : published_) {
    seen |= published.topic == "/device/5e:50:1a:10:00:07" && !published.retain;
  }
  EXPECT_TRUE(seen);
  published_.clear();
  network_->on_connected();
  ASSERT_EQ(published_.size(), 2U);
  EXPECT_EQ(published_[0].topic, "espial/home/1/coordinator");
  EXPECT_TRUE(published_[0].retain);
  EXPECT_EQ(published_[1].payload, std::string(kNode.octets.begin(), kNode.octets.end()));
}

TEST_F(EspialNetworkTest, ALostGatewayTakesItsModulesOffline) {
  join();
  const std::string gateway = "espial/home/1/gateway/5e:50:1a:01:00:02";
  hand_over(gateway, as_bytes(R"({"state":"online","channel":6,"held":3,"Bad \"name":1,"x":-1})"));
  EXPECT_TRUE(network_->gateways().at(kGateway).online);
  EXPECT_EQ(network_->gateways().at(kGateway).counters,
            (std::map<std::string, std::uint64_t>{{"held", 3}}));
  hand_over(gateway, as_bytes(R"({"state":"offline"})"));
  EXPECT_FALSE(live_->find(kNode)->online);
}

TEST_F(EspialNetworkTest, AGatewayThatLeftNoWillIsMissedWithItsModules) {
  const auto says = [&](bool retained) {
    hand_over("espial/home/1/gateway/5e:50:1a:01:00:02",
              as_bytes(R"({"state":"online","channel":6})"), retained);
    return network_->gateways().at(kGateway).online;
  };
  Instant now = monotonic_now();
  const auto watch = [&](Duration span) {
    for (const Instant end = now + span; now < end;) {
      now = now + Duration::seconds(1);
      network_->watch_gateways(now, true);
    }
  };
  watch(Duration::seconds(1));
  EXPECT_TRUE(says(true));
  join();
  watch(GatewayWatch::kPatience - Duration::seconds(1));
  EXPECT_TRUE(says(true));
  hear(node_.frame(FakeNode::report(0)));
  watch(GatewayWatch::kPatience - Duration::seconds(1));
  EXPECT_TRUE(live_->find(kNode)->online) << "who relays is there";
  watch(Duration::seconds(1));
  EXPECT_FALSE(network_->gateways().at(kGateway).online);
  EXPECT_FALSE(live_->find(kNode)->online);
  EXPECT_FALSE(says(true)) << "the broker has kept that of one that is gone";
  EXPECT_TRUE(says(false));
}

TEST_F(EspialNetworkTest, AGatewaysClockIsComparedWithOursWhenItSpeaks) {
  const std::string topic = "espial/home/1/gateway/5e:50:1a:01:00:02";
  const auto say = [&](const std::string& time, bool retained) {
    hand_over(topic, as_bytes(R"({"state":"online","channel":6)" + time + "}"), retained);
    return network_->gateways().at(kGateway).clock_ahead_ms;
  };
  EXPECT_EQ(say("", false), std::nullopt);
  const std::string later = R"(,"time":)" + std::to_string(unix_now().ms + 3'600'000);
  EXPECT_NEAR(static_cast<double>(say(later, false).value_or(0)), 3'600'000, 60'000);
  EXPECT_TRUE(network_->gateways().at(kGateway).counters.empty());
  EXPECT_EQ(say(later, true), std::nullopt) << "nobody knows how long that has lain there";
  EXPECT_GT(say(R"(,"time":18446744073709551615)", false).value_or(0), 0);
  EXPECT_EQ(say(R"(,"time":"noon")", false), std::nullopt);
}

TEST_F(EspialNetworkTest, ANewModuleIsShownOnceItIsStored) {
  const auto body = node_.join();
  hand_over(kUp, {body.data(), body.size()});
  ASSERT_NE(live_->find(kNode), nullptr);
  EXPECT_EQ(shown_devices(), 0U);
  ASSERT_TRUE(settle([&] { return acknowledged_ == 1; }));
  EXPECT_EQ(shown_devices(), 1U);
}

TEST_F(EspialNetworkTest, AFrameThatTheStoreHasNoRoomForIsGivenBack) {
  join();
  const int acknowledged = acknowledged_;
  fill_backlog();
  // More of them than the coordinator has slots: each one's must become free again.
  for (std::uint16_t i = 0; i < 200; ++i) {
    const auto body = node_.frame(FakeNode::report(0));
    hand_over(kUp, {body.data(), body.size()});
    EXPECT_EQ(given_back_, i + 1);
  }
  EXPECT_EQ(acknowledged_, acknowledged);
  EXPECT_EQ(network_->ledger_counters().turned_away, 200U);
  ASSERT_TRUE(commit_all());
  hear(node_.frame(FakeNode::report(0)));
  EXPECT_EQ(acknowledged_, acknowledged + 1) << "what was given back is not acknowledged later";
  EXPECT_EQ(stored_readings(), 1U);
  EXPECT_EQ(shown(), 21.63);
}

TEST_F(EspialNetworkTest, AReportAfterOneThatWasTurnedAwayDoesNotPassForIt) {
  join();
  hold_commits();
  const auto first = node_.frame(FakeNode::report(0));
  hand_over(kUp, {first.data(), first.size()});
  fill_backlog();
  const auto second = node_.frame(FakeNode::report(1, 1));
  hand_over(kUp, {second.data(), second.size()});
  EXPECT_EQ(given_back_, 1) << "the first one's record is on its way";
  ASSERT_TRUE(commit_all());
  // There is room again, but the coordinator has not yet heard of the failure.
  const auto third = node_.frame(FakeNode::report(2, 2));
  hand_over(kUp, {third.data(), third.size()});
  EXPECT_EQ(given_back_, 2);
  ASSERT_TRUE(
      settle([&] { return network_->role_counters()[coordinator::Count::kCommitsFailed] == 2; }));
  hear(node_.frame(FakeNode::report(2, 2)));
  shut_down();
  boot(Duration{});
  EXPECT_EQ(stored_readings(), 2U);
  hear(node_.frame(FakeNode::report(1, 1)));
  EXPECT_EQ(stored_readings(), 3U) << "the stream came past a report that is not stored";
}

TEST_F(EspialNetworkTest, WhatIsTurnedAwayLeavesNoTrace) {
  fill_backlog();
  auto body = node_.join();
  hand_over(kUp, {body.data(), body.size()});
  EXPECT_EQ(shown_devices(), 0U);
  ASSERT_TRUE(commit_all());
  hear(node_.join());
  const auto accept = downlink();
  ASSERT_TRUE(node_.accept({accept.data(), accept.size()}));
  EXPECT_EQ(live_->find(kNode)->name, "capteur01") << "the first try has taken no name";

  // The first frame of the session, with which the session itself is stored.
  fill_backlog();
  body = node_.frame(FakeNode::report(0));
  hand_over(kUp, {body.data(), body.size()});
  EXPECT_EQ(stored_readings(), 0U);
  ASSERT_TRUE(commit_all());
  network_->on_timer(monotonic_now());
  hear(node_.frame(FakeNode::report(0)));

  fill_backlog();
  body = node_.frame(description());
  hand_over(kUp, {body.data(), body.size()});
  EXPECT_EQ(live_->find(kNode)->chip, "");
  EXPECT_TRUE(live_->find(kNode)->functions.empty());
  EXPECT_FALSE(network_->renamed(live_->find(kNode)->id));
  ASSERT_TRUE(commit_all());
  hear(node_.frame(description()));
  EXPECT_EQ(live_->find(kNode)->chip, "ESP8266");
}

TEST_F(EspialNetworkTest, ACommandForARevokedModuleIsRefused) {
  join();
  hear(node_.frame(FakeNode::report(0)));
  network_->keys().revoke(kNode, [](const std::optional<CommandRefusal>&) {});
  const std::array<std::uint8_t, 1> on{1};
  const auto answer = network_->command(live_->find(kNode)->id, 1,
                                        static_cast<std::uint8_t>(wire::Kind::kRelay), on);
  ASSERT_TRUE(std::holds_alternative<CommandRefusal>(answer));
  EXPECT_EQ(std::get<CommandRefusal>(answer).problem, station::Problem::kRevoked);
}

TEST_F(EspialNetworkTest, ACommandThatTheStoreHasNoRoomForIsRefused) {
  join();
  hear(node_.frame(FakeNode::report(0)));
  fill_backlog();
  const std::array<std::uint8_t, 1> on{1};
  const auto relay = static_cast<std::uint8_t>(wire::Kind::kRelay);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(
      network_->command(live_->find(kNode)->id, 1, relay, on)));
  EXPECT_TRUE(commands_.empty()) << "its end can't come before its number";
  network_->on_timer(monotonic_now());
  ASSERT_EQ(commands_.size(), 1U);
  EXPECT_EQ(commands_[0].state, store::CommandState::refused);
  EXPECT_EQ(given_back_, 0) << "no frame is under way";
}

TEST_F(EspialNetworkTest, WhatIsNoGatewaysMessageIsCounted) {
  const coordinator::Bytes noise(300, 0x5a);
  hand_over("espial/home/1/up/nonsense", {noise.data(), noise.size()});
  hand_over("espial/home/1/gateway/5e:50:1a:01:00:02", {noise.data(), noise.size()});
  EXPECT_EQ(network_->counters().malformed, 2U);
  hand_over(kUp, {noise.data(), noise.size()});
  hand_over(kUp, {});
  EXPECT_EQ(acknowledged_, 4) << "noise is not kept by the broker";
  EXPECT_EQ(live_->size(), 0U);
}

}  // namespace
}  // namespace espial::features
