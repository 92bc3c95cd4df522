#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "hub/store/changes.hpp"

namespace espial::store {

/// Two small hexadecimal digits a byte: how bytes stand in texts, and in databases too, for SOCI's
/// blobs are large objects in PostgreSQL and missing in MariaDB.
std::string to_hex(ByteView bytes);
inline std::string to_hex(const Bytes& bytes) { return to_hex({bytes.data(), bytes.size()}); }

/// Reads them back, capitals too.
/// @returns nothing for anything but an even number of digits.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace espial::store
