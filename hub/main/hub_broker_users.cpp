#include "hub/main/hub_broker_users.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "hub/access/secret.hpp"
#include "hub/main/broker_login.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {
namespace {

using broker::BrokerUser;
using http::Refusal;
using Json = nlohmann::json;
using station::Problem;

constexpr const char* kCollection = "broker_users";
constexpr std::size_t kUsersMax = 256;
constexpr std::size_t kFiltersMax = 16;
constexpr std::string_view kGatewayPrefix = "gateway-";

bool is_gateway(const std::string& name) { return name.rfind(kGatewayPrefix, 0) == 0; }

store::Document to_document(const BrokerUser& user) {
  const Json body = {
      {"password", user.password_hash}, {"reads", user.reads}, {"writes", user.writes}};
  return {kCollection, user.name, body.dump()};
}

/// Reads what `to_document` wrote.
std::optional<BrokerUser> from_document(const std::string& name, const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  const auto texts = [](const Json& list) {
    return list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& one) {
             return one.is_string() && broker::acceptable_filter(one.get<std::string>());
           });
  };
  if (!json.is_object() || !json.contains("password") || !json["password"].is_string() ||
      !json.contains("reads") || !texts(json["reads"]) || !json.contains("writes") ||
      !texts(json["writes"]) || !access::acceptable_name(name)) {
    return std::nullopt;
  }
  return BrokerUser{name, json["password"], json["reads"], json["writes"]};
}

store::AuditRecord audit(const access::Visitor& by, const char* action, const std::string& name) {
  return {unix_now(), by.name, action, name, by.from};
}

Refusal busy() {
  return {Refusal::Kind::kUnavailable, Problem::kStoreBusy,
          "the hub can't store that now; try again"};
}

}  // namespace

HubBrokerUsers::HubBrokerUsers(Parts parts)
    : parts_(std::move(parts)),
      hub_hash_(broker::hash_broker_password(parts_.hub_password, parts_.random)) {
  for (const auto& [name, body] : parts_.documents.all(kCollection)) {
    if (auto user = from_document(name, body)) {
      users_[name] = std::move(*user);
    } else {
      spdlog::error("the broker's user \"{}\" in the database can't be read: left out", name);
    }
  }
}

std::vector<BrokerUser> HubBrokerUsers::users() const {
  std::vector<BrokerUser> all{{kHubUser, hub_hash_, {"#"}, {"#"}}};
  for (const auto& [name, user] : users_) all.push_back(user);
  return all;
}

std::vector<http::BrokerUserView> HubBrokerUsers::list() const {
  std::vector<http::BrokerUserView> all;
  for (const auto& [name, user] : users_) {
    all.push_back({name, is_gateway(name), user.reads, user.writes});
  }
  return all;
}

HubBrokerUsers::Result HubBrokerUsers::add_gateway(const access::Visitor& by,
                                                   const MacAddress& gateway) {
  std::string password = access::draw_secret(parts_.random);
  std::string hash = broker::hash_broker_password(password, parts_.random);
  return add(by, broker::make_gateway_user(parts_.site, gateway, std::move(hash)),
             std::move(password));
}

HubBrokerUsers::Result HubBrokerUsers::add_application(const access::Visitor& by,
                                                       const std::string& name,
                                                       const std::vector<std::string>& reads,
                                                       const std::vector<std::string>& writes) {
  if (!access::acceptable_name(name) || is_gateway(name) || name == kHubUser) {
    return Refusal{Refusal::Kind::kInvalid, Problem::kAccountName,
                   "use 1 to 32 of a-z, 0-9, '.', '_' and '-', and not a gateway's name"};
  }
  for (const auto* filters : {&reads, &writes}) {
    if (filters->size() > kFiltersMax ||
        !std::all_of(filters->begin(), filters->end(), broker::acceptable_filter)) {
      return Refusal{Refusal::Kind::kInvalid, Problem::kBadValue,
                     "give at most 16 MQTT filters such as /device/#, without blanks"};
    }
  }
  std::string password = access::draw_secret(parts_.random);
  std::string hash = broker::hash_broker_password(password, parts_.random);
  return add(by, {name, std::move(hash), reads, writes}, std::move(password));
}

HubBrokerUsers::Result HubBrokerUsers::add(const access::Visitor& by, BrokerUser user,
                                           std::string password) {
  if (users_.size() >= kUsersMax && users_.count(user.name) == 0) {
    return Refusal{Refusal::Kind::kInvalid, Problem::kAccountsFull, "there are as many as can be"};
  }
  if (!parts_.documents.put(to_document(user), audit(by, "broker_user.add", user.name))) {
    return busy();
  }
  const std::string name = user.name;
  users_[name] = std::move(user);
  if (!parts_.apply(users())) return busy();
  std::string client_id = is_gateway(name) ? "" : unguessable_client_id(name, password);
  return Credential{name, std::move(password), std::move(client_id)};
}

std::optional<Refusal> HubBrokerUsers::remove(const access::Visitor& by, const std::string& name) {
  if (users_.count(name) == 0) {
    return Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchAccount, "there is no such user"};
  }
  if (!parts_.documents.put({kCollection, name, {}}, audit(by, "broker_user.remove", name))) {
    return busy();
  }
  users_.erase(name);
  if (!parts_.apply(users())) return busy();
  return std::nullopt;
}

}  // namespace espial::main
