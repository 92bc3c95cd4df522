#pragma once

#include <optional>
#include <string_view>

#include "hub/http/message.hpp"

namespace espial::http {

/// Whether a Host header (with or without a port) names this machine itself: "localhost",
/// 127.0.0.0/8 or [::1]. A page that had its name rebound to 127.0.0.1 carries its own name.
bool names_loopback(std::string_view host);

/// The refusal of a request that some other site may have caused; nothing for one that may pass.
/// 1. The Host header is missing or names another machine: 421 (DNS rebinding). With `any_host` it
///    only has to be there: where accounts are demanded a page of a rebound name has no cookie.
/// 2. The Origin header is there and is not that of the Host: 403.
/// 3. A method that changes something comes without `Content-Type: application/json`: 415. A
///    browser lets no foreign page send that type without asking first, and nobody answers.
std::optional<Response> guard(const Request& request, bool any_host = false);

/// Whether the method is one that may change something.
bool changes_something(std::string_view method);

}  // namespace espial::http
