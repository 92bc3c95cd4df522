// Sealed frames: opening them, where their node is, and what is in them.

#include <algorithm>
#include <utility>

#include "core/base/hash.hpp"
#include "core/coordinator/coordinator.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::coordinator {

namespace {

/// What one frame may ask of the ledger beside its reports: node, session and counters, a
/// description, ends of commands.
constexpr std::size_t kOtherCommitsPerFrame = 8;

}  // namespace

void Coordinator::on_sealed(Instant now, const UplinkFrame& frame, std::uint32_t flight) {
  NodeEntry* const node = nodes_.find(frame.mac);
  const wire::Parsed<wire::SealedFrame> sealed = wire::parse_sealed(frame.body);
  if (!sealed) {
    refuse_frame(node, Count::kTooShort, Grade::kTooShort);
    return;
  }
  const wire::SealedHeader& header = sealed->header;
  if (header.server != config_.server || header.down || header.peer) {
    refuse_frame(node, Count::kNotOurs, Grade::kNotOurs);
    return;
  }
  if (node == nullptr || node->forgetting) {
    refuse_frame(node, Count::kUnknownNode, Grade::kNotOurs);
    return;
  }
  if (pending_.free_commits() < kMaxReportsPerFrame + kOtherCommitsPerFrame) {
    counters_.add(Count::kBusy);
    return;
  }
  const bool current = node->session.valid() && node->session.id() == header.session;
  Handshake* const handshake = current ? nullptr : handshakes_.find(frame.mac);
  const bool pending = handshake != nullptr && handshake->session.valid() &&
                       handshake->session.id() == header.session;
  if (!current && !pending) {
    refuse_frame(node, Count::kWrongSession, Grade::kNotOurs);
    return;
  }
  std::array<std::uint8_t, kMaxBodyV2> plaintext;
  session::Session& session = current ? node->session : handshake->session;
  const session::Opened opened = session.open(ports_.crypto, frame.body, plaintext);
  if (opened.status != session::OpenStatus::kOk) {
    refuse_sealed(now, frame, header, *node, opened.status);
    return;
  }
  counters_.add(Count::kOpened);
  if (pending) adopt(now, *node, *handshake, flight);
  // No report before its session: the record names the stream whose progress it tells.
  if (!node->session_recorded) reserve_counters(*node, flight);
  node->last_counter = opened.counter;
  node->listening = header.listening;
  node->sleeps = node->sleeps || !header.listening;
  node->answers_until = std::max(node->answers_until, now - frame.held + kAnswersFor);
  on_heard(now, frame, *node);
  FrameContext context{now, frame, flight, *node, opened.counter, frame.held};
  on_packets(context, opened.plaintext);
}

void Coordinator::refuse_sealed(Instant now, const UplinkFrame& frame,
                                const wire::SealedHeader& header, NodeEntry& node,
                                session::OpenStatus status) {
  switch (status) {
    case session::OpenStatus::kReplayed: {
      refuse_frame(&node, Count::kDuplicateFrame, Grade::kReplayed);
      // Another gateway's copy of the newest frame tells who hears the node better. Nothing proves
      // it is one, so it moves the downlink only for a clearly stronger copy and a short time.
      const bool copy = header.counter == static_cast<std::uint16_t>(node.last_counter) &&
                        frame.gateway != node.gateway && now - node.heard_at <= kCopyWithin;
      const bool stronger =
          frame.rssi_dbm && node.rssi_dbm && *frame.rssi_dbm >= *node.rssi_dbm + kCopyStronger_db;
      if (copy && stronger && node.has_gateway) {
        node.gateway = frame.gateway;
        node.rssi_dbm = frame.rssi_dbm;
        node.channel = frame.channel;
      }
      return;
    }
    case session::OpenStatus::kTooOld:
      refuse_frame(&node, Count::kTooOld, Grade::kReplayed);
      return;
    case session::OpenStatus::kNotAuthentic:
      refuse_frame(&node, Count::kNotAuthentic, Grade::kNotAuthentic);
      return;
    case session::OpenStatus::kWrongSession:
      refuse_frame(&node, Count::kWrongSession, Grade::kNotOurs);
      return;
    default:
      refuse_frame(&node, Count::kTooShort, Grade::kTooShort);
      return;
  }
}

/// The first sealed frame of a pending session opened: the session before it is over.
void Coordinator::adopt(Instant now, NodeEntry& node, Handshake& handshake, std::uint32_t flight) {
  const bool first = !node.key;
  // Asked for a new key it came with the old one: it can't draw one now.
  if (std::exchange(node.renew_asked, false)) node.renew_ask_at = now + kRenewPace;
  node.session.wipe(ports_.crypto);
  node.session = handshake.session;
  ++node.session_round;
  node.described_by = 0;
  node.heard_description_hash = 0;
  if (node.stream_id != handshake.stream_id) {
    node.stream_id = handshake.stream_id;
    node.streams = {};
  }
  for (Stream& stream : node.streams) stream.heard = false;
  node.receive_limit_log2 = handshake.receive_limit_log2;
  node.sleeps = handshake.sleeps;
  begin_long_session(now, node);
  const bool proves = node.pending_key && node.pending_committed &&
                      node.pending_key->generation == handshake.proves_generation;
  end_handshake(handshake);
  if (proves) {
    node.key = node.pending_key;
    wipe(node.pending_key);
    node.pending_committed = false;
    node.renew = false;
    commit_node(node, NodeChange::kConfirmed, flight);
  }
  node.reserving = false;
  node.session_recorded = false;
  node.ack_wanted = false;
  node.config_sends = kConfigSends;
  for (CommandEntry& entry : commands_.entries()) {
    if (!entry.used || entry.node != index_of(node)) continue;
    entry.sent = false;
    entry.backoff = kCommandBackoffFirst;
  }
  if (first && node.key) {
    admission_.joined(node.mac);
    remove_label(node.mac);
    forget_former(node.mac);
    ports_.events.on_node_joined(node.mac, node.module);
  }
  schedule_ack(now, node);
}

void Coordinator::on_heard(Instant now, const UplinkFrame& frame, NodeEntry& node) {
  const Instant heard_at = now - frame.held;
  if (!node.has_gateway || heard_at >= node.heard_at) {
    if (node.has_gateway && node.sleeps) node.rhythm.heard_after(heard_at - node.heard_at);
    node.gateway = frame.gateway;
    node.has_gateway = true;
    node.rssi_dbm = frame.rssi_dbm;
    node.channel = frame.channel;
    node.heard_at = heard_at;
  }
  if (!node.online && now - node.heard_at < silence_limit(node)) {
    node.online = true;
    ports_.events.on_node_online(node.mac, node.gateway, node.rssi_dbm, node.channel);
  }
  ports_.events.on_heard(node.mac, frame.gateway, frame.rssi_dbm, frame.channel);
  if (node.commands_outstanding != 0) wake_commands(now, node);
}

void Coordinator::on_packets(FrameContext& context, ByteView plaintext) {
  const wire::Parsed<wire::Packets> packets = wire::parse_packets(plaintext);
  if (!packets) {
    refuse_frame(&context.node, Count::kNotSane, Grade::kNotSane);
    return;
  }
  for (const wire::Packet& packet : *packets) on_packet(context, packet);
}

void Coordinator::on_packet(FrameContext& context, const wire::Packet& packet) {
  switch (packet.type) {
    case wire::PacketType::kPublish:
      on_report(context, packet);
      return;
    case wire::PacketType::kPuback:
      on_command_end(context, packet);
      return;
    case wire::PacketType::kConnect:
      on_description(context, packet);
      return;
    case wire::PacketType::kPingreq:
      if (!wire::parse_ping_request(packet)) break;
      schedule_ack(context.now, context.node);
      return;
    case wire::PacketType::kDisconnect: {
      const wire::Parsed<wire::SessionEnd> end = wire::parse_session_end(packet);
      if (!end || end->reason != wire::EndReason::kLeaving) break;
      go_offline(context.node, OfflineReason::kLeft);
      return;
    }
    case wire::PacketType::kFragment:
      on_fragment(context, packet);
      return;
    case wire::PacketType::kFragack:
      on_fragack(context, packet);
      return;
    case wire::PacketType::kSubscribe:
      on_subscribe(context, packet);
      return;
    default:
      break;
  }
  refuse_frame(&context.node, Count::kNotSane, Grade::kNotSane);
}

void Coordinator::on_description(FrameContext& context, const wire::Packet& packet) {
  const wire::Parsed<wire::Description> description = wire::parse_description(packet);
  if (!description) {
    refuse_frame(&context.node, Count::kNotSane, Grade::kNotSane);
    return;
  }
  // One that was overtaken says what the node was: the later one has been answered.
  if (context.counter < context.node.described_by) return;
  context.node.described_by = context.counter;
  if (description->properties.functions)
    context.node.functions = *description->properties.functions;
  on_configuration_told(context.node, context.now - context.held,
                        description->properties.config_id.value_or(0));
  const std::uint64_t hash = fnv1a(packet.payload);
  context.node.heard_description_hash = hash;
  if (hash == context.node.description_hash) {
    answer_description(context.now, context.node);
    return;
  }
  PendingCommit* const commit =
      pending_.begin(PendingCommit::What::kDescription, context.node.mac, context.flight);
  if (commit == nullptr) {
    counters_.add(Count::kBusy);
    return;
  }
  commit->description_hash = hash;
  ports_.ledger.commit_description(pending_.ticket_of(*commit), {context.node.mac, packet.payload});
}

/// It wants a CONNACK for an answer, and gets it once it is stored.
void Coordinator::answer_description(Instant now, NodeEntry& node) {
  node.config_sends = std::max<std::uint8_t>(node.config_sends, 1);
  schedule_ack(now, node);
}

void Coordinator::go_offline(NodeEntry& node, OfflineReason reason) {
  if (!node.online) return;
  node.online = false;
  ports_.events.on_node_offline(node.mac, reason);
}

}  // namespace espial::coordinator
