#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "hub/store/changes.hpp"

namespace espial::store {

/// Two small hexadecimal digits a byte: how bytes stand in texts.
std::string to_hex(ByteView bytes);

/// Reads them back, capitals too.
/// @returns nothing for anything but an even number of digits.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace espial::store
