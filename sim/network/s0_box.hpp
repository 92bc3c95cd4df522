#pragma once

#include <cstdint>
#include <optional>

#include "sim/network/sim_radio.hpp"
#include "sim/s0_module.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// A module of S0's beside ours, with its firmware unchanged.
struct S0Settings {
  std::uint32_t number = 0;  ///< its place among them; gives module number and address too
  std::uint64_t seed = 1;
  std::optional<Position> position;
  Duration interval = Duration::seconds(10);
};

MacAddress s0_address(std::uint32_t number);
/// The module of an address; nothing for an address of nobody's.
std::optional<std::uint32_t> s0_number(const MacAddress& mac);
/// S0's own number for it: 1..255.
inline std::uint8_t s0_module_id(std::uint32_t number) {
  return static_cast<std::uint8_t>(number + 1);
}

/// Such a module with its radio and its thermometers, each of which reads a value of its own at
/// every look.
class S0Box {
 public:
  S0Box(Scene& scene, const S0Settings& settings);

  void switch_on() { module_.start(scene_.now); }
  void on_frame(const ReceivedFrame& frame) { module_.on_frame(scene_.now, frame); }
  void on_sent(bool acknowledged) { module_.on_sent(scene_.now, acknowledged); }
  void on_timer() {
    if (module_.next_timer() <= scene_.now) module_.on_timer(scene_.now);
  }
  Instant next_timer() const { return std::max(module_.next_timer(), scene_.now); }

  const s0::Module& module() const { return module_; }
  const S0Settings& settings() const { return settings_; }
  RadioId radio() const { return radio_.id(); }

 private:
  s0::Module::Settings module_settings();

  Scene& scene_;
  S0Settings settings_;
  SplitMix random_;
  SimRadio radio_;
  s0::Module module_;
};

}  // namespace espial::sim
