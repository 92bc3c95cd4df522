// `/api/replace`: another board in the place of a broken one, and what else follows it there.
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "hub/main/api_answers.hpp"
#include "hub/main/hub_devices.hpp"
#include "station/mac_text.hpp"

namespace espial::main {

using nlohmann::json;
using station::Problem;

namespace {

std::optional<MacAddress> mac_in(const json& body, const char* name) {
  const auto found = body.is_object() ? body.find(name) : body.end();
  const bool text = body.is_object() && found != body.end() && found->is_string();
  return text ? parse_mac(found->get_ref<const std::string&>()) : std::nullopt;
}

http::Response no_such_device() {
  return http::error_response(404, Problem::kNoSuchDevice, "there is no such device");
}

}  // namespace

const station::Device* HubDevices::find_shown(const MacAddress& mac) const {
  const station::Device* const device = ports_.live.find(mac);
  return device == nullptr || device->hidden ? nullptr : device;
}

void HubDevices::answer_replace(const http::Request& request, const http::Target& target,
                                const http::Reply& reply) {
  if (request.method == "GET") return list_asking(target, reply);
  if (request.method != "POST") return reply(wrong_method("GET, POST"));
  const auto body = json::parse(request.body, nullptr, false);
  const auto broken = mac_in(body, "broken");
  const auto fresh = mac_in(body, "with");
  if (!broken || !fresh) {
    return reply(
        not_possible(R"(write {"broken": "24:6f:28:00:00:07", "with": "24:6f:28:00:00:08"})"));
  }
  const station::Device* const device = find_shown(*broken);
  if (device == nullptr) return reply(no_such_device());
  // A box keeps its address, whichever number its board says; all others have their board's.
  const bool stays = device->protocol == station::Protocol::s1;
  const MacAddress gone = stays ? *fresh : *broken;
  const MacAddress now = stays ? *broken : *fresh;
  const std::string about = text_of(*broken) + " \"" + device->name + "\" by " + text_of(*fresh);
  features::Replacement wanted{device->id, *fresh, groups_.following(gone, now)};
  features::append(wanted.along, alarms_.following(gone, now));
  if (const auto refusal = ports_.replace(std::move(wanted))) {
    return reply(http::error_response(refusal->try_again_later ? 503 : 422, refusal->problem,
                                      refusal->reason));
  }
  groups_.replaced(gone, now);
  alarms_.replaced(gone, now);
  reply(changed(json{{"mac", text_of(now)}}.dump(), "device.replace", about));
}

/// Boards that are no devices yet, and could take the place of one.
void HubDevices::list_asking(const http::Target& target, const http::Reply& reply) const {
  const auto broken = parse_mac(target.value("broken").value_or(""));
  const station::Device* const device = broken ? find_shown(*broken) : nullptr;
  if (device == nullptr) return reply(no_such_device());
  json list = json::array();
  for (const features::S0Network::Asking& board : ports_.asking_for(device->id)) {
    list.push_back({{"mac", text_of(board.mac)}, {"heard_at", board.at.ms}});
  }
  reply(http::json_response(json{{"asking", std::move(list)}}.dump()));
}

}  // namespace espial::main
