#pragma once

#include <string>
#include <string_view>

#include "core/port/random.hpp"

namespace espial::access {

/// 256 random bits as 43 characters of base64url: fit for a cookie, a header or a link.
std::string draw_secret(Random& random);

/// What is kept in place of a secret: its BLAKE2b-256 as 64 hexadecimal digits. No salt and no
/// slowness: nobody guesses 256 bits.
std::string digest_of(std::string_view secret);

/// Compares in a time that depends on the lengths alone.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace espial::access
