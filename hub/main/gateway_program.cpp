#include "hub/main/gateway_program.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/gateway/gateway.hpp"
#include "hub/features/network_topics.hpp"
#include "hub/main/version.hpp"
#include "hub/mqtt/connection.hpp"
#include "ports/linux/air_radio.hpp"
#include "ports/linux/clock.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "ports/linux/role_timer.hpp"
#include "station/mac_text.hpp"

namespace espial::main {
namespace {

constexpr std::size_t kModules = 4096;
constexpr std::size_t kDownFrames = 8192;
/// Frames held while the broker is away: an hour of two hundred busy modules.
constexpr std::size_t kHeldBytes = 16 * 1024 * 1024;
constexpr auto kStateInterval = std::chrono::seconds(10);

/// The role's tables, sized for Linux.
struct Tables {
  std::vector<gateway::Module> modules{kModules};
  std::vector<gateway::DownFrame> down_frames{kDownFrames};
  std::vector<std::uint8_t> down_bytes = std::vector<std::uint8_t>(kDownFrames * kMaxBodyV2);
  std::vector<std::uint8_t> held_bytes = std::vector<std::uint8_t>(kHeldBytes);
  std::vector<gateway::KeyedMac> keyed{kModules};

  gateway::Storage storage() {
    return {{modules.data(), modules.size()},
            {down_frames.data(), down_frames.size()},
            {down_bytes.data(), down_bytes.size()},
            {held_bytes.data(), held_bytes.size()},
            {keyed.data(), keyed.size()}};
  }
};

gateway::Config role_config(const GatewayOptions& options) {
  gateway::Config config;
  config.address = options.softap_address;
  config.networks[0] = {options.server, options.discovery_key};
  config.network_count = 1;
  return config;
}

}  // namespace

class GatewayProgram::Implementation : public gateway::Uplink {
 public:
  Implementation(boost::asio::io_context& io, const GatewayOptions& options)
      : options_(options),
        topics_(options.site, options.server),
        state_topic_(topics_.gateway(options.softap_address)),
        radio_(io, radio_options(), radio_handlers()),
        gateway_(role_config(options), tables_.storage(), {radio_, crypto_, *this}),
        role_timer_(io,
                    [this](Instant now) {
                      gateway_.on_timer(now);
                      arm();
                    }),
        state_timer_(io),
        connection_(io, connection_options(), connection_handlers()) {}

  void start() {
    radio_.start();
    gateway_.on_started(monotonic_now());
    for (const std::string& filter :
         {topics_.all_down(options_.softap_address), topics_.coordinator(), topics_.keyed(),
          std::string(topics::kAllDeviceSets)}) {
      (void)connection_.subscribe({filter, mqtt::Qos::kAtLeastOnce});
    }
    connection_.start();
    publish_state_regularly();
  }

  void stop() {
    stopping_ = true;
    state_timer_.cancel();
    arm();
    radio_.stop();
    // The broker publishes the will, so that coordinators see at once that this gateway is gone.
    connection_.stop(mqtt::Connection::Farewell::kWithWill);
  }

  bool publish_up(ServerId, const MacAddress& mac, ByteView body,
                  std::optional<std::int8_t> rssi_dbm, Channel channel, Duration held) override {
    const topics::PropertyList properties(
        topics::UpProperties{rssi_dbm, channel, static_cast<std::uint32_t>(held.ms())});
    return publish(topics_.up(options_.softap_address, mac), body, properties,
                   topics::kUpLifetime_s);
  }

  bool publish_device(const MacAddress& mac, ByteView body, std::optional<std::int8_t> rssi_dbm,
                      Channel channel) override {
    const topics::PropertyList properties(topics::UpProperties{rssi_dbm, channel, 0});
    return publish(topics::device(mac), body, properties);
  }

 private:
  AirRadio::Options radio_options() const {
    AirRadio::Options radio;
    radio.air_address = options_.air_address;
    radio.air_port = options_.air_port;
    radio.address = options_.station_address;
    radio.second_address = options_.softap_address;
    radio.channel = options_.channel;
    radio.max_body_size = kMaxBodyV2;
    return radio;
  }

  AirRadio::Handlers radio_handlers() {
    AirRadio::Handlers handlers;
    handlers.on_frame = [this](const ReceivedFrame& frame) {
      gateway_.on_frame(monotonic_now(), frame);
      arm();
    };
    handlers.on_sent = [this](bool acknowledged) {
      gateway_.on_sent(monotonic_now(), acknowledged);
      arm();
    };
    handlers.on_attached = [](bool attached) {
      if (attached) {
        spdlog::info("the air carries us");
      } else {
        spdlog::warn("the air has fallen silent; waiting for it to come back");
      }
    };
    return handlers;
  }

  mqtt::ConnectionOptions connection_options() const {
    mqtt::ConnectionOptions connection;
    connection.client.client_id = "espial-gateway-" + text_of(options_.softap_address);
    options_.broker.apply_to(connection);
    // Waiting downlinks are the coordinator's to repeat: a session of minutes bridges a short cut.
    connection.client.session_expiry_s = 300;
    connection.client.will = mqtt::WillOptions{state_topic_, R"({"state":"offline"})"};
    return connection;
  }

  mqtt::Connection::Handlers connection_handlers() {
    mqtt::Connection::Handlers handlers;
    handlers.on_up = [this](bool) {
      spdlog::info("broker {} reached", options_.broker.text());
      publish_state();
      gateway_.on_uplink_ready(monotonic_now(), true);
      arm();
    };
    handlers.on_down = [this](std::string_view reason) {
      if (stopping_) return;
      spdlog::warn("broker lost: {}; frames are held until it is back", reason);
      gateway_.on_uplink_ready(monotonic_now(), false);
      arm();
    };
    handlers.on_message = [this](const mqtt::Publish& message, mqtt::Ticket ticket) {
      on_message(message);
      connection_.acknowledge(ticket);
      arm();
    };
    return handlers;
  }

  bool publish(const std::string& topic, ByteView body, const topics::PropertyList& list,
               std::optional<std::uint32_t> expiry_s = std::nullopt) {
    const auto properties = list.view();
    mqtt::Message message;
    message.topic = topic;
    message.payload = body;
    message.qos = mqtt::Qos::kAtLeastOnce;
    message.user_properties = properties;
    message.expiry_s = expiry_s;
    const auto error = connection_.publish(message, [this](mqtt::Reason) {
      if (!refused_) return;
      refused_ = false;
      gateway_.on_uplink_ready(monotonic_now(), true);
      arm();
    });
    refused_ = error != mqtt::PublishError::kNone;
    return !refused_;
  }

  void on_message(const mqtt::Publish& message) {
    const Instant now = monotonic_now();
    if (const auto mac = topics::parse_device_set(message.topic)) {
      gateway_.on_device_set(now, *mac, message.payload);
      return;
    }
    const auto topic = topics_.parse(message.topic);
    if (!topic) return;
    using What = topics::Network::Parsed::What;
    if (topic->what == What::kCoordinator) {
      const std::string_view text(reinterpret_cast<const char*>(message.payload.data()),
                                  message.payload.size());
      const auto state = nlohmann::json::parse(text, nullptr, false);
      const bool online = state.is_object() && state.value("state", nlohmann::json()) == "online";
      gateway_.on_coordinator(now, options_.server, online);
      if (online) gateway_.on_s0(now, options_.server, state.value("s0", nlohmann::json()) == true);
    } else if (topic->what == What::kKeyed) {
      gateway_.on_keyed(now, options_.server, message.payload);
    } else if (topic->what == What::kDown) {
      const auto properties = topics::parse_down(message.user_properties);
      if (!properties) {
        ++malformed_down_;
        return;
      }
      // A broker takes off the lifetime what the message waited there.
      const std::uint32_t expires_s =
          std::min(properties->expires_s, message.expiry_s.value_or(properties->expires_s));
      gateway_.on_down(now, options_.server, topic->mac, properties->down_class, message.payload,
                       properties->command_id, expires_s);
    }
  }

  void publish_state() {
    nlohmann::json state{{"state", "online"},
                         {"channel", radio_.channel().number},
                         {"version", kVersion},
                         {"time", unix_now().ms},
                         {"modules", gateway_.module_count()},
                         {"held", gateway_.held_count()},
                         {"malformed_down", malformed_down_}};
    for (std::size_t i = 0; i < static_cast<std::size_t>(gateway::Count::kNumber); ++i) {
      const auto count = static_cast<gateway::Count>(i);
      state[std::string(gateway::to_text(count))] = gateway_.counters()[count];
    }
    const std::string text = state.dump();
    mqtt::Message message;
    message.topic = state_topic_;
    message.payload = as_bytes(text);
    message.qos = mqtt::Qos::kAtLeastOnce;
    message.retain = true;
    (void)connection_.publish(message);
  }

  void publish_state_regularly() {
    state_timer_.expires_after(kStateInterval);
    state_timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      if (connection_.up()) publish_state();
      renew_discovery_key();
      publish_state_regularly();
    });
  }

  void renew_discovery_key() {
    const auto key = options_.newer_discovery_key ? options_.newer_discovery_key() : std::nullopt;
    if (key) gateway_.set_discovery_key(options_.server, *key);
  }

  /// A role whose radio has stopped would ask again for ever, and keep the event loop from its end.
  void arm() { role_timer_.arm(stopping_ ? kNever : gateway_.next_timer()); }

  const GatewayOptions options_;
  const topics::Network topics_;
  const std::string state_topic_;
  CryptoSodium crypto_;
  Tables tables_;
  AirRadio radio_;
  gateway::Gateway gateway_;
  RoleTimer role_timer_;
  boost::asio::steady_timer state_timer_;
  mqtt::Connection connection_;
  bool refused_ = false;  ///< the outbox was full; room is told of when the broker acknowledges
  bool stopping_ = false;
  std::uint64_t malformed_down_ = 0;
};

GatewayProgram::GatewayProgram(boost::asio::io_context& io, const GatewayOptions& options)
    : implementation_(std::make_shared<Implementation>(io, options)) {}

GatewayProgram::~GatewayProgram() = default;

void GatewayProgram::start() { implementation_->start(); }
void GatewayProgram::stop() { implementation_->stop(); }

}  // namespace espial::main
