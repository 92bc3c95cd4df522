#include "core/gateway/counters.hpp"

namespace espial::gateway {

std::string_view to_text(Count count) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Count::kNumber)> kNames = {
      "frames_heard",    "connects_answered", "relayed_up",      "relayed_device",  "sent",
      "peers_evicted",   "to_station",        "too_short",       "bad_length",      "unknown_type",
      "other_version",   "not_served",        "wrong_way",       "search_limited",  "keyed_plain",
      "s0_off",          "held_dropped",      "module_unlisted", "down_not_served", "down_bad_body",
      "down_no_memory",  "down_expired",      "down_stale",      "down_evicted",    "set_keyed",
      "urgent_dropped",  "answer_dropped",    "send_failed",     "send_lost",       "bad_control",
      "keyed_list_full",
  };
  static_assert(!kNames.back().empty(), "every counter has a name");
  const auto index = static_cast<std::size_t>(count);
  return index < kNames.size() ? kNames[index] : std::string_view("unknown");
}

}  // namespace espial::gateway
