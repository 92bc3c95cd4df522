#include "hub/http/access_routes.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <variant>

#include "hub/access/credentials.hpp"

namespace espial::http {

using access::AccessError;
using access::Role;
using access::Visitor;
using station::Problem;

namespace {

using Json = nlohmann::json;

constexpr std::string_view kOurs[] = {"session", "setup",       "password",    "accounts",
                                      "tokens",  "setup-links", "broker-users"};
/// As long as a session can last (`access::SessionLimits`).
constexpr int kCookieAge_s = 30 * 24 * 3600;

Response failure(AccessError error, Duration wait = {}) {
  switch (error) {
    case AccessError::kWrongPassword:
      return error_response(403, Problem::kWrongPassword, "That name and password don't match.");
    case AccessError::kTooManyAttempts: {
      Response response = error_response(429, Problem::kTooManyAttempts,
                                         "Too many attempts. Wait a moment and try again.");
      const std::int64_t seconds = std::max<std::int64_t>(1, (wait.ms() + 999) / 1000);
      response.headers.emplace_back("Retry-After", std::to_string(seconds));
      return response;
    }
    case AccessError::kSetupLink:
      return error_response(403, Problem::kSetupLink,
                            "This link was used or has expired. `espial account setup-link` on "
                            "the hub's machine makes another one.");
    case AccessError::kName:
      return error_response(422, Problem::kAccountName,
                            "Use 1 to 32 of a-z, 0-9, '.', '_' and '-', a letter or digit first.");
    case AccessError::kNameTaken:
      return error_response(422, Problem::kAccountTaken, "That name is taken.");
    case AccessError::kUnknown:
      return error_response(404, Problem::kNoSuchAccount, "There is none of that name.");
    case AccessError::kPassword:
      return error_response(422, Problem::kWeakPassword,
                            "Choose a password of 10 to 256 bytes that is not the name.");
    case AccessError::kFull:
      return error_response(422, Problem::kAccountsFull, "There are as many as can be.");
    case AccessError::kLastAdmin:
      return error_response(422, Problem::kLastAdmin,
                            "That is the last admin: make another one first.");
    case AccessError::kNone:
    case AccessError::kBusy:
      break;
  }
  return error_response(503, Problem::kHubBusy, "The hub has too much to do. Try again shortly.");
}

Response done() { return json_response("{}"); }

Response wrong_method(std::string_view allowed) {
  Response response = error_response(405, Problem::kWrongMethod,
                                     "This address takes only " + std::string(allowed) + ".");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response not_a_form() {
  return error_response(400, Problem::kBadBody,
                        "Send a JSON object of texts, such as {\"name\": \"ann\"}.");
}

Response not_a_role() {
  return error_response(400, Problem::kBadBody, "Give role as viewer, operator or admin.");
}

void set_cookie(Response& response, bool secure, std::string_view secret) {
  std::string cookie(secure ? access::kSecureCookie : access::kPlainCookie);
  cookie += '=';
  cookie += secret;
  cookie += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=";
  cookie += std::to_string(secret.empty() ? 0 : kCookieAge_s);
  if (secure) cookie += "; Secure";
  response.headers.emplace_back("Set-Cookie", std::move(cookie));
}

/// Answers what came of a login with the cookie of its session.
auto logged_in(const Request& request, const AccessRoutes::Reply& reply) {
  return [secure = request.secure, reply](const access::AccessControl::LoginResult& result) {
    if (result.error != AccessError::kNone) return reply(failure(result.error, result.wait));
    Response response = json_response(Json({{"role", to_text(result.role)}}).dump());
    set_cookie(response, secure, result.secret);
    reply(std::move(response));
  };
}

/// Accounts or tokens, with nothing that is secret.
template <typename Named>
Response list_of(const std::map<std::string, Named>& all) {
  Json list = Json::array();
  for (const auto& [name, one] : all) {
    list.push_back(
        {{"name", name}, {"role", to_text(one.role)}, {"created_at", one.created_at.ms}});
  }
  return json_response(list.dump());
}

/// What makes an account or a token.
struct Newcomer {
  Form form;
  Role role{};
};
/// Otherwise the answer that says what is missing.
std::variant<Newcomer, Response> read_newcomer(const Request& request) {
  if (request.method != "POST") return wrong_method("GET, POST");
  auto form = read_form_body(request.body);
  if (!form) return not_a_form();
  const auto role = access::parse_role(field_of(*form, "role"));
  if (!role) return not_a_role();
  return Newcomer{std::move(*form), *role};
}

/// The words between the blanks.
std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), std::istream_iterator<std::string>()};
}

auto answered(const AccessRoutes::Reply& reply) {
  return
      [reply](AccessError error) { reply(error == AccessError::kNone ? done() : failure(error)); };
}

}  // namespace

Visitor visitor_of(access::AccessControl& access, const Request& request) {
  const auto name = request.secure ? access::kSecureCookie : access::kPlainCookie;
  const auto session = access::cookie_value(request.cookie, name);
  // A token that can't be read is a wrong one, not none.
  const auto token = access::bearer_token(request.authorization);
  const std::string_view given = token ? *token : request.authorization.empty() ? "" : "unreadable";
  return access.identify(session.value_or(""), given, request.from);
}

std::optional<Response> refuse(const Visitor& visitor, Role needed) {
  if (visitor.may(needed)) return std::nullopt;
  if (visitor.means == Visitor::Means::kNone) {
    Response response = error_response(401, Problem::kLoginNeeded, "Log in first.");
    // A scheme that no browser asks a person about: the page has its own form.
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  return error_response(403, Problem::kForbidden,
                        "This needs the role " + std::string(to_text(needed)) + ".");
}

bool AccessRoutes::owns(const Target& target) {
  return target.segments.size() >= 2 &&
         std::find(std::begin(kOurs), std::end(kOurs), target.segments[1]) != std::end(kOurs);
}

void AccessRoutes::handle(const Request& request, const Target& target, const Visitor& visitor,
                          const Reply& reply) {
  const std::string& what = target.segments[1];
  if (target.segments.size() == 2 && what == "session") {
    return session(request, target, visitor, reply);
  }
  if (target.segments.size() == 2 && what == "setup") {
    return request.method == "POST" ? set_up(request, reply) : reply(wrong_method("POST"));
  }
  if (target.segments.size() == 2 && what == "password") {
    if (const auto refusal = refuse(visitor, Role::kViewer)) return reply(*refusal);
    return request.method == "PUT" ? own_password(request, visitor, reply)
                                   : reply(wrong_method("PUT"));
  }
  if (const auto refusal = refuse(visitor, Role::kAdmin)) return reply(*refusal);
  administer(request, target, visitor, reply);
}

void AccessRoutes::administer(const Request& request, const Target& target, const Visitor& visitor,
                              const Reply& reply) {
  const auto& parts = target.segments;
  if (parts.size() == 2 && parts[1] == "accounts") return accounts(request, visitor, reply);
  if (parts.size() == 3 && parts[1] == "accounts") {
    return account(request, parts[2], visitor, reply);
  }
  if (parts.size() == 2 && parts[1] == "tokens") return tokens(request, visitor, reply);
  if (parts.size() == 3 && parts[1] == "tokens") {
    if (request.method != "DELETE") return reply(wrong_method("DELETE"));
    return answered(reply)(access_.remove_token(visitor, parts[2]));
  }
  if (parts[1] == "broker-users") return broker_users(request, target, visitor, reply);
  if (parts.size() == 2 && parts[1] == "setup-links") {
    if (request.method != "POST") return reply(wrong_method("POST"));
    Json link = {{"secret", access_.open_setup(visitor)}};
    if (!page_.empty()) link["page"] = page_;
    return reply(json_response(link.dump(), 201));
  }
  reply(error_response(404, Problem::kNotFound, "There is nothing here."));
}

std::string AccessRoutes::session_json(const Visitor& visitor, bool secure) const {
  const bool known = visitor.means != Visitor::Means::kNone;
  const bool account = visitor.means == Visitor::Means::kSession;
  const Json body = {{"login_required", access_.login_required()},
                     {"setup_needed", access_.login_required() && access_.setup_needed()},
                     {"account", account ? Json(visitor.name) : Json()},
                     {"role", known ? Json(to_text(visitor.role)) : Json()},
                     {"secure", secure}};
  return body.dump();
}

void AccessRoutes::session(const Request& request, const Target& target, const Visitor& visitor,
                           const Reply& reply) {
  if (request.method == "GET") return reply(json_response(session_json(visitor, request.secure)));
  if (request.method == "POST") return log_in(request, reply);
  if (request.method != "DELETE") return reply(wrong_method("GET, POST, DELETE"));
  if (target.value("everywhere")) {
    access_.log_out_everywhere(visitor);
  } else {
    access_.log_out(visitor);
  }
  Response response = done();
  set_cookie(response, request.secure, "");
  reply(std::move(response));
}

void AccessRoutes::log_in(const Request& request, const Reply& reply) {
  const auto form = read_form_body(request.body);
  if (!form) return reply(not_a_form());
  access_.log_in(field_of(*form, "name"), field_of(*form, "password"), request.from,
                 logged_in(request, reply));
}

void AccessRoutes::set_up(const Request& request, const Reply& reply) {
  const auto form = read_form_body(request.body);
  if (!form) return reply(not_a_form());
  access_.set_up(field_of(*form, "secret"), field_of(*form, "name"), field_of(*form, "password"),
                 request.from, logged_in(request, reply));
}

void AccessRoutes::own_password(const Request& request, const Visitor& visitor,
                                const Reply& reply) {
  const auto form = read_form_body(request.body);
  if (!form) return reply(not_a_form());
  access_.change_own_password(visitor, field_of(*form, "present"), field_of(*form, "password"),
                              answered(reply));
}

void AccessRoutes::accounts(const Request& request, const Visitor& visitor, const Reply& reply) {
  if (request.method == "GET") {
    return reply(list_of(access_.accounts()));
  }
  const auto read = read_newcomer(request);
  if (const auto* wrong = std::get_if<Response>(&read)) return reply(*wrong);
  const auto& [form, role] = std::get<Newcomer>(read);
  access_.add_account(visitor, field_of(form, "name"), role, field_of(form, "password"),
                      answered(reply));
}

void AccessRoutes::account(const Request& request, const std::string& name, const Visitor& visitor,
                           const Reply& reply) {
  if (request.method == "DELETE") return answered(reply)(access_.remove_account(visitor, name));
  if (request.method != "PATCH") return reply(wrong_method("PATCH, DELETE"));
  const auto form = read_form_body(request.body);
  if (!form || form->size() != 1) {
    return reply(error_response(400, Problem::kBadBody, "Give either a role or a password."));
  }
  if (form->count("password") != 0) {
    return access_.set_password(visitor, name, field_of(*form, "password"), answered(reply));
  }
  const auto role = access::parse_role(field_of(*form, "role"));
  if (!role) return reply(not_a_role());
  answered(reply)(access_.set_role(visitor, name, *role));
}

void AccessRoutes::broker_users(const Request& request, const Target& target,
                                const Visitor& visitor, const Reply& reply) {
  if (broker_users_ == nullptr) {
    return reply(error_response(
        404, Problem::kNotFound,
        "The broker asks nobody for a password: start the hub with --lan or --require-login."));
  }
  if (target.segments.size() == 3) {
    if (request.method != "DELETE") return reply(wrong_method("DELETE"));
    const auto refusal = broker_users_->remove(visitor, target.segments[2]);
    return reply(refusal ? refusal_response(*refusal) : done());
  }
  if (request.method == "POST") return add_broker_user(request, visitor, reply);
  if (request.method != "GET") return reply(wrong_method("GET, POST"));
  Json list = Json::array();
  for (const BrokerUserView& user : broker_users_->list()) {
    list.push_back({{"name", user.name},
                    {"gateway", user.gateway},
                    {"reads", user.reads},
                    {"writes", user.writes}});
  }
  reply(json_response(list.dump()));
}

void AccessRoutes::add_broker_user(const Request& request, const Visitor& visitor,
                                   const Reply& reply) {
  const auto form = read_form_body(request.body);
  if (!form) return reply(not_a_form());
  BrokerUsers::Result result;
  if (form->count("gateway") != 0) {
    const auto mac = parse_mac(field_of(*form, "gateway"));
    if (!mac) {
      return reply(error_response(400, Problem::kBadBody,
                                  "Give gateway as a MAC address: aa:bb:cc:dd:ee:ff."));
    }
    result = broker_users_->add_gateway(visitor, *mac);
  } else {
    result = broker_users_->add_application(visitor, field_of(*form, "name"),
                                            words_of(field_of(*form, "reads")),
                                            words_of(field_of(*form, "writes")));
  }
  if (const auto* refusal = std::get_if<Refusal>(&result)) return reply(refusal_response(*refusal));
  const auto& credential = std::get<BrokerUsers::Credential>(result);
  Json body = {{"name", credential.name}, {"password", credential.password}};
  if (!credential.client_id.empty()) body["client_id"] = credential.client_id;
  reply(json_response(body.dump(), 201));
}

void AccessRoutes::tokens(const Request& request, const Visitor& visitor, const Reply& reply) {
  if (request.method == "GET") {
    return reply(list_of(access_.tokens()));
  }
  const auto read = read_newcomer(request);
  if (const auto* wrong = std::get_if<Response>(&read)) return reply(*wrong);
  const auto& [form, role] = std::get<Newcomer>(read);
  const auto result = access_.add_token(visitor, field_of(form, "name"), role);
  if (result.error != AccessError::kNone) return reply(failure(result.error));
  reply(json_response(Json({{"secret", result.secret}}).dump(), 201));
}

}  // namespace espial::http
