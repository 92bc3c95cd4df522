#include "hub/features/alarms/alarms.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "station/field_index.hpp"

namespace espial::alarms {
namespace {

/// A name given before `is_plain_name` was asked may hold what a topic's level may not.
std::string topic_word(std::string_view name) {
  std::string word(name);
  for (char& c : word) {
    if (c == '/' || c == '+' || c == '#') c = '_';
  }
  return word;
}

}  // namespace

Alarms::Alarms(std::string site, Ports ports)
    : site_(std::move(site)), ports_(std::move(ports)), hooks_([this] {
        http::Webhook::Options options;
        options.ca_file = ports_.webhook_ca;
        return options;
      }()) {
  observing_ = ports_.live.add_observer(this);
}

Alarms::~Alarms() {
  if (observing_) ports_.live.remove_observer(this);
}

void Alarms::restore(const Rule& rule, const AlarmRecord& record) {
  if (entries_.size() >= kMaxRules) return;
  Entry& entry = entries_[rule.name];
  entry.rule = rule;
  entry.record = record;
  entry.state.restore(record.raised, ports_.now());
  if (const auto value = value_of(rule)) {
    turn(entry, entry.state.on_value(rule, ports_.now(), value));
  }
}

bool Alarms::put(const Rule& rule) {
  const auto known = entries_.find(rule.name);
  if (known == entries_.end() && entries_.size() >= kMaxRules) return false;
  if (known != entries_.end() && known->second.state.raised()) publish(rule.name, {});
  Entry& entry = entries_[rule.name];
  AlarmRecord record;
  record.silence = entry.record.silence;
  entry = {};
  entry.rule = rule;
  if (keep(entry, record, {}) != Heard::kDone) entry.record = record;
  if (const auto value = value_of(rule)) {
    turn(entry, entry.state.on_value(rule, ports_.now(), value));
  }
  ports_.on_change();
  return true;
}

void Alarms::remove(std::string_view name) {
  const auto known = entries_.find(name);
  if (known == entries_.end()) return;
  publish(known->first, {});
  if (!ports_.keep(known->first, {}, {})) ++not_kept_;
  entries_.erase(known);
  ports_.on_change();
}

std::vector<Rule> Alarms::replace_device(const MacAddress& from, const MacAddress& to) {
  std::vector<Rule> changed;
  for (auto& [name, entry] : entries_) {
    if (entry.rule.device != from) continue;
    entry.rule.device = to;
    changed.push_back(entry.rule);
  }
  if (!changed.empty()) ports_.on_change();
  return changed;
}

std::vector<std::string> Alarms::remove_device(const MacAddress& mac) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) {
    if (entry.rule.device == mac) names.push_back(name);
  }
  for (const std::string& name : names) remove(name);
  return names;
}

Heard Alarms::acknowledge(std::string_view name, const std::string& by, UnixTime meant,
                          std::function<void()> on_kept) {
  const auto known = entries_.find(name);
  if (known == entries_.end()) return Heard::kUnknown;
  Entry& entry = known->second;
  AlarmRecord record = entry.record;
  if (!record.raised || (meant.known() && !(meant == record.since))) return Heard::kNotRaised;
  const bool is_first = !record.acknowledged;
  if (is_first) record.acknowledged = {by, ports_.unix_now()};
  const Heard heard = keep(entry, record, std::move(on_kept));
  if (heard != Heard::kDone || !is_first) return heard;
  if (!entry.record.silence) tell(entry, true);
  ports_.on_change();
  return heard;
}

Heard Alarms::silence(std::string_view name, const std::string& by, std::optional<Duration> time,
                      std::function<void()> on_kept) {
  const auto known = entries_.find(name);
  if (known == entries_.end()) return Heard::kUnknown;
  AlarmRecord record = known->second.record;
  record.silence = {by, time ? UnixTime{ports_.unix_now().ms + time->ms()} : UnixTime{}};
  const Heard heard = keep(known->second, record, std::move(on_kept));
  if (heard == Heard::kDone) ports_.on_change();
  return heard;
}

Heard Alarms::unsilence(std::string_view name, std::function<void()> on_kept) {
  const auto known = entries_.find(name);
  if (known == entries_.end()) return Heard::kUnknown;
  Entry& entry = known->second;
  AlarmRecord record = entry.record;
  const bool was_silenced = record.silence.has_value();
  record.silence.reset();
  record.told = record.to_tell();
  const UnixTime told = entry.record.told;
  const Heard heard = keep(entry, record, std::move(on_kept));
  if (heard != Heard::kDone || !was_silenced) return heard;
  // The topic shows how it stands; whoever is called hears only what he has not been told.
  if (record.since.known()) tell(entry, !(told == record.told));
  ports_.on_change();
  return heard;
}

Heard Alarms::keep(Entry& entry, const AlarmRecord& record, std::function<void()> on_kept) {
  if (!ports_.keep(entry.rule.name, write_record(record), std::move(on_kept))) {
    ++not_kept_;
    return Heard::kNotKept;
  }
  entry.record = record;
  return Heard::kDone;
}

void Alarms::tick() {
  const Instant now = ports_.now();
  const UnixTime today = ports_.unix_now();
  for (auto& [name, entry] : entries_) {
    const auto& silence = entry.record.silence;
    if (silence && silence->until.known() && !(today < silence->until)) {
      // When the store is busy, a second later.
      if (unsilence(name, {}) == Heard::kDone) spdlog::info("alarm \"{}\" is silent no more", name);
    }
    turn(entry, entry.state.on_timer(entry.rule, now));
  }
}

void Alarms::on_connected() {
  for (const auto& [name, entry] : entries_) {
    if (entry.record.since.known() && !entry.record.silence) publish(name, body_of(entry));
  }
}

void Alarms::on_change(const station::Change& change) {
  if (change.kind != station::ChangeKind::reading_changed) return;
  const station::Device* const device = ports_.live.find(change.device);
  if (device == nullptr) return;
  for (auto& [name, entry] : entries_) {
    if (entry.rule.device != device->mac || entry.rule.slot != change.slot) continue;
    turn(entry, entry.state.on_value(entry.rule, ports_.now(), value_of(entry.rule)));
  }
}

std::optional<double> Alarms::value_of(const Rule& rule) const {
  const station::Device* const device = ports_.live.find(rule.device);
  const station::FunctionState* const function =
      device == nullptr ? nullptr : device->function(rule.slot);
  if (function == nullptr) return std::nullopt;
  const auto field = station::field_index(*function, rule.field);
  const station::Value* const value = field ? function->value(*field) : nullptr;
  const bool number = value != nullptr && value->type == station::ValueType::number;
  return number ? std::optional(value->number) : std::nullopt;
}

bool Alarms::is_possible(const Rule& rule) const {
  const station::Device* const device = ports_.live.find(rule.device);
  const station::FunctionState* const function =
      device == nullptr ? nullptr : device->function(rule.slot);
  return function == nullptr || station::field_index(*function, rule.field).has_value();
}

void Alarms::turn(Entry& entry, AlarmState::Change change) {
  if (change == AlarmState::Change::none) return;
  AlarmRecord record = entry.record;
  record.raised = change == AlarmState::Change::raised;
  record.since = ports_.unix_now();
  record.acknowledged.reset();
  if (!record.silence) record.told = record.to_tell();
  spdlog::warn("alarm \"{}\" is {}", entry.rule.name, record.raised ? "raised" : "over");
  // An alarm that the store can't keep is an alarm all the same.
  if (keep(entry, record, {}) != Heard::kDone) entry.record = record;
  if (!record.silence) tell(entry, true);
  ports_.on_change();
}

void Alarms::tell(const Entry& entry, bool at_webhook) {
  const std::string body = body_of(entry);
  publish(entry.rule.name, body);
  if (!at_webhook) return;
  if (const auto address = http::parse_hook_address(entry.rule.webhook)) {
    hooks_.post(*address, body);
  }
}

std::string Alarms::body_of(const Entry& entry) const {
  const auto mac = to_text(entry.rule.device);
  const station::Device* const device = ports_.live.find(entry.rule.device);
  nlohmann::ordered_json body = {{"alarm", entry.rule.name},
                                 {"state", entry.record.raised ? "raised" : "over"},
                                 {"since", entry.record.since.ms},
                                 {"device", std::string(mac.begin(), mac.end())},
                                 {"name", device == nullptr ? "" : device->name},
                                 {"slot", entry.rule.slot},
                                 {"field", entry.rule.field},
                                 {"acknowledged", nullptr}};
  if (const auto& said = entry.record.acknowledged) {
    body["acknowledged"] = {{"by", said->by}, {"at", said->at.ms}};
  }
  const auto value = value_of(entry.rule);
  body["value"] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void Alarms::publish(const std::string& name, std::string_view body) {
  const std::string topic = "espial/" + site_ + "/alarm/" + topic_word(name);
  mqtt::Message message;
  message.topic = topic;
  message.payload = as_bytes(body);
  message.qos = mqtt::Qos::kAtLeastOnce;
  message.retain = true;
  if (ports_.publish(message) != mqtt::PublishError::kNone) ++not_published_;
}

std::vector<AlarmView> Alarms::all() const {
  std::vector<AlarmView> views;
  for (const auto& [name, entry] : entries_) {
    views.push_back({entry.rule, entry.record, value_of(entry.rule)});
  }
  return views;
}

}  // namespace espial::alarms
