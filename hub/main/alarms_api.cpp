#include "hub/main/alarms_api.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "hub/main/api_answers.hpp"
#include "hub/main/difference.hpp"
#include "hub/store/changes.hpp"
#include "station/registry.hpp"

namespace espial::main {
namespace {

using nlohmann::json;

constexpr const char* kAlarms = "alarm";
constexpr const char* kRecords = "alarm_state";

/// The webhook's address may hold a secret: it is for admins, who set it.
nlohmann::ordered_json to_json(const alarms::AlarmView& view, bool with_webhook) {
  nlohmann::ordered_json shown = {{"name", view.rule.name}};
  shown.update(nlohmann::ordered_json::parse(alarms::write_rule(view.rule)));
  if (!with_webhook) shown.erase("webhook");
  const alarms::AlarmRecord& record = view.record;
  shown["state"] = record.raised ? "raised" : "over";
  shown["since"] = record.since.ms;
  shown["acknowledged"] = nullptr;
  if (const auto& said = record.acknowledged) {
    shown["acknowledged"] = {{"by", said->by}, {"at", said->at.ms}};
  }
  shown["silenced"] = nullptr;
  if (const auto& said = record.silence) {
    shown["silenced"] = {{"by", said->by}, {"until", nullptr}};
    if (said->until.known()) shown["silenced"]["until"] = said->until.ms;
  }
  shown["value"] = view.value ? nlohmann::ordered_json(*view.value) : nlohmann::ordered_json();
  return shown;
}

/// A whole number from 0 to `most`, 0 where it is not given; nothing for anything else.
std::optional<std::int64_t> read_whole(const json& body, const char* field, std::int64_t most) {
  const auto found = body.find(field);
  if (found == body.end()) return 0;
  const bool fits = found->is_number_unsigned() &&
                    found->get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
  return fits ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}

/// What was heard is answered once it is kept.
void answer(alarms::Heard heard, const http::Reply& reply) {
  switch (heard) {
    case alarms::Heard::kDone:
      return;
    case alarms::Heard::kUnknown:
      return reply(not_there("there is no such alarm"));
    case alarms::Heard::kNotRaised:
      return reply(not_possible("this alarm is not raised any more"));
    case alarms::Heard::kNotKept:
      return reply(store_busy());
  }
}

}  // namespace

AlarmsApi::AlarmsApi(store::Documents& documents, std::string site, alarms::Alarms::Ports ports)
    : documents_(documents), alarms_(std::move(site), [&] {
        ports.keep = [this](const auto& name, const auto& record, auto on_kept) {
          return keep(name, record, std::move(on_kept));
        };
        return std::move(ports);
      }()) {
  for (const auto& [name, body] : documents_.all(kAlarms)) {
    const auto rule = alarms::read_rule(name, body);
    const std::string* const kept = documents_.find(kRecords, name);
    const auto record = kept == nullptr ? std::nullopt : alarms::read_record(*kept);
    if (const auto* read = std::get_if<alarms::Rule>(&rule)) {
      alarms_.restore(*read, record.value_or(alarms::AlarmRecord{}));
    }
  }
}

bool AlarmsApi::keep(const std::string& name, const std::string& record,
                     std::function<void()> on_kept) {
  if (record.empty() && documents_.find(kRecords, name) == nullptr) return true;
  return documents_.put({kRecords, name, record}, std::nullopt, std::move(on_kept));
}

void AlarmsApi::handle(const http::Request& request, const http::Target& target,
                       const http::Reply& reply) {
  const auto& parts = target.segments;
  if (parts.size() == 2) {
    if (request.method != "GET") return reply(wrong_method("GET"));
    return reply(http::json_response(list(request.by_admin)));
  }
  if (parts.size() == 4) return say(parts[2], parts[3], request, reply);
  if (parts.size() > 4) return reply(not_there("there is nothing here"));
  if (request.method == "PUT") return save(parts[2], request, reply);
  if (request.method == "DELETE") return remove(parts[2], reply);
  reply(wrong_method("PUT, DELETE"));
}

std::string AlarmsApi::list(bool with_webhooks) const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const alarms::AlarmView& view : alarms_.all()) {
    list.push_back(to_json(view, with_webhooks));
  }
  return nlohmann::ordered_json{{"alarms", std::move(list)}}.dump(
      -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void AlarmsApi::save(const std::string& name, const http::Request& request,
                     const http::Reply& reply) {
  if (const auto wrong = station::check_name(name); wrong != station::NameError::none) {
    return reply(http::error_response(422, station::problem_of(wrong), station::to_text(wrong)));
  }
  if (!alarms::is_plain_name(name)) return reply(not_possible(alarms::kPlainNameWanted));
  const auto read = alarms::read_rule(name, request.body);
  if (const auto* wrong = std::get_if<std::string>(&read)) return reply(not_possible(*wrong));
  const auto& rule = std::get<alarms::Rule>(read);
  if (!alarms_.is_possible(rule)) {
    return reply(http::error_response(422, station::Problem::kNoSuchField,
                                      "this function has no field \"" + rule.field + "\""));
  }
  const auto all = documents_.all(kAlarms);
  if (all.size() >= alarms::kMaxRules && all.find(name) == all.end()) {
    return reply(not_possible("there are as many alarms as there can be: 1000"));
  }
  std::string body = alarms::write_rule(rule);
  const std::string* const before = documents_.find(kAlarms, name);
  const std::string action = before == nullptr ? "alarm.add" : "alarm.change";
  const std::string about = name + ": " + difference(before == nullptr ? "" : *before, body);
  if (!documents_.put({kAlarms, name, body}, std::nullopt,
                      [=] { reply(changed(body, action, about)); })) {
    return reply(store_busy());
  }
  (void)alarms_.put(rule);
}

void AlarmsApi::remove(const std::string& name, const http::Reply& reply) {
  if (documents_.find(kAlarms, name) == nullptr) return reply(not_there("there is no such alarm"));
  if (!documents_.put({kAlarms, name, {}}, std::nullopt,
                      [reply, name] { reply(changed("{}", "alarm.remove", name)); })) {
    return reply(store_busy());
  }
  alarms_.remove(name);
}

void AlarmsApi::say(const std::string& name, const std::string& part, const http::Request& request,
                    const http::Reply& reply) {
  if (part == "acknowledgement") {
    if (request.method != "PUT") return reply(wrong_method("PUT"));
    return acknowledge(name, request, reply);
  }
  if (part != "silence") return reply(not_there("an alarm has an acknowledgement and a silence"));
  if (request.method == "PUT") return silence(name, request, reply);
  if (request.method != "DELETE") return reply(wrong_method("PUT, DELETE"));
  answer(alarms_.unsilence(name, [=] { reply(changed("{}", "alarm.unsilence", name)); }), reply);
}

void AlarmsApi::acknowledge(const std::string& name, const http::Request& request,
                            const http::Reply& reply) {
  const auto body = json::parse(request.body, nullptr, false);
  const auto since = body.is_object() ? read_whole(body, "since", store::kMaxTimeMs) : std::nullopt;
  if (!since) return reply(not_possible(R"(write {}, or {"since": 1774598400000} as you saw it)"));
  const auto heard = alarms_.acknowledge(name, request.by, {*since},
                                         [=] { reply(changed("{}", "alarm.acknowledge", name)); });
  answer(heard, reply);
}

void AlarmsApi::silence(const std::string& name, const http::Request& request,
                        const http::Reply& reply) {
  const auto body = json::parse(request.body, nullptr, false);
  const auto seconds =
      body.is_object() ? read_whole(body, "seconds", alarms::kMaxSilence_s) : std::nullopt;
  if (!seconds || (*seconds == 0 && body.contains("seconds"))) {
    return reply(not_possible(
        R"(write {"seconds": 3600}, up to a year of them, or {} until it is switched on again)"));
  }
  const auto time = *seconds == 0 ? std::nullopt : std::optional(Duration::seconds(*seconds));
  const std::string about =
      name + (time ? ": " + std::to_string(*seconds) + " s" : ": until switched on");
  const auto heard = alarms_.silence(name, request.by, time,
                                     [=] { reply(changed("{}", "alarm.silence", about)); });
  answer(heard, reply);
}

store::Changes AlarmsApi::following(const MacAddress& from, const MacAddress& to) const {
  store::Changes changes;
  for (const alarms::AlarmView& alarm : alarms_.all()) {
    if (alarm.rule.device != from) continue;
    alarms::Rule rule = alarm.rule;
    rule.device = to;
    changes.emplace_back(store::Document{kAlarms, rule.name, alarms::write_rule(rule)});
  }
  return changes;
}

void AlarmsApi::replaced(const MacAddress& from, const MacAddress& to) {
  for (const alarms::Rule& rule : alarms_.replace_device(from, to)) {
    documents_.adopt({kAlarms, rule.name, alarms::write_rule(rule)});
  }
}

void AlarmsApi::forgotten(const MacAddress& mac) {
  for (const std::string& name : alarms_.remove_device(mac)) {
    (void)documents_.put({kAlarms, name, {}});
  }
}

}  // namespace espial::main
