// Modules with S0's firmware unchanged at our gateway: they find it, are told what they are, and
// take set points; over loss, a moved channel and a coordinator that forgets them.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/coordinator/s0_server.hpp"
#include "core/gateway/gateway.hpp"
#include "core/wire/kinds_table.hpp"
#include "core/wire/s0_function.hpp"
#include "core/wire/value.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/backbone.hpp"
#include "sim/network/s0_air_test.hpp"
#include "sim/s0_module.hpp"

namespace espial::sim {
namespace {

constexpr ServerId kServer{7};
constexpr MacAddress kStation{{0x02, 0, 0, 0, 1, 0}};
constexpr MacAddress kSoftAp{{0x02, 0, 0, 0, 1, 1}};

MacAddress module_mac(std::uint8_t number) { return {{0x5c, 0xcf, 0x7f, 0, 0, number}}; }

/// The network's side: gateway, broker, and the server behind it with a store that forgets nothing.
class Home final : public gateway::Uplink,
                   public coordinator::Downlink,
                   public coordinator::S0Directory,
                   public coordinator::S0Events {
 public:
  Home(SmallAir& air, std::uint64_t seed)
      : air_(air),
        radio_(air.add_radio(radio_settings())),
        broker_({seed, Duration::milliseconds(1), Duration::milliseconds(40)}, 1),
        gateway_(gateway_config(), gateway_storage(), {radio_, crypto_, *this}) {
    restart();
    gateway_.on_uplink_ready(air_.now, true);
    gateway_.on_coordinator(air_.now, kServer, true);
    gateway_.on_s0(air_.now, kServer, true);
    air_.attach(radio_, {[this](const ReceivedFrame& frame) { gateway_.on_frame(air_.now, frame); },
                         [this](bool ok) { gateway_.on_sent(air_.now, ok); },
                         [this] { gateway_.on_timer(air_.now); },
                         [this] { return gateway_.next_timer(); }});
    air_.add({{}, {}, [this] { run(); }, [this] { return next_timer(); }});
  }

  /// The server begins anew; of its modules it knows nothing.
  void restart() {
    server_.emplace(kServer, coordinator::S0Server::Storage{modules_, commands_},
                    coordinator::S0Server::Ports{*this, *this, *this});
  }
  void move(Channel channel) { radio_.set_channel(channel); }
  void set_s0(bool on) { gateway_.on_s0(air_.now, kServer, on); }
  void key(const MacAddress& mac) { gateway_.on_keyed(air_.now, kServer, ByteView(mac.octets)); }
  void command(std::uint8_t module, std::uint8_t slot, wire::Kind kind, double wanted) {
    std::array<std::uint8_t, 8> value{};
    const auto* const info = wire::find_standard_kind(static_cast<std::uint8_t>(kind));
    const auto size = wire::encode_command_value(*info, wire::FieldValue::of(wanted), value);
    command(module, slot, {value.data(), *size});
  }
  void command(std::uint8_t module, std::uint8_t slot, ByteView value) {
    EXPECT_EQ(server_->command(air_.now, module_mac(module), slot, value, ++last_id,
                               air_.now + Duration::seconds(60)),
              coordinator::S0CommandStatus::kOk);
  }

  /// The newest value of a field of a module's slot.
  std::optional<double> stored(std::uint8_t module, std::uint8_t slot, std::size_t field) const {
    const auto found = values_.find({module_mac(module), slot});
    if (found == values_.end() || found->second.size() <= field) return std::nullopt;
    return found->second[field];
  }

  coordinator::S0Server& server() { return *server_; }
  const gateway::Counters& gateway_counters() const { return gateway_.counters(); }

  std::map<std::uint8_t, espial::s0::Functions> functions;
  std::uint32_t last_id = 0;
  std::map<std::uint32_t, coordinator::CommandState> ended;
  /// So many answers to searches lose their functions on the way.
  std::uint32_t answers_to_empty = 0;
  std::set<MacAddress> online;
  std::uint64_t readings = 0;
  std::vector<coordinator::S0Refusal> refused;

 private:
  static RadioSettings radio_settings() {
    RadioSettings radio;
    radio.address = kStation;
    radio.second_address = kSoftAp;
    radio.channel = Channel{6};
    return radio;
  }
  static gateway::Config gateway_config() {
    gateway::Config config;
    config.address = kSoftAp;
    config.networks[0].server = kServer;
    config.network_count = 1;
    return config;
  }
  gateway::Storage gateway_storage() {
    return {gateway_modules_, down_frames_, down_bytes_, held_bytes_, keyed_};
  }

  void run() {
    while (const auto* const up = broker_.take_up(air_.now)) {
      coordinator::UplinkFrame frame;
      frame.server = kServer;
      frame.gateway = kSoftAp;
      frame.mac = up->mac;
      frame.body = {up->body.data(), up->body.size()};
      frame.rssi_dbm = up->rssi_dbm;
      frame.channel = up->channel;
      frame.held = up->held;
      const coordinator::Token token = up->token;
      server_->on_uplink(air_.now, frame);
      broker_.finished(token);
    }
    while (const auto delivery = broker_.take_down(air_.now)) {
      const Backbone::Down& down = delivery->down;
      gateway_.on_down(air_.now, kServer, down.mac, down.down_class,
                       {down.body.data(), down.body.size()}, down.command, down.expires_s);
    }
    server_->on_timer(air_.now);
  }
  Instant next_timer() {
    return std::min({broker_.next_up(), broker_.next_down(), server_->next_timer()});
  }

  bool publish_up(ServerId, const MacAddress& mac, ByteView body, std::optional<std::int8_t> rssi,
                  Channel channel, Duration held) override {
    return broker_.publish_up(air_.now, 0, mac, body, rssi, channel, held);
  }
  bool publish_device(const MacAddress&, ByteView, std::optional<std::int8_t>, Channel) override {
    return true;
  }
  void send(ServerId, const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
            ByteView body, std::uint32_t command, std::uint32_t expires_s) override {
    EXPECT_EQ(gateway, kSoftAp);
    std::vector<std::uint8_t> bytes(body.begin(), body.end());
    if (s0::kPairing == body[0] && answers_to_empty > 0) {
      --answers_to_empty;
      std::fill(bytes.begin() + 10, bytes.end(), s0::kNone);
    }
    broker_.publish_down(air_.now, 0, mac, down_class, {bytes.data(), bytes.size()}, command,
                         expires_s);
  }
  coordinator::S0Admission admit(const MacAddress& mac, ModuleId module) override {
    const auto known = numbers_.emplace(module.value, mac).first;
    return known->second == mac ? coordinator::S0Admission::kWelcome
                                : coordinator::S0Admission::kModuleTaken;
  }
  espial::s0::Functions functions_of(ModuleId module) override { return functions[module.value]; }
  void on_paired(const MacAddress&, ModuleId, const espial::s0::Functions&) override {}
  void on_heard(const MacAddress&, const MacAddress&, std::optional<std::int8_t>) override {}
  void on_online(const MacAddress& mac, bool is_online) override {
    if (is_online) {
      online.insert(mac);
    } else {
      online.erase(mac);
    }
  }
  void on_reading(const coordinator::S0Reading& reading) override {
    ++readings;
    auto& values = values_[{reading.mac, reading.slot}];
    values.clear();
    const wire::KindInfo* const kind = wire::find_standard_kind(reading.kind);
    if (kind == nullptr) {
      espial::s0::Values own;
      ASSERT_TRUE(espial::s0::to_data(reading.kind, reading.value, own));
      values.assign(own.u.begin(), own.u.end());
      values.insert(values.end(), own.f.begin(), own.f.end());
      return;
    }
    const auto fields = wire::decode_value(*kind, reading.value);
    ASSERT_TRUE(fields);
    for (const wire::FieldValue& field : *fields) values.push_back(field.number.value_or(NAN));
  }
  void on_command_ended(const MacAddress&, std::uint32_t id,
                        coordinator::CommandState state) override {
    EXPECT_TRUE(ended.emplace(id, state).second) << "a command has one end";
  }
  void on_refused(const MacAddress&, ModuleId, coordinator::S0Refusal reason) override {
    refused.push_back(reason);
  }

  SmallAir& air_;
  Radio& radio_;
  CryptoSodium crypto_;
  Backbone broker_;
  std::array<gateway::Module, 16> gateway_modules_;
  std::array<gateway::DownFrame, 32> down_frames_;
  std::array<std::uint8_t, 32 * 256> down_bytes_;
  std::array<std::uint8_t, 8192> held_bytes_;
  std::array<gateway::KeyedMac, 16> keyed_;
  gateway::Gateway gateway_;
  std::array<coordinator::S0Module, 8> modules_;
  std::array<coordinator::S0Command, 16> commands_;
  std::optional<coordinator::S0Server> server_;
  std::map<std::uint8_t, MacAddress> numbers_;
  std::map<std::pair<MacAddress, std::uint8_t>, std::vector<double>> values_;
};

/// A module in an air.
struct ModuleBoard {
  ModuleBoard(SmallAir& air, std::uint8_t number, Channel last_channel = {}, std::uint8_t id = 0)
      : radio(air.add_radio(radio_settings(number))),
        module(settings(number, last_channel, id), radio) {
    air.attach(radio, {[&](const ReceivedFrame& frame) { module.on_frame(air.now, frame); },
                       [&](bool ok) { module.on_sent(air.now, ok); },
                       [&] { module.on_timer(air.now); }, [&] { return module.next_timer(); }});
    module.start(air.now);
  }
  static RadioSettings radio_settings(std::uint8_t number) {
    RadioSettings radio;
    radio.address = module_mac(number);
    return radio;
  }
  static s0::Module::Settings settings(std::uint8_t number, Channel last_channel, std::uint8_t id) {
    s0::Module::Settings settings;
    settings.server = kServer.value;
    settings.id = id == 0 ? number : id;
    settings.last_channel = last_channel;
    settings.celsius = [](std::size_t slot) { return 20.5F + static_cast<float>(slot); };
    return settings;
  }

  Radio& radio;
  s0::Module module;
};

AirSettings quality(std::uint64_t seed, std::uint32_t loss_permille) {
  AirSettings settings;
  settings.seed = seed;
  settings.loss_permille = loss_permille;
  return settings;
}

/// A house of a few rooms: module 1 regulates two of them, module 2 only measures.
class S0ModulesTest : public testing::Test {
 protected:
  void build(std::uint64_t seed = 1, std::uint32_t loss_permille = 0) {
    home_.reset();
    air_.emplace(quality(seed, loss_permille));
    home_.emplace(*air_, seed);
    home_->functions[1][0] = {1, 0, 2};
    home_->functions[1][1] = {2, 1, 255};
    home_->functions[1][2] = {3, 2, 255};
    home_->functions[2][0] = {1, 1, 255};
  }
  bool until(Duration limit, const std::function<bool()>& done) {
    return air_->run_until(limit, done);
  }

  std::optional<SmallAir> air_;
  std::optional<Home> home_;
};

TEST_F(S0ModulesTest, AModulePairsColdInItsOwnTime) {
  build();
  ModuleBoard board(*air_, 1);
  ASSERT_TRUE(until(Duration::seconds(30), [&] { return board.module.paired(); }));
  // Five channels without an answer at 500 ms each, then the gateway's.
  EXPECT_GE(air_->now.us, 2'500'000);
  EXPECT_LT(air_->now.us, 2'600'000);
  EXPECT_EQ(board.module.server_address(), kSoftAp);
  EXPECT_EQ(board.module.channel().number, 6);
  EXPECT_EQ(board.module.function_type(0), 0);
  EXPECT_EQ(board.module.function_type(2), 2);
  EXPECT_EQ(board.module.function_type(3), 255);
}

TEST_F(S0ModulesTest, AModulePairsWarmAtOnce) {
  build();
  ModuleBoard board(*air_, 1, Channel{6});
  ASSERT_TRUE(until(Duration::seconds(30), [&] { return board.module.paired(); }));
  EXPECT_LT(air_->now.us, 200'000) << "well within the 500 ms that it listens";
}

TEST_F(S0ModulesTest, WhatItMeasuresIsStored) {
  build();
  ModuleBoard first(*air_, 1), second(*air_, 2);
  ASSERT_TRUE(until(Duration::seconds(60),
                    [&] { return home_->stored(1, 2, 0) && home_->stored(2, 0, 0); }));
  EXPECT_EQ(home_->stored(1, 0, 0), 20.5);
  EXPECT_EQ(home_->stored(1, 0, 1), 19.0) << "its set point";
  EXPECT_EQ(home_->stored(1, 0, 2), 0.0) << "warm enough";
  EXPECT_EQ(home_->stored(1, 1, 0), 21.5);
  EXPECT_EQ(home_->stored(1, 2, 0), 0.0);
  EXPECT_EQ(home_->stored(2, 0, 0), 20.5);
}

TEST_F(S0ModulesTest, SetPointsArriveAndEndAsExecutedUnderLoss) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    build(seed, 300);
    ModuleBoard board(*air_, 1);
    ASSERT_TRUE(until(Duration::seconds(300), [&] { return board.module.paired(); }));
    home_->command(1, 0, wire::Kind::kThermostat, 22);
    home_->command(1, 2, wire::Kind::kRelay, 1);
    ASSERT_TRUE(until(Duration::seconds(61), [&] { return home_->ended.size() == 2; }));
    for (const auto& [id, state] : home_->ended) {
      EXPECT_EQ(state, coordinator::CommandState::kExecuted) << id;
    }
    EXPECT_EQ(board.module.set_point(0), 22);
    EXPECT_TRUE(board.module.relay_on(2));
    EXPECT_EQ(home_->stored(1, 0, 1), 22.0);
    EXPECT_EQ(home_->stored(1, 2, 0), 1.0);
  }
}

TEST_F(S0ModulesTest, AFunctionOfTheConfigurationsOwnIsSetAndShowsIt) {
  build();
  constexpr std::uint8_t kType = 7;
  constexpr std::uint8_t kF2 = 6;
  home_->functions[1][3] = {4, kType, 255};
  ModuleBoard board(*air_, 1);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->stored(1, 3, kF2) == 19.0; }));
  home_->command(1, 3, std::array<std::uint8_t, espial::s0::kOwnCommandSize>{30, kF2});
  ASSERT_TRUE(until(Duration::seconds(61), [&] { return home_->ended.size() == 1; }));
  EXPECT_EQ(home_->ended.begin()->second, coordinator::CommandState::kExecuted);
  EXPECT_EQ(board.module.set_point(3), 30);
  EXPECT_EQ(home_->stored(1, 3, kF2), 30.0);
}

TEST_F(S0ModulesTest, AMovedChannelIsSurvived) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    build(seed, 100);
    ModuleBoard board(*air_, 1);
    ASSERT_TRUE(until(Duration::seconds(120), [&] { return board.module.paired(); }));
    home_->move(Channel{11});
    ASSERT_TRUE(until(Duration::seconds(300), [&] {
      return board.module.channel().number == 11 && board.module.paired();
    }));
    const auto before = home_->readings;
    ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->readings > before + 3; }));
    home_->command(1, 0, wire::Kind::kThermostat, 17);
    ASSERT_TRUE(until(Duration::seconds(61), [&] { return home_->ended.size() == 1; }));
    EXPECT_EQ(board.module.set_point(0), 17);
  }
}

TEST_F(S0ModulesTest, ASilentModuleIsOfflineAndComesBack) {
  build();
  ModuleBoard board(*air_, 1);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->online.size() == 1; }));
  air_->set_powered(board.radio, false);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->online.empty(); }));
  air_->set_powered(board.radio, true);
  board.module.start(air_->now);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->online.size() == 1; }));
}

TEST_F(S0ModulesTest, AModuleThatOnlyListensStaysOnlineByItsEchoes) {
  build();
  home_->functions[9] = {};  // nothing is configured for it: it has nothing to say
  ModuleBoard board(*air_, 9);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->online.size() == 1; }));
  air_->run_for(Duration::seconds(300));
  EXPECT_EQ(home_->online.size(), 1U);
  EXPECT_GT(home_->server().counters().pings, 5U);
  EXPECT_EQ(home_->readings, 0U);
}

TEST_F(S0ModulesTest, AModuleThatWasToldOfNoFunctionsIsTakenNoticeOf) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    build(seed, 200);
    // Under loss a module may ask more than once before it hears an answer.
    home_->answers_to_empty = UINT32_MAX;
    ModuleBoard board(*air_, 1);
    ASSERT_TRUE(until(Duration::seconds(300), [&] { return board.module.paired(); }));
    home_->answers_to_empty = 0;
    ASSERT_TRUE(until(coordinator::kS0Mute + Duration::seconds(600),
                      [&] { return home_->stored(1, 0, 0) && home_->stored(1, 1, 0); }));
    EXPECT_GE(home_->server().counters().resets, 1U);
    EXPECT_LE(home_->server().counters().resets, 6U);
    // From now on it is let alone.
    const auto resets = board.module.resets();
    air_->run_for(coordinator::kS0Mute * 2);
    EXPECT_EQ(board.module.resets(), resets);
  }
}

TEST_F(S0ModulesTest, ItsOwnPingIsEchoedOnce) {
  build();
  ModuleBoard board(*air_, 1);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return board.module.paired(); }));
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return board.module.ping(4711); }));
  air_->run_for(Duration::seconds(2));
  EXPECT_EQ(board.module.echoes(), 1U);
  EXPECT_EQ(home_->server().counters().echoes, 1U);
}

TEST_F(S0ModulesTest, AServerThatForgotItsModulesMakesThemPairAgain) {
  build();
  ModuleBoard board(*air_, 1);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->readings > 3; }));
  home_->restart();
  home_->readings = 0;
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->readings > 3; }));
  EXPECT_EQ(board.module.resets(), 1U);
  EXPECT_EQ(board.module.pairings(), 2U);
}

TEST_F(S0ModulesTest, ANewConfigurationReachesItsModule) {
  build();
  ModuleBoard board(*air_, 1);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return board.module.paired(); }));
  air_->run_for(Duration::seconds(1));
  home_->functions[1][3] = {4, 1, 255};
  home_->server().on_configured(ModuleId{1});
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->stored(1, 3, 0).has_value(); }));
  EXPECT_EQ(home_->stored(1, 3, 0), 23.5);
}

TEST_F(S0ModulesTest, TheSecondOfTwoWithOneNumberIsNotAnswered) {
  build();
  ModuleBoard first(*air_, 1);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return first.module.paired(); }));
  ModuleBoard second(*air_, 2, {}, 1);
  air_->run_for(Duration::seconds(30));
  EXPECT_FALSE(second.module.paired());
  EXPECT_TRUE(first.module.paired());
  ASSERT_FALSE(home_->refused.empty());
  EXPECT_EQ(home_->refused.front(), coordinator::S0Refusal::kModuleTaken);
}

TEST_F(S0ModulesTest, NothingGoesThroughWhereTheSwitchIsOff) {
  build();
  home_->set_s0(false);
  ModuleBoard board(*air_, 1);
  air_->run_for(Duration::seconds(30));
  EXPECT_FALSE(board.module.paired());
  EXPECT_EQ(home_->server().counters().answered, 0U);
  EXPECT_GT(home_->gateway_counters()[gateway::Count::kS0Off], 0U);
}

TEST_F(S0ModulesTest, NothingIsTakenInTheNameOfAKeyedModule) {
  build();
  home_->key(module_mac(1));
  ModuleBoard board(*air_, 1);
  air_->run_for(Duration::seconds(30));
  EXPECT_FALSE(board.module.paired());
  EXPECT_EQ(home_->readings, 0U);
  EXPECT_GT(home_->gateway_counters()[gateway::Count::kKeyedPlain], 0U);
}

TEST_F(S0ModulesTest, HostileLengthsHurtNobody) {
  build();
  ModuleBoard board(*air_, 1);
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->readings > 3; }));
  RadioSettings settings;
  settings.address = {{2, 6, 6, 6, 6, 6}};
  settings.channel = Channel{6};
  Radio& hostile = air_->add_radio(settings);
  for (std::size_t size = 1; size <= kMaxBodyV1; ++size) {
    for (const std::uint8_t type : std::array<std::uint8_t, 7>{0, 1, 2, 3, 4, 5, 15}) {
      const std::vector<std::uint8_t> body(size, type);
      const MacAddress& to = size % 2 == 0 ? kSoftAp : module_mac(1);
      (void)hostile.send(to, {body.data(), body.size()});
      air_->run_for(Duration::milliseconds(10));
    }
  }
  const auto before = home_->readings;
  ASSERT_TRUE(until(Duration::seconds(60), [&] { return home_->readings > before + 3; }));
  EXPECT_TRUE(board.module.paired());
  EXPECT_EQ(home_->online.size(), 1U);
}

}  // namespace
}  // namespace espial::sim
