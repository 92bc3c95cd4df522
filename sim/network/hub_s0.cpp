#include "sim/network/hub_s0.hpp"

#include "core/base/byte_reader.hpp"
#include "core/wire/s0_function.hpp"
#include "sim/network/s0_box.hpp"

namespace espial::sim {

HubS0::HubS0(Scene& scene, std::size_t modules, coordinator::Downlink& downlink)
    : scene_(scene),
      modules_(modules),
      server_(kSimServer, {{modules_.data(), modules_.size()}, {}}, {downlink, *this, *this}) {}

coordinator::S0Admission HubS0::admit(const MacAddress& mac, ModuleId module) {
  const auto number = s0_number(mac);
  const bool right = number && *number < modules_.size() && s0_module_id(*number) == module.value;
  return right ? coordinator::S0Admission::kWelcome : coordinator::S0Admission::kModuleTaken;
}

/// Two thermometers.
espial::s0::Functions HubS0::functions_of(ModuleId module) {
  espial::s0::Functions functions{};
  functions[0] = {module.value, espial::s0::kThermometer, 0};
  functions[1] = {static_cast<std::uint8_t>(module.value + 100), espial::s0::kThermometer, 0};
  return functions;
}

void HubS0::on_reading(const coordinator::S0Reading& reading) {
  const auto number = s0_number(reading.mac);
  if (!number) return;
  const auto centi = static_cast<std::int16_t>(ByteReader(reading.value).u16());
  scene_.watch.on_s0_reading(scene_.now, *number, reading.slot, centi);
}

}  // namespace espial::sim
