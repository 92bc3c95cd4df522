#pragma once

#include <cstdint>

namespace espial::store {

/// What of the audit log is kept: nothing older, and only so many of the newest records; 0: all.
struct AuditLimits {
  std::int64_t days = 0;
  std::int64_t records = 0;
};

}  // namespace espial::store
