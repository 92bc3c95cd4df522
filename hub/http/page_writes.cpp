#include "hub/http/page_writes.hpp"

#include <algorithm>

namespace espial::http {
namespace {

/// Pages that were told in one go end within a few writes of each other.
constexpr std::size_t kLookBack = 8;

}  // namespace

void PageWrites::add(std::uint64_t from, std::uint64_t to, Instant now) {
  for (std::size_t back = 1; back <= std::min(added_, std::min(kLookBack, ring_.size())); ++back) {
    Write& write = ring_[(added_ - back) % ring_.size()];
    if (write.from != from || write.to != to) continue;
    ++write.written.pages;
    write.written.last_at = now;
    return;
  }
  Write& write = ring_[added_++ % ring_.size()];
  forgotten_to_ = std::max(forgotten_to_, write.to);
  write = {from, to, {1, now, now}};
}

std::optional<PageWrites::Written> PageWrites::of(std::uint64_t revision) const {
  if (revision <= forgotten_to_) return std::nullopt;
  Written all;
  for (const Write& write : ring_) {
    const Written& one = write.written;
    if (one.pages == 0 || revision <= write.from || revision > write.to) continue;
    all.first_at = all.pages == 0 ? one.first_at : std::min(all.first_at, one.first_at);
    all.last_at = all.pages == 0 ? one.last_at : std::max(all.last_at, one.last_at);
    all.pages += one.pages;
  }
  return all;
}

}  // namespace espial::http
