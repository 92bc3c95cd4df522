#include "core/coordinator/counters.hpp"

namespace espial::coordinator {

std::string_view to_text(Count count) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Count::kNumber)> kNames = {
      "frames",
      "opened",
      "reports",
      "reports_stored",
      "duplicate_reports",
      "joins",
      "resumes",
      "downlinks",
      "commands_sent",
      "commands_ended",
      "parts",
      "parts_repeated",
      "long_received",
      "long_sent",
      "bonds",
      "bonds_denied",
      "long_not_sent",
      "not_owner",
      "not_served",
      "too_short",
      "not_ours",
      "unknown_node",
      "wrong_session",
      "duplicate_frame",
      "too_old",
      "not_authentic",
      "not_sane",
      "parts_unfit",
      "long_too_long",
      "long_busy",
      "long_dropped",
      "unknown_fragack",
      "too_far",
      "too_many_reports",
      "busy",
      "auth_too_late",
      "joins_refused",
      "refusals_silent",
      "commits_failed",
      "silent_for_counters",
      "no_gateway",
      "unknown_ticket",
      "unknown_command",
  };
  static_assert(!kNames.back().empty(), "every counter has a name");
  const auto index = static_cast<std::size_t>(count);
  return index < kNames.size() ? kNames[index] : std::string_view("unknown");
}

}  // namespace espial::coordinator
