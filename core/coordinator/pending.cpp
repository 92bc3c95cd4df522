#include "core/coordinator/pending.hpp"

#include <algorithm>

namespace espial::coordinator {

namespace {

// A ticket is the entry's number below and the round of its use above.
constexpr unsigned kIndexBits = 16;
constexpr std::size_t kMostCommits = std::size_t{1} << kIndexBits;

}  // namespace

Pending::Pending(Span<PendingCommit> commits, Span<FrameInFlight> frames)
    : commits_(commits.data(), std::min(commits.size(), kMostCommits)), frames_(frames) {
  for (std::size_t i = commits_.size(); i-- > 0;) {
    commits_[i] = PendingCommit{};
    commits_[i].next_free = first_free_commit_;
    first_free_commit_ = static_cast<std::uint32_t>(i);
  }
  free_commits_ = commits_.size();
  for (std::size_t i = frames_.size(); i-- > 0;) {
    frames_[i] = FrameInFlight{};
    frames_[i].next_free = first_free_frame_;
    first_free_frame_ = static_cast<std::uint32_t>(i);
  }
}

std::uint32_t Pending::open_frame(Token token) {
  const std::uint32_t index = first_free_frame_;
  if (index == kNone) return kNone;
  first_free_frame_ = frames_[index].next_free;
  frames_[index] = FrameInFlight{token, 1, kNone};
  return index;
}

bool Pending::release_frame(std::uint32_t frame, Token& token) {
  if (frame == kNone || --frames_[frame].outstanding != 0) return false;
  token = frames_[frame].token;
  frames_[frame].next_free = first_free_frame_;
  first_free_frame_ = frame;
  return true;
}

PendingCommit* Pending::begin(PendingCommit::What what, const MacAddress& mac,
                              std::uint32_t frame) {
  const std::uint32_t index = first_free_commit_;
  if (index == kNone) return nullptr;
  PendingCommit& commit = commits_[index];
  first_free_commit_ = commit.next_free;
  --free_commits_;
  const auto round = static_cast<std::uint16_t>(commit.round + 1);
  commit = PendingCommit{};
  commit.what = what;
  commit.round = round;
  commit.mac = mac;
  commit.frame = frame;
  if (frame != kNone) ++frames_[frame].outstanding;
  return &commit;
}

Ticket Pending::ticket_of(const PendingCommit& commit) const {
  const auto index = static_cast<std::uint32_t>(&commit - commits_.data());
  return static_cast<std::uint32_t>(commit.round) << kIndexBits | index;
}

PendingCommit* Pending::find(Ticket ticket) {
  const std::size_t index = ticket & (kMostCommits - 1);
  if (index >= commits_.size()) return nullptr;
  PendingCommit& commit = commits_[index];
  const bool same = commit.what != PendingCommit::What::kNothing &&
                    commit.round == static_cast<std::uint16_t>(ticket >> kIndexBits);
  return same ? &commit : nullptr;
}

bool Pending::end(PendingCommit& commit, Token& token) {
  const std::uint32_t frame = commit.frame;
  commit.what = PendingCommit::What::kNothing;
  commit.next_free = first_free_commit_;
  first_free_commit_ = static_cast<std::uint32_t>(&commit - commits_.data());
  ++free_commits_;
  return release_frame(frame, token);
}

}  // namespace espial::coordinator
