#pragma once

#include <cstddef>

#include "hub/store/connection.hpp"

namespace espial::store {

/// A piece of tidying in parts, each a transaction. The work of several is done at the same time,
/// over a connection and by a thread for each; then they are sealed and committed in their order.
/// So what is there after a failure, or a power cut, is always a beginning of the piece, as if it
/// had been a shorter one:
///
///     first     begin  plan  work 0 ........  seal 0  commit
///     second           begin  work 1 ..............          seal 1  commit
///     third            begin  work 2 ...........                             seal 2  commit
///
/// Throws SOCI's errors.
class PartedWork {
 public:
  static constexpr std::size_t kMaxParts = kTidyingPurposes.size();

  PartedWork() = default;
  virtual ~PartedWork() = default;
  PartedWork(const PartedWork&) = delete;
  PartedWork& operator=(const PartedWork&) = delete;

  /// Divides what is to be done next. Returns the number of parts, 1 to `most` (at most kMaxParts).
  virtual std::size_t plan(Connection& connection, bool at_leisure, std::size_t most) = 0;
  /// Does all of a part but what says that it is done; what no other part waits for.
  virtual void work(Connection& connection, std::size_t part) = 0;
  /// Writes that it is done.
  virtual void seal(Connection& connection, std::size_t part) = 0;
  /// The part's transaction is on disk.
  virtual void committed(std::size_t part) = 0;
  /// What is not committed was undone.
  virtual void undone() = 0;
};

}  // namespace espial::store
