#include "core/coordinator/s0_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/wire/kinds_table.hpp"
#include "core/wire/s0_function.hpp"
#include "core/wire/value.hpp"

namespace espial::coordinator {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr ServerId kServer{7};
constexpr MacAddress kGateway{{2, 0, 0, 0, 1, 1}};
constexpr MacAddress kOtherGateway{{2, 0, 0, 0, 1, 2}};
constexpr MacAddress kMac{{0x5c, 0xcf, 0x7f, 1, 2, 3}};
constexpr ModuleId kModule{3};

class ScriptedDownlink final : public Downlink {
 public:
  struct Sent {
    MacAddress gateway;
    MacAddress mac;
    DownClass down_class;
    Bytes body;
  };
  void send(ServerId server, const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
            ByteView body, std::uint32_t, std::uint32_t) override {
    EXPECT_EQ(server.value, kServer.value);
    sent.push_back({gateway, mac, down_class, Bytes(body.begin(), body.end())});
  }
  std::vector<Sent> sent;
};

class ScriptedDirectory final : public S0Directory {
 public:
  S0Admission admit(const MacAddress&, ModuleId) override { return admission; }
  s0::Functions functions_of(ModuleId) override { return functions; }

  S0Admission admission = S0Admission::kWelcome;
  s0::Functions functions{};
};

class ScriptedEvents final : public S0Events {
 public:
  void on_paired(const MacAddress&, ModuleId module, const s0::Functions&) override {
    paired.push_back(module.value);
  }
  void on_heard(const MacAddress&, const MacAddress&, std::optional<std::int8_t>) override {
    ++heard;
  }
  void on_online(const MacAddress&, bool is_online) override { online.push_back(is_online); }
  void on_reading(const S0Reading& reading) override {
    readings.push_back(reading);
    values.emplace_back(reading.value.begin(), reading.value.end());
  }
  void on_command_ended(const MacAddress&, std::uint32_t id, CommandState state) override {
    ended.push_back(static_cast<int>(id));
    states.push_back(state);
  }
  void on_refused(const MacAddress&, ModuleId, S0Refusal reason) override {
    refused.push_back(reason);
  }

  std::vector<int> paired;
  int heard = 0;
  std::vector<bool> online;
  std::vector<S0Reading> readings;
  std::vector<Bytes> values;
  std::vector<int> ended;
  std::vector<CommandState> states;
  std::vector<S0Refusal> refused;
};

class S0ServerTest : public testing::Test {
 protected:
  S0ServerTest() {
    directory_.functions[0] = {1, s0::kThermostat, 1};
    directory_.functions[1] = {2, s0::kThermometer, s0::kUnused};
    directory_.functions[2] = {4, s0::kRelay, 0};
    directory_.functions[3] = {5, 3, s0::kUnused};
  }

  template <class Message>
  static Bytes bytes_of(const Message& message) {
    Bytes body(s0::kMaxMessageSize);
    body.resize(s0::encode(message, {body.data(), body.size()}));
    return body;
  }
  static Bytes search(ModuleId module = kModule) {
    s0::Pairing pairing;
    pairing.server = kServer;
    pairing.id = module.value;
    pairing.address = kMac;
    return bytes_of(pairing);
  }
  static s0::Values data(std::uint8_t function, std::uint8_t type) {
    s0::Values values;
    values.function = function;
    values.type = type;
    return values;
  }

  void hear(const Bytes& body, const MacAddress& mac = kMac, Duration held = {},
            const MacAddress& gateway = kGateway) {
    UplinkFrame frame;
    frame.server = kServer;
    frame.gateway = gateway;
    frame.mac = mac;
    frame.body = {body.data(), body.size()};
    frame.channel = Channel{6};
    frame.held = held;
    server_.on_uplink(now_, frame);
  }
  void hear(const s0::Values& values) { hear(bytes_of(values)); }
  void pair() {
    hear(search());
    ASSERT_EQ(downlink_.sent.size(), 1U);
    downlink_.sent.clear();
  }
  void pass(Duration span) {
    const Instant end = now_ + span;
    while (server_.next_timer() <= end) {
      now_ = server_.next_timer();
      server_.on_timer(now_);
    }
    now_ = end;
  }
  /// The module answers every ping, and says nothing else.
  void echo_for(Duration span) {
    const Instant end = now_ + span;
    while (now_ < end) {
      downlink_.sent.clear();
      pass(std::min(server_.next_timer(), end) - now_);
      for (const auto& sent : std::vector(downlink_.sent)) {
        if (sent.body[0] == 3) hear(sent.body);
      }
    }
  }
  S0CommandStatus command(std::uint8_t slot, wire::Kind kind, double wanted, std::uint32_t id,
                          bool sent_before = false) {
    std::array<std::uint8_t, 8> value{};
    const auto* const info = wire::find_standard_kind(static_cast<std::uint8_t>(kind));
    const auto size = wire::encode_command_value(*info, wire::FieldValue::of(wanted), value);
    return server_.command(now_, kMac, slot, {value.data(), *size}, id,
                           now_ + Duration::seconds(60), sent_before);
  }
  /// The first bytes of what was sent since the last call.
  std::vector<int> sent_types() {
    std::vector<int> types;
    for (const auto& sent : downlink_.sent) types.push_back(sent.body[0]);
    downlink_.sent.clear();
    return types;
  }
  std::uint32_t refused(S0Refusal reason) const {
    return server_.counters().refused[static_cast<std::size_t>(reason)];
  }

  ScriptedDownlink downlink_;
  ScriptedDirectory directory_;
  ScriptedEvents events_;
  std::array<S0Module, 2> modules_;
  std::array<S0Command, 3> commands_;
  S0Server server_{kServer, {modules_, commands_}, {downlink_, directory_, events_}};
  Instant now_{-5'000'000};
};

TEST_F(S0ServerTest, ASearchIsAnsweredWithWhereAndWhat) {
  hear(search());
  ASSERT_EQ(downlink_.sent.size(), 1U);
  const auto& sent = downlink_.sent[0];
  EXPECT_EQ(sent.mac, kMac);
  EXPECT_EQ(sent.gateway, kGateway);
  EXPECT_EQ(sent.down_class, DownClass::kAuth) << "at once, and not kept";
  const auto answer = s0::parse_pairing({sent.body.data(), sent.body.size()});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->server.value, kServer.value);
  EXPECT_EQ(answer->id, kServer.value);
  EXPECT_EQ(answer->address, kGateway) << "the softAP's";
  EXPECT_EQ(answer->channel.number, 6);
  EXPECT_EQ(answer->functions, directory_.functions);
  EXPECT_EQ(events_.paired, std::vector<int>{3});
  EXPECT_EQ(events_.online, std::vector<bool>{true});
}

TEST_F(S0ServerTest, OnlyItsOwnModulesAreAnswered) {
  s0::Pairing other;
  other.server = ServerId{8};
  other.id = 3;
  hear(bytes_of(other));
  hear(search(ModuleId{0}));
  EXPECT_TRUE(downlink_.sent.empty());
  EXPECT_EQ(refused(S0Refusal::kBadMessage), 1U);
  EXPECT_EQ(refused(S0Refusal::kNoModuleId), 1U);
}

TEST_F(S0ServerTest, NobodyIsAnsweredWhoNoLongerListens) {
  hear(search(), kMac, kS0Dwell);
  EXPECT_EQ(sent_types(), std::vector<int>{0});
  hear(search(), kMac, kS0Dwell + Duration::milliseconds(1));
  EXPECT_TRUE(downlink_.sent.empty());
  EXPECT_EQ(refused(S0Refusal::kLate), 1U);
}

TEST_F(S0ServerTest, WhoMayNotComeInIsRefusedWithItsReason) {
  directory_.admission = S0Admission::kModuleTaken;
  hear(search());
  directory_.admission = S0Admission::kKeyed;
  hear(search());
  directory_.admission = S0Admission::kFull;
  hear(search());
  EXPECT_EQ(events_.refused,
            (std::vector<S0Refusal>{S0Refusal::kModuleTaken, S0Refusal::kKeyed, S0Refusal::kFull}));
  EXPECT_TRUE(downlink_.sent.empty());
  EXPECT_EQ(server_.find(kMac), nullptr);
}

TEST_F(S0ServerTest, AFullTableRefusesNewOnesAndKeepsItsOwn) {
  for (std::uint8_t i = 0; i < 3; ++i) hear(search(), MacAddress{{2, 0, 0, 0, 2, i}});
  EXPECT_EQ(refused(S0Refusal::kFull), 1U);
  hear(search(), MacAddress{{2, 0, 0, 0, 2, 0}});
  EXPECT_EQ(server_.counters().answered, 3U);
}

TEST_F(S0ServerTest, DataAreReadingsOfTheSlotThatTheFunctionIsIn) {
  pair();
  s0::Values values = data(2, s0::kThermometer);
  values.f[0] = 21.5F;
  values.sensor[0] = 0x28;
  hear(bytes_of(values), kMac, Duration::seconds(9));
  ASSERT_EQ(events_.readings.size(), 1U);
  EXPECT_EQ(events_.readings[0].slot, 1);
  EXPECT_EQ(events_.readings[0].kind, static_cast<std::uint8_t>(wire::Kind::kTemperature));
  EXPECT_EQ(events_.readings[0].sensor[0], 0x28);
  EXPECT_EQ(events_.readings[0].held.ms(), 9000);
  EXPECT_EQ(events_.values[0], (Bytes{0x66, 0x08}));
}

TEST_F(S0ServerTest, DataOfAFunctionThatWasNotGivenAreRefused) {
  pair();
  hear(data(2, s0::kRelay));
  hear(data(s0::kUnused, s0::kUnused));
  EXPECT_EQ(refused(S0Refusal::kUnknownFunction), 2U);
  EXPECT_TRUE(events_.readings.empty());
}

TEST_F(S0ServerTest, DataOfAFunctionThatWasNotGivenMakeTheModuleAskAgainNowAndThen) {
  pair();
  downlink_.sent.clear();
  hear(data(2, s0::kRelay));
  hear(data(2, s0::kRelay));
  ASSERT_EQ(downlink_.sent.size(), 1U);
  EXPECT_EQ(downlink_.sent[0].body, (Bytes{4, kServer.value}));
  pass(kS0EchoInterval);
  hear(data(2, s0::kRelay));
  EXPECT_EQ(downlink_.sent.size(), 1U);
  now_ = now_ + kS0AskAgainInterval;
  hear(data(4, s0::kRelay));
  EXPECT_EQ(downlink_.sent.size(), 2U) << "it has not asked yet";
  EXPECT_EQ(events_.readings.size(), 1U);
  downlink_.sent.clear();
  pair();
  now_ = now_ + kS0AskAgainInterval;
  hear(data(4, s0::kRelay));
  EXPECT_TRUE(downlink_.sent.empty());
}

TEST_F(S0ServerTest, AModuleThatShallMeasureAndIsMuteIsToldToStartAgain) {
  const Duration borne = kS0Mute - Duration::seconds(1);
  pair();
  echo_for(borne);
  EXPECT_EQ(server_.counters().resets, 0U);
  hear(data(1, s0::kThermostat));
  echo_for(borne);
  EXPECT_EQ(server_.counters().resets, 0U) << "it has spoken in between";
  echo_for(kS0Silence);
  EXPECT_EQ(server_.counters().resets, 1U);
  echo_for(kS0AskAgainInterval * 3);
  EXPECT_EQ(server_.counters().resets, 4U) << "it has not heard it, and is told once a minute";
  hear(search());
  echo_for(borne);
  EXPECT_EQ(server_.counters().resets, 4U) << "it has asked";
  EXPECT_EQ(events_.online, std::vector<bool>{true});
}

TEST_F(S0ServerTest, AModuleThatOnlySwitchesMayBeSilent) {
  directory_.functions = {};
  directory_.functions[0] = {4, s0::kRelay, 0};
  directory_.functions[1] = {5, s0::kFirstOwnType, 0};
  pair();
  echo_for(kS0Mute * 3);
  EXPECT_EQ(server_.counters().resets, 0U);
}

TEST_F(S0ServerTest, AModuleThatComesBackHasTimeToSpeak) {
  ASSERT_TRUE(server_.restore(kMac, kModule));
  now_ = now_ + kS0Mute * 2;
  hear(bytes_of(s0::Ping{77}));
  EXPECT_EQ(server_.counters().resets, 0U);
  pass(kS0Mute * 2);
  EXPECT_EQ(events_.online, (std::vector<bool>{true, false}));
  hear(bytes_of(s0::Ping{77}));
  EXPECT_EQ(server_.counters().resets, 0U);
  echo_for(kS0Mute + kS0Silence);
  EXPECT_EQ(server_.counters().resets, 1U);
}

TEST_F(S0ServerTest, AStrangerIsToldToStartAgainNowAndThen) {
  hear(data(1, s0::kThermostat));
  hear(data(1, s0::kThermostat));
  EXPECT_EQ(refused(S0Refusal::kUnknownModule), 2U);
  ASSERT_EQ(downlink_.sent.size(), 1U);
  EXPECT_EQ(downlink_.sent[0].body, (Bytes{4, kServer.value}));
  EXPECT_EQ(downlink_.sent[0].gateway, kGateway);
  pass(kS0EchoInterval);
  hear(data(1, s0::kThermostat));
  EXPECT_EQ(downlink_.sent.size(), 2U);
  EXPECT_TRUE(events_.readings.empty());
}

TEST_F(S0ServerTest, AForgottenModuleIsAStranger) {
  pair();
  const std::array<std::uint8_t, 1> on{1};
  ASSERT_EQ(server_.command(now_, kMac, 2, on, 41, now_ + Duration::seconds(60)),
            S0CommandStatus::kOk);
  server_.forget(kMac);
  EXPECT_EQ(events_.ended, std::vector<int>{41});
  EXPECT_EQ(events_.states, std::vector<CommandState>{CommandState::kExpired});
  EXPECT_EQ(server_.find(kMac), nullptr);
  server_.forget(kMac);
  hear(data(1, s0::kThermostat));
  EXPECT_EQ(events_.refused, std::vector<S0Refusal>{S0Refusal::kUnknownModule});
  downlink_.sent.clear();
  pair();
  EXPECT_NE(server_.find(kMac), nullptr);
}

TEST_F(S0ServerTest, HostileMessagesChangeNothing) {
  pair();
  for (std::size_t size : {0, 1, 2, 7, 8, 9, 35, 37, 45, 47, 250}) hear(Bytes(size, 0x01));
  s0::Values set_points = data(1, s0::kThermostat);
  set_points.set_points = true;
  hear(set_points);
  hear(bytes_of(s0::Reset{kServer}));
  EXPECT_EQ(refused(S0Refusal::kBadMessage), 13U);
  EXPECT_TRUE(events_.readings.empty());
  EXPECT_TRUE(downlink_.sent.empty());
}

TEST_F(S0ServerTest, ASilentModuleIsAskedAndThenOffline) {
  pair();
  pass(kS0Silence);
  EXPECT_EQ(sent_types(), std::vector<int>{3});
  pass(kS0PingInterval * 2);
  EXPECT_EQ(sent_types(), (std::vector<int>{3, 3}));
  EXPECT_EQ(events_.online, std::vector<bool>{true});
  pass(kS0PingInterval);
  EXPECT_EQ(events_.online, (std::vector<bool>{true, false}));
  EXPECT_EQ(server_.next_timer(), kNever) << "nothing is to be done for it";
  hear(data(1, s0::kThermostat));
  EXPECT_EQ(events_.online, (std::vector<bool>{true, false, true}));
}

TEST_F(S0ServerTest, AnEchoKeepsAModuleOnlineAndIsNotEchoed) {
  pair();
  for (int i = 0; i < 5; ++i) {
    pass(kS0Silence);
    ASSERT_EQ(downlink_.sent.size(), 1U);
    const Bytes ping = downlink_.sent[0].body;
    downlink_.sent.clear();
    hear(ping);
    EXPECT_TRUE(downlink_.sent.empty());
  }
  EXPECT_EQ(events_.online, std::vector<bool>{true});
  EXPECT_EQ(server_.counters().echoes, 0U);
}

TEST_F(S0ServerTest, AModulesPingIsEchoedAndNoEchoIsEchoedForEver) {
  pair();
  const Bytes ping = bytes_of(s0::Ping{77});
  hear(ping);
  ASSERT_EQ(downlink_.sent.size(), 1U);
  EXPECT_EQ(downlink_.sent[0].body, ping);
  hear(ping);
  EXPECT_EQ(downlink_.sent.size(), 1U) << "a module that echoes the echo";
  pass(kS0EchoInterval);
  hear(ping);
  EXPECT_EQ(downlink_.sent.size(), 2U);
}

TEST_F(S0ServerTest, ASetPointGoesDownAndDataThatShowItEndIt) {
  pair();
  ASSERT_EQ(command(0, wire::Kind::kThermostat, 22, 5), S0CommandStatus::kOk);
  ASSERT_EQ(downlink_.sent.size(), 1U);
  const auto said = s0::parse_values({downlink_.sent[0].body.data(), s0::kValuesSize});
  ASSERT_TRUE(said);
  EXPECT_TRUE(said->set_points);
  EXPECT_EQ(said->function, 1);
  EXPECT_EQ(said->u[0], 22);
  s0::Values values = data(1, s0::kThermostat);
  values.f[1] = 19;
  hear(values);
  EXPECT_TRUE(events_.ended.empty()) << "it has not taken it yet";
  values.f[1] = 22;
  hear(values);
  EXPECT_EQ(events_.ended, std::vector<int>{5});
  EXPECT_EQ(events_.states, std::vector<CommandState>{CommandState::kExecuted});
  downlink_.sent.clear();
  pass(kS0Repeat * 2);
  EXPECT_TRUE(sent_types().empty());
}

TEST_F(S0ServerTest, WhatIsNotShownIsSaidAgainUntilItExpires) {
  pair();
  ASSERT_EQ(command(2, wire::Kind::kRelay, 1, 6), S0CommandStatus::kOk);
  pass(kS0Repeat * 2);
  EXPECT_EQ(sent_types(), (std::vector<int>{2, 2, 2}));
  pass(Duration::seconds(60));
  EXPECT_EQ(events_.states, std::vector<CommandState>{CommandState::kExpired});
  sent_types();
  pass(kS0Repeat);
  EXPECT_EQ(server_.counters().set_points, 12U);
}

TEST_F(S0ServerTest, WhatMayNotHappenTwiceIsSaidOnce) {
  pair();
  const std::array<std::uint8_t, s0::kOwnCommandSize> value{};
  const auto expiry = now_ + Duration::seconds(60);
  ASSERT_EQ(server_.command(now_, kMac, 3, value, 7, expiry), S0CommandStatus::kOk);
  pass(kS0Repeat * 2);
  EXPECT_EQ(sent_types(), std::vector<int>{2});
  ASSERT_EQ(server_.command(now_, kMac, 3, value, 8, expiry, true), S0CommandStatus::kOk);
  EXPECT_TRUE(sent_types().empty()) << "it was said before the restart";
}

TEST_F(S0ServerTest, ATypeOfTheConfigurationsOwnHasDoneWhatItsFieldShows) {
  pair();
  constexpr std::uint8_t kF2 = 6;
  const std::array<std::uint8_t, s0::kOwnCommandSize> value{30, kF2};
  ASSERT_EQ(server_.command(now_, kMac, 3, value, 7, now_ + Duration::seconds(60)),
            S0CommandStatus::kOk);
  s0::Values shown = data(5, s0::kFirstOwnType);
  shown.u[0] = 30;
  hear(shown);
  EXPECT_TRUE(events_.ended.empty());
  shown.f[1] = 30;
  hear(shown);
  EXPECT_EQ(events_.states, std::vector<CommandState>{CommandState::kExecuted});
}

TEST_F(S0ServerTest, ANewSetPointTakesThePlaceOfTheOneBefore) {
  pair();
  ASSERT_EQ(command(0, wire::Kind::kThermostat, 22, 1), S0CommandStatus::kOk);
  ASSERT_EQ(command(0, wire::Kind::kThermostat, 18, 2), S0CommandStatus::kOk);
  EXPECT_EQ(events_.ended, std::vector<int>{1});
  EXPECT_EQ(events_.states, std::vector<CommandState>{CommandState::kExpired});
}

TEST_F(S0ServerTest, CommandsHaveToFitAFunction) {
  EXPECT_EQ(command(0, wire::Kind::kThermostat, 22, 1), S0CommandStatus::kUnknownModule);
  pair();
  EXPECT_EQ(command(1, wire::Kind::kThermostat, 22, 1), S0CommandStatus::kBadValue);
  EXPECT_EQ(command(4, wire::Kind::kThermostat, 22, 1), S0CommandStatus::kBadValue);
  EXPECT_EQ(command(200, wire::Kind::kThermostat, 22, 1), S0CommandStatus::kBadValue);
  EXPECT_TRUE(downlink_.sent.empty());
}

TEST_F(S0ServerTest, AFullTableOfCommandsIsBusy) {
  for (std::uint8_t i = 0; i < 2; ++i) {
    const MacAddress mac{{2, 0, 0, 0, 2, i}};
    hear(search(), mac);
    const std::array<std::uint8_t, 1> on{1};
    const std::array<std::uint8_t, s0::kOwnCommandSize> own{};
    const auto expiry = now_ + Duration::seconds(60);
    EXPECT_EQ(server_.command(now_, mac, 2, on, 1, expiry), S0CommandStatus::kOk);
    EXPECT_EQ(server_.command(now_, mac, 3, own, 2, expiry),
              i == 0 ? S0CommandStatus::kOk : S0CommandStatus::kBusy);
  }
}

TEST_F(S0ServerTest, ARestoredModuleGoesOnAndIsReachedWhenItIsHeard) {
  ASSERT_TRUE(server_.restore(kMac, kModule));
  EXPECT_FALSE(server_.restore(kMac, kModule)) << "there it is already";
  EXPECT_FALSE(server_.reset(kMac)) << "nobody knows where it is";
  ASSERT_EQ(command(2, wire::Kind::kRelay, 1, 4, true), S0CommandStatus::kOk);
  EXPECT_TRUE(downlink_.sent.empty());
  hear(data(4, s0::kRelay));
  EXPECT_EQ(events_.readings.size(), 1U);
  EXPECT_EQ(events_.online, std::vector<bool>{true});
  pass(kS0Repeat);
  EXPECT_EQ(sent_types(), std::vector<int>{2});
  EXPECT_TRUE(server_.reset(kMac));
  EXPECT_EQ(downlink_.sent.back().body, (Bytes{4, kServer.value}));
}

TEST_F(S0ServerTest, WhatMayNotHappenTwiceWaitsUntilTheModuleCanBeReached) {
  ASSERT_TRUE(server_.restore(kMac, kModule));
  const std::array<std::uint8_t, s0::kOwnCommandSize> value{};
  ASSERT_EQ(server_.command(now_, kMac, 3, value, 7, now_ + Duration::seconds(60)),
            S0CommandStatus::kOk);
  hear(data(4, s0::kRelay));
  pass(kS0Repeat * 3);
  EXPECT_EQ(sent_types(), std::vector<int>{2});
}

TEST_F(S0ServerTest, ARestoredModuleThatIsGoneIsLeftAlone) {
  ASSERT_TRUE(server_.restore(kMac, kModule));
  EXPECT_EQ(server_.next_timer(), kNever);
}

TEST_F(S0ServerTest, AModuleIsReachedThroughTheGatewayThatHeardItLast) {
  pair();
  hear(bytes_of(data(4, s0::kRelay)), kMac, {}, kOtherGateway);
  EXPECT_TRUE(server_.reset(kMac));
  EXPECT_EQ(downlink_.sent.back().gateway, kOtherGateway);
}

TEST_F(S0ServerTest, ANewConfigurationStartsItsModuleAgain) {
  pair();
  server_.on_configured(kModule);
  EXPECT_TRUE(downlink_.sent.empty()) << "nothing has changed";
  directory_.functions[1] = {};
  server_.on_configured(ModuleId{9});
  EXPECT_TRUE(downlink_.sent.empty()) << "another module's";
  server_.on_configured(kModule);
  EXPECT_EQ(sent_types(), std::vector<int>{4});
  hear(data(1, s0::kThermostat));
  EXPECT_EQ(sent_types(), std::vector<int>{4}) << "it has not heard it";
  echo_for(kS0AskAgainInterval + kS0Silence);
  EXPECT_EQ(server_.counters().resets, 3U) << "nor then, when it had nothing to say";
}

TEST_F(S0ServerTest, AConfigurationTakenBackLeavesItsModuleAlone) {
  pair();
  const s0::Functions before = directory_.functions;
  directory_.functions[1] = {};
  server_.on_configured(kModule);
  directory_.functions = before;
  server_.on_configured(kModule);
  EXPECT_EQ(sent_types(), std::vector<int>{4});
  hear(data(1, s0::kThermostat));
  EXPECT_TRUE(sent_types().empty());
}

}  // namespace
}  // namespace espial::coordinator
