#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/wire/command.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/session_packets.hpp"
#include "core/wire/value.hpp"
#include "sim/splitmix.hpp"

/// The simulated house: modules that behave like those of a lived-in home, for `espial house` and
/// for whoever wants to see the system before soldering anything.
namespace espial::sim {

/// A module as it is built and named.
struct ModulePlan {
  std::string_view name;
  std::string_view chip;  ///< "ESP8266" or "ESP32"
  /// Kinds of its functions, in slots 0, 1, ...; empty ends the list.
  std::array<std::string_view, 4> kinds;
  std::uint16_t report_interval_s = 10;
  /// Where its temperature and the like lie: outdoors, or how warm the room is kept.
  bool outdoors = false;
  double comfort_celsius = 20;
  /// The module that its button, in slot 0, switches on and off, with nobody else's help.
  std::string_view works = {};
};

/// All modules of the house. More than 24.
const std::vector<ModulePlan>& house_plan();

/// The place of the module of that name; nothing where there is none.
std::optional<std::size_t> house_index(std::string_view name);

/// A locally administered address for the `index`-th module: the same in every run.
MacAddress house_address(std::size_t index);

/// What a module says of one function.
struct HouseReading {
  std::uint8_t slot = 0;
  std::uint8_t kind = 0;
  wire::FieldValues values;  ///< texts in it live as long as the program
};

/// What one module measures and does. Deterministic in its seed and the times it is given.
class HouseModule {
 public:
  HouseModule(const ModulePlan& plan, std::uint64_t seed);

  const ModulePlan& plan() const { return plan_; }
  /// What the module says that it is.
  wire::FunctionList functions() const;

  /// Everything it measures at `now`: its regular report.
  std::vector<HouseReading> measure(UnixTime now);
  /// What has happened since the call before: a door opened, a button was pressed. To be called
  /// about once a second.
  std::vector<HouseReading> happenings(UnixTime now);

  /// Somebody presses the button in slot 0, and lets it go a moment later. Nothing where there is
  /// none.
  std::vector<HouseReading> press(UnixTime now);

  struct Executed {
    wire::Outcome outcome = wire::Outcome::kRefused;
    /// What it reports because of it.
    std::vector<HouseReading> readings;
  };
  /// Does what a command says.
  Executed execute(const wire::Reading& command, UnixTime now);

  /// Its week says that from now on the thermostat in `slot` keeps to this; wire::kNoSetPoint
  /// switches it off. What it reports because of it: nothing where there is no thermostat.
  std::vector<HouseReading> keep_to(std::uint8_t slot, std::int16_t set_point_cC, UnixTime now);

 private:
  /// How a function stands now.
  struct Function {
    std::uint8_t slot = 0;
    const wire::KindInfo* kind = nullptr;
    double value = 0;                 ///< on, open, pressed, brightness, count, charge
    std::optional<double> set_point;  ///< of a thermostat; none: it is off
    bool heating = false;
    UnixTime changes_back_at{};  ///< a door closes, a button is let go
  };

  HouseReading reading(Function& function, UnixTime now);
  void begin(Function& function);
  bool happens(Function& function, UnixTime now);
  double temperature(UnixTime now);
  double wobble(double width);

  ModulePlan plan_;
  SplitMix random_;
  std::vector<Function> functions_;
};

}  // namespace espial::sim
