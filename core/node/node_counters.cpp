#include "core/node/node_counters.hpp"

#include "core/node/application.hpp"

namespace espial::node {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Count::kNumber)> kNames{
    "frames_heard",
    "frames_sent",
    "sends_failed",
    "sends_refused",
    "sends_lost",
    "searches",
    "joins",
    "resumes",
    "sessions",
    "links_lost",
    "duty_delays",
    "roamed",
    "moved_hints",
    "moved_checks",
    "key_stored",
    "settings_failed",
    "configured",
    "pings",
    "pings_unanswered",
    "commands_executed",
    "commands_refused",
    "commands_expired",
    "commands_repeated",
    "ends_dropped",
    "reports_refused",
    "descriptions_refused",
    "long_sent",
    "long_given_up",
    "long_refused",
    "long_received",
    "long_dropped",
    "parts_repeated",
    "too_short",
    "not_for_us",
    "unknown_type",
    "wrong_tag",
    "wrong_nonce",
    "wrong_session",
    "replayed",
    "too_old",
    "not_authentic",
    "auth_ignored",
    "refused_hints",
    "refused_proven",
    "bad_inner",
    "unknown_inner",
    "long_too_long",
    "parts_refused"};
static_assert(!kNames.back().empty());

constexpr std::array<std::string_view, 8> kStates{"idle",     "searching",  "paused", "joining",
                                                  "resuming", "confirming", "online", "leaving"};

}  // namespace

std::string_view to_text(Count count) {
  const auto index = static_cast<std::size_t>(count);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::string_view to_text(NodeState state) {
  const auto index = static_cast<std::size_t>(state);
  return index < kStates.size() ? kStates[index] : "unknown";
}

}  // namespace espial::node
