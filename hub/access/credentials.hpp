#pragma once

#include <optional>
#include <string_view>

namespace espial::access {

/// The names of the session's cookie. A browser takes the first one only over TLS, from the very
/// host it is for, so that nobody on the way can plant it.
inline constexpr std::string_view kSecureCookie = "__Host-espial";
inline constexpr std::string_view kPlainCookie = "espial";

/// The value of the cookie `name` in a Cookie header ("a=b; espial=c"). Nothing when it is missing,
/// there twice (one of them is somebody's trick), or not 1..128 characters of base64url.
std::optional<std::string_view> cookie_value(std::string_view header, std::string_view name);

/// The token of an Authorization header "Bearer <token>"; the same characters as above.
std::optional<std::string_view> bearer_token(std::string_view header);

}  // namespace espial::access
