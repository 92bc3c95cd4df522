#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace espial::station {

/// One value that the page wants a function to take: a number in the unit of its field, or a text.
struct WantedValue {
  std::string field;
  bool is_text = false;
  double number = 0;
  std::string text;
};

/// {"slot": 0, "values": {"state": 1}}
struct CommandBody {
  std::uint8_t slot = 0;
  std::vector<WantedValue> values;
};

/// Deepest nesting of arrays and objects that is read at all.
inline constexpr std::size_t kBodyDepthMax = 8;
/// Most values in one command.
inline constexpr std::size_t kBodyValuesMax = 16;
/// Longest field name and longest text value, in bytes.
inline constexpr std::size_t kBodyFieldBytesMax = 32;
inline constexpr std::size_t kBodyTextBytesMax = 200;

enum class BodyError : std::uint8_t {
  kNone,
  kNotUtf8,    ///< the body is no UTF-8 text, or holds a zero byte
  kTooDeep,    ///< nested deeper than kBodyDepthMax
  kNotJson,    ///< no JSON, or something follows it
  kNotObject,  ///< JSON, but no object
  kSlot,       ///< "slot" is missing or no whole number 0..11 or 15
  kValues,     ///< "values" is missing, empty, too many, or holds more than numbers and texts
  kName,       ///< "name" is missing or no text
};

/// A sentence that tells the sender what to send instead.
const char* explain(BodyError error);

/// Reads the body of a command. `body` is untouched unless kNone is returned.
/// true and false are taken as 1 and 0.
[[nodiscard]] BodyError read_command_body(std::string_view text, CommandBody& body);

/// The same without a slot, for whoever knows it: {"values": {"state": 1}}. `values` is untouched
/// unless kNone is returned.
[[nodiscard]] BodyError read_values_body(std::string_view text, std::vector<WantedValue>& values);

/// Reads {"name": "Lamp in the hall"} and takes off blanks around it. Whether the name may be used
/// is for `check_name` to say.
[[nodiscard]] BodyError read_name_body(std::string_view text, std::string& name);

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

}  // namespace espial::station
