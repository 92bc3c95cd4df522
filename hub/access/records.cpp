#include "hub/access/records.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace espial::access {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kNameCharsMax = 32;

std::string text_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

UnixTime time_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return {at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0};
}

/// The body as an object; null for anything else.
Json body_of(const Document& document) {
  Json body = Json::parse(document.body, nullptr, false);
  return body.is_object() ? body : Json();
}

}  // namespace

Document to_document(const Account& account) {
  const Json body = {{"role", to_text(account.role)},
                     {"password", account.password_hash},
                     {"created_at", account.created_at.ms}};
  return {std::string(kAccounts), account.name, body.dump()};
}

Document to_document(const ApiToken& token) {
  const Json body = {
      {"role", to_text(token.role)}, {"digest", token.digest}, {"created_at", token.created_at.ms}};
  return {std::string(kTokens), token.name, body.dump()};
}

Document to_document(const Session& session) {
  const Json body = {{"account", session.account},
                     {"created_at", session.created_at.ms},
                     {"used_at", session.used_at.ms}};
  return {std::string(kSessions), session.digest, body.dump()};
}

std::optional<Account> parse_account(const Document& document) {
  const Json body = body_of(document);
  const auto role = parse_role(text_of(body, "role"));
  if (!role || !acceptable_name(document.name)) return std::nullopt;
  return Account{document.name, *role, text_of(body, "password"), time_of(body, "created_at")};
}

std::optional<ApiToken> parse_token(const Document& document) {
  const Json body = body_of(document);
  const auto role = parse_role(text_of(body, "role"));
  if (!role || !acceptable_name(document.name)) return std::nullopt;
  return ApiToken{document.name, *role, text_of(body, "digest"), time_of(body, "created_at")};
}

std::optional<Session> parse_session(const Document& document) {
  const Json body = body_of(document);
  Session session{document.name, text_of(body, "account"), time_of(body, "created_at"),
                  time_of(body, "used_at")};
  if (session.digest.empty() || session.account.empty()) return std::nullopt;
  return session;
}

bool acceptable_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kNameCharsMax && plain(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace espial::access
