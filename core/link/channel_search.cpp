#include "core/link/channel_search.hpp"

#include <algorithm>

namespace espial::link {
namespace {

constexpr std::array<std::uint8_t, 3> kLikely{1, 6, 11};

int strength(const Candidate& candidate) {
  constexpr int kUnknown = -128;
  return candidate.rssi_dbm == 0 ? kUnknown : candidate.rssi_dbm;
}

}  // namespace

bool better(const Candidate& a, const Candidate& b) {
  if (a.tag_right != b.tag_right) return a.tag_right;
  if (a.success != b.success) return a.success;
  if (strength(a) != strength(b)) return strength(a) > strength(b);
  return a.load < b.load;
}

void ChannelSearch::begin(Instant now, Channel last_good) {
  const bool known = last_good.valid();
  std::size_t count = 0;
  const auto add = [&](std::uint8_t number) { round_[count++] = Channel{number}; };
  const auto is_likely = [](std::uint8_t number) {
    for (const std::uint8_t likely : kLikely) {
      if (likely == number) return true;
    }
    return false;
  };
  // A broadcast has no acknowledgement: where the gateway most likely is, it is sent twice.
  if (known) {
    add(last_good.number);
    add(last_good.number);
  }
  for (const std::uint8_t number : kLikely) {
    if (!known || number != last_good.number) add(number);
  }
  for (std::uint8_t number = 1; number <= kChannelCount; ++number) {
    if (!is_likely(number) && (!known || number != last_good.number)) add(number);
  }
  round_length_ = static_cast<std::uint8_t>(count);
  position_ = 0;
  rounds_ = 0;
  enter_channel(now);
}

void ChannelSearch::go_on(Instant now) {
  if (position_ + 1 < round_length_) {
    ++position_;
  } else {
    position_ = 0;
    ++rounds_;
  }
  enter_channel(now);
}

void ChannelSearch::stop() {
  state_ = State::kStopped;
  timer_ = kNever;
  candidates_.clear();
}

void ChannelSearch::enter_channel(Instant now) {
  channel_ = round_[position_];
  state_ = State::kProbing;
  timer_ = now;
  candidates_.clear();
}

ChannelSearch::Step ChannelSearch::on_timer(Instant now, Random& random) {
  if (now < timer_) return Step::kNone;
  switch (state_) {
    case State::kStopped:
      timer_ = kNever;
      return Step::kNone;
    case State::kPaused:
      rounds_ = kRoundsBeforePause - 1;
      position_ = 0;
      enter_channel(now);
      [[fallthrough]];
    case State::kProbing:
      if (rounds_ >= kRoundsBeforePause) break;
      state_ = State::kWaiting;
      timer_ = now + kProbeLimit;
      ++counters_.probes;
      return Step::kProbe;
    case State::kWaiting:
    case State::kListening:
      return end_dwell(now, random);
  }
  return next_channel(now, random);
}

ChannelSearch::Step ChannelSearch::end_dwell(Instant now, Random& random) {
  if (candidates_.empty()) {
    go_on(now);
    return next_channel(now, random);
  }
  state_ = State::kStopped;
  timer_ = kNever;
  return Step::kCandidate;
}

ChannelSearch::Step ChannelSearch::next_channel(Instant now, Random& random) {
  if (rounds_ < kRoundsBeforePause) return on_timer(now, random);
  state_ = State::kPaused;
  timer_ = now + pause_.next(random);
  ++counters_.pauses;
  return Step::kPaused;
}

void ChannelSearch::probe_sent(Instant now) {
  if (state_ != State::kWaiting) return;
  state_ = State::kListening;
  const Duration waited = now - (timer_ - kProbeLimit);
  timer_ = now + (rounds_ == 0 ? kFirstDwell : kDwell) +
           std::max(waited - kUsualWait, Duration{}) * kDwellOfWait;
}

void ChannelSearch::on_answer(Instant now, const Candidate& candidate) {
  const bool dwelling = state_ == State::kListening || state_ == State::kWaiting;
  if (!dwelling) {
    ++counters_.late_answers;
    return;
  }
  if (!candidate.success) {
    ++counters_.failure_answers;
    return;
  }
  // Whoever answers first on a likely channel must not keep a node from its own gateway further on.
  // Later it may be one whose key is newer than the node's.
  if (!candidate.tag_right && rounds_ == 0) {
    ++counters_.untrusted_answers;
    return;
  }
  const Avoided* avoided = find_avoided(candidate.address);
  if (avoided != nullptr && now < avoided->until) {
    ++counters_.avoided_answers;
    return;
  }
  for (Candidate& known : candidates_) {
    if (known.address != candidate.address) continue;
    if (better(candidate, known)) known = candidate;
    return;
  }
  ++counters_.answers;
  if (candidates_.push_back(candidate)) return;
  ++counters_.candidates_dropped;
  const auto worst = std::max_element(candidates_.begin(), candidates_.end(), better);
  if (better(candidate, *worst)) *worst = candidate;
}

void ChannelSearch::settle(Instant now) {
  if (!candidates_.empty()) timer_ = now;
}

std::optional<Candidate> ChannelSearch::take_best() {
  if (candidates_.empty()) return std::nullopt;
  Candidate& best = *std::min_element(candidates_.begin(), candidates_.end(), better);
  const Candidate result = best;
  best = candidates_.back();
  candidates_.pop_back();
  return result;
}

ChannelSearch::Avoided* ChannelSearch::find_avoided(const MacAddress& gateway) {
  for (Avoided& entry : avoided_) {
    if (entry.gateway == gateway) return &entry;
  }
  return nullptr;
}

void ChannelSearch::avoid(Instant now, const MacAddress& gateway) {
  Avoided* entry = find_avoided(gateway);
  if (entry == nullptr) {
    const Avoided fresh{gateway, now, Duration{}};
    if (avoided_.push_back(fresh)) {
      entry = &avoided_.back();
    } else {
      entry =
          std::min_element(avoided_.begin(), avoided_.end(),
                           [](const Avoided& a, const Avoided& b) { return a.until < b.until; });
      *entry = fresh;
    }
  }
  entry->span =
      entry->span == Duration{} ? kFirstAvoidance : std::min(entry->span * 2, kMaxAvoidance);
  entry->until = now + entry->span;
}

void ChannelSearch::succeeded(const MacAddress& gateway) {
  pause_.reset();
  Avoided* entry = find_avoided(gateway);
  if (entry == nullptr) return;
  *entry = avoided_.back();
  avoided_.pop_back();
}

}  // namespace espial::link
