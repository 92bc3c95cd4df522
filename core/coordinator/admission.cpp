#include "core/coordinator/admission.hpp"

namespace espial::coordinator {

Admission::Answer Admission::ask(Instant now, const MacAddress& mac) {
  if (policy_ == JoinPolicy::kOpen) return Answer::kYes;
  if (policy_ == JoinPolicy::kWindow && window_open(now)) return Answer::kYes;
  Waiting* const waiting = find(mac);
  if (waiting != nullptr && waiting->approved) return Answer::kYes;
  if (policy_ != JoinPolicy::kApproval) return Answer::kClosed;
  if (waiting != nullptr) return Answer::kWaiting;
  Waiting* const place = make_room();
  if (place == nullptr) return Answer::kWaiting;
  *place = {mac, true, false, next_age_++};
  return Answer::kNewlyWaiting;
}

bool Admission::window_open(Instant now) const { return now < open_until_; }

bool Admission::approve(const MacAddress& mac) {
  Waiting* place = find(mac);
  if (place == nullptr) place = make_room();
  if (place == nullptr) return false;
  *place = {mac, true, true, next_age_++};
  return true;
}

void Admission::joined(const MacAddress& mac) {
  Waiting* const waiting = find(mac);
  if (waiting != nullptr) waiting->used = false;
}

Admission::Waiting* Admission::find(const MacAddress& mac) {
  for (Waiting& waiting : waiting_) {
    if (waiting.used && waiting.mac == mac) return &waiting;
  }
  return nullptr;
}

// What a person has approved is not pushed out by what merely asks.
Admission::Waiting* Admission::make_room() {
  Waiting* oldest = nullptr;
  for (Waiting& waiting : waiting_) {
    if (!waiting.used) return &waiting;
    if (waiting.approved) continue;
    if (oldest == nullptr || waiting.age < oldest->age) oldest = &waiting;
  }
  return oldest;
}

}  // namespace espial::coordinator
