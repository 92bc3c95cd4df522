#pragma once

#include <cstdint>
#include <filesystem>

namespace espial::broker {

/// Cuts a log that another process appends to: when `log` holds more than `bytes_max`, its last
/// `bytes_max` become `log`.old, in place of an older one, and it is empty. Whoever writes it must
/// have opened it for appending, and goes on; a line that comes just then may be lost. What can't
/// be kept, on a full disk say, is dropped.
void cut_log(const std::filesystem::path& log, std::uintmax_t bytes_max);

}  // namespace espial::broker
