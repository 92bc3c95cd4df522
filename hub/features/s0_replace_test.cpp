// A new module in the place of a broken one.
#include "hub/features/forgetting.hpp"
#include "hub/features/s0_fixture_test.hpp"

namespace espial::features {
namespace {

constexpr std::uint8_t kNumber = 3;
constexpr std::uint8_t kOtherNumber = 12;

class S0Replace : public S0Fixture {
 protected:
  /// Module 3 is "Hall" and has a past; it is silent now.
  void prepare() {
    hear(search());
    hear(temperature(10));
    hall_ = module().id;
    ASSERT_EQ(station::rename(*live_, hall_, "Hall").outcome, station::Outcome::done);
    ASSERT_TRUE(network_->renamed(hall_));
    (void)live_->set_online(hall_, false, module().last_seen);
  }
  std::optional<CommandRefusal> replace(const MacAddress& fresh = kOtherS0Mac) {
    return network_->replace({hall_, fresh, {}});
  }
  static Body temperature(float degrees) {
    s0::Values values = data(1, s0::kThermostat);
    values.f = {degrees, 19, 0, 0, 0};
    return bytes_of(values);
  }
  const station::Device& hall() const { return *live_->find(hall_); }
  std::optional<double> heat() const {
    const auto* const function = hall().function(0);
    const auto* const value = function == nullptr ? nullptr : function->value(0);
    return value == nullptr ? std::nullopt : std::optional<double>(value->number);
  }
  std::uint32_t refused(coordinator::S0Refusal reason) const {
    return network_->role_counters().refused[static_cast<std::size_t>(reason)];
  }
  s0::Functions told() const {
    const auto answer = s0::parse_pairing(as_bytes(published_.back().payload));
    return answer ? answer->functions : s0::Functions{};
  }

  station::DeviceId hall_{};
};

TEST_F(S0Replace, ABoardWithTheSameNumberAsksInVainUntilItTakesThePlace) {
  prepare();
  hear(search(), kOtherS0Mac);
  ASSERT_EQ(network_->asking_for(hall_).size(), 1U);
  EXPECT_EQ(network_->asking_for(hall_)[0].mac, kOtherS0Mac);
  EXPECT_EQ(shown_devices(), 1U);
  ASSERT_FALSE(replace());
  EXPECT_TRUE(network_->asking_for(hall_).empty());
  EXPECT_EQ(hall().mac, kOtherS0Mac);
  EXPECT_EQ(hall().name, "Hall");
  EXPECT_FALSE(hall().online) << "until it has paired";
  EXPECT_EQ(live_->find(kS0Mac), nullptr);
  hear(search(), kOtherS0Mac);
  EXPECT_TRUE(hall().online);
  EXPECT_EQ(told()[2].type, s0::kRelay);
  EXPECT_EQ(hall().functions[0].title, "Salon");
  hear(temperature(21.5F), kOtherS0Mac);
  EXPECT_EQ(heat(), 21.5);
  EXPECT_EQ(shown_devices(), 1U);
}

TEST_F(S0Replace, ABoardOfAnotherNumberIsToldWhatIsConfiguredForThePlace) {
  prepare();
  configure("12=relay:Spare");
  hear(search(kOtherNumber), kOtherS0Mac);
  const station::DeviceId spare = live_->find(kOtherS0Mac)->id;
  published_.clear();
  ASSERT_FALSE(replace());
  ASSERT_EQ(published_.size(), 1U);
  EXPECT_EQ(published_[0].payload, std::string("\x04\x01")) << "start again";
  EXPECT_EQ(hall().module.value, kNumber);
  EXPECT_EQ(shown_devices(), 1U);
  s0::Values relay = data(1, s0::kRelay);
  hear(bytes_of(relay), kOtherS0Mac);
  EXPECT_EQ(refused(coordinator::S0Refusal::kUnknownModule), 1U) << "it goes by other functions";
  for (int start = 0; start < 2; ++start) {
    hear(search(kOtherNumber), kOtherS0Mac);
    EXPECT_EQ(told()[0].type, s0::kThermostat);
    EXPECT_EQ(hall().module.value, kNumber);
    EXPECT_TRUE(hall().online);
    hear(temperature(20), kOtherS0Mac);
    EXPECT_EQ(heat(), 20);
    shut_down();
    boot();
    EXPECT_EQ(shown_devices(), 1U);
    hear(temperature(19), kOtherS0Mac);
    EXPECT_EQ(refused(coordinator::S0Refusal::kUnknownModule), 0U) << "it need not pair again";
    EXPECT_EQ(refused(coordinator::S0Refusal::kUnknownFunction), 0U);
  }
  published_.clear();
  configure("3=thermostat:Salon");
  ASSERT_EQ(published_.size(), 1U) << "what is configured for the place reaches its board";
  EXPECT_EQ(published_[0].payload, std::string("\x04\x01"));
  EXPECT_TRUE(live_->find(spare)->hidden);
}

TEST_F(S0Replace, TheBrokenOneIsRefusedWhicheverNumberTheNewOneHas) {
  prepare();
  hear(search(kOtherNumber), kOtherS0Mac);
  ASSERT_FALSE(replace());
  hear(search());
  EXPECT_EQ(refused(coordinator::S0Refusal::kModuleTaken), 1U) << "before the new one has paired";
  shut_down();
  boot();
  hear(search(kOtherNumber), kOtherS0Mac);
  for (int start = 0; start < 2; ++start) {
    published_.clear();
    hear(temperature(99));
    EXPECT_EQ(refused(coordinator::S0Refusal::kUnknownModule), 1U);
    hear(search());
    EXPECT_EQ(refused(coordinator::S0Refusal::kModuleTaken), 1U);
    for (const Published& published : published_) {
      EXPECT_EQ(published.payload, std::string("\x04\x01")) << "it is told to pair, and not let in";
    }
    EXPECT_NE(heat(), 99);
    EXPECT_EQ(shown_devices(), 1U);
    shut_down();
    boot();
  }
}

TEST_F(S0Replace, AReplacementMayBeReplacedAndRenumbered) {
  prepare();
  hear(search(kOtherNumber), kOtherS0Mac);
  ASSERT_FALSE(replace());
  // The broken one is mended.
  hear(search());
  ASSERT_FALSE(replace(kS0Mac));
  hear(search());
  EXPECT_EQ(hall().mac, kS0Mac);
  EXPECT_TRUE(hall().online);
  hear(search(kOtherNumber), kOtherS0Mac);
  EXPECT_EQ(live_->find(kOtherS0Mac)->module.value, kOtherNumber) << "its number is its own again";
  EXPECT_EQ(shown_devices(), 2U);

  (void)live_->set_online(hall_, false, hall().last_seen);
  ASSERT_FALSE(replace());
  hear(search(kOtherNumber), kOtherS0Mac);
  hear(search(kNumber), kOtherS0Mac);
  EXPECT_EQ(hall().module.value, kNumber);
  hear(search(kOtherNumber), kS0Mac);
  EXPECT_EQ(live_->find(kS0Mac)->module.value, kOtherNumber) << "nobody stands for it any more";
}

TEST_F(S0Replace, GivenANumberThatNobodyHasItLeavesThePlaceAndItsFormerNumber) {
  prepare();
  hear(search(kOtherNumber), kOtherS0Mac);
  ASSERT_FALSE(replace());
  hear(search(kOtherNumber + 1), kOtherS0Mac);
  EXPECT_EQ(hall().module.value, kOtherNumber + 1);
  hear(search(kOtherNumber));
  EXPECT_EQ(module().module.value, kOtherNumber) << "nobody stands for another by that number";
  shut_down();
  boot();
  hear(search(kOtherNumber));
  EXPECT_EQ(module().module.value, kOtherNumber);
}

TEST_F(S0Replace, AStartForAnotherNetworkForgetsNoPlace) {
  prepare();
  hear(search(kOtherNumber), kOtherS0Mac);
  ASSERT_FALSE(replace());
  shut_down();
  boot(ServerId{2});
  shut_down();
  boot();
  hear(search(kOtherNumber), kOtherS0Mac);
  EXPECT_EQ(hall().module.value, kNumber);
}

TEST_F(S0Replace, ForgottenItLeavesItsNumberToItself) {
  prepare();
  hear(search(kOtherNumber), kOtherS0Mac);
  ASSERT_FALSE(replace());
  ASSERT_FALSE(forget_device(*live_, *committer_, hall_, false, [] {}));
  network_->forget(hall_);
  hear(search(kOtherNumber), kOtherS0Mac);
  EXPECT_EQ(live_->find(kOtherS0Mac)->module.value, kOtherNumber);
  hear(search());
  EXPECT_EQ(live_->find(kS0Mac)->module.value, kNumber);
  EXPECT_EQ(shown_devices(), 2U);
}

TEST_F(S0Replace, WhoIsUnknownOnlineOrOfAnotherNumberIsRefusedWithWords) {
  prepare();
  EXPECT_EQ(replace()->problem, station::Problem::kNeverJoined) << "it has asked for nothing yet";
  hear(search(kOtherNumber), MacAddress{{2, 0, 0, 0, 0, 1}});
  hear(search(kOtherNumber), kOtherS0Mac);
  const auto refusal = replace();
  ASSERT_TRUE(refusal);
  EXPECT_NE(refusal->reason.find("says that it is module 12"), std::string::npos)
      << refusal->reason;
  EXPECT_NE(refusal->reason.find("give it the number 3"), std::string::npos) << refusal->reason;
  hear(search(), kOtherS0Mac);
  (void)live_->set_online(hall_, true, hall().last_seen);
  EXPECT_EQ(replace()->problem, station::Problem::kStillOnline);
}

TEST_F(S0Replace, AnAddressThatAnotherProtocolHasIsRefused) {
  prepare();
  station::Device keyed;
  keyed.id = live_->next_id();
  keyed.mac = kOtherS0Mac;
  keyed.name = "Cellar";
  keyed.hidden = true;
  ASSERT_EQ(live_->put(keyed), station::Outcome::done);
  hear(search(), kOtherS0Mac);
  EXPECT_EQ(replace()->problem, station::Problem::kOtherProtocol);
}

TEST_F(S0Replace, NothingIsChangedThatCanNotBeStored) {
  prepare();
  hear(search(kOtherNumber), kOtherS0Mac);
  published_.clear();
  fill_backlog();
  EXPECT_TRUE(replace()->try_again_later);
  EXPECT_TRUE(published_.empty());
  EXPECT_EQ(shown_devices(), 2U);
  EXPECT_TRUE(documents_->all(s0::kPlaceCollection).empty());
  ASSERT_TRUE(commit_all());
  hear(search(kOtherNumber), kOtherS0Mac);
  EXPECT_EQ(live_->find(kOtherS0Mac)->module.value, kOtherNumber);
}

TEST_F(S0Replace, CommandsOfTheBrokenOneAreOver) {
  hear(search());
  const auto given = command(2, wire::Kind::kRelay, 1);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(given));
  prepare();
  hear(search(), kOtherS0Mac);
  ended_.clear();
  ASSERT_FALSE(replace());
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].state, store::CommandState::expired);
  EXPECT_EQ(ended_mac_, kS0Mac) << "whoever follows it knows it by the broken one's address";
  published_.clear();
  hear(search(), kOtherS0Mac);
  network_->on_timer(kNever);
  for (const Published& published : published_) {
    EXPECT_NE(published.payload[0], 2) << "no set point of another board's";
  }
  shut_down();
  EXPECT_TRUE(open().open_commands.empty());
  close();
  boot();
}

TEST_F(S0Replace, OnlyTheNewestThatAskAreRemembered) {
  prepare();
  for (std::uint8_t i = 0; i < S0Network::kMaxAsking + 3; ++i) {
    hear(search(), MacAddress{{2, 0, 0, 0, 0, i}});
  }
  EXPECT_EQ(network_->asking_for(hall_).size(), S0Network::kMaxAsking);
}

}  // namespace
}  // namespace espial::features
