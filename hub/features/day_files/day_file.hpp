#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// The log that S0's server keeps on its card, a file a day.
namespace espial::day_files {

/// A day's averages take some hundred kilobytes; longer files are something else.
inline constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kFieldCount = 10;

/// One value of a day file. Its key there says where it belongs: F1_3_2 is the field F1 of function
/// 2 of module 3.
struct LoggedValue {
  std::size_t line = 0;
  std::int64_t local_s = 0;   ///< seconds since 1970 on the server's clock, which has no zone
  std::uint8_t module = 0;    ///< 1..255
  std::uint8_t function = 0;  ///< 0..254, the configuration's own number
  std::uint8_t field = 0;     ///< 0..4 for U1..U5, 5..9 for F1..F5
  double number = 0;
};

/// Why something of a day file is left out.
enum class Skipped : std::uint8_t {
  no_day_file,  ///< the whole file: nothing in it is a day's log
  no_entry,     ///< damaged: no JSON object
  no_time,      ///< an entry without "UID", or with one that is no time
  unknown_key,  ///< a key that is no field_module_function
  no_number,    ///< a value that is no number
  cut_off,      ///< the file ends in the middle: what is whole before it is taken
};

/// For people.
std::string_view to_text(Skipped why);

/// Reads a day's log as S0's server writes it on its card:
///
///     {"Data":[{"ID":"ESP8266","UID":"2023-04-23T11:45:01","F1_3_1":"21.63"}, ...]}
///
/// A server that lost its power leaves the end off, or something damaged in the middle: all whole
/// entries count. `skip` is told of everything left out, with its line and what it was (the key, or
/// nothing).
std::vector<LoggedValue> parse_day_file(
    std::string_view text,
    const std::function<void(std::size_t line, Skipped why, std::string_view what)>& skip);

}  // namespace espial::day_files
