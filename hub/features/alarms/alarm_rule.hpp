#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::alarms {

/// When an alarm is raised, and when it ends.
///
///     above = 8, hysteresis = 1, hold_s = 60
///
///     value   ____/^^^^^^^^^^^^\____/^^\___       raised once it has been over 8 for a minute;
///             8 ..............................    over once it has been at 7 or below for a minute
///     alarm   ________|^^^^^^^^^^^^|__________
struct Rule {
  std::string name;
  MacAddress device;
  std::uint8_t slot = 0;
  std::string field;
  std::optional<double> above;
  std::optional<double> below;
  double hysteresis = 0;
  Duration hold{};
  /// "http://host:port/path" or https; empty: none.
  std::string webhook;
};

inline constexpr std::int64_t kMaxHold_s = 86'400;

/// Whether a name can be a level of a topic, and a part of an address: it has no "/", "+" and "#".
bool is_plain_name(std::string_view name);
inline constexpr char kPlainNameWanted[] = "name: write it without /, + and #";

/// Reads {"device": "24:6f:..", "slot": 0, "field": "temperature", "above": 8, "below": -2,
/// "hysteresis": 1, "hold_s": 60, "webhook": "http://.."}; otherwise a sentence that says what to
/// write instead. At least one of above and below is needed.
std::variant<Rule, std::string> read_rule(std::string_view name, std::string_view json);
/// The same form; one line, without the name.
std::string write_rule(const Rule& rule);

/// How one alarm stands. Time comes in; nothing goes out but a change.
class AlarmState {
 public:
  enum class Change : std::uint8_t { none, raised, over };

  /// The newest value, or nothing when the module has none.
  Change on_value(const Rule& rule, Instant now, std::optional<double> value);
  /// Lets the hold time pass.
  Change on_timer(const Rule& rule, Instant now);

  bool raised() const { return raised_; }
  /// Goes on from how it stood before a restart.
  void restore(bool raised, Instant now);

 private:
  Change settle(const Rule& rule, Instant now);

  bool raised_ = false;
  bool wanted_ = false;  ///< where the value is now
  Instant since_{};      ///< of `wanted_`
};

}  // namespace espial::alarms
