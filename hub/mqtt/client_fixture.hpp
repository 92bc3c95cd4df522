#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/mqtt/client.hpp"
#include "hub/mqtt/encode.hpp"
#include "hub/mqtt/packet_text.hpp"

namespace espial::mqtt {

using Lines = std::vector<std::string>;

/// A client in front of a broker that says exactly what the test tells it to.
class ClientTest : public testing::Test, protected ClientEvents {
 protected:
  struct Received {
    std::string topic;
    std::string payload;
    Ticket ticket;
  };

  static ClientOptions default_options() {
    ClientOptions options;
    options.client_id = "hub";
    return options;
  }

  void make(ClientOptions options) {
    client_.reset();
    client_.emplace(std::move(options), static_cast<ClientEvents&>(*this));
  }

  /// Connects; what the client sends besides CONNECT stays for `sent`.
  void connect(bool session_present, Connack connack = {}) {
    client_->on_transport_up(now_);
    EXPECT_EQ(sent(), Lines{"CONNECT " + std::string("hub")});
    connack.session_present = session_present;
    reply([&](auto& out) { encode(connack, out); });
  }
  void lose() { client_->on_transport_down(); }

  /// Everything the client has to send now, one line a packet.
  Lines sent() {
    std::vector<std::uint8_t> bytes;
    client_->take_output(now_, bytes);
    return packet_lines({bytes.data(), bytes.size()});
  }

  template <typename Write>
  void reply(const Write& write) {
    std::vector<std::uint8_t> bytes;
    write(bytes);
    const std::size_t taken = client_->on_bytes(now_, {bytes.data(), bytes.size()});
    if (client_->failure().empty()) {
      EXPECT_EQ(taken, bytes.size());
    }
  }
  void reply_hex(std::string_view hex) {
    reply([&](auto& out) { out = from_hex(hex); });
  }
  void reply_ack(PacketType type, std::uint16_t id, Reason reason = Reason::kSuccess) {
    reply([&](auto& out) { encode(Ack{.type = type, .packet_id = id, .reason = reason}, out); });
  }
  void reply_suback(std::uint16_t id, std::vector<std::uint8_t> reasons) {
    reply([&](auto& out) {
      encode(SubscribeAck{.packet_id = id, .reasons = {reasons.data(), reasons.size()}}, out);
    });
  }
  void deliver(Qos qos, std::uint16_t id, std::string_view payload, bool duplicate = false) {
    reply([&](auto& out) {
      encode(Message{.topic = "t", .payload = as_bytes(payload), .qos = qos}, id, out);
      if (duplicate) out[0] |= 0x08;
    });
  }

  [[nodiscard]] PublishError publish(Qos qos, std::string_view payload) {
    const std::string text(payload);
    return client_->publish(now_, Message{.topic = "t", .payload = as_bytes(payload), .qos = qos},
                            [this, text](Reason reason) { done_.emplace_back(text, reason); });
  }

  void pass(Duration time) {
    now_ = now_ + time;
    client_->on_tick(now_);
  }

  Instant now_{1'000'000};
  std::optional<Client> client_;
  std::vector<Received> received_;
  std::vector<std::pair<std::string, Reason>> done_;
  std::vector<std::pair<std::string, Reason>> subscribed_;
  Lines refused_;
  int ups_ = 0;

 private:
  void SetUp() override { make(default_options()); }
  void on_up(const Connack&) override { ++ups_; }
  void on_message(const Publish& message, Ticket ticket) override {
    received_.push_back({std::string(message.topic),
                         std::string(message.payload.begin(), message.payload.end()), ticket});
  }
  void on_refused(std::string_view topic, Reason) override { refused_.emplace_back(topic); }
  void on_subscribed(std::string_view filter, Qos, Reason reason) override {
    subscribed_.emplace_back(filter, reason);
  }
};

}  // namespace espial::mqtt
