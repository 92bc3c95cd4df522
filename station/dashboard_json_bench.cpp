// What the page's first picture costs: all devices as JSON.

#include <benchmark/benchmark.h>

#include <string>

#include "station/dashboard_json.hpp"

namespace espial::station {
namespace {

void write_devices(benchmark::State& state) {
  constexpr std::uint8_t kOwnKind = 200;  // of a configuration: has as many fields as it likes
  LiveState live;
  for (std::uint32_t id = 1; id <= static_cast<std::uint32_t>(state.range(0)); ++id) {
    Device device;
    device.id = DeviceId{id};
    device.mac.octets = {
        2, 0, 0, 0, static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
    device.name = "capteur" + std::to_string(id);
    FunctionState& function = device.functions.emplace_back();
    function.kind = kOwnKind;
    function.taken_at = UnixTime{1'767'225'600'000};
    for (std::uint8_t field = 0; field < 4; ++field) {
      function.values.push_back(Value::of(field, 20 + id % 1'000 / 100.0));
    }
    static_cast<void>(live.put(device));
  }
  std::size_t bytes = 0;
  for (auto _ : state) bytes = devices_json(live).size();
  state.counters["bytes"] = static_cast<double>(bytes);
}

BENCHMARK(write_devices)->Arg(24)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace espial::station

BENCHMARK_MAIN();
