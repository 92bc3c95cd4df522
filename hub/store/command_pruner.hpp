#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "hub/store/connection.hpp"

namespace espial::store {

/// Lets go of commands that ended long ago, some devices' at a time, once a day. Of each device the
/// one with the highest number stays, however old: a restart goes on counting from it.
class CommandPruner {
 public:
  static constexpr std::int64_t kKept_ms = std::int64_t{30} * 86'400'000;

  bool is_due(UnixTime now) const;
  /// A piece of the work, in a transaction of `connection`.
  void work(Connection& connection, UnixTime now);
  /// The transaction is committed. Without this the next piece is the same again.
  void committed();

 private:
  std::int64_t device_ = 0;  ///< those up to this one are done
  std::int64_t new_device_ = 0;
  UnixTime due_{};
  UnixTime new_due_{};
};

}  // namespace espial::store
