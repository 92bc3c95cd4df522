// What a shown reading costs: a lookup by name, as S2's messages need it, and the reading itself.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "station/live_state.hpp"

namespace espial::station {
namespace {

struct Counter : Observer {
  std::uint64_t count = 0;
  void on_change(const Change&) override { ++count; }
};

void show_by_name(benchmark::State& state) {
  LiveState live;
  Counter counter;
  static_cast<void>(live.add_observer(&counter));
  std::vector<std::string> names;
  for (std::uint32_t id = 1; id <= static_cast<std::uint32_t>(state.range(0)); ++id) {
    Device device;
    device.id = DeviceId{id};
    device.mac.octets = {
        2, 0, 0, 0, static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
    device.name = "capteur" + std::to_string(id);
    device.functions.resize(3);
    for (std::uint8_t slot = 0; slot < 3; ++slot) device.functions[slot].slot = slot;
    static_cast<void>(live.put(device));
    names.push_back(device.name);
  }
  std::size_t next = 0;
  std::int64_t at_ms = 0;
  for (auto _ : state) {
    next = (next + 7'919) % names.size();
    const Device* device = live.find_name(names[next]);
    const Value value = Value::of(0, 20.5);
    benchmark::DoNotOptimize(live.apply_reading(device->id, 2, UnixTime{++at_ms}, &value, 1));
  }
}

BENCHMARK(show_by_name)->Arg(24)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace espial::station

BENCHMARK_MAIN();
