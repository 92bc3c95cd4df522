#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/time.hpp"

namespace espial::http {

/// How many pages were written what, and when: the newest writes, those of pages that stand at the
/// same place together. Never grows.
class PageWrites {
 public:
  struct Written {
    std::size_t pages = 0;
    Instant first_at;
    Instant last_at;
  };

  explicit PageWrites(std::size_t kept = 1'024) : ring_(kept) {}

  /// A page was handed everything after `from` up to `to`; its system took it.
  void add(std::uint64_t from, std::uint64_t to, Instant now);
  /// Who was written this revision, or a newer event in its place; nothing when that is older than
  /// what is kept.
  std::optional<Written> of(std::uint64_t revision) const;

 private:
  struct Write {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    Written written;
  };

  std::vector<Write> ring_;
  std::size_t added_ = 0;
  /// The highest revision of which a write is no longer kept.
  std::uint64_t forgotten_to_ = 0;
};

}  // namespace espial::http
