#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

/// What S1's box nodes say over TCP. The server speaks first, and each of its questions ends in
/// '#':
///
///     datas#       ->  <box: 2 digits><0|1> ...     "410421430440": box 42 is occupied, 41, 43 and
///                                                   44 are free; no separator and no end mark
///     <seconds>#   ->  a sentence; then the node sleeps for so long
///
/// Either answer may hold the level of the node's battery. It begins with 'B' and ends at the first
/// byte that is no digit, or at the answer's end:
///
///     B87     B87%     B3700mV                      percent, percent, millivolts
///
/// Blanks, commas, semicolons and line ends may stand between the parts of an answer.
namespace espial::dispobox {

/// The longest answer that is read: ninety-nine boxes and a battery are 310 bytes.
inline constexpr std::size_t kMaxAnswerBytes = 512;
/// Boxes have numbers of two digits; the tens are the floor. Box 0 is the system, and no node's.
inline constexpr std::size_t kBoxCount = 100;

struct Sample {
  std::uint8_t box = 0;  ///< 1..99
  bool occupied = false;
};

struct Battery {
  std::optional<std::uint8_t> percent;      ///< 0..100
  std::optional<std::uint16_t> millivolts;  ///< 1..20 000
  bool known() const { return percent || millivolts; }
};

struct Answer {
  std::vector<Sample> samples;
  Battery battery;
};

/// Why bytes are no answer. Each is counted under its own name.
enum class AnswerError : std::uint8_t {
  kCut,      ///< they end within a box or before a battery's digits: more may come
  kTooLong,  ///< more than kMaxAnswerBytes
  kBox,      ///< a box 00, or a state other than 0 and 1
  kBattery,  ///< more than 100 %, or no sane voltage
  kForeign,  ///< a byte that no answer has
};
inline constexpr std::size_t kAnswerErrorCount = 5;

/// A few words for the log and for counters.
std::string_view to_text(AnswerError error);

/// Reads the answer to `datas#`. An empty one is cut.
std::variant<Answer, AnswerError> parse_answer(std::string_view text);

/// Looks for a battery in the sentence a node says before it sleeps; nothing known when there is
/// none. Any bytes are a sentence.
Battery find_battery(std::string_view sentence);

}  // namespace espial::dispobox
