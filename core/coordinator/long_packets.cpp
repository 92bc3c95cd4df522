// Packets longer than a frame: put together from their parts, and taken apart on the way down.

#include <algorithm>
#include <utility>

#include "core/coordinator/coordinator.hpp"
#include "core/wire/fragment.hpp"

namespace espial::coordinator {

namespace {

Count count_of(transfer::PartVerdict verdict) {
  switch (verdict) {
    case transfer::PartVerdict::kTaken:
    case transfer::PartVerdict::kComplete:
      return Count::kParts;
    case transfer::PartVerdict::kRepeated:
    case transfer::PartVerdict::kOld:
      return Count::kPartsRepeated;
    case transfer::PartVerdict::kBeyondWindow:
    case transfer::PartVerdict::kNoUnit:
    case transfer::PartVerdict::kNotWritten:
      return Count::kPartsUnfit;
    case transfer::PartVerdict::kTooLong:
      return Count::kLongTooLong;
    case transfer::PartVerdict::kBusy:
      return Count::kLongBusy;
    case transfer::PartVerdict::kNotSane:
      return Count::kNotSane;
  }
  return Count::kNotSane;
}

}  // namespace

void Coordinator::on_fragment(FrameContext& context, const wire::Packet& packet) {
  NodeEntry& node = context.node;
  const wire::Parsed<wire::Fragment> part = wire::parse_fragment(packet);
  if (!part) {
    refuse_frame(&node, Count::kNotSane, Grade::kNotSane);
    return;
  }
  node.long_in.sender = index_of(node);
  const transfer::Arrival arrival =
      reassembler_.on_fragment(context.now, context.now - context.frame.held, node.long_in, *part);
  if (arrival.dropped_other) counters_.add(Count::kLongDropped);
  node.fragack_sends = kFragackSends;
  if (arrival.answer) schedule_ack(context.now, node);
  if (arrival.verdict == transfer::PartVerdict::kNotSane) {
    refuse_frame(&node, Count::kNotSane, Grade::kNotSane);
    return;
  }
  counters_.add(count_of(arrival.verdict));
  if (arrival.verdict != transfer::PartVerdict::kComplete) return;
  counters_.add(Count::kLongReceived);
  const wire::Parsed<wire::Packet> whole =
      wire::parse_long_packet(long_buffers_.packet(arrival.slot, arrival.size));
  if (!whole) {
    refuse_frame(&node, Count::kNotSane, Grade::kNotSane);
    return;
  }
  // Its age counts from when its first part was sent.
  const Duration held = std::exchange(context.held, context.now - arrival.since);
  on_packet(context, *whole);
  context.held = held;
}

void Coordinator::append_fragack(NodeEntry& node, wire::PacketsBuilder& packets) {
  if (node.fragack_sends == 0 || !node.long_in.known) return;
  if (!packets.append(reassembler_.fragack(node.long_in))) return;
  reassembler_.told(node.long_in);
  --node.fragack_sends;
}

LongStatus Coordinator::send_long(Instant now, const MacAddress& mac, transfer::LongSource& source,
                                  std::uint32_t size) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr || node->forgetting) return LongStatus::kUnknownNode;
  if (!node->session.valid()) return LongStatus::kNoSession;
  if (size > receive_limit(*node)) return LongStatus::kTooLong;
  LongDown* place = nullptr;
  for (LongDown& down : long_downs_) {
    if (down.used && down.node == index_of(*node)) return LongStatus::kBusy;
    if (!down.used && place == nullptr) place = &down;
  }
  if (place == nullptr) return LongStatus::kBusy;
  *place = {};
  place->used = true;
  place->node = index_of(*node);
  place->source = &source;
  place->size = size;
  place->gateway = node->gateway;
  begin_long(now, *node, *place);
  return LongStatus::kOk;
}

std::uint32_t Coordinator::receive_limit(const NodeEntry& node) const {
  if (node.receive_limit_log2 == 0) return 0;
  return std::min(std::uint32_t{1} << node.receive_limit_log2, wire::kMaxFragmentedSize);
}

void Coordinator::begin_long(Instant now, NodeEntry& node, LongDown& down) {
  down.progress_at = now;
  // Every gateway carries the short bodies; nobody tells the coordinator who carries the long ones.
  down.sender.begin(now, static_cast<std::uint16_t>(node.session.next_counter()), down.size,
                    transfer::part_size(wire::sealed_room(kMaxBodyV1)), kDownWindow);
}

void Coordinator::on_fragack(FrameContext& context, const wire::Packet& packet) {
  const wire::Parsed<wire::Fragack> said = wire::parse_fragack(packet);
  if (!said) {
    refuse_frame(&context.node, Count::kNotSane, Grade::kNotSane);
    return;
  }
  LongDown* const down = find_long(context.node);
  if (down == nullptr) {
    counters_.add(Count::kUnknownFragack);
    return;
  }
  down->progress_at = context.now;
  const auto how = down->sender.on_fragack(context.now, ports_.random, *said);
  if (how) end_long(*down, *how);
}

LongDown* Coordinator::find_long(const NodeEntry& node) {
  for (LongDown& down : long_downs_) {
    if (down.used && down.node == index_of(node)) return &down;
  }
  return nullptr;
}

/// What was sent in the session before it reached nobody who could open it.
void Coordinator::begin_long_session(Instant now, NodeEntry& node) {
  reassembler_.forget(node.long_in);
  node.fragack_sends = 0;
  LongDown* const down = find_long(node);
  if (down == nullptr) return;
  down->sender.reset();
  if (down->size > receive_limit(node)) {
    end_long(*down, transfer::LongEnd::kTooLong);
  } else {
    begin_long(now, node, *down);
  }
}

void Coordinator::forget_long(NodeEntry& node) {
  reassembler_.forget(node.long_in);
  if (LongDown* const down = find_long(node)) end_long(*down, transfer::LongEnd::kGivenUp);
}

void Coordinator::end_long(LongDown& down, transfer::LongEnd how) {
  clear_parts(down);
  down.used = false;
  const MacAddress& mac = nodes_.at(down.node)->mac;
  counters_.add(how == transfer::LongEnd::kComplete ? Count::kLongSent : Count::kLongNotSent);
  ports_.events.on_long_ended(mac, how);
}

void Coordinator::clear_parts(const LongDown& down) {
  const std::uint32_t waiting = std::min(down.frames, kDownWindow);
  for (std::uint32_t i = 0; i < waiting; ++i) {
    send_down(down.gateway, nodes_.at(down.node)->mac, DownClass::kClear, {}, kFirstPartCommand + i,
              0);
  }
}

void Coordinator::run_long(Instant now) {
  while (const transfer::Incoming* const from = reassembler_.next_to_tell(now)) {
    schedule_ack(now, *nodes_.at(from->sender));
  }
  while (reassembler_.drop_silent(now)) counters_.add(Count::kLongDropped);
  for (LongDown& down : long_downs_) {
    if (!down.used) continue;
    const NodeEntry& node = *nodes_.at(down.node);
    const bool asleep = !node.listening && node.heard_at < down.sent_at;
    if (asleep && now - down.progress_at < Duration::seconds(kSleeperPatience_s)) {
      if (down.sender.next_timer() <= now) down.sender.wait(now);
    } else if (const auto how = down.sender.on_timer(now)) {
      end_long(down, *how);
      continue;
    }
    send_parts(now, down);
  }
}

void Coordinator::send_parts(Instant now, LongDown& down) {
  NodeEntry& node = *nodes_.at(down.node);
  if (now < down.not_before) return;
  if (node.has_gateway && node.gateway != down.gateway) {
    clear_parts(down);
    down.gateway = node.gateway;
    down.sender.resend(now);
  }
  while (down.sender.send_at() <= now) {
    std::array<std::uint8_t, wire::sealed_room(kMaxBodyV1)> buffer;
    wire::PacketsBuilder packets(buffer);
    if (!can_send(now, node)) {
      down.not_before = now + kPartRetry;
      return;
    }
    const std::uint32_t frame = down.frames + 1;
    const auto part = down.sender.append(now, ports_.random, *down.source, frame, packets);
    if (!part) return;
    down.frames = frame;
    down.sent_at = now;
    (void)send_sealed(now, node, packets.bytes(), DownClass::kCommand,
                      kFirstPartCommand + *part % kDownWindow,
                      node.listening ? kPartExpiry_s : kSleeperPatience_s);
  }
}

Instant Coordinator::long_timer() const {
  Instant earliest = reassembler_.next_timer();
  for (const LongDown& down : long_downs_) {
    if (!down.used) continue;
    const Instant send_at = std::max(down.sender.send_at(), down.not_before);
    earliest = std::min({earliest, down.sender.next_timer(), send_at});
  }
  return earliest;
}

}  // namespace espial::coordinator
