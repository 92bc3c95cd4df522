#include <benchmark/benchmark.h>

#include <vector>

#include "hub/mqtt/client.hpp"
#include "hub/mqtt/encode.hpp"

// What the client itself costs, without sockets: QoS 1 messages of 60 bytes in, acknowledgements
// out, in portions as a socket delivers them.
namespace {

using namespace espial;
using namespace espial::mqtt;

constexpr std::uint16_t kMessagesInRead = 500;

class Holder : public ClientEvents {
 public:
  std::vector<Ticket> held;

 private:
  void on_up(const Connack&) override {}
  void on_message(const Publish&, Ticket ticket) override { held.push_back(ticket); }
  void on_refused(std::string_view, Reason) override {}
  void on_subscribed(std::string_view, Qos, Reason) override {}
};

void receive_qos1(benchmark::State& state) {
  Holder holder;
  ClientOptions options;
  options.client_id = "bench";
  Client client(options, holder);
  client.on_transport_up({});
  std::vector<std::uint8_t> stream;
  encode(Connack{}, stream);
  client.on_bytes({}, {stream.data(), stream.size()});
  stream.clear();
  const std::string payload(60, 'x');
  for (std::uint16_t id = 1; id <= kMessagesInRead; ++id) {
    encode(Message{.topic = "espial/site/1/up/gateway/aa:bb:cc:dd:ee:ff",
                   .payload = as_bytes(payload),
                   .qos = Qos::kAtLeastOnce},
           id, stream);
  }
  std::vector<std::uint8_t> output;
  for (auto _ : state) {
    client.on_bytes({}, {stream.data(), stream.size()});
    for (const Ticket& ticket : holder.held) client.acknowledge(ticket);
    holder.held.clear();
    client.take_output({}, output);
    benchmark::DoNotOptimize(output.data());
  }
  state.SetItemsProcessed(state.iterations() * kMessagesInRead);
}
BENCHMARK(receive_qos1);

void publish_qos1(benchmark::State& state) {
  Holder holder;
  ClientOptions options;
  options.client_id = "bench";
  Client client(options, holder);
  client.on_transport_up({});
  std::vector<std::uint8_t> stream;
  encode(Connack{}, stream);
  client.on_bytes({}, {stream.data(), stream.size()});
  const std::string payload(60, 'x');
  std::vector<std::uint8_t> output;
  std::uint32_t id = 0;
  for (auto _ : state) {
    stream.clear();
    for (std::uint16_t i = 0; i < kMessagesInRead; ++i) {
      const PublishError error =
          client.publish({}, {.topic = "espial/site/1/up/gateway/aa:bb:cc:dd:ee:ff",
                              .payload = as_bytes(payload),
                              .qos = Qos::kAtLeastOnce});
      if (error != PublishError::kNone) state.SkipWithError("refused");
      encode(Ack{.packet_id = static_cast<std::uint16_t>(id++ % Outbox::kPacketIds + 1)}, stream);
    }
    client.take_output({}, output);
    client.on_bytes({}, {stream.data(), stream.size()});
  }
  state.SetItemsProcessed(state.iterations() * kMessagesInRead);
}
BENCHMARK(publish_qos1);

}  // namespace

BENCHMARK_MAIN();
