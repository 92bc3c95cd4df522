#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/wire/kinds_table.hpp"
#include "core/wire/s0_function.hpp"
#include "core/wire/value.hpp"
#include "hub/features/feature_fixture_test.hpp"
#include "hub/features/s0_network.hpp"
#include "station/registry.hpp"

namespace espial::features {

inline constexpr MacAddress kS0Mac{{0x5c, 0xcf, 0x7f, 1, 2, 3}};
inline constexpr MacAddress kOtherS0Mac{{0x5c, 0xcf, 0x7f, 1, 2, 4}};
inline constexpr const char* kS0Up = "espial/home/1/up/02:00:00:00:01:01/";

/// The feature over a real database, without a broker: messages go in, publishes come out.
class S0Fixture : public FeatureFixture {
 protected:
  using Body = std::vector<std::uint8_t>;

  void SetUp() override {
    boot();
    configure("3=thermostat:Salon,thermometer,relay:Lampe");
  }
  void TearDown() override { shut_down(); }

  void boot(ServerId server = ServerId{1}) {
    store::Snapshot snapshot = open();
    S0Network::Options options;
    options.server = server;
    documents_.emplace(*committer_, std::move(snapshot.documents));
    network_.emplace(
        options, S0Network::Ports{*live_, *committer_, *documents_, trace_, notes_,
                                  [this](const mqtt::Message& message) { return publish(message); },
                                  [this](mqtt::Ticket) { ++acknowledged_; },
                                  [this](mqtt::Ticket) { ++given_back_; },
                                  [this](const CommandChange& change) {
                                    ended_.push_back(change);
                                    ended_mac_ = live_->find(change.device)->mac;
                                  }});
    network_->restore(snapshot);
  }
  void shut_down() {
    close();
    network_.reset();
    documents_.reset();
  }
  void configure(std::string_view text) {
    const auto module = s0::parse_module_option(text);
    ASSERT_TRUE(module) << text;
    ASSERT_TRUE(network_->configure(module->first, module->second));
  }

  template <class Message>
  static Body bytes_of(const Message& message) {
    Body body(s0::kMaxMessageSize);
    body.resize(s0::encode(message, {body.data(), body.size()}));
    return body;
  }
  static Body search(std::uint8_t module = 3) {
    s0::Pairing pairing;
    pairing.server = ServerId{1};
    pairing.id = module;
    return bytes_of(pairing);
  }
  static s0::Values data(std::uint8_t function, std::uint8_t type) {
    s0::Values values;
    values.function = function;
    values.type = type;
    return values;
  }

  void hand_over(const Body& body, const MacAddress& mac = kS0Mac, std::string_view held_ms = "0") {
    const auto text = espial::to_text(mac);
    const std::string topic = kS0Up + std::string(text.begin(), text.end());
    std::string properties;
    for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{"rssi", "-61"},
                                      {"channel", "6"},
                                      {"held_ms", held_ms}}) {
      properties += static_cast<char>(mqtt::PropertyId::kUserProperty);
      for (const std::string_view part : {name, value}) {
        properties += {'\0', static_cast<char>(part.size())};
        properties += part;
      }
    }
    mqtt::Publish message;
    message.topic = topic;
    message.payload = {body.data(), body.size()};
    message.qos = mqtt::Qos::kAtLeastOnce;
    message.user_properties = mqtt::UserProperties(as_bytes(properties));
    ASSERT_TRUE(network_->owns(message));
    network_->on_message(message, mqtt::Ticket{});
  }
  /// A message of a module, and everything that follows from it.
  void hear(const Body& body, const MacAddress& mac = kS0Mac, std::string_view held_ms = "0") {
    const int expected = acknowledged_ + 1;
    hand_over(body, mac, held_ms);
    ASSERT_TRUE(settle([&] { return acknowledged_ >= expected; }));
  }
  void hear(const s0::Values& values) { hear(bytes_of(values)); }

  const station::Device& module(const MacAddress& mac = kS0Mac) { return *live_->find(mac); }
  std::optional<double> shown(std::uint8_t slot, std::uint8_t field) {
    const auto* const function = module().function(slot);
    const auto* const value = function == nullptr ? nullptr : function->value(field);
    return value == nullptr ? std::nullopt : std::optional<double>(value->number);
  }
  CommandAccepted command(std::uint8_t slot, wire::Kind kind, double wanted) {
    std::array<std::uint8_t, 8> value{};
    const auto* const info = wire::find_standard_kind(static_cast<std::uint8_t>(kind));
    const auto size = wire::encode_command_value(*info, wire::FieldValue::of(wanted), value);
    return network_->command(module().id, slot, {value.data(), *size});
  }

  std::optional<store::Documents> documents_;
  std::optional<S0Network> network_;
  std::vector<CommandChange> ended_;
  MacAddress ended_mac_{};  ///< where the device of the last one was then
};

}  // namespace espial::features
