// What one frame costs, acknowledgement included, in worlds of the same density: a radio far from
// the edge reaches about twenty others, however many there are.

#include <benchmark/benchmark.h>

#include <cmath>

#include "sim/air/air_log_test.hpp"

namespace espial::sim {
namespace {

constexpr double kRadiosInReach = 20;
/// As far as a frame is noticed at all, in metres.
constexpr double kReach_m = 174;

/// Each radio sends to its neighbour and waits a while; all together load the air lightly or fully.
struct Town : AirSink {
  Town(std::uint32_t count, Duration the_pause) : air({}), random(1), pause(the_pause) {
    const double side_m = kReach_m * std::sqrt(3.14159 * count / kRadiosInReach);
    const auto side_cm = static_cast<std::uint64_t>(side_m * 100);
    for (std::uint32_t i = 0; i < count; i += 2) {
      const Position place{static_cast<std::int32_t>(random.below(side_cm)),
                           static_cast<std::int32_t>(random.below(side_cm))};
      RadioSettings settings = test_radio(i);
      settings.position = place;
      radios.push_back(*air.add_radio({}, settings));
      settings = test_radio(i + 1);
      settings.position = Position{place.x_cm + 500, place.y_cm};
      radios.push_back(*air.add_radio({}, settings));
    }
  }
  void on_delivery(Instant, RadioId, const ReceivedFrame&) override {}
  void on_sent(Instant, RadioId, bool) override { ++done; }

  /// One radio after the other sends, one each `pause` / radios.
  void run_one() {
    const RadioId sender = radios[next % radios.size()];
    const auto peer = static_cast<std::uint32_t>((next % radios.size()) ^ 1U);
    ++next;
    (void)air.transmit(now, sender, test_mac(peer), test_bytes(36));
    now = now + Duration{pause.us / static_cast<std::int64_t>(radios.size())};
    air.advance(now, *this);
  }

  Air air;
  SplitMix random;
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
