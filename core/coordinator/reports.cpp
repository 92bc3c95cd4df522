// Reports: new ones to the ledger, acknowledged once it has them.

#include <algorithm>

#include "core/base/byte_writer.hpp"
#include "core/coordinator/coordinator.hpp"
#include "core/transfer/report_ring.hpp"

namespace espial::coordinator {

namespace {

/// What a node still holds lies no further behind the floor than it has in the air, and as much
/// again where a torn record took it back. What seems to lie further behind is a lap of the sixteen
/// bits ahead: its ring overflowed for long, or this database is an older one. Only the newest
/// frame says what is held now.
std::uint32_t restore(const session::SequenceWindow& window, const wire::Report& report,
                      bool newest) {
  constexpr std::uint32_t kLap = 0x10000;
  constexpr std::int64_t kMostBehind = 2 * std::int64_t{transfer::kMaxInFlight};
  const std::uint32_t nearest = window.restore(report.sequence);
  const std::int64_t behind = std::int64_t{window.floor()} - nearest + report.held;
  return newest && behind > kMostBehind && nearest <= UINT32_MAX - kLap ? nearest + kLap : nearest;
}

}  // namespace

void Coordinator::on_report(FrameContext& context, const wire::Packet& packet) {
  NodeEntry& node = context.node;
  const wire::Parsed<wire::Report> report = wire::parse_report(packet);
  if (!report) return refuse_frame(&node, Count::kNotSane, Grade::kNotSane);
  if (context.new_reports == kMaxReportsPerFrame) {
    counters_.add(Count::kTooManyReports);
    return;
  }
  Stream& stream = node.streams[static_cast<std::size_t>(report->stream)];
  std::uint32_t sequence = 0;
  if (report->acknowledged) {
    const bool newest = context.counter == node.session.receive_window().highest();
    sequence = restore(stream.window, *report, newest);
    if (report->held > sequence) {
      refuse_frame(&node, Count::kNotSane, Grade::kNotSane);
      return;
    }
    stream.heard = true;
    switch (stream.window.receive(sequence, sequence - report->held)) {
      case session::SequenceWindow::Arrival::kDuplicate:
        counters_.add(Count::kDuplicateReports);
        if (stream.window.acknowledgement().covers(sequence)) schedule_ack(context.now, node);
        return;
      case session::SequenceWindow::Arrival::kTooFar:
        counters_.add(Count::kTooFar);
        schedule_ack(context.now, node);
        return;
      case session::SequenceWindow::Arrival::kNew:
        break;
    }
  }
  PendingCommit* const commit =
      pending_.begin(PendingCommit::What::kReport, node.mac, context.flight);
  if (commit == nullptr) {  // on_sealed() saw to it that there is room for most frames
    counters_.add(Count::kBusy);
    if (report->acknowledged) stream.window.release(sequence);
    return;
  }
  if (report->acknowledged) {
    (void)stream.handed.receive(sequence, sequence - report->held);
    stream.handed.stored(sequence);
  }
  ++context.new_reports;
  counters_.add(Count::kReports);
  commit->stream_id = node.stream_id;
  commit->stream = report->stream;
  commit->has_sequence = report->acknowledged;
  commit->sequence = sequence;

  ReportRecord record;
  record.mac = node.mac;
  record.module = node.module;
  record.stream_id = node.stream_id;
  record.events = report->stream == wire::Stream::kEvents;
  if (report->acknowledged) record.sequence = sequence;
  record.received_at = unix_time(context.now);
  if (record.received_at.known()) {
    const std::int64_t age_ms = context.held.ms() + report->age_ms;
    record.taken_at = {std::max<std::int64_t>(1, record.received_at.ms - age_ms)};
  }
  record.readings = report->readings;
  ByteWriter progress(record.progress);
  stream.handed.save(progress);
  record.session = node.session.id();
  record.highest_uplink_counter = node.session.receive_window().highest();
  ports_.events.on_opened(node.mac, packet.whole, context.frame.rssi_dbm, context.frame.channel);
  ports_.ledger.commit_report(pending_.ticket_of(*commit), record);
}

void Coordinator::on_report_committed(Instant now, const PendingCommit& commit, Ticket ticket,
                                      bool ok) {
  if (ok) {
    counters_.add(Count::kReportsStored);
    ports_.events.on_report(commit.mac, ticket);
  }
  NodeEntry* const node = nodes_.find(commit.mac);
  if (node == nullptr || node->stream_id != commit.stream_id || !commit.has_sequence) return;
  Stream& stream = node->streams[static_cast<std::size_t>(commit.stream)];
  if (ok) {
    stream.window.stored(commit.sequence);
    schedule_ack(now, *node);
    return;
  }
  stream.window.release(commit.sequence);
}

/// What is under way for this module fails too (Ledger, promise 3), though it may be told of it
/// only behind what is handed over from now on: that may tell of nothing of it.
void Coordinator::doom(const MacAddress& mac) {
  for (PendingCommit& commit : pending_.commits()) {
    if (commit.mac == mac) commit.doomed = true;
  }
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr) return;
  for (Stream& stream : node->streams) stream.handed = stream.window;
}

}  // namespace espial::coordinator
