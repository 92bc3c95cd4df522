#include "sim/network/s0_box.hpp"

namespace espial::sim {
namespace {

RadioSettings radio_settings(const S0Settings& settings) {
  RadioSettings radio;
  radio.address = s0_address(settings.number);
  radio.position = settings.position;
  return radio;
}

}  // namespace

MacAddress s0_address(std::uint32_t number) {
  return {{0x02, 0x50, 0, 0, static_cast<std::uint8_t>(number >> 8U),
           static_cast<std::uint8_t>(number)}};
}

std::optional<std::uint32_t> s0_number(const MacAddress& mac) {
  const std::uint32_t number = std::uint32_t{mac.octets[4]} << 8U | mac.octets[5];
  if (s0_address(number) != mac) return std::nullopt;
  return number;
}

S0Box::S0Box(Scene& scene, const S0Settings& settings)
    : scene_(scene),
      settings_(settings),
      random_(settings.seed),
      radio_(scene, radio_settings(settings)),
      module_(module_settings(), radio_) {}

s0::Module::Settings S0Box::module_settings() {
  s0::Module::Settings module;
  module.server = kSimServer.value;
  module.id = s0_module_id(settings_.number);
  module.interval = settings_.interval;
  module.celsius = [this](std::size_t slot) {
    constexpr std::uint64_t kMost_centi = 8'000;
    const auto centi = static_cast<std::int16_t>(random_.below(kMost_centi));
    scene_.watch.on_s0_measured(scene_.now, settings_.number, slot, centi);
    return static_cast<float>(centi) / 100.0F;
  };
  return module;
}

}  // namespace espial::sim
