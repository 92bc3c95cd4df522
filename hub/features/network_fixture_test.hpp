#pragma once

#include <optional>

#include "core/coordinator/fake_node_test.hpp"
#include "core/wire/kinds_table.hpp"
#include "hub/features/espial_network.hpp"
#include "hub/features/feature_fixture_test.hpp"
#include "hub/features/forgetting.hpp"
#include "ports/linux/clock.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/random_linux.hpp"

namespace espial::features {

using coordinator::FakeNode;

inline constexpr ServerId kServer{1};
inline const MacAddress kGateway{{0x5e, 0x50, 0x1a, 1, 0, 2}};
inline const MacAddress kNode{{0x5e, 0x50, 0x1a, 0x10, 0, 7}};
inline constexpr const char* kUp = "espial/home/1/up/5e:50:1a:01:00:02/5e:50:1a:10:00:07";
inline constexpr const char* kDown = "espial/home/1/down/5e:50:1a:01:00:02/5e:50:1a:10:00:07";

/// The network feature over a real database; frames go in as a gateway's messages.
class EspialNetworkTest : public FeatureFixture {
 protected:
  EspialNetworkTest() : node_(crypto_, kServer, kNode, Key{}) {}
  void SetUp() override { boot(Duration::seconds(600)); }
  void TearDown() override { shut_down(); }

  void boot(Duration pairing) {
    const store::Snapshot snapshot = open();
    documents_.emplace(*committer_, snapshot.documents);
    EspialNetwork::Options options;
    options.pairing = pairing;
    options.max_frames = 64;
    network_ = std::make_unique<EspialNetwork>(
        options,
        EspialNetwork::Ports{*live_, *committer_, *documents_, trace_, notes_, crypto_, random_,
                             [this](const mqtt::Message& message) { return publish(message); },
                             [this](mqtt::Ticket) { ++acknowledged_; },
                             [this](mqtt::Ticket) { ++given_back_; },
                             [this](const CommandChange& change) { note_command(change); }, [] {},
                             [this](const NetworkKeyPair& keys) {
                               kept_keys_ = keys;
                               return true;
                             },
                             [](std::string_view what) { ADD_FAILURE() << what; }});
    network_->restore(snapshot);
    network_->start();
    if (pairing == Duration{}) network_->keys().open_pairing(0, {});
  }

  void shut_down() {
    close();
    network_.reset();
  }

  void hand_over(const std::string& topic, ByteView payload, bool retain = false) {
    mqtt::Publish message;
    message.retain = retain;
    message.topic = topic;
    message.payload = payload;
    message.qos = mqtt::Qos::kAtLeastOnce;
    network_->on_message(message, mqtt::Ticket{});
  }

  /// A frame from the node, until it is acknowledged to the broker.
  void hear(const coordinator::Bytes& body, const std::string& up = kUp) {
    const int expected = acknowledged_ + 1;
    hand_over(up, {body.data(), body.size()});
    ASSERT_TRUE(settle([&] { return acknowledged_ >= expected; }));
  }

  /// The newest frame for the node; the network's timer is run until there is one.
  coordinator::Bytes downlink(const std::string& down = kDown) {
    coordinator::Bytes body;
    EXPECT_TRUE(settle([&] {
      network_->on_timer(monotonic_now());
      for (const Published& published : published_) {
        if (published.topic == down && !published.payload.empty()) {
          body.assign(published.payload.begin(), published.payload.end());
        }
      }
      return !body.empty();
    }));
    published_.clear();
    return body;
  }

  void join() { join(node_); }
  void join(FakeNode& node, const std::string& up = kUp, const std::string& down = kDown) {
    hear(node.join(), up);
    const auto accept = downlink(down);
    ASSERT_TRUE(node.accept({accept.data(), accept.size()}));
    hear(node.frame(description()), up);
    ASSERT_NE(live_->find(kNode), nullptr);
  }

  static wire::Description description() {
    wire::Description description;
    description.properties.name = "Cellar";
    description.properties.chip = "ESP8266";
    wire::FunctionList functions;
    (void)functions.push_back(
        {0, static_cast<std::uint8_t>(wire::Kind::kTemperature), false, true});
    (void)functions.push_back({1, static_cast<std::uint8_t>(wire::Kind::kRelay), true, true});
    description.properties.functions = functions;
    return description;
  }

  std::uint64_t stored_readings() {
    const auto reader = store_->open_reader();
    return reader->counts().readings;
  }

  /// A person wants to see the module no more.
  void forget(bool with_history) {
    const station::DeviceId id = live_->find(kNode)->id;
    ASSERT_FALSE(network_->forget(id));
    bool stored = false;
    ASSERT_FALSE(forget_device(*live_, *committer_, id, with_history, [&] { stored = true; }));
    ASSERT_TRUE(settle([&] { return stored; }));
  }

  void note_command(const CommandChange& change) {
    commands_.push_back(change);
    commanded_mac_ = live_->find(change.device)->mac;
  }

  std::optional<double> shown() {
    const auto* const device = live_->find(kNode);
    const auto* const function = device == nullptr ? nullptr : device->function(0);
    const auto* const value = function == nullptr ? nullptr : function->value(0);
    return value == nullptr ? std::nullopt : std::optional<double>(value->number);
  }

  CryptoSodium crypto_;
  RandomLinux random_;
  FakeNode node_;
  std::optional<store::Documents> documents_;
  std::optional<NetworkKeyPair> kept_keys_;
  std::unique_ptr<EspialNetwork> network_;
  std::vector<CommandChange> commands_;
  MacAddress commanded_mac_{};  ///< where the device of the last one was then
};

}  // namespace espial::features
