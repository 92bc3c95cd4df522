// What one frame costs, acknowledgement included, in worlds of the same density: streets of twenty
// radios that all hear each other, and not the next street.

#include <benchmark/benchmark.h>

#include "sim/air/air_log_test.hpp"

namespace espial::sim {
namespace {

constexpr std::uint32_t kRadiosInAStreet = 20;
constexpr std::int32_t kBetweenStreets_cm = 100'000'00;

/// Each radio sends to its neighbour and waits a while; all together load the air lightly or fully.
struct Town : AirSink {
  Town(std::uint32_t count, Duration the_pause) : air({}), pause(the_pause) {
    for (std::uint32_t i = 0; i < count; ++i) {
      RadioSettings settings = test_radio(i);
      const auto street = static_cast<std::int32_t>(i / kRadiosInAStreet);
      const auto house = static_cast<std::int32_t>(i % kRadiosInAStreet);
      settings.position = Position{house * 200, (street % 32) * kBetweenStreets_cm};
      settings.position->x_cm += street / 32 * kBetweenStreets_cm;
      radios.push_back(*air.add_radio({}, settings));
    }
  }
  void on_delivery(Instant, RadioId, const ReceivedFrame&) override {}
  void on_sent(Instant, RadioId, bool) override { ++done; }

  /// One radio after the other sends, each in another street, one each `pause` / radios.
  void run_one() {
    const std::size_t streets = radios.size() / kRadiosInAStreet;
    const std::size_t house = next / streets % kRadiosInAStreet;
    const std::size_t index = next % streets * kRadiosInAStreet + house;
    const RadioId sender = radios[index];
    const auto peer = static_cast<std::uint32_t>(index ^ 1U);
    ++next;
    (void)air.transmit(now, sender, test_mac(peer), test_bytes(36));
    now = now + Duration{pause.us / static_cast<std::int64_t>(radios.size())};
    air.advance(now, *this);
  }

  Air air;
  Duration pause;
  std::vector<RadioId> radios;
  std::size_t next = 0;
  std::uint64_t done = 0;
  Instant now;
};

/// range(0): radios; range(1): milliseconds between two frames of one radio.
void frames(benchmark::State& state) {
  Town town(static_cast<std::uint32_t>(state.range(0)), Duration::milliseconds(state.range(1)));
  for (int i = 0; i < 10'000; ++i) town.run_one();
  const std::uint64_t before = town.done;
  for (auto _ : state) town.run_one();
  const auto frames_done = static_cast<std::int64_t>(town.done - before);
  state.SetItemsProcessed(frames_done);
  const AirCounters& counters = town.air.counters();
  state.counters["collided_permille"] =
      static_cast<double>(counters.collisions) * 1000 / static_cast<double>(counters.attempts);
}

BENCHMARK(frames)->ArgNames({"radios", "pause_ms"})->ArgsProduct({{20, 200, 2000}, {10'000, 100}});

}  // namespace
}  // namespace espial::sim

BENCHMARK_MAIN();
