#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace espial::wire {

/// How a field lies on the air. A kBool is a u8: 0, 1, or 255 for none.
enum class FieldType : std::uint8_t { kI8, kU8, kI16, kU16, kI32, kU32, kF32, kBool, kText };

/// Bytes on the air; 0 for a text, which is the rest of the value.
constexpr std::size_t field_size(FieldType type) {
  switch (type) {
    case FieldType::kI8:
    case FieldType::kU8:
    case FieldType::kBool:
      return 1;
    case FieldType::kI16:
    case FieldType::kU16:
      return 2;
    case FieldType::kI32:
    case FieldType::kU32:
    case FieldType::kF32:
      return 4;
    case FieldType::kText:
      return 0;
  }
  return 0;
}

/// A borrowed, constant run of T; the tables live as long as the program.
template <class T>
struct TableView {
  const T* items = nullptr;
  std::size_t count = 0;
  constexpr const T* begin() const { return items; }
  constexpr const T* end() const { return items + count; }
  constexpr std::size_t size() const { return count; }
  constexpr bool empty() const { return count == 0; }
  constexpr const T& operator[](std::size_t index) const { return items[index]; }
};

/// One field of a kind.
struct FieldInfo {
  std::string_view name;  ///< snake_case, as in the API
  FieldType type = FieldType::kU8;
  double scale = 1;                    ///< value = scale x number on the air; 1 for kBool and kF32
  std::uint8_t decimals = 0;           ///< digits after the point that the scale can tell apart
  std::string_view unit;               ///< "°C", "%"; empty where it has none
  double minimum = 0;                  ///< in units, after scaling; a value outside is refused
  double maximum = 0;                  ///< for a text: bytes
  TableView<std::string_view> states;  ///< names of the numbers 0, 1, ...; empty for a measure
};

/// How the page shows a function.
enum class Widget : std::uint8_t {
  kValue,
  kThermostat,
  kSwitch,
  kSlider,
  kButton,
  kPresence,
  kBattery,
  kCounter,
  kContact,
  kText,
};

/// The field index of a kind that takes no commands.
inline constexpr std::uint8_t kNoField = 255;

/// What a kind number means. The standard ones come from protocol/kinds.json (kinds_table.hpp); a
/// network's configuration may make more of them, 192..254.
struct KindInfo {
  std::uint8_t number = 0;
  std::string_view name;      ///< snake_case, as in the API
  std::string_view title_en;  ///< what the page calls it
  std::string_view title_fr;
  std::string_view title_ru;
  TableView<FieldInfo> fields;
  Widget widget = Widget::kValue;
  std::uint8_t command_field = kNoField;  ///< index of the field that a command sets
  bool is_event = false;                  ///< goes to the events' stream
  std::string_view component;             ///< Home Assistant's
  std::string_view device_class;          ///< Home Assistant's; empty where it has none
  std::string_view state_class;           ///< Home Assistant's; empty where it has none

  constexpr bool accepts_commands() const { return command_field != kNoField; }
};

/// The standard kinds, in the order of their numbers.
TableView<KindInfo> standard_kinds();
/// @returns nullptr where no standard kind has this number. Lives as long as the program.
const KindInfo* find_standard_kind(std::uint8_t number);
/// By the API's name ("light_level"). @returns nullptr where there is none.
const KindInfo* find_standard_kind(std::string_view name);

}  // namespace espial::wire
