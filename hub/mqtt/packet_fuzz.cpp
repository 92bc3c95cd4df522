#include <cstddef>
#include <cstdint>
#include <vector>

#include "hub/mqtt/client.hpp"
#include "hub/mqtt/decode.hpp"
#include "hub/mqtt/encode.hpp"

// Whatever a broker sends: every decoder, and the whole client with an application that keeps some
// messages and acknowledges others.
namespace {

using namespace espial;
using namespace espial::mqtt;

class Application : public ClientEvents {
 public:
  Client* client = nullptr;

 private:
  void on_up(const Connack&) override {}
  void on_message(const Publish& message, Ticket ticket) override {
    UserProperties properties = message.user_properties;
    while (properties.next()) {
    }
    held_.push_back(ticket);
    if (message.payload.size() % 2 == 0) client->acknowledge(held_[held_.size() / 2]);
  }
  void on_refused(std::string_view, Reason) override {}
  void on_subscribed(std::string_view, Qos, Reason) override {}

  std::vector<Ticket> held_;
};

template <typename Packet>
void decode_as(const Frame& frame) {
  Packet packet;
  static_cast<void>(decode(frame, packet));
}

void decode_all(ByteView bytes) {
  Frame frame;
  while (next_frame(bytes, 1 << 16, frame) == FrameStatus::kComplete) {
    decode_as<Connect>(frame);
    decode_as<Connack>(frame);
    decode_as<Publish>(frame);
    decode_as<Ack>(frame);
    decode_as<SubscribeAck>(frame);
    decode_as<Disconnect>(frame);
    SubscribeRequest request;
    Subscription subscription;
    if (!is_failure(decode(frame, request))) {
      while (next_subscription(request, subscription)) {
      }
    }
    bytes = bytes.subview(frame.bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  decode_all({data, size});
  Application application;
  ClientOptions options;
  options.client_id = "fuzz";
  options.receive_maximum = 8;
  Client client(options, application);
  application.client = &client;
  for (const char* topic : {"a", "b"}) {
    static_cast<void>(client.publish({}, {.topic = topic, .qos = Qos::kExactlyOnce}));
    static_cast<void>(client.publish({}, {.topic = topic, .qos = Qos::kAtLeastOnce}));
  }
  static_cast<void>(client.subscribe({.filter = "#"}));
  std::vector<std::uint8_t> output;
  // The bytes once in each of two connections of one session, so that old state meets them too.
  for (int connection = 0; connection < 2; ++connection) {
    client.on_transport_up({});
    std::vector<std::uint8_t> stream;
    encode(Connack{.session_present = connection > 0}, stream);
    client.take_output({}, output);
    client.on_bytes({}, {stream.data(), stream.size()});
    client.take_output({}, output);
    client.on_bytes({}, {data, size});
    client.take_output({}, output);
    client.on_transport_down();
  }
  return 0;
}
