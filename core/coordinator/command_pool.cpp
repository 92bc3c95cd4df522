#include "core/coordinator/command_pool.hpp"

namespace espial::coordinator {

CommandPool::CommandPool(Span<CommandEntry> storage) : entries_(storage) {
  for (CommandEntry& entry : entries_) entry.used = false;
}

CommandEntry* CommandPool::add(std::uint32_t node, std::uint32_t id) {
  if (in_use_ == entries_.size()) return nullptr;
  std::size_t i = 0;
  while (entries_[i].used) ++i;
  entries_[i] = CommandEntry{};
  entries_[i].used = true;
  entries_[i].node = node;
  entries_[i].id = id;
  ++in_use_;
  if (i >= high_) high_ = i + 1;
  return &entries_[i];
}

CommandEntry* CommandPool::find(std::uint32_t node, std::uint32_t id) {
  for (CommandEntry& entry : entries()) {
    if (entry.used && entry.node == node && entry.id == id) return &entry;
  }
  return nullptr;
}

void CommandPool::remove(CommandEntry& entry) {
  entry.used = false;
  --in_use_;
  while (high_ > 0 && !entries_[high_ - 1].used) --high_;
}

void CommandPool::remove_all(std::uint32_t node) {
  for (CommandEntry& entry : Span<CommandEntry>(entries_.data(), high_)) {
    if (entry.used && entry.node == node) remove(entry);
  }
}

}  // namespace espial::coordinator
