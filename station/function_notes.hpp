#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "station/live_state.hpp"

namespace espial::station {

/// The whole numbers that a person may set a field to.
struct SettableRange {
  std::uint8_t minimum = 0;
  std::uint8_t maximum = 0;
  friend bool operator==(const SettableRange& a, const SettableRange& b) {
    return a.minimum == b.minimum && a.maximum == b.maximum;
  }
};

/// What a configuration says of one field of a function.
struct FieldNote {
  std::uint8_t field = 0;
  std::string title;
  std::string unit;
  std::optional<SettableRange> settable = {};  ///< of a kind that the configuration defines
  friend bool operator==(const FieldNote& a, const FieldNote& b) {
    return a.field == b.field && a.title == b.title && a.unit == b.unit && a.settable == b.settable;
  }
};

/// What a configuration says of a function beside its title.
struct FunctionNote {
  /// Where its main value is as it should be.
  std::optional<double> minimum;
  std::optional<double> maximum;
  /// Of a kind that the configuration defines.
  std::string kind_title;
  std::vector<FieldNote> fields;
  /// By field, one bit each: those whose values are stored; nothing: all.
  std::optional<std::uint32_t> logged;

  /// nullptr where nothing is set by a person but what its kind says.
  const FieldNote* settable() const;
  friend bool operator==(const FunctionNote& a, const FunctionNote& b) {
    return a.minimum == b.minimum && a.maximum == b.maximum && a.kind_title == b.kind_title &&
           a.fields == b.fields && a.logged == b.logged;
  }
};

/// The notes on every device's functions. One thread.
class FunctionNotes {
 public:
  using BySlot = std::map<std::uint8_t, FunctionNote>;

  /// Replaces the notes on a device. @returns whether they are others now.
  bool put(DeviceId device, BySlot notes);
  /// nullptr where nothing is said.
  const FunctionNote* find(DeviceId device, std::uint8_t slot) const;
  /// Whether a value is to be stored, and not only shown.
  bool is_logged(DeviceId device, std::uint8_t slot, std::uint8_t field) const;

 private:
  std::map<DeviceId, BySlot> notes_;
};

}  // namespace espial::station
