#include "hub/features/alarms/alarms.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "core/wire/kind.hpp"

namespace espial::alarms {
namespace {

/// A name may hold what a topic's level may not.
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

bool Alarms::put(const Rule& rule) {
  const auto known = entries_.find(rule.name);
  if (known == entries_.end() && entries_.size() >= kMaxRules) return false;
  if (known != entries_.end() && known->second.state.raised()) remove(rule.name);
  Entry& entry = entries_[rule.name];
  entry = {};
  entry.rule = rule;
  if (const auto value = value_of(rule)) {
    told(entry, entry.state.on_value(rule, ports_.now(), value));
  }
  return true;
}

void Alarms::remove(std::string_view name) {
  const auto known = entries_.find(name);
  if (known == entries_.end()) return;
  publish(known->first, {});
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

void Alarms::tick() {
  const Instant now = ports_.now();
  for (auto& [name, entry] : entries_) told(entry, entry.state.on_timer(entry.rule, now));
}

void Alarms::on_connected() {
  for (const auto& [name, entry] : entries_) {
    if (entry.since.known()) publish(name, body_of(entry));
  }
}

void Alarms::on_change(const station::Change& change) {
  if (change.kind != station::ChangeKind::reading_changed) return;
  const station::Device* const device = ports_.live.find(change.device);
  if (device == nullptr) return;
  for (auto& [name, entry] : entries_) {
    if (entry.rule.device != device->mac || entry.rule.slot != change.slot) continue;
    told(entry, entry.state.on_value(entry.rule, ports_.now(), value_of(entry.rule)));
  }
}

std::optional<double> Alarms::value_of(const Rule& rule) const {
  const station::Device* const device = ports_.live.find(rule.device);
  const station::FunctionState* const function =
      device == nullptr ? nullptr : device->function(rule.slot);
  const wire::KindInfo* const kind =
      function == nullptr ? nullptr : wire::find_standard_kind(function->kind);
  if (kind == nullptr) return std::nullopt;
  for (std::uint8_t i = 0; i < kind->fields.size(); ++i) {
    if (kind->fields[i].name != rule.field) continue;
    const station::Value* const value = function->value(i);
    const bool number = value != nullptr && value->type == station::ValueType::number;
    return number ? std::optional(value->number) : std::nullopt;
  }
  return std::nullopt;
}

void Alarms::told(Entry& entry, AlarmState::Change change) {
  if (change == AlarmState::Change::none) return;
  entry.since = ports_.unix_now();
  const std::string body = body_of(entry);
  spdlog::warn("alarm \"{}\" is {}", entry.rule.name,
               change == AlarmState::Change::raised ? "raised" : "over");
  publish(entry.rule.name, body);
  if (const auto address = http::parse_hook_address(entry.rule.webhook)) {
    hooks_.post(*address, body);
  }
  ports_.on_change();
}

std::string Alarms::body_of(const Entry& entry) const {
  const auto mac = to_text(entry.rule.device);
  const station::Device* const device = ports_.live.find(entry.rule.device);
  nlohmann::ordered_json body = {{"alarm", entry.rule.name},
                                 {"state", entry.state.raised() ? "raised" : "over"},
                                 {"since", entry.since.ms},
                                 {"device", std::string(mac.begin(), mac.end())},
                                 {"name", device == nullptr ? "" : device->name},
                                 {"slot", entry.rule.slot},
                                 {"field", entry.rule.field}};
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
    views.push_back({entry.rule, entry.state.raised(), entry.since, value_of(entry.rule)});
  }
  return views;
}

}  // namespace espial::alarms
