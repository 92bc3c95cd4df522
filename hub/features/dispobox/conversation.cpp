#include "hub/features/dispobox/conversation.hpp"

#include <algorithm>
#include <utility>

namespace espial::dispobox {

Conversation::Step Conversation::on_bytes(Instant now, std::string_view bytes) {
  if (state_ == State::kOver) return {};
  if (bytes.size() > bytes_.size() - size_) {
    ++counters_.refused[static_cast<std::size_t>(AnswerError::kTooLong)];
    return over();
  }
  std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
  last_byte_at_ = now;
  // Nobody was asked: it counts to the answer that is to come.
  if (state_ != State::kIdle) next_timer_ = std::min(next_timer_, now + kQuiet);
  return {};
}

Conversation::Step Conversation::on_timer(Instant now, std::uint32_t closed_s) {
  if (now < next_timer_) return {};
  if (state_ == State::kOver) return {};
  if (state_ == State::kIdle) return ask(now, closed_s);
  const Instant deadline = asked_at_ + (state_ == State::kSleeping ? kSleepPatience : kPatience);
  const bool quiet = size_ > 0 && now >= last_byte_at_ + kQuiet;
  if (!quiet && now < deadline) {
    next_timer_ = size_ > 0 ? std::min(last_byte_at_ + kQuiet, deadline) : deadline;
    return {};
  }
  if (state_ == State::kAsked) return take_answer(now);
  Step last = over();
  const Battery battery = find_battery({bytes_.data(), size_});
  if (battery.known()) last.answer = Answer{{}, battery};
  return last;
}

Conversation::Step Conversation::ask(Instant now, std::uint32_t closed_s) {
  ++counters_.questions;
  asked_at_ = now;
  Step step;
  if (closed_s > 0) {
    ++counters_.sleeps;
    state_ = State::kSleeping;
    size_ = 0;
    next_timer_ = now + kSleepPatience;
    step.send = std::to_string(closed_s) + "#";
  } else {
    state_ = State::kAsked;
    next_timer_ = now + (size_ > 0 ? kQuiet : kPatience);
    step.send = "datas#";
  }
  return step;
}

Conversation::Step Conversation::take_answer(Instant now) {
  auto read = parse_answer({bytes_.data(), size_});
  if (const auto* error = std::get_if<AnswerError>(&read)) {
    const bool late = now >= asked_at_ + kPatience;
    if (*error == AnswerError::kCut && !late) {
      next_timer_ = asked_at_ + kPatience;
      return {};
    }
    if (size_ == 0) {
      ++counters_.unanswered;
    } else {
      ++counters_.refused[static_cast<std::size_t>(*error)];
    }
    return fail(now);
  }
  ++counters_.answers;
  failures_ = 0;
  size_ = 0;
  state_ = State::kIdle;
  next_timer_ = std::max(asked_at_ + kPeriod, now);
  Step step;
  step.answer = std::move(std::get<Answer>(read));
  for (const Sample& sample : step.answer->samples) boxes_.set(sample.box);
  step.boxes = boxes_;
  return step;
}

Conversation::Step Conversation::fail(Instant now) {
  size_ = 0;
  if (++failures_ >= kMostFailures) return over();
  state_ = State::kIdle;
  next_timer_ = std::max(asked_at_ + kPeriod, now);
  return {};
}

Conversation::Step Conversation::over() {
  state_ = State::kOver;
  next_timer_ = kNever;
  Step step;
  step.over = true;
  step.boxes = boxes_;
  return step;
}

}  // namespace espial::dispobox
