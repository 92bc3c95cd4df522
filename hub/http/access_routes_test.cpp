#include "hub/http/access_routes.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "hub/http/fake_dashboard_test.hpp"
#include "hub/http/open_access_test.hpp"
#include "hub/http/router.hpp"

namespace espial::http {
namespace {

using Json = nlohmann::json;

constexpr const char* kHost = "hub.lan:8080";

class AccessRoutesTest : public testing::Test {
 protected:
  static Request request(std::string method, std::string target, std::string body = "") {
    Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.host = kHost;
    request.origin = std::string("http://") + kHost;
    request.content_type = "application/json";
    request.from = "192.168.1.20";
    request.body = std::move(body);
    return request;
  }

  Response handle(const Request& asked) {
    Response answer;
    answer.status = 0;
    router_.handle(asked, [&](Response response) { answer = std::move(response); });
    return answer;
  }

  Response ask(std::string method, std::string target, std::string body = "",
               const std::string& cookie = "", const std::string& token = "") {
    Request asked = request(std::move(method), std::move(target), std::move(body));
    asked.cookie = cookie;
    if (!token.empty()) asked.authorization = "Bearer " + token;
    return handle(asked);
  }
  Response as_local(std::string method, std::string target, std::string body = "") {
    return ask(std::move(method), std::move(target), std::move(body), "", "local");
  }

  static std::string code(const Response& response) { return Json::parse(response.text)["code"]; }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  static std::string cookie_of(const Response& response) {
    const std::string text = header(response, "Set-Cookie");
    return text.substr(0, text.find(';'));
  }

  std::string log_in(const std::string& name, const std::string& role) {
    const Json account = {{"name", name}, {"role", role}, {"password", "correct horse"}};
    EXPECT_EQ(as_local("POST", "/api/accounts", account.dump()).status, 200U);
    const Json login = {{"name", name}, {"password", "correct horse"}};
    return cookie_of(ask("POST", "/api/session", login.dump()));
  }

  FakeDashboard dashboard_;
  Counters counters_;
  EventLog events_{8, 1000};
  BytesUnderWay under_way_{1024};
  SharedSnapshot snapshots_{dashboard_, events_, under_way_, std::chrono::seconds(1)};
  TestAccess access_{true};
  Router router_{dashboard_, access_.control, counters_, snapshots_, "PEM"};
};

constexpr const char* kSwitchOn = R"({"slot":0,"values":{"on":1}})";
constexpr const char* kCommands = "/api/devices/24:6f:28:00:00:07/commands";

TEST_F(AccessRoutesTest, StrangersGetThePageAndNothingElse) {
  const Handler values = [](const Request&, const Target&, const Reply& reply) {
    reply(json_response("{}"));
  };
  router_.serve({"pages"}, values);
  router_.serve({"dispobox"}, values, Audience::kEverybody);
  for (const char* open : {"/", "/healthz", "/api/session", "/ca.crt", "/dispobox/"}) {
    EXPECT_EQ(ask("GET", open).status, 200U) << open;
  }
  for (const char* shut :
       {"/api/devices", "/api/system", "/api/events", "/api/audit", "/metrics", "/api/accounts",
        "/api/tokens", "/api/devices/24:6f:28:00:00:07/history", "/pages/Maison"}) {
    const Response response = ask("GET", shut);
    EXPECT_EQ(response.status, 401U) << shut;
    EXPECT_EQ(code(response), "login_needed");
    EXPECT_FALSE(response.event_stream);
  }
  EXPECT_EQ(ask("POST", kCommands, kSwitchOn).status, 401U);
  EXPECT_EQ(ask("POST", "/api/setup-links").status, 401U);
  EXPECT_EQ(ask("PUT", "/api/password", "{}").status, 401U);
  EXPECT_TRUE(dashboard_.wanted.values.empty());
  EXPECT_EQ(Json::parse(ask("GET", "/api/session").text),
            Json::parse(R"({"login_required":true,"setup_needed":true,"account":null,"role":null,
                            "secure":false})"));
}

TEST_F(AccessRoutesTest, OnlyWhatIsPublicAndNoPageIsReadWithoutTls) {
  const Handler values = [](const Request&, const Target&, const Reply& reply) {
    reply(json_response("{}"));
  };
  router_.serve({"pages"}, values);
  router_.serve({"dispobox"}, values, Audience::kEverybody);
  const auto in_clear = [this](const char* method, const char* target) {
    Request request;
    request.method = method;
    request.target = target;
    return router_.answers_in_clear(request);
  };
  for (const char* open : {"/ca.crt", "/dispobox/", "/dispobox/?action=getAllBoxes"}) {
    EXPECT_TRUE(in_clear("GET", open)) << open;
  }
  for (const char* shut : {"/", "/healthz", "/metrics", "/api/session", "/api/devices",
                           "/pages/Maison", "/dispobox%2f", "/%"}) {
    EXPECT_FALSE(in_clear("GET", shut)) << shut;
  }
  EXPECT_FALSE(in_clear("POST", "/dispobox/"));
}

TEST_F(AccessRoutesTest, EachRoleMayWhatItMay) {
  const std::string viewer = log_in("vera", "viewer");
  const std::string steering = log_in("otto", "operator");
  const std::string admin = log_in("ada", "admin");
  router_.serve({"pages"}, [](const Request&, const Target&, const Reply& reply) {
    reply(json_response("{}"));
  });
  for (const std::string& cookie : {viewer, steering, admin}) {
    EXPECT_EQ(ask("GET", "/api/devices", "", cookie).status, 200U);
    EXPECT_TRUE(ask("GET", "/api/events", "", cookie).event_stream);
    EXPECT_EQ(ask("GET", "/pages/Maison", "", cookie).status, 200U);
  }
  EXPECT_EQ(code(ask("POST", kCommands, kSwitchOn, viewer)), "forbidden");
  EXPECT_EQ(ask("PATCH", "/api/devices/24:6f:28:00:00:07", R"({"name":"x"})", viewer).status, 403U);
  EXPECT_EQ(ask("POST", kCommands, kSwitchOn, steering).status, 202U);
  EXPECT_EQ(ask("GET", "/api/accounts", "", steering).status, 403U);
  EXPECT_EQ(ask("GET", "/api/audit", "", steering).status, 403U);
  EXPECT_EQ(Json::parse(ask("GET", "/api/accounts", "", admin).text).size(), 3U);
  EXPECT_EQ(ask("GET", "/api/audit?limit=7", "", admin).status, 200U);
  EXPECT_EQ(dashboard_.audit_limit, 7U);
  EXPECT_EQ(access_.audit.back().account, "otto");
  EXPECT_EQ(access_.audit.back().subject, "24:6f:28:00:00:07 slot 0 on=1.0");
  EXPECT_EQ(ask("DELETE", "/api/devices/24:6f:28:00:00:07", "", steering).status, 403U);
  EXPECT_TRUE(dashboard_.forgotten.empty());
  EXPECT_EQ(ask("DELETE", "/api/devices/24:6f:28:00:00:07", "", admin).status, 200U);
  EXPECT_EQ(access_.audit.back().action, "device.forget");
  router_.serve({"api", "replace"}, [](const Request&, const Target&, const Reply& reply) {
    reply(json_response("{}"));
  });
  EXPECT_EQ(code(ask("POST", "/api/replace", "{}", viewer)), "forbidden");
  EXPECT_EQ(ask("POST", "/api/replace", "{}", steering).status, 200U);
}

TEST_F(AccessRoutesTest, WhatModulesAreForAndTheHoursAreTheAdmins) {
  const std::string steering = log_in("otto", "operator");
  const std::string admin = log_in("ada", "admin");
  int changes = 0;
  const Handler handler = [&](const Request& asked, const Target&, const Reply& reply) {
    if (asked.method != "GET") ++changes;
    reply(json_response("{}"));
  };
  router_.serve({"api", "configuration"}, handler);
  router_.serve({"api", "dispobox", "hours"}, handler);
  const std::pair<const char*, const char*> house[] = {{"PUT", "/api/configuration/Maison"},
                                                       {"DELETE", "/api/configuration/Maison"},
                                                       {"PUT", "/api/dispobox/hours"}};
  for (const auto& [method, target] : house) {
    EXPECT_EQ(ask("GET", target, "", steering).status, 200U) << target;
    EXPECT_EQ(code(ask(method, target, "{}", steering)), "forbidden") << method << target;
  }
  EXPECT_EQ(changes, 0);
  for (const auto& [method, target] : house) {
    EXPECT_EQ(ask(method, target, "{}", admin).status, 200U) << method << target;
  }
}

TEST_F(AccessRoutesTest, AnAlarmsRuleIsTheAdminsAndItsNoiseTheOperators) {
  const std::string viewer = log_in("vera", "viewer");
  const std::string steering = log_in("otto", "operator");
  const std::string admin = log_in("ada", "admin");
  std::string by;
  router_.serve({"api", "alarms"}, [&](const Request& asked, const Target&, const Reply& reply) {
    by = asked.by;
    reply(json_response("{}"));
  });
  for (const std::string what : {"/acknowledgement", "/silence"}) {
    const std::string target = "/api/alarms/Freezer" + what;
    EXPECT_EQ(ask("PUT", target, "{}", viewer).status, 403U);
    EXPECT_EQ(by, "");
    EXPECT_EQ(ask("PUT", target, "{}", steering).status, 200U);
    EXPECT_EQ(std::exchange(by, ""), "otto");
  }
  EXPECT_EQ(ask("PUT", "/api/alarms/Freezer", "{}", steering).status, 403U);
  EXPECT_EQ(ask("PUT", "/api/alarms/Freezer", "{}", admin).status, 200U);
}

TEST_F(AccessRoutesTest, TheCookieIsOutOfScriptsAndOtherSitesReach) {
  const Json login = {{"name", "vera"}, {"password", "correct horse"}};
  (void)log_in("vera", "viewer");
  const std::string plain = header(ask("POST", "/api/session", login.dump()), "Set-Cookie");
  EXPECT_EQ(plain.rfind("espial=", 0), 0U);
  EXPECT_NE(plain.find("; Path=/; HttpOnly; SameSite=Strict; Max-Age="), std::string::npos);
  EXPECT_EQ(plain.find("Secure"), std::string::npos);
  Request asked = request("POST", "/api/session", login.dump());
  asked.secure = true;
  asked.origin = std::string("https://") + kHost;
  const std::string secure = header(handle(asked), "Set-Cookie");
  EXPECT_EQ(secure.rfind("__Host-espial=", 0), 0U);
  EXPECT_NE(secure.find("; Secure"), std::string::npos);
}

TEST_F(AccessRoutesTest, ACookieAloneChangesNothing) {
  const std::string cookie = log_in("otto", "operator");
  Request asked = request("POST", kCommands, kSwitchOn);
  asked.cookie = cookie;
  asked.origin = "";
  EXPECT_EQ(handle(asked).status, 403U);
  asked.origin = "http://evil.example";
  EXPECT_EQ(handle(asked).status, 403U);
  asked.origin = std::string("https://") + kHost;
  EXPECT_EQ(handle(asked).status, 403U);
  asked.content_type = "text/plain";
  asked.origin = std::string("http://") + kHost;
  EXPECT_EQ(handle(asked).status, 415U);
  EXPECT_TRUE(dashboard_.wanted.values.empty());
}

TEST_F(AccessRoutesTest, LoggingOutTakesTheCookieAway) {
  const std::string cookie = log_in("vera", "viewer");
  const Response out = ask("DELETE", "/api/session", "", cookie);
  EXPECT_EQ(out.status, 200U);
  EXPECT_NE(header(out, "Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(ask("GET", "/api/devices", "", cookie).status, 401U);
}

TEST_F(AccessRoutesTest, ASetupLinkIsForOneAdmin) {
  const std::string secret = Json::parse(as_local("POST", "/api/setup-links").text)["secret"];
  Json form = {{"secret", secret}, {"name", "ada"}, {"password", "short"}};
  EXPECT_EQ(code(ask("POST", "/api/setup", form.dump())), "weak_password");
  form["password"] = "correct horse";
  const std::string cookie = cookie_of(ask("POST", "/api/setup", form.dump()));
  EXPECT_EQ(ask("GET", "/api/accounts", "", cookie).status, 200U);
  EXPECT_EQ(code(ask("POST", "/api/setup", form.dump())), "setup_link");
}

TEST_F(AccessRoutesTest, TokensAreShownOnceAndCanBeTakenBack) {
  const Response made = as_local("POST", "/api/tokens", R"({"name":"grafana","role":"viewer"})");
  const std::string token = Json::parse(made.text)["secret"];
  EXPECT_EQ(ask("GET", "/metrics", "", "", token).status, 200U);
  EXPECT_EQ(ask("POST", kCommands, kSwitchOn, "", token).status, 403U);
  EXPECT_EQ(as_local("GET", "/api/tokens").text.find(token), std::string::npos);
  EXPECT_EQ(as_local("DELETE", "/api/tokens/grafana").status, 200U);
  EXPECT_EQ(ask("GET", "/metrics", "", "", token).status, 401U);
  EXPECT_EQ(as_local("DELETE", "/api/tokens/grafana").status, 404U);
}

TEST_F(AccessRoutesTest, SaysHowLongToWait) {
  Response response;
  for (int i = 0; i < 40 && response.status != 429; ++i) {
    response = ask("POST", "/api/session", R"({"name":"ada","password":"guess"})");
  }
  EXPECT_EQ(code(response), "too_many_attempts");
  EXPECT_GT(std::stoi(header(response, "Retry-After")), 0);
}

TEST_F(AccessRoutesTest, RefusesWhatIsNoForm) {
  for (const char* body : {"", "[]", "{\"name\":1}", "{\"name\":{\"$gt\":\"\"}}", "\xff"}) {
    EXPECT_EQ(ask("POST", "/api/session", body).status, 400U) << body;
    EXPECT_EQ(ask("POST", "/api/setup", body).status, 400U) << body;
    EXPECT_EQ(as_local("POST", "/api/accounts", body).status, 400U) << body;
    EXPECT_EQ(as_local("PATCH", "/api/accounts/ada", body).status, 400U) << body;
  }
  EXPECT_EQ(as_local("POST", "/api/accounts", R"({"name":"a","role":"root"})").status, 400U);
  EXPECT_EQ(as_local("PUT", "/api/accounts", "{}").status, 405U);
  EXPECT_EQ(as_local("DELETE", "/api/accounts/%27%3B--").status, 404U);
  EXPECT_EQ(ask("GET", "/api/session", "", "", "no token").status, 200U);
  EXPECT_EQ(ask("GET", "/api/devices", "", "", "no token").status, 401U);
}

}  // namespace
}  // namespace espial::http
