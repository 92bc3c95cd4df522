#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "core/node/s0_client.hpp"
#include "core/wire/kinds_table.hpp"
#include "sim/memory_settings.hpp"
#include "sim/network/device_clock.hpp"
#include "sim/network/sim_radio.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// How an Espial board is built that has joined a house of S0's.
struct S0BoardSettings {
  std::uint64_t seed = 1;
  std::optional<Position> position;
  Duration report_interval = Duration::seconds(10);
  std::int32_t drift_ppm = 0;
  Instant clock_origin;
};

/// An Espial board that has joined a house of S0's, with everything around it: radio, clock, flash,
/// and a program that measures and does as it is told. It is a thermostat, a thermometer and a
/// relay, in this order; the house may not have all three.
class S0Board final : private node::Application {
 public:
  enum Slot : std::uint8_t { kThermostatSlot, kThermometerSlot, kRelaySlot, kSlots };

  /// `number` is its place in the house; `watched_as` its number among all modules of S0's, for
  /// whoever watches.
  S0Board(Scene& scene, ServerId server, std::uint32_t number, std::uint32_t watched_as,
          const S0BoardSettings& settings);

  void switch_on();
  /// Power goes: flash stays, set points and what was not sent are gone.
  void switch_off();
  bool on() const { return client_.has_value(); }
  void on_frame(const ReceivedFrame& frame);
  void on_sent(bool acknowledged);
  void on_timer();
  Instant next_timer() const;

  /// Its number in the house: 1..255.
  ModuleId module() const { return module_; }
  std::uint32_t watched_as() const { return watched_as_; }
  MacAddress address() const { return radio_.address(); }
  RadioId radio() const { return radio_.id(); }
  /// Set points carried out.
  std::uint64_t executed() const { return executed_; }

 private:
  wire::Outcome execute(Instant now, const wire::Reading& command) override;

  CoreCall<node::S0Client> core() { return in_core(*client_, "a client of S0's"); }
  void measure(Slot slot);
  void say_relay();
  void say(Slot slot, wire::Kind kind, std::initializer_list<double> fields);
  void check_books();
  void draw_next_report();

  Scene& scene_;
  ServerId server_;
  ModuleId module_;
  std::uint32_t watched_as_;
  S0BoardSettings settings_;
  SplitMix random_;
  SimRadio radio_;
  DeviceClock clock_;
  MemorySettings flash_;
  std::optional<node::S0Client> client_;
  /// Beside the client: readings it has taken since it has power.
  std::uint64_t taken_ = 0;
  std::uint64_t executed_ = 0;
  double set_point_ = 0;
  bool relay_on_ = false;
  Instant next_report_ = kNever;
};

}  // namespace espial::sim
