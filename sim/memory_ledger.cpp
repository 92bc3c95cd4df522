#include "sim/memory_ledger.hpp"

#include <algorithm>

namespace espial::sim {

MemoryLedger::MemoryLedger(const Settings& settings, Crypto& crypto, Broker& broker)
    : settings_(settings), crypto_(crypto), broker_(broker), random_(settings.seed) {}

void MemoryLedger::add(coordinator::Ticket ticket, Record record) {
  if (waiting_.empty()) {
    const std::int64_t spread = (settings_.most_delay - settings_.least_delay).us + 1;
    commit_at_ =
        now_ + settings_.least_delay +
        Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(spread)))};
  }
  waiting_.push_back({ticket, std::move(record)});
  if (settings_.answers_early) early_.push_back({ticket, true});
}

void MemoryLedger::commit_node(coordinator::Ticket ticket, const coordinator::NodeRecord& record) {
  add(ticket, record);
}

void MemoryLedger::commit_session(coordinator::Ticket ticket,
                                  const coordinator::SessionRecord& record) {
  add(ticket, record);
}

void MemoryLedger::commit_report(coordinator::Ticket ticket,
                                 const coordinator::ReportRecord& record) {
  Report report;
  report.row = {record.mac,
                record.events,
                record.sequence,
                {record.readings.begin(), record.readings.end()},
                record.taken_at};
  report.stream_id = record.stream_id;
  report.progress = record.progress;
  report.session = record.session;
  report.highest_uplink_counter = record.highest_uplink_counter;
  add(ticket, report);
}

void MemoryLedger::commit_command(coordinator::Ticket ticket,
                                  const coordinator::CommandRecord& record) {
  Command command{record, {record.value.begin(), record.value.end()}};
  command.record.value = {};
  add(ticket, command);
}

void MemoryLedger::commit_description(coordinator::Ticket ticket,
                                      const coordinator::DescriptionRecord& record) {
  add(ticket, Description{record.mac, {record.properties.begin(), record.properties.end()}});
}

void MemoryLedger::commit_forgotten(coordinator::Ticket ticket, const MacAddress& mac) {
  add(ticket, Forgotten{mac});
}

Instant MemoryLedger::next_event() const { return early_.empty() ? commit_at_ : now_; }

std::vector<MemoryLedger::Answer> MemoryLedger::run(Instant now) {
  now_ = now;
  std::vector<Answer> answers;
  answers.swap(early_);
  if (now < commit_at_) return answers;
  commit_at_ = kNever;
  std::vector<Waiting> batch;
  batch.swap(waiting_);
  for (const Waiting& waiting : batch) {
    std::visit([this](const auto& record) { apply(record); }, waiting.record);
    if (!settings_.answers_early) answers.push_back({waiting.ticket, true});
  }
  return answers;
}

void MemoryLedger::power_cut() {
  waiting_.clear();
  early_.clear();
  commit_at_ = kNever;
}

void MemoryLedger::apply(const coordinator::NodeRecord& record) { nodes_[record.mac] = record; }

void MemoryLedger::apply(const coordinator::SessionRecord& record) {
  coordinator::SessionRecord next = record;
  const auto found = sessions_.find(record.mac);
  const auto session = session::Session::load(crypto_, record.state);
  if (found != sessions_.end() && session.has_value()) {
    const auto before = session::Session::load(crypto_, found->second.state);
    // The same session with more counters reserved keeps what it has received.
    if (before.has_value() && before->id() == session->id()) {
      next.highest_uplink_counter = found->second.highest_uplink_counter;
    }
  }
  sessions_[record.mac] = next;
  // A new ring begins new streams: how far the old ones came is of no use any more.
  for (const bool events : {false, true}) {
    const auto stream = streams_.find({record.mac, events});
    if (stream != streams_.end() && stream->second.stream_id != record.stream_id) {
      streams_.erase(stream);
    }
  }
}

void MemoryLedger::apply(const Report& record) {
  rows_.push_back(record.row);
  ++row_counts_[record.row.mac];
  if (record.row.sequence.has_value()) {
    streams_[{record.row.mac, record.row.events}] = {record.stream_id, record.progress};
  }
  const auto found = sessions_.find(record.row.mac);
  if (found == sessions_.end()) return;
  const auto session = session::Session::load(crypto_, found->second.state);
  if (!session.has_value() || session->id() != record.session) return;
  auto& highest = found->second.highest_uplink_counter;
  highest = std::max(highest.value_or(0), record.highest_uplink_counter);
}

void MemoryLedger::apply(const Command& record) {
  const CommandKey key{record.record.mac, record.record.id};
  auto& next = next_command_[record.record.mac];
  next = std::max(next, record.record.id + 1);
  if (record.record.state != coordinator::CommandState::kQueued) {
    commands_.erase(key);
    return;
  }
  commands_[key] = record;
}

void MemoryLedger::apply(const Description& record) {
  descriptions_[record.mac] = record.properties;
}

void MemoryLedger::apply(const Forgotten& record) {
  nodes_.erase(record.mac);
  sessions_.erase(record.mac);
  streams_.erase({record.mac, false});
  streams_.erase({record.mac, true});
  next_command_.erase(record.mac);
  descriptions_.erase(record.mac);
  for (auto i = commands_.begin(); i != commands_.end();) {
    i = i->first.first == record.mac ? commands_.erase(i) : std::next(i);
  }
}

std::size_t MemoryLedger::rows_of(const MacAddress& mac) const {
  const auto found = row_counts_.find(mac);
  return found == row_counts_.end() ? 0 : found->second;
}

std::optional<std::vector<std::uint8_t>> MemoryLedger::description(const MacAddress& mac) const {
  const auto found = descriptions_.find(mac);
  if (found == descriptions_.end()) return std::nullopt;
  return found->second;
}

bool MemoryLedger::restore(Instant now, coordinator::Coordinator& coordinator,
                           bool with_streams) const {
  bool ok = true;
  for (const auto& [mac, record] : nodes_) {
    coordinator::NodeRecord node = record;
    const auto next = next_command_.find(mac);
    if (next != next_command_.end()) node.next_command = next->second;
    ok = coordinator.restore_node(node) && ok;
  }
  for (const auto& [mac, record] : sessions_) ok = coordinator.restore_session(record) && ok;
  for (const auto& [key, stream] : streams_) {
    if (!with_streams) break;
    ok = coordinator.restore_stream(key.first, stream.stream_id, key.second, stream.progress) && ok;
  }
  for (const auto& [key, command] : commands_) {
    coordinator::CommandRecord record = command.record;
    record.value = {command.value.data(), command.value.size()};
    ok = coordinator.restore_command(now, record) && ok;
  }
  return ok;
}

}  // namespace espial::sim
