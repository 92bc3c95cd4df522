#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace espial {

/// Replaces `file` by one with these bytes that only its owner may read (mode 0600). Written beside
/// it, synced and renamed, so a power cut leaves the old file or the new one, whole.
/// @returns nothing, or why it could not be done.
[[nodiscard]] std::optional<std::string> write_private_file(const std::filesystem::path& file,
                                                            ByteView bytes);

/// What is to be said of a file with a secret that others than its owner may use: "the key FILE can
/// be read by others; run: chmod 600 FILE" for the secret "key".
/// @returns nothing when it is its owner's alone, or not there.
std::optional<std::string> readable_by_others(std::string_view secret,
                                              const std::filesystem::path& file);

}  // namespace espial
