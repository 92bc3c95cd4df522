#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// How long a command may wait for its module, where whoever gives it says so.
inline constexpr std::uint32_t kMinCommandLifetime_s = 1;
inline constexpr std::uint32_t kMaxCommandLifetime_s = 7 * 24 * 3600;

/// {"slot": 0, "values": {"state": 1}, "lifetime_s": 900}
struct CommandBody {
  std::uint8_t slot = 0;
  std::vector<WantedValue> values;
  std::optional<std::uint32_t> lifetime_s;
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
  kLifetime,   ///< "lifetime_s" is no whole number of its range
  kName,       ///< "name" is missing or no text
};

/// A sentence that tells the sender what to send instead.
const char* explain(BodyError error);

/// Reads the body of a command. `body` is untouched unless kNone is returned.
/// true and false are taken as 1 and 0.
[[nodiscard]] BodyError read_command_body(std::string_view text, CommandBody& body);

/// The same for whoever knows the slot: {"values": {"state": 1}, "lifetime_s": 900}. A slot is not
/// read.
[[nodiscard]] BodyError read_values_body(std::string_view text, CommandBody& body);

/// Reads {"name": "Lamp in the hall"} and takes off blanks around it. Whether the name may be used
/// is for `check_name` to say.
[[nodiscard]] BodyError read_name_body(std::string_view text, std::string& name);

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

}  // namespace espial::station
