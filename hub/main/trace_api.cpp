#include "hub/main/trace_api.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "hub/main/api_answers.hpp"
#include "ports/linux/clock.hpp"
#include "station/mac_text.hpp"

namespace espial::main {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kLimitUsual = 20;
constexpr std::int64_t kLimitMost = 500;

const char* name_of(trace::Fate fate) {
  switch (fate) {
    case trace::Fate::kWaiting:
      return "waiting";
    case trace::Fate::kStored:
      return "stored";
    case trace::Fate::kTurnedAway:
      return "turned_away";
  }
  return "waiting";
}

/// Microseconds from the report's arrival at the hub; null where that has not happened.
Json since_arrival(const trace::ReportTimes& times, Instant at) {
  return at == Instant{} ? Json() : Json((at - times.received_at).us);
}

Json heard_json(const trace::ReportTimes& times) {
  Json heard = Json::array();
  for (std::size_t i = 0; i < times.hearings; ++i) {
    const trace::Hearing& one = times.heard[i];
    heard.push_back({{"gateway", text_of(one.gateway)},
                     {"rssi", one.rssi_dbm ? Json(*one.rssi_dbm) : Json()},
                     {"channel", one.channel.valid() ? Json(one.channel.number) : Json()},
                     {"held_ms", one.held.ms()},
                     {"waited_ms", one.waited.ms()},
                     {"arrived_us", (one.at - times.received_at).us}});
  }
  return heard;
}

/// Which pages have it: `state` is waiting, written, nobody, not_shown or forgotten.
Json pages_json(const trace::ReportTimes& times, const http::Server& server) {
  Json pages = {{"state", "waiting"}, {"count", 0}, {"first_us", nullptr}, {"last_us", nullptr}};
  switch (times.showing) {
    case trace::Showing::kWaiting:
      return pages;
    case trace::Showing::kNobody:
      pages["state"] = "nobody";
      return pages;
    case trace::Showing::kNotShown:
      pages["state"] = "not_shown";
      return pages;
    case trace::Showing::kAnnounced:
      break;
  }
  const auto written = server.written(times.revision);
  if (!written) {
    pages["state"] = "forgotten";
    pages["count"] = nullptr;
  } else if (written->pages > 0) {
    pages["state"] = "written";
    pages["count"] = written->pages;
    pages["first_us"] = since_arrival(times, written->first_at);
    pages["last_us"] = since_arrival(times, written->last_at);
  }
  return pages;
}

Json to_json(const trace::ReportTimes& times, const http::Server& server) {
  Json json = {{"sequence", times.sequence},
               {"numbered_by", times.numbered_by_hub ? "hub" : "module"},
               {"stream", times.events ? "events" : "readings"},
               {"received_at", times.received_unix_us / 1000}};
  // Of all that it was old here, what was not spent on the way was spent in the module.
  json["age_ms"] = nullptr;
  if (times.since_taken && times.hearings > 0) {
    const trace::Hearing& first = times.heard[0];
    json["age_ms"] =
        std::max<std::int64_t>(0, (*times.since_taken - first.held - first.waited).ms());
  }
  json["heard"] = heard_json(times);
  json["more_heard"] = times.more_hearings;
  json["state"] = name_of(times.fate);
  json["opened_us"] = since_arrival(times, times.opened_at);
  json["ended_us"] = since_arrival(times, times.ended_at);
  json["announced_us"] = since_arrival(times, times.announced_at);
  json["pages"] = pages_json(times, server);
  return json;
}

std::string not_kept(const TraceParts& parts) {
  const trace::ReportTimes* const oldest = parts.trace.oldest_after_loss();
  const std::string so_far =
      oldest == nullptr ? "the hub has heard no such report since it was started"
                        : "the last " + std::to_string(parts.trace.kept()) +
                              " reports of all devices are kept, which reach back " +
                              std::to_string((monotonic_now() - oldest->received_at).ms() / 1000) +
                              " s, and there is none of that number among them";
  return so_far + "; ask without a number for those there are";
}

}  // namespace

void answer_trace(const TraceParts& parts, const http::Request& request, const http::Target& target,
                  const http::Reply& reply) {
  const auto& path = target.segments;
  if (request.method != "GET") return reply(wrong_method("GET"));
  const auto mac = path.size() >= 3 ? parse_mac(path[2]) : std::nullopt;
  const station::Device* const device = mac ? parts.live.find(*mac) : nullptr;
  if (device == nullptr || device->hidden || path.size() > 4) {
    return reply(http::error_response(404, station::Problem::kNoSuchDevice,
                                      "there is no such device; ask for /api/trace/{mac}"));
  }
  if (path.size() == 4) {
    const auto sequence = http::parse_number(path[3]);
    const auto stream = target.value("stream");
    if (!sequence || *sequence < 0 || (stream && *stream != "events" && *stream != "readings")) {
      return reply(http::error_response(400, station::Problem::kBadQuery,
                                        "give a number, and stream as events or readings"));
    }
    const auto events = stream ? std::optional(*stream == "events") : std::nullopt;
    const auto* const times = parts.trace.find(*mac, static_cast<std::uint64_t>(*sequence), events);
    if (times == nullptr) return reply(not_there(not_kept(parts)));
    return reply(http::json_response(to_json(*times, parts.server).dump()));
  }
  const auto given = target.value("limit");
  const auto limit = given ? http::parse_number(*given) : std::optional(kLimitUsual);
  if (!limit || *limit < 1 || *limit > kLimitMost) {
    return reply(http::error_response(400, station::Problem::kBadQuery,
                                      "give limit as a number from 1 to 500"));
  }
  Json list = Json::array();
  for (const auto* times : parts.trace.newest(*mac, static_cast<std::size_t>(*limit))) {
    list.push_back(to_json(*times, parts.server));
  }
  reply(
      http::json_response(Json{{"kept", parts.trace.kept()}, {"reports", std::move(list)}}.dump()));
}

}  // namespace espial::main
