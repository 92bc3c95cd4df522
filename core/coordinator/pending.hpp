#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/span.hpp"
#include "core/coordinator/node_table.hpp"
#include "core/coordinator/ports.hpp"

namespace espial::coordinator {

/// The ledger's calls under way, and the frames that wait for them.
class Pending {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  Pending(Span<PendingCommit> commits, Span<FrameInFlight> frames);

  /// Commits that can be begun now.
  std::size_t free_commits() const { return free_commits_; }

  /// Takes note of a frame, held until release_frame().
  /// @returns its number, kNone when there is no room.
  std::uint32_t open_frame(Token token);
  /// The frame has caused all it will cause.
  /// @retval true  nothing of it is outstanding: `token` is finished.
  [[nodiscard]] bool release_frame(std::uint32_t frame, Token& token);

  /// Begins a commit for `mac`, on behalf of `frame` (kNone: nobody waits).
  /// @returns nullptr when there is no room.
  PendingCommit* begin(PendingCommit::What what, const MacAddress& mac, std::uint32_t frame);
  Ticket ticket_of(const PendingCommit& commit) const;

  /// What `ticket` asked for; nullptr when it is not under way.
  PendingCommit* find(Ticket ticket);
  /// The commit is answered; its frame may be released by it.
  /// @retval true  its frame's `token` is finished.
  [[nodiscard]] bool end(PendingCommit& commit, Token& token);

  /// For looking through what is under way; entries with What::kNothing are free.
  Span<PendingCommit> commits() const { return commits_; }

 private:
  Span<PendingCommit> commits_;
  Span<FrameInFlight> frames_;
  std::size_t free_commits_ = 0;
  std::uint32_t first_free_commit_ = kNone;
  std::uint32_t first_free_frame_ = kNone;
};

}  // namespace espial::coordinator
