#include "sim/network/hub_store.hpp"

#include <algorithm>

#include "core/wire/session_packets.hpp"
#include "sim/network/board.hpp"
#include "sim/network/record_digest.hpp"

namespace espial::sim {

HubStore::HubStore(const Settings& settings, Crypto& crypto, Backbone& backbone, Watch& watch)
    : settings_(settings),
      crypto_(crypto),
      backbone_(backbone),
      watch_(watch),
      random_(settings.seed) {}

void HubStore::ask(coordinator::Ticket ticket, Record record) {
  if (asked_.empty()) {
    const std::int64_t spread = (settings_.most_delay - settings_.least_delay).us + 1;
    commit_at_ =
        now_ + settings_.least_delay +
        Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(spread)))};
  }
  asked_kinds_.set(record.index());
  asked_.push_back({caller_, ticket, std::move(record)});
  if (settings_.answers_early) early_.push_back({caller_, ticket, true});
}

void HubStore::commit_node(coordinator::Ticket ticket, const coordinator::NodeRecord& record) {
  const OutsideCore port;
  add(digest_, record);
  ask(ticket, record);
}

void HubStore::commit_session(coordinator::Ticket ticket,
                              const coordinator::SessionRecord& record) {
  const OutsideCore port;
  add(digest_, record);
  ask(ticket, record);
}

void HubStore::commit_report(coordinator::Ticket ticket, const coordinator::ReportRecord& record) {
  const OutsideCore port;
  Report report;
  report.stored = {record.mac,
                   record.events,
                   record.stream_id,
                   record.sequence,
                   parse_numbered(record.mac, record.events, record.readings),
                   record.taken_at,
                   record.progress};
  report.session = record.session;
  report.highest_uplink_counter = record.highest_uplink_counter;
  add(digest_, record);
  ask(ticket, report);
}

void HubStore::commit_command(coordinator::Ticket ticket,
                              const coordinator::CommandRecord& record) {
  const OutsideCore port;
  Command command{record, {record.value.begin(), record.value.end()}};
  command.record.value = {};
  add(digest_, record);
  ask(ticket, command);
}

void HubStore::commit_description(coordinator::Ticket ticket,
                                  const coordinator::DescriptionRecord& record) {
  const OutsideCore port;
  add(digest_, record);
  ask(ticket, Description{record.mac, {record.properties.begin(), record.properties.end()}});
}

void HubStore::commit_forgotten(coordinator::Ticket ticket, const MacAddress& mac,
                                const coordinator::FormerKeys& former) {
  const OutsideCore port;
  add(digest_, mac, former);
  ask(ticket, Forgotten{mac, former});
}

Instant HubStore::next_event() const {
  if (!early_.empty()) return now_;
  if (answer_at_ != kNever) return answer_at_;
  return commit_at_ == kNever ? kNever : std::max(commit_at_, stalled_until_);
}

StoreStep HubStore::step() const {
  if (answer_at_ != kNever) return StoreStep::kDurable;
  return asked_.empty() ? StoreStep::kIdle : StoreStep::kWaiting;
}

std::vector<HubStore::Answer> HubStore::run(Instant now) {
  now_ = now;
  if (answer_at_ == kNever) ended_.clear();
  if (!early_.empty()) return std::exchange(early_, {});
  if (now < next_event()) return {};
  if (answer_at_ == kNever) {
    commit();
    if (answer_at_ != kNever) return {};
  }
  answer_at_ = kNever;
  return std::exchange(answers_, {});
}

/// A failure is told at once, and so takes with it all that was asked before it was told.
void HubStore::commit() {
  commit_at_ = kNever;
  const bool ok = !std::exchange(failing_, false);
  std::vector<Asked> batch;
  batch.swap(asked_);
  durable_kinds_ = std::exchange(asked_kinds_, {});
  ++counters_.commits;
  counters_.records += batch.size();
  if (!ok) ++counters_.failed;
  digest_.add(static_cast<std::uint64_t>(now_.us));
  for (const Asked& asked : batch) {
    const bool fenced = asked.epoch != epoch_;
    if (fenced) ++counters_.fenced;
    const bool stored = ok && !fenced;
    digest_.add(std::uint64_t{asked.ticket} << 1U | (stored ? 1U : 0U));
    if (stored) std::visit([this](const auto& record) { apply(record); }, asked.record);
    if (!settings_.answers_early) answers_.push_back({asked.epoch, asked.ticket, stored});
  }
  if (ok && !settings_.answers_early) answer_at_ = now_ + settings_.answer_delay;
}

void HubStore::power_cut() {
  ++counters_.cuts[static_cast<std::size_t>(step())];
  asked_.clear();
  asked_kinds_.reset();
  answers_.clear();
  early_.clear();
  commit_at_ = answer_at_ = kNever;
  failing_ = false;
}

void HubStore::apply(const coordinator::NodeRecord& record) {
  Device& device = devices_[record.mac];
  device.node = record;
  if (!record.revoked) return;
  end_session(record.mac, device);
  device.session.reset();
}

void HubStore::apply(const coordinator::SessionRecord& record) {
  Device& device = devices_[record.mac];
  const auto session = session::Session::load(crypto_, record.state);
  const std::uint8_t id = session ? session->id() : std::uint8_t{0};
  // The same session with more counters reserved keeps what it has received.
  const auto highest = device.session && device.session_id == id
                           ? device.session->highest_uplink_counter
                           : std::nullopt;
  if (device.session_id != id) end_session(record.mac, device);
  device.session = record;
  device.session->highest_uplink_counter = highest;
  device.session_id = id;
  device.reserved_until = session ? session->next_counter() : 0;
  // A new ring begins new streams: how far the old ones came is of no use any more.
  for (auto& stream : device.streams) {
    if (stream && stream->stream_id != record.stream_id) stream.reset();
  }
}

void HubStore::apply(const Report& record) {
  ++stored_reports_;
  Device& device = devices_[record.stored.mac];
  if (device.node && device.node->revoked) {
    watch_.on_broken(now_, "a report of a revoked module was stored",
                     "board " + std::to_string(board_number(record.stored.mac).value_or(0)));
  }
  if (record.stored.sequence) {
    device.streams[record.stored.events ? 1 : 0] = {record.stored.stream_id,
                                                    record.stored.progress};
  }
  if (device.session && device.session_id == record.session) {
    auto& highest = device.session->highest_uplink_counter;
    highest = std::max(highest.value_or(0), record.highest_uplink_counter);
  }
  watch_.on_stored(now_, record.stored);
}

void HubStore::apply(const Command& record) {
  Device& device = devices_[record.record.mac];
  device.next_command = std::max(device.next_command, record.record.id + 1);
  if (record.record.state == coordinator::CommandState::kQueued) {
    device.commands[record.record.id] = record;
  } else {
    device.commands.erase(record.record.id);
  }
  if (const auto board = board_number(record.record.mac)) {
    watch_.on_command_stored(now_, *board, record.record.id, record.record.state);
  }
}

void HubStore::apply(const Description& record) {
  devices_[record.mac].description = record.properties;
}

void HubStore::apply(const Forgotten& record) {
  end_session(record.mac, devices_[record.mac]);
  devices_.erase(record.mac);
  if (record.former.key) {
    coordinator::NodeRecord node;
    node.mac = record.mac;
    node.former = record.former;
    devices_[record.mac].node = node;
  }
  if (const auto board = board_number(record.mac)) watch_.on_forgotten(now_, *board);
}

void HubStore::end_session(const MacAddress& mac, const Device& device) {
  if (device.session) ended_[{mac, device.session_id}] = device.reserved_until;
}

std::optional<bool> HubStore::revoked(const MacAddress& mac) const {
  const auto found = devices_.find(mac);
  if (found == devices_.end() || !found->second.node) return std::nullopt;
  const coordinator::NodeRecord& node = *found->second.node;
  if (!node.key && !node.pending_key) return std::nullopt;  // it was forgotten
  return node.revoked;
}

std::optional<std::uint64_t> HubStore::reserved_until(const MacAddress& mac,
                                                      std::uint8_t session) const {
  const auto found = devices_.find(mac);
  const bool known =
      found != devices_.end() && found->second.session && found->second.session_id == session;
  if (known) return found->second.reserved_until;
  const auto ended = ended_.find({mac, session});
  return ended == ended_.end() ? std::nullopt : std::optional(ended->second);
}

OpenedAudit::Durable HubStore::durable_session(const MacAddress& mac) const {
  const auto found = devices_.find(mac);
  if (found == devices_.end() || !found->second.session) return {};
  const Device& device = found->second;
  const auto session = session::Session::load(crypto_, device.session->state);
  if (!session) return {};
  return {device.session_id, session->receive_window(), device.session->highest_uplink_counter};
}

std::optional<std::vector<std::uint8_t>> HubStore::description(const MacAddress& mac) const {
  const auto found = devices_.find(mac);
  if (found == devices_.end() || found->second.description.empty()) return std::nullopt;
  return found->second.description;
}

/// What a node offers, as it said itself.
bool HubStore::restore_functions(const MacAddress& mac, const Device& device,
                                 coordinator::Coordinator& coordinator) {
  if (device.description.empty()) return true;
  wire::Packet packet;
  packet.payload = {device.description.data(), device.description.size()};
  const auto description = wire::parse_description(packet);
  return description && description->properties.functions &&
         coordinator.restore_functions(mac, *description->properties.functions);
}

bool HubStore::restore(Instant now, coordinator::Coordinator& coordinator) const {
  bool ok = true;
  std::vector<MacAddress> macs;
  for (const auto& [mac, device] : devices_) macs.push_back(mac);
  std::sort(macs.begin(), macs.end());
  for (const MacAddress& mac : macs) {
    const Device& device = devices_.at(mac);
    if (!device.node) continue;
    coordinator::NodeRecord node = *device.node;
    node.next_command = device.next_command;
    ok = coordinator.restore_node(node) && ok;
    ok = restore_functions(mac, device, coordinator) && ok;
    if (device.session) ok = coordinator.restore_session(*device.session) && ok;
    for (const bool events : {false, true}) {
      const auto& stream = device.streams[events ? 1 : 0];
      if (!stream) continue;
      ok = coordinator.restore_stream(mac, stream->stream_id, events, stream->progress) && ok;
    }
    for (const auto& [id, command] : device.commands) {
      coordinator::CommandRecord record = command.record;
      record.value = {command.value.data(), command.value.size()};
      ok = coordinator.restore_command(now, record) && ok;
    }
  }
  return ok;
}

}  // namespace espial::sim
