#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"

namespace espial {

/// Replaces `file` by one with these bytes that only its owner may read (mode 0600). Written beside
/// it, synced and renamed, so a power cut leaves the old file or the new one, whole.
/// @returns nothing, or why it could not be done.
[[nodiscard]] std::optional<std::string> write_private_file(const std::filesystem::path& file,
                                                            ByteView bytes);

}  // namespace espial
