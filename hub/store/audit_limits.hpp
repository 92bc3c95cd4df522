#pragma once

#include <cstdint>
#include <string_view>

namespace espial::store {

/// The one action of the audit log that anybody can cause, as often as he likes: a refused login.
inline constexpr std::string_view kRefusedLogin = "session.refused";
/// Of refused logins one for so many other records is kept beside them: whoever guesses passwords
/// can wash nothing else out of the log.
inline constexpr std::int64_t kRefusedLoginsShare = 10;

/// What of the audit log is kept: nothing older, and only so many of the newest records that are no
/// refused logins; 0: all.
struct AuditLimits {
  std::int64_t days = 0;
  std::int64_t records = 0;
};

}  // namespace espial::store
