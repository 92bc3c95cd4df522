#include "hub/features/groups/groups.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/ids.hpp"
#include "core/wire/reading.hpp"
#include "station/mac_text.hpp"

namespace espial::groups {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const Member& member) {
  return {{"mac", text_of(member.mac)}, {"slot", member.slot}};
}

std::string dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::variant<Members, std::string> read_members(std::string_view text) {
  const std::string form = R"(write {"members": [{"mac": "24:6f:28:00:00:07", "slot": 0}]})";
  const auto root = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (!root.is_object() || !root.contains("members") || !root["members"].is_array()) return form;
  const auto& list = root["members"];
  if (list.empty() || list.size() > kMaxMembers) return "a group has 1 to 64 members";
  Members members;
  for (const auto& item : list) {
    const auto mac = item.is_object() ? item.find("mac") : item.end();
    const auto slot = item.is_object() ? item.find("slot") : item.end();
    if (!item.is_object() || mac == item.end() || !mac->is_string()) return form;
    const auto address = parse_mac(mac->get_ref<const std::string&>());
    if (!address) return "\"" + mac->get<std::string>().substr(0, 20) + "\" is no MAC address";
    Member member{*address, 0};
    if (slot != item.end()) {
      if (!slot->is_number_unsigned() || slot->get<std::uint64_t>() > wire::kModuleSlot ||
          !wire::valid_slot(slot->get<std::uint8_t>())) {
        return "slot: write a whole number from 0 to 11, or 15 for the module itself";
      }
      member.slot = slot->get<std::uint8_t>();
    }
    if (std::find(members.begin(), members.end(), member) != members.end()) {
      return text_of(member.mac) + " is there twice with the same slot";
    }
    members.push_back(member);
  }
  return members;
}

std::string write_members(const Members& members) {
  ordered_json list = ordered_json::array();
  for (const Member& member : members) list.push_back(to_json(member));
  return dump({{"members", std::move(list)}});
}

std::string_view to_text(Fate fate) {
  switch (fate) {
    case Fate::pending:
      return "pending";
    case Fate::executed:
      return "executed";
    case Fate::refused:
      return "refused";
    case Fate::expired:
      return "expired";
    case Fate::not_sent:
      return "not_sent";
  }
  return "pending";
}

std::string write_command(const GroupCommand& command) {
  ordered_json list = ordered_json::array();
  for (const MemberFate& one : command.members) {
    ordered_json item = to_json(one.member);
    if (one.fate != Fate::not_sent) item["command_id"] = one.command_id;
    item["state"] = to_text(one.fate);
    if (one.fate == Fate::pending) {
      item["expires_at"] = one.expires_at.ms;
      item["waits_for_wake"] = one.waits_for_wake;
    }
    if (one.fate == Fate::not_sent) {
      item["code"] = station::code_of(one.problem);
      item["error"] = one.reason;
    }
    list.push_back(std::move(item));
  }
  return dump(
      {{"group_command_id", command.id}, {"group", command.group}, {"members", std::move(list)}});
}

bool Groups::put(std::string_view name, Members members) {
  const auto known = groups_.find(name);
  if (known == groups_.end() && groups_.size() >= kMaxGroups) return false;
  groups_[std::string(name)] = std::move(members);
  return true;
}

void Groups::remove(std::string_view name) {
  const auto known = groups_.find(name);
  if (known != groups_.end()) groups_.erase(known);
}

const Members* Groups::find(std::string_view name) const {
  const auto known = groups_.find(name);
  return known == groups_.end() ? nullptr : &known->second;
}

std::vector<std::string> Groups::replace_device(const MacAddress& from, const MacAddress& to) {
  std::vector<std::string> changed;
  for (auto& [name, members] : groups_) {
    Members now;
    for (Member member : members) {
      if (member.mac == from) member.mac = to;
      if (std::find(now.begin(), now.end(), member) == now.end()) now.push_back(member);
    }
    if (now == members) continue;
    members = std::move(now);
    changed.push_back(name);
  }
  return changed;
}

std::vector<std::string> Groups::remove_device(const MacAddress& mac) {
  std::vector<std::string> changed;
  for (auto group = groups_.begin(); group != groups_.end();) {
    auto& [name, members] = *group;
    const auto gone = std::erase_if(members, [&mac](const Member& one) { return one.mac == mac; });
    if (gone > 0) changed.push_back(name);
    group = members.empty() ? groups_.erase(group) : std::next(group);
  }
  return changed;
}

const GroupCommand& Groups::command(std::string_view name, std::int64_t now_ms,
                                    const std::function<void(MemberFate&)>& send) {
  last_id_ = std::max(last_id_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms, 1)));
  GroupCommand command;
  command.id = last_id_;
  command.group = name;
  for (const Member& member : groups_.find(name)->second) {
    MemberFate& fate = command.members.emplace_back();
    fate.member = member;
    send(fate);
  }
  if (commands_.size() >= kKeptCommands) commands_.pop_front();
  return commands_.emplace_back(std::move(command));
}

void Groups::ended(const MacAddress& mac, std::uint64_t command_id, Fate fate) {
  for (GroupCommand& command : commands_) {
    for (MemberFate& one : command.members) {
      const bool this_one = one.member.mac == mac && one.command_id == command_id;
      if (this_one && one.fate == Fate::pending) one.fate = fate;
    }
  }
}

const GroupCommand* Groups::find_command(std::uint64_t id) const {
  const auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [id](const GroupCommand& command) { return command.id == id; });
  return found == commands_.end() ? nullptr : &*found;
}

}  // namespace espial::groups
