#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/time.hpp"
#include "hub/access/records.hpp"

namespace espial::access {

struct SessionLimits {
  /// A session that nobody used for so long has ended.
  Duration idle = Duration::seconds(7 * 24 * 3600);
  /// And any session after so long.
  Duration absolute = Duration::seconds(30 * 24 * 3600);
  /// The least between two writes of `used_at`.
  Duration kept_every = Duration::seconds(15 * 60);
  std::size_t per_account = 32;
};

/// The sessions that are open, known by the digests of their secrets.
class SessionTable {
 public:
  explicit SessionTable(const SessionLimits& limits) : limits_(limits) {}

  /// Takes a session from an earlier run, unless it has ended since.
  void restore(const Session& session, UnixTime now);
  /// Opens one. The least recently used ones of an account that has too many are returned: they
  /// have ended.
  std::vector<Session> open(const Session& session);
  /// The session, if it has not ended; and whether its use is to be written down now.
  struct Found {
    const Session* session = nullptr;
    bool keep = false;
  };
  Found use(std::string_view digest, UnixTime now);
  /// Whether it goes on, without counting as use.
  bool is_open(std::string_view digest, UnixTime now) const;
  std::optional<Session> close(std::string_view digest);
  std::vector<Session> close_all_of(std::string_view account);
  /// Forgets those that have ended, and returns them.
  std::vector<Session> sweep(UnixTime now);
  std::size_t size() const { return sessions_.size(); }

 private:
  struct Entry {
    Session session;
    UnixTime kept_at;
  };
  bool ended(const Session& session, UnixTime now) const;

  SessionLimits limits_;
  std::unordered_map<std::string, Entry> sessions_;
};

}  // namespace espial::access
