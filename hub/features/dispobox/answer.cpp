#include "hub/features/dispobox/answer.hpp"

#include <algorithm>

namespace espial::dispobox {
namespace {

constexpr std::uint32_t kMostPercent = 100;
constexpr std::uint32_t kMost_mV = 20'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_separator(char c) {
  return c == ' ' || c == ',' || c == ';' || c == '\r' || c == '\n' || c == '\t';
}

/// The battery that `text` begins with, behind its 'B'; `size` is how much of it that takes.
struct ReadBattery {
  Battery battery;
  std::size_t size = 0;
};

std::variant<ReadBattery, AnswerError> read_battery(std::string_view text) {
  constexpr std::size_t kMostDigits = 5;
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  std::size_t size = static_cast<std::size_t>(end - text.begin());
  if (size == 0) return text.empty() ? AnswerError::kCut : AnswerError::kBattery;
  if (size > kMostDigits) return AnswerError::kBattery;
  std::uint32_t number = 0;
  for (const char digit : text.substr(0, size)) {
    number = number * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  ReadBattery read;
  const std::string_view unit = text.substr(size);
  if (unit == "m") return AnswerError::kCut;
  if (unit.substr(0, 2) == "mV") {
    if (number == 0 || number > kMost_mV) return AnswerError::kBattery;
    read.battery.millivolts = static_cast<std::uint16_t>(number);
    size += 2;
  } else {
    if (number > kMostPercent) return AnswerError::kBattery;
    read.battery.percent = static_cast<std::uint8_t>(number);
    size += unit.substr(0, 1) == "%" ? 1 : 0;
  }
  read.size = size;
  return read;
}

/// The two of them may stand in one answer.
void merge(Battery& into, const Battery& from) {
  if (from.percent) into.percent = from.percent;
  if (from.millivolts) into.millivolts = from.millivolts;
}

}  // namespace

std::string_view to_text(AnswerError error) {
  switch (error) {
    case AnswerError::kCut:
      return "cut short";
    case AnswerError::kTooLong:
      return "too long";
    case AnswerError::kBox:
      return "no box or no state";
    case AnswerError::kBattery:
      return "no battery level";
    case AnswerError::kForeign:
      return "a foreign byte";
  }
  return "unknown";
}

std::variant<Answer, AnswerError> parse_answer(std::string_view text) {
  constexpr std::size_t kSampleSize = 3;
  if (text.size() > kMaxAnswerBytes) return AnswerError::kTooLong;
  Answer answer;
  while (!text.empty()) {
    if (is_separator(text[0])) {
      text.remove_prefix(1);
    } else if (text[0] == 'B') {
      const auto read = read_battery(text.substr(1));
      if (const auto* error = std::get_if<AnswerError>(&read)) return *error;
      merge(answer.battery, std::get<ReadBattery>(read).battery);
      text.remove_prefix(1 + std::get<ReadBattery>(read).size);
    } else {
      const std::string_view part = text.substr(0, kSampleSize);
      if (!std::all_of(part.begin(), part.end(), is_digit)) return AnswerError::kForeign;
      if (part.size() < kSampleSize) return AnswerError::kCut;
      const int box = (part[0] - '0') * 10 + (part[1] - '0');
      if (box == 0 || part[2] > '1') return AnswerError::kBox;
      answer.samples.push_back({static_cast<std::uint8_t>(box), part[2] == '1'});
      text.remove_prefix(kSampleSize);
    }
  }
  if (answer.samples.empty() && !answer.battery.known()) return AnswerError::kCut;
  return answer;
}

Battery find_battery(std::string_view sentence) {
  Battery battery;
  sentence = sentence.substr(0, kMaxAnswerBytes);
  for (std::size_t at = sentence.find('B'); at != std::string_view::npos;
       at = sentence.find('B', at + 1)) {
    const auto read = read_battery(sentence.substr(at + 1));
    if (const auto* found = std::get_if<ReadBattery>(&read)) merge(battery, found->battery);
  }
  return battery;
}

}  // namespace espial::dispobox
