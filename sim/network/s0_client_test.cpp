// An Espial board in a house that has an S0 server, its firmware unchanged.

#include "core/node/s0_client.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/wire/kinds_table.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/value.hpp"
#include "sim/memory_settings.hpp"
#include "sim/network/s0_air_test.hpp"
#include "sim/s0_module.hpp"
#include "sim/s0_server.hpp"

namespace espial::sim {
namespace {

constexpr std::uint8_t kServer = 7;
constexpr MacAddress kStation{{0x24, 0x6f, 0x28, 0, 0, 1}};
constexpr MacAddress kSoftAp{{0x24, 0x6f, 0x28, 0, 0, 2}};

constexpr std::uint8_t number(wire::Kind kind) { return static_cast<std::uint8_t>(kind); }
MacAddress board_mac(std::uint8_t board) { return {{0x02, 0, 0, 0, 0, board}}; }

/// A board with a thermometer and a thermostat, as an application sees itself.
class Board final : public node::Application {
 public:
  Board(SmallAir& air, MemorySettings& flash, std::uint8_t module)
      : air_(air),
        radio_(air.add_radio(radio_settings(module))),
        client(config(module), {radio_, flash, *this}) {
    air.attach(radio_,
               {[this](const ReceivedFrame& frame) { client.on_frame(air_.now, frame); },
                [this](bool ok) { client.on_sent(air_.now, ok); },
                [this] { client.on_timer(air_.now); }, [this] { return client.next_timer(); }});
  }

  void report(std::uint8_t slot, wire::Kind kind, std::initializer_list<double> fields) {
    wire::FieldValues values;
    for (const double field : fields) (void)values.push_back(wire::FieldValue::of(field));
    std::array<std::uint8_t, 32> value{};
    const auto size = wire::encode_value(*wire::find_standard_kind(number(kind)), values, value);
    std::array<std::uint8_t, 64> reading{};
    const std::size_t length =
        wire::encode(wire::Reading{slot, number(kind), {value.data(), *size}}, reading);
    EXPECT_EQ(client.report(air_.now, {reading.data(), length}), node::S0ReportStatus::kTaken);
  }
  wire::Outcome execute(Instant, const wire::Reading& command) override {
    const auto wanted =
        wire::decode_command_value(*wire::find_standard_kind(command.kind), command.value);
    set_point = *wanted->number;
    report(command.slot, wire::Kind::kThermostat, {20, set_point, 1});
    return wire::Outcome::kExecuted;
  }

  static RadioSettings radio_settings(std::uint8_t module) {
    RadioSettings radio;
    radio.address = board_mac(module);
    return radio;
  }
  static node::S0Config config(std::uint8_t module) {
    node::S0Config config;
    config.server = ServerId{kServer};
    config.module = ModuleId{module};
    (void)config.functions.push_back({0, number(wire::Kind::kThermostat), true, true});
    (void)config.functions.push_back({1, number(wire::Kind::kTemperature), false, true});
    return config;
  }

 private:
  SmallAir& air_;
  Radio& radio_;

 public:
  node::S0Client client;
  double set_point = 0;
};

class S0HouseTest : public testing::Test {
 protected:
  void build(std::uint64_t seed = 1, std::uint32_t loss_permille = 0) {
    boards_.clear();
    server_.reset();
    AirSettings quality;
    quality.seed = seed;
    quality.loss_permille = loss_permille;
    air_.emplace(quality);
    RadioSettings settings;
    settings.address = kStation;
    settings.second_address = kSoftAp;
    settings.channel = Channel{5};
    server_radio_ = &air_->add_radio(settings);
    s0::Server::Settings house;
    house.server = kServer;
    house.softap = kSoftAp;
    house.modules[3] = {{}, {11, s0::kThermometer, 0}, {12, s0::kThermostat, 4}};
    server_.emplace(house, *server_radio_);
    air_->attach(*server_radio_, {[this](const ReceivedFrame& frame) { server_->on_frame(frame); },
                                  [this](bool) { server_->on_sent(); }});
  }
  Board& add_board(std::uint8_t module = 3) {
    boards_.push_back(std::make_unique<Board>(*air_, flash_, module));
    boards_.back()->client.start(air_->now);
    return *boards_.back();
  }
  static bool online(const Board& board) {
    return board.client.state() == node::NodeState::kOnline;
  }
  /// The last that the server heard of a function.
  std::optional<s0::DataStruct> heard(std::uint8_t function) const {
    std::optional<s0::DataStruct> last;
    for (const auto& heard : server_->heard()) {
      if (heard.data.function_id == function) last = heard.data;
    }
    return last;
  }

  MemorySettings flash_;
  std::optional<SmallAir> air_;
  Radio* server_radio_ = nullptr;
  std::optional<s0::Server> server_;
  std::vector<std::unique_ptr<Board>> boards_;
};

TEST_F(S0HouseTest, ABoardPairsColdAndWarmInS0sTimes) {
  build();
  ASSERT_TRUE(air_->run_until(Duration::seconds(30), [b = &add_board()] { return online(*b); }));
  // Four channels at 500 ms each, then the server's; a real module took 2.3 s, its start included.
  EXPECT_GE((air_->now - Instant{}).ms(), 2000);
  EXPECT_LT((air_->now - Instant{}).ms(), 2300);
  build();
  ASSERT_TRUE(air_->run_until(Duration::seconds(30), [b = &add_board()] { return online(*b); }));
  EXPECT_LT((air_->now - Instant{}).ms(), 290) << "warm: a real module took 0.29 s";
}

TEST_F(S0HouseTest, ReadingsArriveInTheServersOwnStructs) {
  build();
  Board& board = add_board();
  ASSERT_TRUE(air_->run_until(Duration::seconds(30), [&] { return online(board); }));
  board.report(0, wire::Kind::kThermostat, {21.5, 19, 0});
  board.report(1, wire::Kind::kTemperature, {-3.25});
  ASSERT_TRUE(air_->run_until(Duration::seconds(5), [&] { return heard(11) && heard(12); }));
  EXPECT_EQ(heard(12)->function_type, s0::kThermostat);
  EXPECT_EQ(heard(12)->f1, 21.5F);
  EXPECT_EQ(heard(12)->f2, 19.0F);
  EXPECT_EQ(heard(12)->u1, 0);
  EXPECT_EQ(heard(11)->function_type, s0::kThermometer);
  EXPECT_EQ(heard(11)->f1, -3.25F);
}

TEST_F(S0HouseTest, UnderLossEverythingStillHappens) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    flash_.erase();
    build(seed, 300);
    Board& board = add_board();
    ASSERT_TRUE(air_->run_until(Duration::seconds(300), [&] { return online(board); }));
    board.report(1, wire::Kind::kTemperature, {20 + static_cast<double>(seed)});
    ASSERT_TRUE(air_->run_until(Duration::seconds(60), [&] { return heard(11).has_value(); }));
    EXPECT_EQ(heard(11)->f1, 20.0F + static_cast<float>(seed));
    s0::DataStruct wanted;
    wanted.type = s0::kSetPoints;
    wanted.function_id = 12;
    wanted.function_type = s0::kThermostat;
    wanted.u1 = 22;
    // S0 does not say that it was heard, so a server says it until it sees it.
    for (int i = 0; i < 20 && !(heard(12) && heard(12)->f2 == 22); ++i) {
      server_->set_point(board_mac(3), wanted);
      air_->run_for(Duration::seconds(1));
    }
    EXPECT_EQ(board.set_point, 22);
    ASSERT_TRUE(heard(12));
    EXPECT_EQ(heard(12)->f2, 22.0F);
  }
}

TEST_F(S0HouseTest, AMovedChannelIsSurvived) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    flash_.erase();
    build(seed, 100);
    Board& board = add_board();
    ASSERT_TRUE(air_->run_until(Duration::seconds(120), [&] { return online(board); }));
    server_radio_->set_channel(Channel{12});
    const auto before = server_->heard().size();
    board.report(1, wire::Kind::kTemperature, {23});
    ASSERT_TRUE(
        air_->run_until(Duration::seconds(300), [&] { return server_->heard().size() > before; }));
    EXPECT_EQ(board.client.channel().number, 12);
    EXPECT_EQ(heard(11)->f1, 23.0F);
  }
}

TEST_F(S0HouseTest, PingsAreEchoedAndAResetMakesItPairAgain) {
  build();
  Board& board = add_board();
  ASSERT_TRUE(air_->run_until(Duration::seconds(30), [&] { return online(board); }));
  server_->ping(board_mac(3), 4711);
  ASSERT_TRUE(air_->run_until(Duration::seconds(1), [&] { return server_->echoes() == 1; }));
  server_->reset(board_mac(3));
  ASSERT_TRUE(
      air_->run_until(Duration::seconds(5), [&] { return board.client.counters().pairings == 2; }));
  EXPECT_TRUE(board.client.take_restart());
  EXPECT_EQ(server_->answered(), 2U);
}

TEST_F(S0HouseTest, AModuleThatTheServerDoesNotKnowIsNotAnswered) {
  build();
  Board& board = add_board(4);
  air_->run_for(Duration::seconds(30));
  EXPECT_FALSE(online(board));
  EXPECT_EQ(board.client.counters().pauses, 1U);
}

TEST_F(S0HouseTest, ABoardIsNotTakenInByTheSearchesOfOthers) {
  build();
  air_->set_powered(*server_radio_, false);
  // A module of S0's own whose number is the server's.
  RadioSettings settings;
  settings.address = {{0x5c, 0xcf, 0x7f, 0, 0, 7}};
  Radio& radio = air_->add_radio(settings);
  s0::Module::Settings module;
  module.server = module.id = kServer;
  s0::Module other(module, radio);
  air_->attach(radio, {[&](const ReceivedFrame& frame) { other.on_frame(air_->now, frame); },
                       [&](bool ok) { other.on_sent(air_->now, ok); },
                       [&] { other.on_timer(air_->now); }, [&] { return other.next_timer(); }});
  Board& board = add_board();
  air_->run_for(Duration::milliseconds(100));
  other.start(air_->now);
  air_->run_for(Duration::seconds(10));
  EXPECT_GT(board.client.counters().not_for_us, 0U);
  EXPECT_FALSE(online(board));
}

TEST_F(S0HouseTest, HostileLengthsHurtNobody) {
  build();
  Board& board = add_board();
  ASSERT_TRUE(air_->run_until(Duration::seconds(30), [&] { return online(board); }));
  RadioSettings settings;
  settings.address = {{2, 6, 6, 6, 6, 6}};
  settings.channel = Channel{5};
  Radio& hostile = air_->add_radio(settings);
  for (std::size_t size = 1; size <= kMaxBodyV1; ++size) {
    const std::vector<std::uint8_t> body(size, static_cast<std::uint8_t>(size % 6));
    (void)hostile.send(board_mac(3), {body.data(), body.size()});
    air_->run_for(Duration::milliseconds(10));
  }
  EXPECT_TRUE(online(board));
  EXPECT_EQ(board.set_point, 0);
  board.report(1, wire::Kind::kTemperature, {20});
  ASSERT_TRUE(air_->run_until(Duration::seconds(5), [&] { return heard(11).has_value(); }));
}

}  // namespace
}  // namespace espial::sim
