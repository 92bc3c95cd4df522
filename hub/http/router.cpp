#include "hub/http/router.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/wire/reading.hpp"
#include "hub/http/guard.hpp"
#include "hub/http/keys_request.hpp"
#include "hub/http/metrics_text.hpp"
#include "hub/http/target.hpp"
#include "station/dashboard_body.hpp"
#include "station/mac_text.hpp"
#include "station/registry.hpp"
#include "web/assets.hpp"

namespace espial::http {

using station::Problem;

namespace {

constexpr std::uint32_t kHistoryPointsDefault = 300;

Response plain_text(unsigned status, std::string text) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.text = std::move(text);
  return response;
}

Response not_found() {
  return error_response(404, Problem::kNotFound,
                        "There is nothing here. The API is described in hub/http/openapi.yaml.");
}

Response wrong_method(std::string allowed) {
  Response response = error_response(
      405, Problem::kWrongMethod, "This address does not take that method, only " + allowed + ".");
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

bool accepts_gzip(std::string_view accept_encoding) {
  const std::size_t at = accept_encoding.find("gzip");
  return at != std::string_view::npos &&
         accept_encoding.substr(at, 8).find(";q=0") == std::string_view::npos;
}

Response asset_response(const web::Asset& asset, const Request& request) {
  Response response;
  const std::string etag = '"' + std::string(asset.hash) + '"';
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back(
      "Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.content_type = std::string(asset.content_type);
  if (request.if_none_match == etag) {
    response.status = 304;
    return response;
  }
  if (!asset.gzip.empty() && accepts_gzip(request.accept_encoding)) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.embedded = asset.gzip;
  } else {
    response.embedded = asset.raw;
  }
  return response;
}

/// A number as JSON; what is no number (a mean of nothing) as null.
nlohmann::json number(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

std::string history_json(const HistoryQuery& query, const std::vector<HistoryPoint>& points) {
  nlohmann::json rows = nlohmann::json::array();
  for (const HistoryPoint& point : points) {
    rows.push_back({point.at.ms, number(point.mean), number(point.min), number(point.max)});
  }
  const nlohmann::json body = {{"slot", query.slot},
                               {"field", query.field},
                               {"from", query.from.ms},
                               {"to", query.to.ms},
                               {"points", std::move(rows)}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Fills the query; otherwise returns the sentence that says what is wrong with it.
const char* read_history_query(const Target& target, HistoryQuery& query) {
  const auto number_of = [&](std::string_view name) -> std::optional<std::int64_t> {
    const auto text = target.value(name);
    return text ? parse_number(*text) : std::nullopt;
  };
  const auto slot = number_of("slot");
  const auto field = target.value("field");
  const auto from = number_of("from");
  const auto to = number_of("to");
  if (!slot || *slot > wire::kModuleSlot || !wire::valid_slot(static_cast<std::uint8_t>(*slot))) {
    return "Give slot, a whole number from 0 to 11, or 15 for the module itself.";
  }
  if (!field || field->empty() || field->size() > station::kBodyFieldBytesMax ||
      !station::is_utf8(*field)) {
    return "Give field, the name of one of the function's values.";
  }
  if (!from || !to || *from >= *to) return "Give from and to in milliseconds UTC, from before to.";
  query.slot = static_cast<std::uint8_t>(*slot);
  query.field = std::string(*field);
  query.from = {*from};
  query.to = {*to};
  query.points = kHistoryPointsDefault;
  if (target.value("points")) {
    const auto points = number_of("points");
    if (!points || *points < 1 || *points > kHistoryPointsMax) {
      return "Give points as a number from 1 to 2000.";
    }
    query.points = static_cast<std::uint32_t>(*points);
  }
  return nullptr;
}

/// What a visitor must be allowed for this part of the API. Whom to let into the network and whom
/// to forget, what modules are for and when the site is open, and what addresses the hub calls when
/// an alarm is raised, is for admins to say, or for the person at the machine where nobody needs an
/// account. Whoever may command may say that he has seen an alarm, or bid it be silent.
access::Role needed_role(std::string_view method, const Target& target,
                         const access::Visitor& visitor) {
  const std::string part = target.segments.size() > 1 ? target.segments[1] : "";
  const bool trusted = visitor.means == access::Visitor::Means::kTrusted;
  // Where nobody needs an account he may read what he himself was free to do.
  if (part == "audit") return trusted ? access::Role::kOperator : access::Role::kAdmin;
  if (!changes_something(method)) return access::Role::kViewer;
  const bool is_rule = part == "alarms" && target.segments.size() <= 3;
  const bool for_admins = part == "keys" || part == "configuration" || part == "dispobox" ||
                          is_rule || (part == "devices" && method == "DELETE");
  return for_admins && !trusted ? access::Role::kAdmin : access::Role::kOperator;
}

/// Of an address that goes to the audit log.
constexpr std::size_t kAuditedBytesMax = 200;

/// "24:6f:28:00:00:07 slot 0 on=1", for the audit log, which takes short texts only.
std::string describe(const CommandRequest& wanted) {
  constexpr std::size_t kBytesMax = 200;
  std::string text = text_of(wanted.device) + " slot " + std::to_string(wanted.slot);
  for (const auto& [field, value] : wanted.values) {
    if (!std::holds_alternative<double>(value)) {
      text += ' ' + field + "=(text)";
    } else {
      text += ' ' + field + '=' + nlohmann::json(std::get<double>(value)).dump();
    }
    if (text.size() > kBytesMax) return text.substr(0, kBytesMax);
  }
  if (wanted.lifetime_s) text += " within " + std::to_string(*wanted.lifetime_s) + " s";
  return text.substr(0, kBytesMax);
}

/// "24:6f:28:00:00:07", "policy approval", for the audit log. A label is a key: nothing of it.
std::string describe(const KeysRequest& wanted) {
  std::string text;
  const auto add = [&text](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  for (const MacAddress& mac : wanted.macs) add(text_of(mac));
  if (wanted.policy) add("policy " + *wanted.policy);
  if (wanted.modules) {
    add("modules");
    for (const std::uint8_t module : *wanted.modules) add(std::to_string(module));
  }
  if (wanted.what == KeysRequest::What::kPairing) add(std::to_string(wanted.seconds) + " s");
  return text;
}

/// Of a change that was taken, and that no failure has ended.
Response not_stored_yet(std::string_view why) {
  return error_response(503, Problem::kNotStoredYet,
                        "The change is not stored yet: " + std::string(why) +
                            ". It may still be stored later; look again whether it is there.");
}

void add_security_headers(Response& response) {
  auto& headers = response.headers;
  headers.emplace_back("Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                       "connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
                       "form-action 'none'; frame-ancestors 'none'");
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("X-Frame-Options", "DENY");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  for (const auto& [name, value] : headers) {
    if (name == "Cache-Control") return;
  }
  headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace

void Router::handle(const Request& request, const Reply& reply) {
  ++counters_.requests;
  const Reply finished = [this, reply](Response response) {
    if (response.status >= 500) ++counters_.server_errors;
    if (response.status >= 400 && response.status < 500) ++counters_.client_errors;
    add_security_headers(response);
    reply(std::move(response));
  };
  if (auto refusal = guard(request, access_.login_required())) {
    ++counters_.guard_refusals;
    return finished(std::move(*refusal));
  }
  route(request, finished);
}

bool Router::answers_in_clear(const Request& request) const {
  if (request.target == kAuthorityPath) return true;
  const auto target = parse_target(request.target);
  const Place* const place = target ? find_place(*target) : nullptr;
  return place != nullptr && place->audience == Audience::kEverybody &&
         !changes_something(request.method);
}

void Router::route(const Request& request, const Reply& reply) {
  const auto target = parse_target(request.target);
  if (!target)
    return reply(
        error_response(400, Problem::kBadAddress,
                       "The address is malformed. Check its % escapes; none may stand for a /."));
  if (!target->segments.empty() && target->segments[0] == "api") {
    return route_api(request, *target, reply);
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads) return reply(wrong_method("GET, HEAD"));
  const auto refusal_of_stranger = [&] {
    return refuse(visitor_of(access_, request), access::Role::kViewer);
  };
  if (const Place* const place = find_place(*target)) {
    if (place->audience != Audience::kEverybody) {
      if (const auto refusal = refusal_of_stranger()) return reply(*refusal);
    }
    return place->handler(request, *target, reply);
  }
  if (target->segments.size() == 1 && target->segments[0] == "healthz") return reply(health());
  if (target->segments.size() == 1 && target->segments[0] == "metrics") {
    const auto refusal = refusal_of_stranger();
    return reply(refusal ? *refusal : metrics());
  }
  if (request.target == kAuthorityPath && !authority_pem_.empty()) return reply(authority());
  std::string path;
  for (const std::string& segment : target->segments) path += '/' + segment;
  const web::Asset* asset = web::find_asset(path.empty() ? "/index.html" : path);
  reply(asset == nullptr ? not_found() : asset_response(*asset, request));
}

void Router::route_api(const Request& request, const Target& target, const Reply& reply) {
  if (const auto closed = dashboard_.closed()) return reply(refusal_response(*closed));
  const access::Visitor visitor = visitor_of(access_, request);
  // A browser says where a change comes from; what rides on its cookie must say so.
  if (visitor.means == access::Visitor::Means::kSession && changes_something(request.method) &&
      request.origin.empty()) {
    ++counters_.guard_refusals;
    return reply(error_response(403, Problem::kForeignPage,
                                "Send the Origin header with a change, as browsers do."));
  }
  const Reply kept = once_stored(request, reply);
  if (AccessRoutes::owns(target)) return access_routes_.handle(request, target, visitor, kept);
  if (const auto refusal = refuse(visitor, needed_role(request.method, target, visitor))) {
    return reply(*refusal);
  }
  if (const Place* const place = find_place(target)) {
    Request told = request;
    told.by_admin =
        visitor.means == access::Visitor::Means::kTrusted || visitor.role == access::Role::kAdmin;
    told.by = visitor.name;
    return place->handler(told, target, audited(request, visitor, kept));
  }
  route_dashboard(request, target, visitor, kept);
}

/// Nobody is told that something was changed before that, and its record in the audit log, is on
/// disk: a name, a token that ends, a module that is revoked.
Reply Router::once_stored(const Request& request, const Reply& reply) {
  if (!changes_something(request.method)) return reply;
  return [this, reply](Response response) {
    if (response.status >= 300) return reply(std::move(response));
    dashboard_.after_stored([reply, response = std::move(response)](bool stored) {
      reply(stored ? response : not_stored_yet("more is to be stored than the database takes"));
    });
  };
}

std::optional<Response> Router::overdue(bool patience_is_over) {
  const auto trouble = dashboard_.store_trouble();
  if (!trouble && !patience_is_over) return std::nullopt;
  Response response = not_stored_yet(trouble.value_or("it takes too long"));
  ++counters_.server_errors;
  add_security_headers(response);
  return response;
}

/// What a feature changed on somebody's word goes to the audit log, if it was changed.
Reply Router::audited(const Request& request, const Visitor& visitor, const Reply& reply) {
  if (!changes_something(request.method)) return reply;
  return [this, what = request.method + ' ' + request.target.substr(0, kAuditedBytesMax), visitor,
          reply](Response response) {
    if (response.status < 300) {
      const AuditNote note = response.audit.value_or(AuditNote{"feature.change", what});
      (void)access_.record(visitor, note.action, note.about);
    }
    reply(std::move(response));
  };
}

const Router::Place* Router::find_place(const Target& target) const {
  const auto& asked = target.segments;
  for (const Place& place : handlers_) {
    const auto& parts = place.parts;
    if (asked.size() >= parts.size() && std::equal(parts.begin(), parts.end(), asked.begin())) {
      return &place;
    }
  }
  return nullptr;
}

void Router::route_dashboard(const Request& request, const Target& target, const Visitor& visitor,
                             const Reply& reply) {
  const auto& parts = target.segments;
  if (parts.size() >= 3 && parts[1] == "devices") {
    return route_device(request, target, visitor, reply);
  }
  if (parts.size() >= 2 && parts[1] == "keys") return route_keys(request, target, visitor, reply);
  const bool known = parts.size() == 2 && (parts[1] == "devices" || parts[1] == "system" ||
                                           parts[1] == "events" || parts[1] == "audit");
  if (!known) return reply(not_found());
  if (request.method != "GET") return reply(wrong_method("GET"));
  if (parts[1] == "devices") {
    auto picture = snapshots_.of_now();
    if (!picture.json) {
      ++counters_.bytes_refused;
      return reply(too_much_under_way_response());
    }
    Response all = json_response({});
    all.shared = std::move(picture.json);
    return reply(std::move(all));
  }
  if (parts[1] == "system") return reply(json_response(dashboard_.system_state()));
  if (parts[1] == "audit") return audit(target, reply);
  Response response;
  response.content_type = "text/event-stream";
  response.event_stream = true;
  response.listener = visitor;
  reply(std::move(response));
}

void Router::route_device(const Request& request, const Target& target, const Visitor& visitor,
                          const Reply& reply) {
  const auto& parts = target.segments;
  const auto mac = parse_mac(parts[2]);
  if (!mac) {
    return reply(error_response(404, Problem::kNoSuchDevice,
                                "That is no MAC address. Write it as aa:bb:cc:dd:ee:ff."));
  }
  if (parts.size() == 3) {
    if (request.method == "DELETE") return forget(*mac, target, visitor, reply);
    if (request.method != "PATCH") return reply(wrong_method("PATCH, DELETE"));
    return rename(*mac, request, visitor, reply);
  }
  if (parts.size() == 4 && parts[3] == "history") {
    if (request.method != "GET") return reply(wrong_method("GET"));
    return history(*mac, target, reply);
  }
  if (parts.size() == 4 && parts[3] == "commands") {
    if (request.method != "POST") return reply(wrong_method("POST"));
    return command(*mac, request, visitor, reply);
  }
  if (parts.size() == 4 && parts[3] == "restart") {
    if (request.method != "POST") return reply(wrong_method("POST"));
    return restart(*mac, visitor, reply);
  }
  reply(not_found());
}

void Router::history(const MacAddress& mac, const Target& target, const Reply& reply) {
  HistoryQuery query;
  query.device = mac;
  if (const char* wrong = read_history_query(target, query))
    return reply(error_response(400, Problem::kBadQuery, wrong));
  dashboard_.history(query, [query, reply](const HistoryResult& result) {
    if (const auto* refusal = std::get_if<Refusal>(&result))
      return reply(refusal_response(*refusal));
    reply(json_response(history_json(query, std::get<std::vector<HistoryPoint>>(result))));
  });
}

void Router::command(const MacAddress& mac, const Request& request, const Visitor& visitor,
                     const Reply& reply) {
  station::CommandBody body;
  const station::BodyError error = station::read_command_body(request.body, body);
  if (error != station::BodyError::kNone) {
    ++counters_.bodies_not_understood;
    return reply(error_response(400, Problem::kBadBody, station::explain(error)));
  }
  CommandRequest wanted;
  wanted.device = mac;
  wanted.slot = body.slot;
  wanted.lifetime_s = body.lifetime_s;
  for (station::WantedValue& value : body.values) {
    FieldValue content = value.is_text ? FieldValue(std::move(value.text)) : value.number;
    wanted.values.emplace_back(std::move(value.field), std::move(content));
  }
  dashboard_.command(wanted, [this, wanted, visitor, reply](const CommandResult& result) {
    if (const auto* refusal = std::get_if<Refusal>(&result))
      return reply(refusal_response(*refusal));
    (void)access_.record(visitor, "device.command", describe(wanted));
    const auto& [id, expires_at, waits_for_wake] = std::get<CommandId>(result);
    const nlohmann::ordered_json taken{
        {"command_id", id}, {"expires_at", expires_at.ms}, {"waits_for_wake", waits_for_wake}};
    reply(json_response(taken.dump(), 202));
  });
}

void Router::route_keys(const Request& request, const Target& target, const Visitor& visitor,
                        const Reply& reply) {
  const auto& parts = target.segments;
  if (parts.size() == 2) {
    if (request.method != "GET") return reply(wrong_method("GET"));
    return reply(json_response(dashboard_.keys_state()));
  }
  if (parts.size() != 3 || !is_keys_word(parts[2])) return reply(not_found());
  if (request.method != "POST") return reply(wrong_method("POST"));
  KeysRequest wanted;
  if (const char* wrong = read_keys_request(parts[2], request.body, wanted)) {
    ++counters_.bodies_not_understood;
    return reply(error_response(400, Problem::kBadBody, wrong));
  }
  const std::string about = describe(wanted);
  dashboard_.keys(wanted, [this, what = parts[2], about, visitor, reply](const KeysResult& result) {
    if (const auto* refusal = std::get_if<Refusal>(&result))
      return reply(refusal_response(*refusal));
    (void)access_.record(visitor, "keys." + what, about);
    reply(json_response(std::get<std::string>(result)));
  });
}

void Router::restart(const MacAddress& mac, const Visitor& visitor, const Reply& reply) {
  dashboard_.restart(mac, [this, mac, visitor, reply](const RestartResult& result) {
    if (result) return reply(refusal_response(*result));
    (void)access_.record(visitor, "device.restart", text_of(mac));
    reply(json_response("{}", 202));
  });
}

void Router::rename(const MacAddress& mac, const Request& request, const Visitor& visitor,
                    const Reply& reply) {
  std::string name;
  const station::BodyError error = station::read_name_body(request.body, name);
  if (error != station::BodyError::kNone) {
    ++counters_.bodies_not_understood;
    return reply(error_response(400, Problem::kBadBody, station::explain(error)));
  }
  if (const auto wrong = station::check_name(name); wrong != station::NameError::none) {
    return reply(error_response(422, station::problem_of(wrong), station::to_text(wrong)));
  }
  dashboard_.rename(mac, name, [this, mac, name, visitor, reply](const RenameResult& result) {
    if (const auto* refusal = std::get_if<Refusal>(&result))
      return reply(refusal_response(*refusal));
    (void)access_.record(
        visitor, "device.rename",
        text_of(mac) + " \"" + std::get<FormerName>(result).text + "\" -> \"" + name + '"');
    reply(json_response(nlohmann::json({{"name", name}}).dump()));
  });
}

void Router::forget(const MacAddress& mac, const Target& target, const Visitor& visitor,
                    const Reply& reply) {
  const std::string_view history = target.value("history").value_or("keep");
  if (history != "keep" && history != "erase") {
    return reply(error_response(400, Problem::kBadQuery, "Give history as keep or erase."));
  }
  const bool erase = history == "erase";
  dashboard_.forget(mac, erase, [this, mac, erase, visitor, reply](const ForgetResult& result) {
    if (result) return reply(refusal_response(*result));
    (void)access_.record(visitor, "device.forget", text_of(mac) + (erase ? " with history" : ""));
    reply(json_response("{}"));
  });
}

void Router::audit(const Target& target, const Reply& reply) {
  const auto given = target.value("limit");
  const auto limit = given ? parse_number(*given) : std::optional<std::int64_t>(100);
  if (!limit || *limit < 1 || *limit > static_cast<std::int64_t>(kAuditRecordsMax)) {
    return reply(error_response(400, Problem::kBadQuery, "Give limit as a number from 1 to 1000."));
  }
  dashboard_.audit(static_cast<std::size_t>(*limit), [reply](const AuditResult& result) {
    if (const auto* refusal = std::get_if<Refusal>(&result))
      return reply(refusal_response(*refusal));
    nlohmann::json list = nlohmann::json::array();
    for (const store::AuditRecord& one : std::get<std::vector<store::AuditRecord>>(result)) {
      list.push_back({{"at", one.at.ms},
                      {"account", one.account},
                      {"action", one.action},
                      {"subject", one.subject},
                      {"detail", one.detail}});
    }
    reply(json_response(list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  });
}

Response Router::authority() const {
  Response response;
  response.content_type = "application/x-x509-ca-cert";
  response.text = authority_pem_;
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"espial-ca.crt\"");
  return response;
}

Response Router::health() {
  const auto trouble = dashboard_.trouble();
  return plain_text(trouble ? 503 : 200, (trouble ? *trouble : "ok") + "\n");
}

Response Router::metrics() {
  std::vector<Metric> figures;
  dashboard_.collect(figures);
  counters_.collect(figures);
  figures.push_back({"espial_http_bytes_under_way",
                     "Of large answers and snapshots: kept for clients that may not have them yet.",
                     Metric::Kind::kGauge,
                     static_cast<double>(snapshots_.under_way().bytes()),
                     {}});
  return plain_text(200, metrics_text(figures));
}

}  // namespace espial::http
