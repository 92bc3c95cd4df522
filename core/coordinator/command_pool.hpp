#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/span.hpp"
#include "core/coordinator/node_table.hpp"

namespace espial::coordinator {

/// The outstanding commands of all nodes. The pool stays small beside the node table, so looking
/// through it is cheap; `in_use()` bounds the walk.
class CommandPool {
 public:
  explicit CommandPool(Span<CommandEntry> storage);

  /// @returns nullptr when the pool is full.
  CommandEntry* add(std::uint32_t node, std::uint32_t id);
  CommandEntry* find(std::uint32_t node, std::uint32_t id);
  void remove(CommandEntry& entry);
  /// Forgets all of a node's.
  void remove_all(std::uint32_t node);

  /// The entries in use and some that are not (`used` is false).
  Span<CommandEntry> entries() const { return {entries_.data(), high_}; }
  std::size_t in_use() const { return in_use_; }

 private:
  Span<CommandEntry> entries_;
  std::size_t high_ = 0;  ///< no entry at or after it is in use
  std::size_t in_use_ = 0;
};

}  // namespace espial::coordinator
