#include "core/node/s0_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "core/node/records.hpp"
#include "core/node/scripted_coordinator_test.hpp"
#include "core/wire/kinds_table.hpp"
#include "core/wire/s0_function.hpp"
#include "core/wire/value.hpp"

namespace espial::node {
namespace {

constexpr ServerId kServer{7};
constexpr MacAddress kStation{{0x24, 0x6f, 0x28, 0, 0, 1}};
constexpr MacAddress kSoftAp{{0x24, 0x6f, 0x28, 0, 0, 2}};

constexpr std::uint8_t number(wire::Kind kind) { return static_cast<std::uint8_t>(kind); }

/// A board with a thermostat, two thermometers, humidity and a relay, in slots of its own.
class S0ClientTest : public testing::Test {
 protected:
  S0ClientTest() { make_client(); }

  void make_client() {
    S0Config config;
    config.server = kServer;
    config.module = ModuleId{3};
    (void)config.functions.push_back({0, number(wire::Kind::kTemperature), false, true});
    (void)config.functions.push_back({1, number(wire::Kind::kHumidity), false, true});
    (void)config.functions.push_back({4, number(wire::Kind::kThermostat), true, true});
    (void)config.functions.push_back({5, number(wire::Kind::kTemperature), false, true});
    (void)config.functions.push_back({6, number(wire::Kind::kRelay), true, true});
    radio_.busy = false;
    application_.client = nullptr;
    client_ = std::make_unique<S0Client>(config, S0Ports{radio_, settings_, application_});
    application_.client = client_.get();
  }

  /// What it is for a server: a relay 9, thermometers 1 and 2, a thermostat 5.
  static s0::Functions functions() {
    s0::Functions given{};
    given[0] = {9, s0::kRelay, 0};
    given[1] = {1, s0::kThermometer, 0};
    given[3] = {2, s0::kThermometer, 0};
    given[4] = {5, s0::kThermostat, 0};
    return given;
  }

  template <class Message>
  static Bytes bytes_of(const Message& message) {
    Bytes body(s0::kMaxMessageSize);
    body.resize(s0::encode(message, {body.data(), body.size()}));
    return body;
  }
  static s0::Pairing answer() {
    s0::Pairing pairing;
    pairing.server = kServer;
    pairing.id = kServer.value;
    pairing.address = kSoftAp;
    pairing.channel = Channel{6};
    pairing.functions = functions();
    return pairing;
  }

  void hear(const Bytes& body, const MacAddress& source = kStation,
            std::optional<MacAddress> destination = std::nullopt) {
    ReceivedFrame frame;
    frame.source = source;
    frame.destination = destination;
    frame.channel = radio_.channel();
    frame.body = view(body);
    client_->on_frame(now_, frame);
  }
  Bytes sent(bool acknowledged = true) {
    EXPECT_TRUE(radio_.busy);
    const Bytes body = radio_.last;
    radio_.busy = false;
    client_->on_sent(now_, acknowledged);
    return body;
  }
  /// Until the next timer; false when none is set.
  bool tick() {
    if (client_->next_timer() == kNever) return false;
    now_ = std::max(now_, client_->next_timer());
    client_->on_timer(now_);
    return true;
  }
  void pair() {
    client_->start(now_);
    (void)sent();
    hear(bytes_of(answer()));
    ASSERT_EQ(client_->state(), NodeState::kOnline);
  }
  S0ReportStatus report(std::uint8_t slot, wire::Kind kind, std::vector<double> fields) {
    wire::FieldValues values;
    for (const double field : fields) (void)values.push_back(wire::FieldValue::of(field));
    std::array<std::uint8_t, 32> value{};
    const auto size = wire::encode_value(*wire::find_standard_kind(number(kind)), values, value);
    Bytes reading(64);
    reading.resize(wire::encode(wire::Reading{slot, number(kind), {value.data(), *size}},
                                {reading.data(), reading.size()}));
    return client_->report(now_, view(reading));
  }
  static s0::Values values_in(const Bytes& body) {
    const auto values = s0::parse_values(view(body));
    EXPECT_TRUE(values);
    return *values;
  }

  /// Says what it has done at once, as applications do.
  class Board final : public Application {
   public:
    wire::Outcome execute(Instant now, const wire::Reading& command) override {
      slots.push_back(command.slot);
      const auto wanted =
          wire::decode_command_value(*wire::find_standard_kind(command.kind), command.value);
      EXPECT_TRUE(wanted);
      asked.push_back(wanted->number.value_or(-1));
      if (command.kind == number(wire::Kind::kRelay)) {
        const std::array<std::uint8_t, 3> reading{static_cast<std::uint8_t>(command.slot << 4 | 1),
                                                  command.kind,
                                                  static_cast<std::uint8_t>(asked.back())};
        EXPECT_EQ(client->report(now, reading), S0ReportStatus::kTaken);
      }
      return outcome;
    }
    void on_state(Instant, NodeState state) override { states.push_back(state); }
    void on_assigned(Instant, const Assignment& assignment) override { module = assignment.module; }

    S0Client* client = nullptr;
    std::vector<int> slots;
    std::vector<double> asked;
    std::vector<NodeState> states;
    ModuleId module;
    wire::Outcome outcome = wire::Outcome::kExecuted;
  };

  ScriptedRadio radio_;
  ScriptedSettings settings_;
  Board application_;
  std::unique_ptr<S0Client> client_;
  Instant now_{5'000'000};
};

TEST_F(S0ClientTest, AsksOnOneChannelAfterAnotherAndRests) {
  client_->start(now_);
  const Instant began = now_;
  for (int i = 0; i < 26; ++i) {
    ASSERT_TRUE(radio_.busy) << i;
    EXPECT_EQ(radio_.destination, kBroadcast);
    EXPECT_EQ(radio_.channel().number, i % 13 + 1);
    const auto search = s0::parse_pairing(view(sent()));
    ASSERT_TRUE(search);
    EXPECT_EQ(search->server.value, kServer.value);
    EXPECT_EQ(search->id, 3);
    EXPECT_EQ(search->address, radio_.address());
    EXPECT_EQ(search->channel.number, i % 13 + 1);
    ASSERT_TRUE(tick());
  }
  EXPECT_EQ((now_ - began).ms(), 26 * 500);
  EXPECT_EQ(client_->state(), NodeState::kPaused);
  EXPECT_FALSE(radio_.busy);
  const Instant rested = now_;
  ASSERT_TRUE(tick());
  EXPECT_EQ((now_ - rested).ms(), 10'000);
  EXPECT_TRUE(radio_.busy);
  EXPECT_EQ(client_->state(), NodeState::kSearching);
}

TEST_F(S0ClientTest, AnAnswerPutsItOnline) {
  pair();
  EXPECT_EQ(client_->channel().number, 6);
  EXPECT_EQ(radio_.channel().number, 6);
  EXPECT_EQ(client_->server_address(), kSoftAp);
  EXPECT_EQ(application_.module.value, 3);
  EXPECT_EQ(application_.states,
            (std::vector<NodeState>{NodeState::kSearching, NodeState::kOnline}));
  EXPECT_EQ(client_->next_timer(), kNever) << "there is nothing to do";
}

TEST_F(S0ClientTest, TheGoodChannelComesFirstTheNextTime) {
  pair();
  make_client();
  client_->start(now_);
  EXPECT_EQ(radio_.channel().number, 6);
  (void)sent();
  ASSERT_TRUE(tick());
  EXPECT_EQ(radio_.channel().number, 7);
}

TEST_F(S0ClientTest, OtherModulesSearchesAreNoAnswers) {
  client_->start(now_);
  (void)sent();
  s0::Pairing search = answer();
  search.id = 9;
  hear(bytes_of(search), MacAddress{{2, 0, 0, 0, 0, 9}});
  search.id = kServer.value;  // module 7 of network 7
  search.address = MacAddress{{2, 0, 0, 0, 0, 9}};
  hear(bytes_of(search), MacAddress{{2, 0, 0, 0, 0, 9}});
  hear(bytes_of(answer()), kStation, kBroadcast);
  s0::Pairing other = answer();
  other.server = ServerId{8};
  other.id = 8;
  hear(bytes_of(other));
  EXPECT_EQ(client_->state(), NodeState::kSearching);
  EXPECT_EQ(client_->counters().not_for_us, 4U);
  hear(bytes_of(answer()), kSoftAp, radio_.address());
  EXPECT_EQ(client_->state(), NodeState::kOnline) << "a server that is an access point only";
}

TEST_F(S0ClientTest, AServerThatSaysZeroIsOneToo) {
  client_->start(now_);
  (void)sent();
  s0::Pairing zero = answer();
  zero.id = 0;
  hear(bytes_of(zero));
  EXPECT_EQ(client_->state(), NodeState::kOnline);
}

TEST_F(S0ClientTest, AnAnswerWithoutAChannelIsNone) {
  client_->start(now_);
  (void)sent();
  s0::Pairing nowhere = answer();
  nowhere.channel = Channel{14};
  hear(bytes_of(nowhere));
  EXPECT_EQ(client_->state(), NodeState::kSearching);
  EXPECT_EQ(client_->counters().malformed, 1U);
}

TEST_F(S0ClientTest, ReadingsGoIntoTheServersFunctions) {
  pair();
  EXPECT_EQ(report(0, wire::Kind::kTemperature, {21.5}), S0ReportStatus::kTaken);
  EXPECT_EQ(report(5, wire::Kind::kTemperature, {-4.25}), S0ReportStatus::kTaken);
  EXPECT_EQ(report(4, wire::Kind::kThermostat, {20, 19, 1}), S0ReportStatus::kTaken);
  s0::Values said = values_in(sent());
  EXPECT_FALSE(said.set_points);
  EXPECT_EQ(radio_.destination, kSoftAp);
  EXPECT_EQ(said.function, 1);
  EXPECT_EQ(said.f[0], 21.5F);
  // What waits goes in the order of the functions, each in its turn.
  said = values_in(sent());
  EXPECT_EQ(said.function, 5);
  EXPECT_EQ(said.f[1], 19.0F);
  EXPECT_EQ(said.u[0], 1);
  said = values_in(sent());
  EXPECT_EQ(said.function, 2);
  EXPECT_EQ(said.f[0], -4.25F);
  EXPECT_FALSE(radio_.busy);
  EXPECT_EQ(client_->counters().data_sent, 3U);
}

TEST_F(S0ClientTest, WhatTheServerHasNoFunctionForIsCounted) {
  pair();
  EXPECT_EQ(report(1, wire::Kind::kHumidity, {40}), S0ReportStatus::kNoPlace);
  EXPECT_EQ(report(2, wire::Kind::kTemperature, {40}), S0ReportStatus::kNoPlace);
  EXPECT_EQ(client_->report(now_, {}), S0ReportStatus::kMalformed);
  EXPECT_EQ(client_->counters().no_place, 2U);
  EXPECT_FALSE(radio_.busy);
}

TEST_F(S0ClientTest, TheNewestReadingBeforeAPairingIsSentAfterIt) {
  EXPECT_EQ(report(0, wire::Kind::kTemperature, {20}), S0ReportStatus::kTaken);
  EXPECT_EQ(report(0, wire::Kind::kTemperature, {21}), S0ReportStatus::kTaken);
  EXPECT_EQ(client_->counters().replaced, 1U);
  EXPECT_FALSE(radio_.busy);
  pair();
  EXPECT_EQ(values_in(sent()).f[0], 21.0F);
  EXPECT_FALSE(radio_.busy);
}

TEST_F(S0ClientTest, ReadingsWithoutAPlaceAreGivenUpAtThePairing) {
  s0::Pairing bare = answer();
  bare.functions = {};
  EXPECT_EQ(report(0, wire::Kind::kTemperature, {20}), S0ReportStatus::kTaken);
  client_->start(now_);
  (void)sent();
  hear(bytes_of(bare));
  EXPECT_EQ(client_->counters().no_place, 1U);
  EXPECT_FALSE(radio_.busy);
}

TEST_F(S0ClientTest, WhoIsGivenNothingToDoAsksAgain) {
  s0::Pairing bare = answer();
  bare.functions = {};
  bare.channel = Channel{9};
  client_->start(now_);
  (void)sent();
  hear(bytes_of(bare));
  EXPECT_EQ(client_->state(), NodeState::kOnline);
  const Instant online_at = now_;
  ASSERT_TRUE(tick());
  EXPECT_EQ(now_, online_at + kS0AskAgain);
  EXPECT_EQ(client_->state(), NodeState::kSearching);
  (void)sent();
  hear(bytes_of(answer()));
  EXPECT_EQ(client_->state(), NodeState::kOnline);
  EXPECT_EQ(client_->next_timer(), kNever);
}

TEST_F(S0ClientTest, AFailedSendIsTriedAgainAndTheFourthMakesItSearch) {
  pair();
  (void)report(0, wire::Kind::kTemperature, {20});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(values_in(sent(false)).f[0], 20.0F);
    EXPECT_FALSE(radio_.busy);
    ASSERT_TRUE(tick());
    EXPECT_EQ(client_->state(), NodeState::kOnline);
  }
  (void)sent(false);
  EXPECT_EQ(client_->state(), NodeState::kSearching);
  EXPECT_EQ(radio_.channel().number, 6) << "where it was, to begin with";
  (void)sent();
  hear(bytes_of(answer()));
  EXPECT_EQ(values_in(sent()).f[0], 20.0F) << "it is not lost";
  EXPECT_EQ(client_->counters().sends_failed, 4U);
}

TEST_F(S0ClientTest, AReadingOvertakenWhileItFailsIsCounted) {
  pair();
  (void)report(0, wire::Kind::kTemperature, {20});
  (void)report(0, wire::Kind::kTemperature, {21});
  EXPECT_EQ(client_->counters().replaced, 0U) << "the first is on its way";
  EXPECT_EQ(values_in(sent(false)).f[0], 20.0F);
  EXPECT_EQ(client_->counters().replaced, 1U);
  ASSERT_TRUE(tick());
  EXPECT_EQ(values_in(sent()).f[0], 21.0F);
  EXPECT_EQ(client_->counters().data_sent, 1U);
  EXPECT_FALSE(radio_.busy);
}

TEST_F(S0ClientTest, ASuccessBetweenForgivesFailures) {
  pair();
  for (int i = 0; i < 20; ++i) {
    (void)report(0, wire::Kind::kTemperature, {20});
    (void)sent(false);
    ASSERT_TRUE(tick());
    (void)sent(true);
  }
  EXPECT_EQ(client_->state(), NodeState::kOnline);
}

TEST_F(S0ClientTest, SetPointsAreCommandsOfTheApplication) {
  pair();
  s0::Values warm;
  warm.set_points = true;
  warm.function = 5;
  warm.type = s0::kThermostat;
  warm.u[0] = 22;
  hear(bytes_of(warm));
  s0::Values on;
  on.set_points = true;
  on.function = 9;
  on.type = s0::kRelay;
  on.u[0] = 1;
  hear(bytes_of(on), kSoftAp);
  EXPECT_EQ(application_.slots, (std::vector<int>{4, 6}));
  EXPECT_EQ(application_.asked, (std::vector<double>{22, 1}));
  const s0::Values said = values_in(sent());
  EXPECT_EQ(said.function, 9);
  EXPECT_EQ(said.u[0], 1) << "it says what it has done";
}

TEST_F(S0ClientTest, SetPointsOfNobodyOrForNobodyAreRefused) {
  pair();
  s0::Values warm;
  warm.set_points = true;
  warm.function = 5;
  warm.type = s0::kThermostat;
  warm.u[0] = 22;
  hear(bytes_of(warm), MacAddress{{2, 6, 6, 6, 6, 6}});
  EXPECT_EQ(client_->counters().not_for_us, 1U);
  warm.u[0] = 200;
  hear(bytes_of(warm));
  warm.function = 77;
  hear(bytes_of(warm));
  s0::Values thermometer;
  thermometer.set_points = true;
  thermometer.function = 1;
  thermometer.type = s0::kThermometer;
  hear(bytes_of(thermometer));
  EXPECT_TRUE(application_.slots.empty());
  EXPECT_EQ(client_->counters().commands_refused, 3U);
}

TEST_F(S0ClientTest, APingIsSentBackAsItCame) {
  pair();
  const Bytes ping{3, 0xaa, 0xbb, 0xcc, 1, 2, 3, 4};
  hear(ping);
  EXPECT_EQ(sent(), ping);
  EXPECT_EQ(client_->counters().echoes, 1U);
}

TEST_F(S0ClientTest, AServerThatEchoesTooDoesNotKeepItEchoing) {
  pair();
  const Bytes ping{3, 0, 0, 0, 1, 2, 3, 4};
  hear(ping);
  EXPECT_EQ(sent(), ping);
  hear(ping);
  EXPECT_FALSE(radio_.busy);
  EXPECT_EQ(client_->counters().pings_passed_over, 1U);
  now_ = now_ + kS0EchoInterval;
  hear(ping);
  EXPECT_EQ(sent(), ping);
}

TEST_F(S0ClientTest, AResetOfItsServerStartsItAgain) {
  pair();
  hear(bytes_of(s0::Reset{ServerId{8}}));
  EXPECT_EQ(client_->state(), NodeState::kOnline);
  EXPECT_FALSE(client_->take_restart());
  hear(bytes_of(s0::Reset{kServer}));
  EXPECT_EQ(client_->state(), NodeState::kSearching);
  EXPECT_TRUE(client_->take_restart());
  EXPECT_FALSE(client_->take_restart()) << "once";
}

TEST_F(S0ClientTest, HostileLengthsAreCounted) {
  pair();
  std::uint32_t refused = 0;
  for (std::size_t size = 0; size <= 250; ++size) {
    for (std::uint8_t type = 0; type < 6; ++type) {
      const Bytes body(size, type);
      if (s0::peek_type(view(body))) continue;
      hear(body);
      ++refused;
    }
  }
  EXPECT_EQ(client_->counters().malformed, refused);
  EXPECT_EQ(client_->state(), NodeState::kOnline);
  EXPECT_FALSE(radio_.busy);
}

TEST_F(S0ClientTest, ARadioThatTakesNothingIsAskedAgain) {
  radio_.refuse = true;
  client_->start(now_);
  EXPECT_FALSE(radio_.busy);
  ASSERT_TRUE(tick());
  radio_.refuse = false;
  ASSERT_TRUE(tick());
  EXPECT_TRUE(radio_.busy);
  EXPECT_EQ(radio_.channel().number, 1);
}

TEST_F(S0ClientTest, ASendThatNeverEndsHasFailed) {
  pair();
  (void)report(0, wire::Kind::kTemperature, {20});
  ASSERT_TRUE(radio_.busy);
  ASSERT_TRUE(tick());
  EXPECT_EQ(client_->counters().sends_failed, 1U);
  radio_.busy = false;
  ASSERT_TRUE(tick());
  EXPECT_TRUE(radio_.busy);
}

}  // namespace
}  // namespace espial::node
