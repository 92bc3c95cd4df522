#include "hub/features/s0_network.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "hub/features/s0_fixture_test.hpp"

namespace espial::features {
namespace {

class S0NetworkTest : public S0Fixture {};

TEST_F(S0NetworkTest, AModuleIsAnsweredAtOnceAndShownWhenItIsStored) {
  hold_commits();
  hand_over(search());
  ASSERT_EQ(published_.size(), 1U);
  EXPECT_EQ(published_[0].topic, "espial/home/1/down/02:00:00:00:01:01/5c:cf:7f:01:02:03");
  const auto answer = s0::parse_pairing(as_bytes(published_[0].payload));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->channel.number, 6);
  EXPECT_EQ(answer->functions[2].type, s0::kRelay);
  EXPECT_EQ(shown_devices(), 0U);
  ASSERT_TRUE(commit_all());
  ASSERT_TRUE(settle([&] { return acknowledged_ == 1; }));
  EXPECT_EQ(shown_devices(), 1U);
  EXPECT_EQ(module().protocol, station::Protocol::s0);
  EXPECT_EQ(module().module.value, 3);
  EXPECT_TRUE(module().online);
  ASSERT_EQ(module().functions.size(), 3U);
  EXPECT_EQ(module().functions[0].title, "Salon");
  EXPECT_TRUE(module().functions[0].accepts_commands);
  EXPECT_FALSE(module().functions[1].accepts_commands);
}

TEST_F(S0NetworkTest, DataAreStoredAndShown) {
  hear(search());
  s0::Values values = data(1, s0::kThermostat);
  values.f = {21.5F, 19.0F, 0, 0, 0};
  values.u[0] = 1;
  hear(values);
  EXPECT_EQ(shown(0, 0), 21.5);
  EXPECT_EQ(shown(0, 1), 19.0);
  EXPECT_EQ(shown(0, 2), 1.0);
  EXPECT_EQ(module().rssi_dbm, -61);
  shut_down();
  const store::Snapshot snapshot = open();
  EXPECT_EQ(snapshot.latest.size(), 3U);
  close();
  boot();
}

TEST_F(S0NetworkTest, WhatWaitedOnItsWayIsAsOldAsItIs) {
  hear(search());
  const std::int64_t now_ms = module().last_seen.ms;
  hear(bytes_of(data(4, s0::kRelay)));
  hear(bytes_of(data(3, s0::kRelay)), kS0Mac, "90000");
  const std::int64_t age_ms = now_ms - module().function(2)->taken_at.ms;
  EXPECT_GT(age_ms, 80'000);
  EXPECT_LT(age_ms, 100'000);
}

TEST_F(S0NetworkTest, ATypeOfItsOwnHasTenFields) {
  configure("3=5");
  hear(search());
  s0::Values values = data(1, 5);
  values.u = {1, 2, 3, 4, 5};
  values.f = {0.5F, 1.5F, NAN, INFINITY, -2.0F};
  hear(values);
  EXPECT_EQ(module().functions[0].kind, 194);
  EXPECT_EQ(shown(0, 4), 5.0);
  EXPECT_EQ(shown(0, 5), 0.5);
  EXPECT_EQ(shown(0, 9), -2.0);
  EXPECT_EQ(module().function(0)->value(7)->type, station::ValueType::none);
  EXPECT_EQ(module().function(0)->value(8)->type, station::ValueType::none);
}

TEST_F(S0NetworkTest, ASetPointEndsWhenDataShowIt) {
  hear(search());
  published_.clear();
  const auto accepted = command(0, wire::Kind::kThermostat, 22);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(accepted));
  ASSERT_EQ(published_.size(), 1U);
  const auto said = s0::parse_values(as_bytes(published_[0].payload));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->u[0], 22);
  s0::Values values = data(1, s0::kThermostat);
  values.f = {20, 22, 0, 0, 0};
  hear(values);
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].state, store::CommandState::executed);
  EXPECT_EQ(ended_[0].command_id, std::get<TakenCommand>(accepted).id);
  shut_down();
  const store::Snapshot snapshot = open();
  EXPECT_TRUE(snapshot.open_commands.empty());
  close();
  boot();
}

TEST_F(S0NetworkTest, ACommandThatFitsNothingIsRefusedAndOver) {
  hear(search());
  EXPECT_TRUE(std::holds_alternative<CommandRefusal>(command(1, wire::Kind::kThermostat, 22)));
  shut_down();
  EXPECT_TRUE(open().open_commands.empty());
  close();
  boot();
}

TEST_F(S0NetworkTest, AnOpenCommandIsSaidAgainAfterARestart) {
  hear(search());
  const auto accepted = command(2, wire::Kind::kRelay, 1);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(accepted));
  shut_down();
  boot();
  hear(data(3, s0::kRelay));
  EXPECT_TRUE(ended_.empty());
  s0::Values on = data(3, s0::kRelay);
  on.u[0] = 1;
  hear(on);
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].command_id, std::get<TakenCommand>(accepted).id);
  const auto next = command(2, wire::Kind::kRelay, 0);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(next));
  EXPECT_GT(std::get<TakenCommand>(next).id, std::get<TakenCommand>(accepted).id);
}

TEST_F(S0NetworkTest, AnOfflineModuleTakesNoCommands) {
  hear(search());
  (void)live_->set_online(module().id, false, module().last_seen);
  const auto accepted = command(0, wire::Kind::kThermostat, 22);
  ASSERT_TRUE(std::holds_alternative<CommandRefusal>(accepted));
  EXPECT_EQ(std::get<CommandRefusal>(accepted).problem, station::Problem::kDeviceOffline);
}

TEST_F(S0NetworkTest, TheSecondModuleWithOneNumberIsRefusedInWords) {
  const auto logged = std::make_shared<std::ostringstream>();
  const auto former = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(*logged)));
  hear(search());
  published_.clear();
  hear(search(), kOtherS0Mac);
  spdlog::set_default_logger(former);
  EXPECT_TRUE(published_.empty());
  EXPECT_EQ(live_->find(kOtherS0Mac), nullptr);
  EXPECT_NE(logged->str().find("asks to be module 3, which is capteur01"), std::string::npos)
      << logged->str();
}

TEST_F(S0NetworkTest, AnAddressOfAnotherProtocolIsNeverTakenForOneOfS0s) {
  station::Device keyed;
  keyed.id = live_->next_id();
  keyed.mac = kS0Mac;
  keyed.name = "Cellar";
  ASSERT_EQ(live_->put(keyed), station::Outcome::done);
  hear(search());
  hear(data(1, s0::kThermostat));
  EXPECT_EQ(module().protocol, station::Protocol::espial);
  EXPECT_TRUE(module().functions.empty());
  const auto& refused = network_->role_counters().refused;
  EXPECT_EQ(refused[static_cast<std::size_t>(coordinator::S0Refusal::kKeyed)], 1U);
}

TEST_F(S0NetworkTest, AModuleGoesOnOverARestart) {
  hear(search());
  shut_down();
  boot();
  published_.clear();
  hear(data(3, s0::kRelay));
  EXPECT_TRUE(published_.empty()) << "it is known";
  EXPECT_EQ(network_->role_counters().readings, 1U);
}

TEST_F(S0NetworkTest, ANewConfigurationStartsTheModuleAgain) {
  hear(search());
  published_.clear();
  configure("3=thermostat:Salon,thermometer,relay:Lampe");
  EXPECT_TRUE(published_.empty()) << "nothing has changed";
  configure("3=thermostat:Salon");
  ASSERT_EQ(published_.size(), 1U);
  EXPECT_EQ(published_[0].payload, std::string("\x04\x01"));
  hear(search());
  EXPECT_EQ(module().functions.size(), 1U);
  shut_down();
  const store::Snapshot snapshot = open();
  std::size_t functions = 0;
  for (const auto& function : snapshot.functions) functions += function.kind != 0;
  EXPECT_EQ(functions, 1U);
  close();
  boot();
}

TEST_F(S0NetworkTest, ASensorsLabelGoesBeforeTheFunctionsTitle) {
  ASSERT_TRUE(documents_->put({std::string(s0::kSensorCollection), "28ff641e8216c3a1", "Chambre"}));
  hear(search());
  s0::Values values = data(2, s0::kThermometer);
  values.sensor = {0x28, 0xff, 0x64, 0x1e, 0x82, 0x16, 0xc3, 0xa1};
  hear(values);
  EXPECT_EQ(module().function(1)->title, "Chambre");
  EXPECT_EQ(shown(1, 0), 0.0);
}

TEST_F(S0NetworkTest, ALabelThatIsTakenBackGoesAtOnceAndForGood) {
  const std::string sensor = "28ff641e8216c3a1";
  ASSERT_TRUE(documents_->put({std::string(s0::kSensorCollection), sensor, "Chambre"}));
  configure("3=thermostat:Salon,thermometer:Fenetre,relay:Lampe");
  hear(search());
  s0::Values values = data(2, s0::kThermometer);
  values.sensor = {0x28, 0xff, 0x64, 0x1e, 0x82, 0x16, 0xc3, 0xa1};
  hear(values);
  ASSERT_EQ(module().function(1)->title, "Chambre");
  network_->relabelled("Chambre", "Cave");
  EXPECT_EQ(module().function(1)->title, "Cave");
  ASSERT_TRUE(documents_->put({std::string(s0::kSensorCollection), sensor, {}}));
  network_->relabelled("Cave", {});
  EXPECT_EQ(module().function(1)->title, "Fenetre");
  EXPECT_EQ(shown(1, 0), 0.0) << "its value stays";
  network_->relabelled("Salon", "Grenier");
  EXPECT_EQ(module().function(0)->title, "Salon") << "which no label has said";
  shut_down();
  boot();
  EXPECT_EQ(module().function(1)->title, "Fenetre");
}

TEST_F(S0NetworkTest, AModuleThatWasBroughtWithItsHistoryIsShownAsItIsConfigured) {
  station::Device brought;
  brought.id = station::DeviceId{1};
  brought.mac = kS0Mac;
  brought.name = "S0 module 3";
  brought.protocol = station::Protocol::s0;
  brought.server = ServerId{1};
  brought.module = ModuleId{3};
  ASSERT_EQ(live_->put(brought), station::Outcome::done);
  configure("3=thermostat:Salon,relay:Lampe");
  ASSERT_EQ(module().functions.size(), 2U);
  EXPECT_EQ(module().function(1)->title, "Lampe");
  configure("3=thermometer:Cave");
  ASSERT_EQ(module().functions.size(), 1U);
  EXPECT_EQ(module().function(0)->title, "Cave");
  hear(search());
  configure("3=relay:Porte");
  EXPECT_EQ(module().function(0)->title, "Cave") << "it does what it was told when it paired";
}

TEST_F(S0NetworkTest, WhatTheStoreHasNoRoomForIsGivenBack) {
  hear(search());
  fill_backlog();
  hand_over(bytes_of(data(3, s0::kRelay)));
  EXPECT_EQ(given_back_, 1);
  ASSERT_TRUE(commit_all());
}

TEST_F(S0NetworkTest, ARenamedModuleIsStored) {
  hear(search());
  ASSERT_EQ(station::rename(*live_, module().id, "Salon").outcome, station::Outcome::done);
  EXPECT_TRUE(network_->renamed(module().id));
  shut_down();
  boot();
  EXPECT_EQ(module().name, "Salon");
}

TEST_F(S0NetworkTest, OtherMessagesAreNotItsOwn) {
  const Body sealed{0x50, 0x22};
  mqtt::Publish message;
  message.topic = "espial/home/1/up/02:00:00:00:01:01/5c:cf:7f:01:02:03";
  message.payload = {sealed.data(), sealed.size()};
  EXPECT_FALSE(network_->owns(message));
  const Body ours = search();
  message.payload = {ours.data(), ours.size()};
  EXPECT_TRUE(network_->owns(message));
  message.topic = "espial/home/2/up/02:00:00:00:01:01/5c:cf:7f:01:02:03";
  EXPECT_FALSE(network_->owns(message));
  message.topic = "espial/home/1/gateway/02:00:00:00:01:01";
  EXPECT_FALSE(network_->owns(message));
}

}  // namespace
}  // namespace espial::features
