#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "hub/features/dispobox/answer.hpp"

namespace espial::dispobox {

/// What the talks with all nodes have counted.
struct TalkCounters {
  std::uint64_t questions = 0;
  std::uint64_t answers = 0;
  std::uint64_t sleeps = 0;                       ///< nodes sent to sleep
  std::uint64_t unanswered = 0;                   ///< questions to which nothing came in time
  std::uint64_t refused[kAnswerErrorCount] = {};  ///< answers, by AnswerError
};

/// The hub's side of a talk with one node: a state machine without socket and clock.
///
///                  opened, 0.5 s later          bytes, then quiet
///     [idle] ------------------------> [asked] --------------------> answer, [idle]
///        |     "datas#" while open        | 2 s without one: counted, [idle]; the fifth: over
///        |
///        '--> "<seconds>#" while closed -> [sleeping] -- quiet, or 5 s --> battery, over
///
/// An answer has no end mark. It is complete when no byte has come for kQuiet and what came can be
/// read; one that can only be a beginning is waited for. The next question waits for it, so that
/// a slow node's answers never run into each other.
class Conversation {
 public:
  static constexpr Duration kPeriod = Duration::milliseconds(500);
  static constexpr Duration kQuiet = Duration::milliseconds(60);
  static constexpr Duration kPatience = Duration::seconds(2);
  static constexpr Duration kSleepPatience = Duration::seconds(5);
  static constexpr int kMostFailures = 5;
  /// Who says more in answer to one question is no box node.
  static constexpr std::size_t kMostBytes = kMaxAnswerBytes;

  /// What a call asks of its caller.
  struct Step {
    std::string send;  ///< empty: nothing
    std::optional<Answer> answer;
    /// The boxes that an answer's battery is for: those this node has ever named.
    std::bitset<kBoxCount> boxes;
    bool over = false;  ///< close the connection
  };

  Conversation(Instant now, TalkCounters& counters) : counters_(counters), next_timer_(now) {}

  /// `closed_s`: seconds until the site opens; 0 while it is open.
  Step on_timer(Instant now, std::uint32_t closed_s);
  Step on_bytes(Instant now, std::string_view bytes);
  Instant next_timer() const { return next_timer_; }

 private:
  enum class State : std::uint8_t { kIdle, kAsked, kSleeping, kOver };

  Step ask(Instant now, std::uint32_t closed_s);
  Step take_answer(Instant now);
  Step fail(Instant now);
  Step over();

  TalkCounters& counters_;
  State state_ = State::kIdle;
  Instant next_timer_;
  Instant asked_at_{};
  Instant last_byte_at_{};
  int failures_ = 0;
  std::size_t size_ = 0;
  std::array<char, kMostBytes> bytes_{};
  std::bitset<kBoxCount> boxes_;
};

}  // namespace espial::dispobox
