#include "hub/main/groups_api.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "hub/main/api_answers.hpp"
#include "hub/main/difference.hpp"
#include "ports/linux/clock.hpp"
#include "station/dashboard_body.hpp"
#include "station/registry.hpp"

namespace espial::main {
namespace {

using station::Problem;

constexpr const char* kGroups = "group";

groups::Fate fate_of(store::CommandState state) {
  switch (state) {
    case store::CommandState::pending:
      return groups::Fate::pending;
    case store::CommandState::executed:
      return groups::Fate::executed;
    case store::CommandState::refused:
      return groups::Fate::refused;
    case store::CommandState::expired:
      return groups::Fate::expired;
  }
  return groups::Fate::expired;
}

/// {"on":1.0}, for the audit log.
std::string values_text(const std::vector<station::WantedValue>& values) {
  nlohmann::ordered_json shown = nlohmann::ordered_json::object();
  for (const station::WantedValue& value : values) {
    if (value.is_text) {
      shown[value.field] = value.text;
    } else {
      shown[value.field] = value.number;
    }
  }
  return shown.dump();
}

}  // namespace

GroupsApi::GroupsApi(store::Documents& documents, Command command, std::function<void()> on_change)
    : documents_(documents), command_(std::move(command)), on_change_(std::move(on_change)) {
  for (const auto& [name, body] : documents_.all(kGroups)) {
    const auto members = groups::read_members(body);
    if (const auto* read = std::get_if<groups::Members>(&members)) (void)groups_.put(name, *read);
  }
}

void GroupsApi::handle(const http::Request& request, const http::Target& target,
                       const http::Reply& reply) {
  const auto& parts = target.segments;
  const std::string& method = request.method;
  if (parts.size() == 2) {
    if (method != "GET") return reply(wrong_method("GET"));
    return reply(http::json_response(list()));
  }
  const std::string& name = parts[2];
  if (parts.size() == 3) {
    if (method == "PUT") return save(name, request, reply);
    if (method == "DELETE") return remove(name, reply);
    return reply(wrong_method("PUT, DELETE"));
  }
  if (groups_.find(name) == nullptr) return reply(not_there("there is no such group"));
  if (parts[3] != "commands" || parts.size() > 5) {
    return reply(not_there("a group has members and commands"));
  }
  if (parts.size() == 5) {
    if (method != "GET") return reply(wrong_method("GET"));
    return show_command(name, parts[4], reply);
  }
  if (method != "POST") return reply(wrong_method("POST"));
  command(name, request, reply);
}

std::string GroupsApi::list() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [name, members] : groups_.all()) {
    nlohmann::ordered_json group = {{"name", name}};
    group.update(nlohmann::ordered_json::parse(groups::write_members(members)));
    list.push_back(std::move(group));
  }
  return nlohmann::ordered_json{{"groups", std::move(list)}}.dump();
}

void GroupsApi::save(const std::string& name, const http::Request& request,
                     const http::Reply& reply) {
  if (const auto wrong = station::check_name(name); wrong != station::NameError::none) {
    return reply(http::error_response(422, station::problem_of(wrong), station::to_text(wrong)));
  }
  const auto read = groups::read_members(request.body);
  if (const auto* wrong = std::get_if<std::string>(&read)) return reply(not_possible(*wrong));
  const auto& members = std::get<groups::Members>(read);
  if (groups_.find(name) == nullptr && groups_.all().size() >= groups::kMaxGroups) {
    return reply(not_possible("there are as many groups as there can be: 256"));
  }
  std::string body = groups::write_members(members);
  const std::string* const before = documents_.find(kGroups, name);
  const std::string action = before == nullptr ? "group.add" : "group.change";
  const std::string about = name + ": " + difference(before == nullptr ? "" : *before, body);
  if (!documents_.put({kGroups, name, body}, std::nullopt,
                      [=] { reply(changed(body, action, about)); })) {
    return reply(store_busy());
  }
  (void)groups_.put(name, members);
  on_change_();
}

void GroupsApi::remove(const std::string& name, const http::Reply& reply) {
  if (groups_.find(name) == nullptr) return reply(not_there("there is no such group"));
  if (!documents_.put({kGroups, name, {}}, std::nullopt,
                      [reply, name] { reply(changed("{}", "group.remove", name)); })) {
    return reply(store_busy());
  }
  groups_.remove(name);
  on_change_();
}

void GroupsApi::command(const std::string& name, const http::Request& request,
                        const http::Reply& reply) {
  station::CommandBody body;
  if (const auto error = station::read_values_body(request.body, body);
      error != station::BodyError::kNone) {
    return reply(not_possible(error == station::BodyError::kLifetime
                                  ? station::explain(error)
                                  : R"(write {"values": {"on": 1}})"));
  }
  http::CommandRequest wanted;
  wanted.lifetime_s = body.lifetime_s;
  for (const station::WantedValue& value : body.values) {
    wanted.values.emplace_back(
        value.field, value.is_text ? http::FieldValue(value.text) : http::FieldValue(value.number));
  }
  const auto& sent = groups_.command(name, unix_now().ms, [&](groups::MemberFate& fate) {
    wanted.device = fate.member.mac;
    wanted.slot = fate.member.slot;
    command_(wanted, [&fate](const http::CommandResult& result) {
      if (const auto* id = std::get_if<http::CommandId>(&result)) {
        fate.command_id = id->value;
        fate.expires_at = id->expires_at;
        fate.waits_for_wake = id->waits_for_wake;
        return;
      }
      const auto& refusal = std::get<http::Refusal>(result);
      fate.fate = groups::Fate::not_sent;
      fate.problem = refusal.problem;
      fate.reason = refusal.reason;
    });
  });
  reply(changed(groups::write_command(sent), "group.command",
                name + ": " + difference("", values_text(body.values)), 202));
}

void GroupsApi::show_command(const std::string& name, std::string_view id,
                             const http::Reply& reply) const {
  const auto number = http::parse_number(id);
  const auto* const command =
      number ? groups_.find_command(static_cast<std::uint64_t>(*number)) : nullptr;
  if (command == nullptr || command->group != name) {
    return reply(not_there("no such command is known any more"));
  }
  reply(http::json_response(groups::write_command(*command)));
}

void GroupsApi::on_command(const MacAddress& mac, std::uint32_t command_id,
                           store::CommandState state) {
  if (state == store::CommandState::pending) return;
  groups_.ended(mac, command_id, fate_of(state));
}

store::Changes GroupsApi::following(const MacAddress& from, const MacAddress& to) const {
  groups::Groups moved = groups_;
  store::Changes changes;
  for (const std::string& name : moved.replace_device(from, to)) {
    changes.emplace_back(store::Document{kGroups, name, groups::write_members(*moved.find(name))});
  }
  return changes;
}

void GroupsApi::replaced(const MacAddress& from, const MacAddress& to) {
  for (const std::string& name : groups_.replace_device(from, to)) {
    documents_.adopt({kGroups, name, groups::write_members(*groups_.find(name))});
  }
  on_change_();
}

void GroupsApi::forgotten(const MacAddress& mac) {
  for (const std::string& name : groups_.remove_device(mac)) {
    const groups::Members* const left = groups_.find(name);
    (void)documents_.put(
        {kGroups, name, left == nullptr ? std::string() : groups::write_members(*left)});
  }
  on_change_();
}

}  // namespace espial::main
