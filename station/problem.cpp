#include "station/problem.hpp"

#include <cstddef>

namespace espial::station {
namespace {

/// By Problem.
constexpr std::string_view kCodes[] = {
    "bad_request",        "bad_address",      "not_found",
    "wrong_method",       "bad_query",        "bad_body",
    "body_too_large",     "header_too_large", "not_json",
    "wrong_host",         "foreign_page",     "too_many_pages",
    "no_such_device",     "no_such_function", "no_such_field",
    "name_empty",         "name_too_long",    "name_separator",
    "name_not_printable", "name_not_utf8",    "name_taken",
    "takes_no_commands",  "wrong_field",      "bad_value",
    "device_offline",     "never_joined",     "revoked",
    "too_late",           "device_busy",      "still_online",
    "other_protocol",     "hub_busy",         "broker_busy",
    "store_busy",         "not_stored_yet",   "store_locked",
    "store_full",         "store_io",         "store_read_only",
    "store_corrupt",      "store_too_new",    "store_away",
    "store_denied",       "store_untrusted",  "store_failed",
    "network_stopped",    "already_joined",   "no_room",
    "key_changing",       "key_not_kept",     "bad_label",
    "login_needed",       "forbidden",        "wrong_password",
    "too_many_attempts",  "setup_link",       "account_name",
    "account_taken",      "no_such_account",  "weak_password",
    "accounts_full",      "last_admin",
};
static_assert(sizeof kCodes / sizeof kCodes[0] == static_cast<std::size_t>(Problem::kNumber));

}  // namespace

std::string_view code_of(Problem problem) { return kCodes[static_cast<std::size_t>(problem)]; }

}  // namespace espial::station
