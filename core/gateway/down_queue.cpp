#include "core/gateway/down_queue.hpp"

#include "core/wire/sealed.hpp"

namespace espial::gateway {

namespace {

/// The session of a sealed frame; nothing for what is another one.
std::optional<std::uint8_t> session_of(ByteView body) {
  const wire::Parsed<wire::SealedFrame> sealed = wire::parse_sealed(body);
  if (!sealed) return std::nullopt;
  return sealed->header.session;
}

}  // namespace

DownQueue::DownQueue(Span<Module> modules, FramePool& pool, Counters& counters)
    : modules_(modules), pool_(pool), counters_(counters) {}

Module* DownQueue::note(Instant now, const MacAddress& mac, bool from_coordinator) {
  Module* module = modules_.find(mac);
  if (module == nullptr && modules_.full()) {
    Module* const leaver = choose_leaver(now, from_coordinator);
    if (leaver == nullptr) return nullptr;
    drop_frames(*leaver);
    modules_.remove(*leaver);
  }
  const bool is_new = module == nullptr;
  if (is_new) module = modules_.add(mac);
  if (module == nullptr) return nullptr;
  if (is_new || !from_coordinator) {
    module->last_seen = now;
    modules_.touch(*module);
  }
  if (is_new) module->listening = from_coordinator;
  if (!from_coordinator) module->heard = true;
  return module;
}

/// Who makes room in a full table. A lost ack comes again with its module's next frame, a lost
/// command later. All hold commands only if coordinators had so many; they bring again what ends
/// here, and a module that speaks would else have no answer for as long as others sleep.
/// Looks at no more modules than there are frames, and one.
Module* DownQueue::choose_leaver(Instant now, bool from_coordinator) {
  Module* with_ack = nullptr;
  for (Module* module = modules_.oldest(); module != nullptr; module = modules_.newer(*module)) {
    drop_expired(now, *module);
    if (module->command_count != 0) continue;
    if (module->ack == kNone) return module;
    if (with_ack == nullptr) with_ack = module;
  }
  if (!from_coordinator) return nullptr;
  return with_ack != nullptr ? with_ack : modules_.oldest();
}

Module* DownQueue::heard(Instant now, const MacAddress& mac, bool listening) {
  Module* const module = note(now, mac, false);
  if (module == nullptr) {
    counters_.add(Count::kModuleUnlisted);
    return nullptr;
  }
  module->listening = listening;
  drop_expired(now, *module);
  for (std::uint32_t i = module->first_command; i != kNone; i = pool_[i].next) {
    const Instant sent_at = pool_[i].sent_at;
    if (sent_at.us == INT64_MIN || sent_at + kCommandRepeat <= now) pool_[i].wanted = true;
  }
  if (module->ack != kNone) pool_[module->ack].wanted = true;
  module->not_before = now;
  module->attempts = 0;
  begin_round(now, *module);
  return module;
}

void DownQueue::put_ack(Instant now, ServerId server, const MacAddress& mac, ByteView body) {
  Module* const module = note(now, mac, true);
  std::uint32_t frame = kNone;
  if (module != nullptr) drop_stale(*module, server, body);
  if (module != nullptr && module->ack != kNone) {
    frame = module->ack;
    pool_.replace(frame, body);
  } else if (module != nullptr) {
    frame = take_frame(now, body);
  }
  if (frame == kNone) {
    counters_.add(Count::kDownNoMemory);
    return;
  }
  module->ack = frame;
  pool_[frame].server = server;
  pool_[frame].wanted = module->listening;
  begin_round(now, *module);
}

void DownQueue::put_command(Instant now, ServerId server, const MacAddress& mac, ByteView body,
                            std::uint32_t command, Instant expires_at) {
  Module* const module = note(now, mac, true);
  std::uint32_t frame = kNone;
  if (module != nullptr) {
    drop_expired(now, *module);
    drop_stale(*module, server, body);
    frame = find_command(*module, server, command);
    if (frame != kNone) {
      pool_.replace(frame, body);
    } else if (module->command_count < kMaxCommandsPerModule || drop_longest_sent(*module)) {
      frame = take_frame(now, body);
      if (frame != kNone) {
        std::uint32_t* link = &module->first_command;
        while (*link != kNone) link = &pool_[*link].next;
        *link = frame;
        pool_[frame].next = kNone;
        ++module->command_count;
      }
    }
  }
  if (frame == kNone) {
    counters_.add(Count::kDownNoMemory);
    return;
  }
  pool_[frame].server = server;
  pool_[frame].command = command;
  pool_[frame].expires_at = expires_at;
  pool_[frame].wanted = module->listening;
  begin_round(now, *module);
}

void DownQueue::clear(ServerId server, const MacAddress& mac, std::uint32_t command) {
  Module* const module = modules_.find(mac);
  if (module == nullptr) return;
  const std::uint32_t frame = find_command(*module, server, command);
  if (frame != kNone) remove_command(*module, frame);
}

std::size_t DownQueue::frame_count() const {
  std::size_t count = 0;
  for (Module* module = modules_.newest(); module != nullptr; module = modules_.older(*module)) {
    count += module->command_count + (module->ack != kNone ? 1U : 0U);
  }
  return count;
}

std::size_t DownQueue::commands(ServerId server, const MacAddress& mac,
                                Span<std::uint32_t> out) const {
  const Module* const module = modules_.find(mac);
  if (module == nullptr) return 0;
  std::size_t count = 0;
  for (std::uint32_t i = module->first_command; i != kNone; i = pool_[i].next) {
    if (pool_[i].server == server && count < out.size()) out[count++] = pool_[i].command;
  }
  return count;
}

std::optional<DownQueue::Pick> DownQueue::pick(Instant now) {
  std::uint32_t index = first_due_;
  while (index != kNone) {
    Module& module = *modules_.at(index);
    index = module.next_due;
    if (module.not_before > now) continue;
    drop_expired(now, module);
    const std::uint32_t frame = first_wanted(module, kNone);
    const bool too_late = frame == module.ack && module.wanted_at + kAckPatience < now;
    if (frame == kNone || too_late) {
      end_round(module);
      continue;
    }
    return Pick{module.mac, frame, first_wanted(module, frame) != kNone};
  }
  return std::nullopt;
}

Instant DownQueue::next_pick() const {
  Instant next = kNever;
  for (std::uint32_t i = first_due_; i != kNone; i = modules_.at(i)->next_due) {
    if (modules_.at(i)->not_before < next) next = modules_.at(i)->not_before;
  }
  return next;
}

void DownQueue::sent(Instant now, const Pick& pick, std::uint32_t version, bool ok) {
  Module* const module = modules_.find(pick.mac);
  const bool same = module != nullptr && pool_[pick.frame].version == version;
  if (!same) return;
  DownFrame& frame = pool_[pick.frame];
  if (!ok) {
    const bool others_wait = first_due_ != last_due_;
    if (!others_wait && ++module->attempts < kSendAttempts) {
      module->not_before = now + kSendRetry;
      return;
    }
    counters_.add(Count::kSendFailed);
    // One that was not heard yet is a sleeper, as likely as not.
    if (!module->heard) module->listening = false;
    end_round(*module);
    return;
  }
  module->attempts = 0;
  frame.wanted = false;
  frame.sent_at = now;
  if (pick.frame == module->ack) {
    pool_.give_back(module->ack);
    module->ack = kNone;
  }
  if (first_wanted(*module, kNone) == kNone) end_round(*module);
}

void DownQueue::begin_round(Instant now, Module& module) {
  if (first_wanted(module, kNone) == kNone) return;
  module.wanted_at = now;
  if (!module.due) append_due(module);
}

void DownQueue::append_due(Module& module) {
  const std::uint32_t index = modules_.index_of(module);
  module.due = true;
  module.attempts = 0;
  module.next_due = kNone;
  if (last_due_ == kNone) {
    first_due_ = index;
  } else {
    modules_.at(last_due_)->next_due = index;
  }
  last_due_ = index;
}

void DownQueue::end_round(Module& module) {
  for (std::uint32_t i = module.first_command; i != kNone; i = pool_[i].next) {
    pool_[i].wanted = false;
  }
  if (module.ack != kNone) pool_[module.ack].wanted = false;
  module.attempts = 0;
  unlink_due(module);
}

void DownQueue::unlink_due(Module& module) {
  if (!module.due) return;
  const std::uint32_t index = modules_.index_of(module);
  std::uint32_t previous = kNone;
  std::uint32_t i = first_due_;
  while (i != index) {
    previous = i;
    i = modules_.at(i)->next_due;
  }
  (previous == kNone ? first_due_ : modules_.at(previous)->next_due) = module.next_due;
  if (last_due_ == index) last_due_ = previous;
  module.due = false;
}

void DownQueue::drop_frames(Module& module) {
  unlink_due(module);
  while (module.first_command != kNone) {
    counters_.add(Count::kDownEvicted);
    remove_command(module, module.first_command);
  }
  if (module.ack != kNone) {
    counters_.add(Count::kDownEvicted);
    pool_.give_back(module.ack);
    module.ack = kNone;
  }
}

void DownQueue::drop_expired(Instant now, Module& module) {
  std::uint32_t i = module.first_command;
  while (i != kNone) {
    const std::uint32_t next = pool_[i].next;
    if (pool_[i].expires_at <= now) {
      counters_.add(Count::kDownExpired);
      remove_command(module, i);
    }
    i = next;
  }
}

void DownQueue::drop_stale(Module& module, ServerId server, ByteView newer) {
  const std::optional<std::uint8_t> session = session_of(newer);
  if (!session) return;
  std::uint32_t i = module.first_command;
  while (i != kNone) {
    const std::uint32_t next = pool_[i].next;
    const auto theirs = pool_[i].server == server ? session_of(pool_.body(i)) : std::nullopt;
    if (theirs && theirs != session) {
      counters_.add(Count::kDownStale);
      remove_command(module, i);
    }
    i = next;
  }
}

/// The word that clears a command can be lost, and its module then refuses each repeat as a replay
/// and says nothing. What was brought to it once gives way to what was not.
bool DownQueue::drop_longest_sent(Module& module) {
  std::uint32_t oldest = kNone;
  for (std::uint32_t i = module.first_command; i != kNone; i = pool_[i].next) {
    const bool was_sent = pool_[i].sent_at.us != INT64_MIN;
    if (was_sent && (oldest == kNone || pool_[i].sent_at < pool_[oldest].sent_at)) oldest = i;
  }
  if (oldest == kNone) return false;
  counters_.add(Count::kDownStale);
  remove_command(module, oldest);
  return true;
}

void DownQueue::drop_all_expired(Instant now) {
  for (Module* module = modules_.newest(); module != nullptr; module = modules_.older(*module)) {
    drop_expired(now, *module);
  }
}

std::uint32_t DownQueue::take_frame(Instant now, ByteView body) {
  const std::uint32_t frame = pool_.take(body, false);
  if (frame != kNone) return frame;
  drop_all_expired(now);
  return pool_.take(body, false);
}

std::uint32_t DownQueue::find_command(const Module& module, ServerId server,
                                      std::uint32_t command) const {
  std::uint32_t i = module.first_command;
  while (i != kNone && (pool_[i].command != command || pool_[i].server != server)) {
    i = pool_[i].next;
  }
  return i;
}

void DownQueue::remove_command(Module& module, std::uint32_t frame) {
  std::uint32_t* link = &module.first_command;
  while (*link != frame) link = &pool_[*link].next;
  *link = pool_[frame].next;
  --module.command_count;
  pool_.give_back(frame);
}

std::uint32_t DownQueue::first_wanted(const Module& module, std::uint32_t after) const {
  bool passed = after == kNone;
  for (std::uint32_t i = module.first_command; i != kNone; i = pool_[i].next) {
    if (passed && pool_[i].wanted) return i;
    passed = passed || i == after;
  }
  const bool ack_is_next = passed && module.ack != kNone && module.ack != after;
  return ack_is_next && pool_[module.ack].wanted ? module.ack : kNone;
}

}  // namespace espial::gateway
