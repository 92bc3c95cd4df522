#include "hub/main/alarms_api.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "hub/main/api_answers.hpp"
#include "hub/main/difference.hpp"
#include "station/registry.hpp"

namespace espial::main {
namespace {

constexpr const char* kAlarms = "alarm";

/// The webhook's address may hold a secret: it is for admins, who set it.
nlohmann::ordered_json to_json(const alarms::AlarmView& view, bool with_webhook) {
  nlohmann::ordered_json json = {{"name", view.rule.name}};
  json.update(nlohmann::ordered_json::parse(alarms::write_rule(view.rule)));
  if (!with_webhook) json.erase("webhook");
  json["state"] = view.raised ? "raised" : "over";
  json["since"] = view.since.ms;
  json["value"] = view.value ? nlohmann::ordered_json(*view.value) : nlohmann::ordered_json();
  return json;
}

}  // namespace

AlarmsApi::AlarmsApi(store::Documents& documents, std::string site, alarms::Alarms::Ports ports)
    : documents_(documents), alarms_(std::move(site), std::move(ports)) {
  for (const auto& [name, body] : documents_.all(kAlarms)) {
    const auto rule = alarms::read_rule(name, body);
    if (const auto* read = std::get_if<alarms::Rule>(&rule)) (void)alarms_.put(*read);
  }
}

void AlarmsApi::handle(const http::Request& request, const http::Target& target,
                       const http::Reply& reply) {
  const auto& parts = target.segments;
  if (parts.size() == 2) {
    if (request.method != "GET") return reply(wrong_method("GET"));
    return reply(http::json_response(list(request.by_admin)));
  }
  if (parts.size() > 3) return reply(not_there("an alarm has no parts"));
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
  const auto read = alarms::read_rule(name, request.body);
  if (const auto* wrong = std::get_if<std::string>(&read)) return reply(not_possible(*wrong));
  const auto& rule = std::get<alarms::Rule>(read);
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

void AlarmsApi::replaced(const MacAddress& from, const MacAddress& to) {
  for (const alarms::Rule& rule : alarms_.replace_device(from, to)) {
    (void)documents_.put({kAlarms, rule.name, alarms::write_rule(rule)});
  }
}

void AlarmsApi::forgotten(const MacAddress& mac) {
  for (const std::string& name : alarms_.remove_device(mac)) {
    (void)documents_.put({kAlarms, name, {}});
  }
}

}  // namespace espial::main
