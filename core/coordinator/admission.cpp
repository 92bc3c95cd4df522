#include "core/coordinator/admission.hpp"

namespace espial::coordinator {

std::string_view to_text(JoinPolicy policy) {
  switch (policy) {
    case JoinPolicy::kClosed:
      return "closed";
    case JoinPolicy::kWindow:
      return "window";
    case JoinPolicy::kApproval:
      return "approval";
    case JoinPolicy::kOpen:
      return "open";
  }
  return "closed";
}

Admission::Answer Admission::ask(Instant now, const MacAddress& mac, ModuleId wanted) {
  Entry* const entry = find(mac);
  if (entry != nullptr) entry->wanted = wanted;
  const Verdict verdict = entry == nullptr ? Verdict::kNone : entry->verdict;
  if (verdict == Verdict::kApproved) return Answer::kYes;
  if (verdict == Verdict::kRefused) return Answer::kRefused;
  if (policy_ == JoinPolicy::kOpen) return Answer::kYes;
  if (policy_ == JoinPolicy::kWindow && window_open(now)) return Answer::kYes;
  if (wanted.value != 0 && listed_[wanted.value]) return Answer::kYes;
  if (policy_ != JoinPolicy::kApproval) return Answer::kClosed;
  if (entry != nullptr) return Answer::kWaiting;
  Entry* const place = make_room();
  if (place == nullptr) return Answer::kWaiting;
  *place = {mac, true, Verdict::kNone, wanted, next_age_++};
  return Answer::kNewlyWaiting;
}

bool Admission::judge(const MacAddress& mac, Verdict verdict) {
  Entry* place = find(mac);
  if (verdict == Verdict::kNone) {
    if (place != nullptr) place->used = false;
    return true;
  }
  if (place == nullptr) place = make_room();
  if (place == nullptr) return false;
  const ModuleId wanted = place->used && place->mac == mac ? place->wanted : ModuleId{};
  *place = {mac, true, verdict, wanted, next_age_++};
  return true;
}

void Admission::joined(const MacAddress& mac) { (void)judge(mac, Verdict::kNone); }

Admission::Entry* Admission::find(const MacAddress& mac) {
  for (Entry& entry : entries_) {
    if (entry.used && entry.mac == mac) return &entry;
  }
  return nullptr;
}

Admission::Entry* Admission::make_room() {
  Entry* first = nullptr;
  for (Entry& entry : entries_) {
    if (!entry.used) return &entry;
    if (entry.verdict == Verdict::kApproved) continue;
    // kNone goes before kRefused.
    const bool sooner = first == nullptr || entry.verdict < first->verdict ||
                        (entry.verdict == first->verdict && entry.age < first->age);
    if (sooner) first = &entry;
  }
  return first;
}

}  // namespace espial::coordinator
