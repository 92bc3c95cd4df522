#include "hub/http/router.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hub/http/fake_dashboard_test.hpp"
#include "hub/http/open_access_test.hpp"

namespace espial::http {

using station::Problem;

namespace {

constexpr const char* kMac = "24:6f:28:00:00:07";

class RouterTest : public testing::Test {
 protected:
  Response ask(std::string method, std::string target, std::string body = "") {
    Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.host = "127.0.0.1:8080";
    request.body = std::move(body);
    if (request.method != "GET") request.content_type = "application/json";
    return handle(request);
  }

  Response handle(const Request& request) {
    Response answer;
    answer.status = 0;
    router_.handle(request, [&](Response response) { answer = std::move(response); });
    return answer;
  }

  static std::string code(const Response& response) {
    return nlohmann::json::parse(response.text).at("code");
  }

  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  FakeDashboard dashboard_;
  Counters counters_;
  EventLog events_{8, 1000};
  BytesUnderWay under_way_{1024};
  SharedSnapshot snapshots_{dashboard_, events_, under_way_, std::chrono::seconds(1)};
  TestAccess access_;
  Router router_{dashboard_, access_.control, counters_, snapshots_};
};

TEST_F(RouterTest, AChangeIsAnsweredOnceItIsStored) {
  dashboard_.hold_stored = true;
  std::vector<unsigned> answers;
  Request request;
  request.method = "PATCH";
  request.target = "/api/devices/24:6f:28:00:00:07";
  request.host = "127.0.0.1:8080";
  request.content_type = "application/json";
  request.body = R"({"name":"Cellar"})";
  const auto rename = [&] {
    router_.handle(request, [&](Response response) { answers.push_back(response.status); });
  };
  rename();
  rename();
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(ask("GET", "/api/devices").status, 200U) << "who only looks need not wait";
  ASSERT_EQ(dashboard_.waiting.size(), 2U);
  dashboard_.waiting[0](true);
  dashboard_.waiting[1](false);
  EXPECT_EQ(answers, (std::vector<unsigned>{200, 503}));
  dashboard_.rename_answer = Refusal{};
  rename();
  EXPECT_EQ(answers.back(), 422U) << "nothing was changed, so there is nothing to wait for";
}

TEST_F(RouterTest, ServesThePageWithItsSafetyHeaders) {
  const Response page = ask("GET", "/");
  EXPECT_EQ(page.status, 200U);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_NE(page.body().find("<div id=\"app\">"), std::string_view::npos);
  EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
  EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
  const std::string policy = header(page, "Content-Security-Policy");
  EXPECT_NE(policy.find("script-src 'self';"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
}

TEST_F(RouterTest, ServesHashedAssetsForEverAndCompressed) {
  const std::string page(ask("GET", "/").body());
  const std::size_t at = page.find("/assets/");
  ASSERT_NE(at, std::string::npos);
  Request request;
  request.method = "GET";
  request.target = page.substr(at, page.find('"', at) - at);
  request.host = "localhost";
  const Response plain = handle(request);
  EXPECT_EQ(plain.status, 200U);
  EXPECT_NE(header(plain, "Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  request.accept_encoding = "gzip, br";
  const Response compressed = handle(request);
  EXPECT_EQ(header(compressed, "Content-Encoding"), "gzip");
  EXPECT_LT(compressed.body().size(), plain.body().size());
  EXPECT_EQ(compressed.body().substr(0, 2), "\x1f\x8b");
  request.if_none_match = header(plain, "ETag");
  EXPECT_EQ(handle(request).status, 304U);
}

TEST_F(RouterTest, WhoeverIsTrustedReadsWhatHeHasDone) {
  EXPECT_EQ(ask("GET", "/api/audit?limit=5").status, 200U);
  EXPECT_EQ(dashboard_.audit_limit, 5U);
}

TEST_F(RouterTest, ListsTheDevices) {
  dashboard_.devices = R"([{"mac":"x"}])";
  const Response response = ask("GET", "/api/devices");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(header(response, "Cache-Control"), "no-store");
  EXPECT_EQ(response.body().find(R"({"revision":1000,"now":)"), 0U);
  EXPECT_NE(response.body().find(R"("devices":[{"mac":"x"}],"system":{"broker")"),
            std::string::npos);
}

TEST_F(RouterTest, AsksForAHistory) {
  dashboard_.history_answer = std::vector<HistoryPoint>{{{1000}, 21.5, 21, 22}};
  const Response response =
      ask("GET", std::string("/api/devices/") + kMac +
                     "/history?slot=2&field=temperature&from=1&to=5000&points=10");
  EXPECT_EQ(response.status, 200U);
  EXPECT_NE(response.text.find(R"("points":[[1000,21.5,21.0,22.0]])"), std::string::npos)
      << response.text;
  EXPECT_EQ(dashboard_.asked.slot, 2);
  EXPECT_EQ(dashboard_.asked.field, "temperature");
  EXPECT_EQ(dashboard_.asked.from.ms, 1);
  EXPECT_EQ(dashboard_.asked.to.ms, 5000);
  EXPECT_EQ(dashboard_.asked.points, 10U);
}

TEST_F(RouterTest, AModuleItselfHasAHistoryToo) {
  const std::string start = std::string("/api/devices/") + kMac + "/history?slot=";
  EXPECT_EQ(ask("GET", start + "15&field=level&from=1&to=5000").status, 200U);
  EXPECT_EQ(dashboard_.asked.slot, 15);
  EXPECT_EQ(ask("GET", start + "271&field=level&from=1&to=5000").status, 400U);
}

TEST_F(RouterTest, RefusesHistoriesThatMakeNoSense) {
  for (const char* query :
       {"", "?slot=12&field=a&from=1&to=2", "?slot=0&from=1&to=2", "?slot=0&field=a&from=2&to=2",
        "?slot=0&field=a&from=1&to=2&points=0", "?slot=0&field=a&from=1&to=2&points=2001",
        "?slot=0&field=%ff&from=1&to=2"}) {
    const std::string target = std::string("/api/devices/") + kMac + "/history" + query;
    EXPECT_EQ(ask("GET", target).status, 400U) << query;
  }
}

TEST_F(RouterTest, PassesACommandOn) {
  const Response response = ask("POST", std::string("/api/devices/") + kMac + "/commands",
                                R"({"slot":1,"values":{"on":1,"text":"hi"}})");
  EXPECT_EQ(response.status, 202U);
  EXPECT_EQ(response.text, R"({"command_id":41,"expires_at":1700000000000,"waits_for_wake":true})");
  EXPECT_EQ(dashboard_.wanted.device, *parse_mac(kMac));
  EXPECT_EQ(dashboard_.wanted.slot, 1);
  ASSERT_EQ(dashboard_.wanted.values.size(), 2U);
  EXPECT_EQ(std::get<double>(dashboard_.wanted.values[0].second), 1);
  EXPECT_EQ(std::get<std::string>(dashboard_.wanted.values[1].second), "hi");
  EXPECT_FALSE(dashboard_.wanted.lifetime_s);
}

TEST_F(RouterTest, PassesACommandsLifetimeOnAndSaysWhichThereAre) {
  const std::string target = std::string("/api/devices/") + kMac + "/commands";
  const auto body = [](const char* lifetime) {
    return std::string(R"({"slot":1,"values":{"on":1},"lifetime_s":)") + lifetime + "}";
  };
  EXPECT_EQ(ask("POST", target, body("900")).status, 202U);
  EXPECT_EQ(dashboard_.wanted.lifetime_s, 900U);
  for (const char* const wrong : {"0", "604801", "0.5", "\"60\""}) {
    const Response response = ask("POST", target, body(wrong));
    EXPECT_EQ(response.status, 400U) << wrong;
    EXPECT_NE(response.text.find("from 1 to 604800 (7 days)"), std::string::npos) << response.text;
  }
}

TEST_F(RouterTest, SaysWhyACommandIsRefused) {
  const std::string target = std::string("/api/devices/") + kMac + "/commands";
  const std::string body = R"({"slot":1,"values":{"on":1}})";
  dashboard_.command_answer =
      Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchDevice, "No such \xff module."};
  EXPECT_EQ(ask("POST", target, body).status, 404U);
  dashboard_.command_answer =
      Refusal{Refusal::Kind::kInvalid, Problem::kTakesNoCommands, "It takes no commands."};
  const Response response = ask("POST", target, body);
  EXPECT_EQ(response.status, 422U);
  EXPECT_EQ(response.text, R"({"code":"takes_no_commands","error":"It takes no commands."})");
  dashboard_.command_answer =
      Refusal{Refusal::Kind::kUnavailable, Problem::kBrokerBusy, "The broker is away."};
  EXPECT_EQ(ask("POST", target, body).status, 503U);
}

TEST_F(RouterTest, EveryErrorHasACode) {
  const std::string device = std::string("/api/devices/") + kMac;
  EXPECT_EQ(code(ask("GET", "/nothing")), "not_found");
  EXPECT_EQ(code(ask("DELETE", "/api/devices")), "wrong_method");
  EXPECT_EQ(code(ask("GET", "/%zz")), "bad_address");
  EXPECT_EQ(code(ask("GET", device + "/history")), "bad_query");
  EXPECT_EQ(code(ask("POST", device + "/commands", "{")), "bad_body");
  EXPECT_EQ(code(ask("PATCH", device, R"({"name":"a;b"})")), "name_separator");
  EXPECT_EQ(code(ask("PATCH", device, R"({"name":""})")), "name_empty");
  Request request;
  request.method = "GET";
  request.target = "/";
  request.host = "example.com";
  EXPECT_EQ(code(handle(request)), "wrong_host");
}

TEST_F(RouterTest, TheDescriptionOfTheApiListsTheCodes) {
  std::ifstream file("hub/http/openapi.yaml");
  std::string line;
  while (std::getline(file, line) && line != "    Problem:") {
  }
  std::vector<std::string> codes;
  while (std::getline(file, line) && line.substr(0, 6) == "      ") {
    const std::size_t at = line.find("- ");
    if (at != std::string::npos)
      codes.push_back(line.substr(at + 2, line.find(' ', at + 2) - at - 2));
  }
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Problem::kNumber); ++i) {
    expected.emplace_back(station::code_of(static_cast<Problem>(i)));
  }
  EXPECT_EQ(codes, expected);
}

TEST_F(RouterTest, CountsBodiesItCannotRead) {
  const std::string target = std::string("/api/devices/") + kMac + "/commands";
  EXPECT_EQ(ask("POST", target, "{").status, 400U);
  EXPECT_EQ(ask("POST", target, std::string(50'000, '[')).status, 400U);
  EXPECT_EQ(counters_.bodies_not_understood, 2U);
  EXPECT_EQ(counters_.client_errors, 2U);
}

TEST_F(RouterTest, RenamesADevice) {
  const std::string target = std::string("/api/devices/") + kMac;
  EXPECT_EQ(ask("PATCH", target, R"({"name":" Hall "})").status, 200U);
  ASSERT_EQ(dashboard_.renamed.size(), 1U);
  EXPECT_EQ(dashboard_.renamed[0].second, "Hall");
  EXPECT_EQ(ask("PATCH", target, R"({"name":"a;b"})").status, 422U);
  EXPECT_EQ(ask("PATCH", target, R"({"name":""})").status, 422U);
  EXPECT_EQ(dashboard_.renamed.size(), 1U);
  dashboard_.rename_answer = Refusal{Refusal::Kind::kInvalid, Problem::kNameTaken, "Taken."};
  EXPECT_EQ(ask("PATCH", target, R"({"name":"Hall"})").status, 422U);
}

TEST_F(RouterTest, TellsADeviceToStartAgain) {
  const std::string target = std::string("/api/devices/") + kMac + "/restart";
  EXPECT_EQ(ask("POST", target).status, 202U);
  ASSERT_EQ(dashboard_.restarted.size(), 1U);
  EXPECT_EQ(dashboard_.restarted[0], *parse_mac(kMac));
  EXPECT_EQ(ask("GET", target).status, 405U);
  EXPECT_EQ(dashboard_.restarted.size(), 1U);
  dashboard_.restart_answer =
      Refusal{Refusal::Kind::kUnavailable, Problem::kDeviceOffline, "It is offline."};
  EXPECT_EQ(ask("POST", target).status, 503U);
}

TEST_F(RouterTest, ForgetsADevice) {
  const std::string target = std::string("/api/devices/") + kMac;
  EXPECT_EQ(ask("DELETE", target).status, 200U);
  EXPECT_EQ(ask("DELETE", target + "?history=erase").status, 200U);
  EXPECT_EQ(ask("DELETE", target + "?history=some").status, 400U);
  ASSERT_EQ(dashboard_.forgotten.size(), 2U);
  EXPECT_EQ(dashboard_.forgotten[0], std::make_pair(*parse_mac(kMac), false));
  EXPECT_EQ(dashboard_.forgotten[1], std::make_pair(*parse_mac(kMac), true));
  dashboard_.forget_answer =
      Refusal{Refusal::Kind::kInvalid, Problem::kStillOnline, "It is online."};
  EXPECT_EQ(ask("DELETE", target).status, 422U);
}

TEST_F(RouterTest, LetsFeaturesAnswerTheirOwnAddresses) {
  router_.serve({"api", "groups"},
                [](const Request& request, const Target& target, const Reply& reply) {
                  reply(json_response(request.method + " " + target.segments.back()));
                });
  const Response answer = ask("PUT", "/api/groups/lamps", "{}");
  EXPECT_EQ(answer.text, "PUT lamps");
  EXPECT_EQ(header(answer, "X-Frame-Options"), "DENY");
  EXPECT_EQ(ask("GET", "/api/group").status, 404U);
  EXPECT_EQ(ask("GET", "/groups/lamps").status, 404U);
}

TEST_F(RouterTest, AsksFeaturesOnlyWhatAVisitorMay) {
  TestAccess strict(true);
  Router router(dashboard_, strict.control, counters_, snapshots_);
  int asked = 0;
  const Handler handler = [&](const Request&, const Target&, const Reply& reply) {
    ++asked;
    reply(json_response("{}"));
  };
  router.serve({"api", "groups"}, handler);
  router.serve({"pages"}, handler);
  router.serve({"dispobox"}, handler, Audience::kEverybody);
  const auto status_of = [&](const char* method, const char* target) {
    Request request;
    request.method = method;
    request.target = target;
    request.host = "127.0.0.1:8080";
    request.body = "{}";
    if (request.method != "GET") request.content_type = "application/json";
    unsigned status = 0;
    router.handle(request, [&](const Response& response) { status = response.status; });
    return status;
  };
  EXPECT_EQ(status_of("GET", "/api/groups"), 401U);
  EXPECT_EQ(status_of("PUT", "/api/groups/lamps"), 401U);
  EXPECT_EQ(status_of("GET", "/pages/Maison"), 401U);
  EXPECT_EQ(status_of("HEAD", "/pages/Maison"), 401U);
  EXPECT_EQ(status_of("POST", "/dispobox/"), 405U);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(status_of("GET", "/dispobox/"), 200U) << "S1's applications know no login";
}

TEST_F(RouterTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(ask("GET", "/nothing").status, 404U);
  EXPECT_EQ(ask("GET", "/api").status, 404U);
  EXPECT_EQ(ask("GET", "/api/devices/nonsense/history").status, 404U);
  EXPECT_EQ(ask("GET", "/%").status, 400U);
  EXPECT_EQ(ask("DELETE", "/").status, 405U);
  const Response response = ask("GET", std::string("/api/devices/") + kMac + "/commands");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(header(response, "Allow"), "POST");
}

TEST_F(RouterTest, TurnsForeignSitesAway) {
  Request request;
  request.method = "GET";
  request.target = "/api/devices";
  request.host = "evil.example";
  EXPECT_EQ(handle(request).status, 421U);
  EXPECT_EQ(counters_.guard_refusals, 1U);
  EXPECT_EQ(dashboard_.snapshots, 0);
}

TEST_F(RouterTest, SaysWhetherTheHubIsWell) {
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  dashboard_.wrong = "The broker is away.";
  const Response response = ask("GET", "/healthz");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.text, "The broker is away.\n");
}

TEST_F(RouterTest, AClosedApiAnswersWhyWhoeverAsks) {
  dashboard_.shut =
      Refusal{Refusal::Kind::kUnavailable, Problem::kStoreAway, "The server is away."};
  for (const char* const path : {"/api/session", "/api/devices", "/api/events", "/api/none"}) {
    const Response response = ask("GET", path);
    EXPECT_EQ(response.status, 503U) << path;
    EXPECT_NE(response.text.find("store_away"), std::string::npos) << path;
    EXPECT_FALSE(response.event_stream) << path;
  }
  EXPECT_EQ(ask("GET", "/").status, 200U) << "the page says it to people";
}

TEST_F(RouterTest, WritesMetricsForPrometheus) {
  const std::string text = ask("GET", "/metrics").text;
  EXPECT_NE(text.find("# TYPE espial_test_total counter\nespial_test_total{a=\"b\"} 3\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("espial_http_refused_total{reason=\"foreign_site\"} 0"), std::string::npos);
  const std::string heading = "# TYPE espial_http_refused_total counter";
  EXPECT_EQ(text.find(heading), text.rfind(heading));
}

TEST_F(RouterTest, TellsWhoMayJoinAndWhoseKeysAreGood) {
  EXPECT_EQ(ask("GET", "/api/keys").text, R"({"policy":"window"})");
  const auto all = nlohmann::json::parse(ask("GET", "/api/devices").body());
  EXPECT_EQ(all["keys"]["policy"], "window");
  EXPECT_EQ(ask("POST", "/api/keys").status, 405U);
  EXPECT_EQ(ask("GET", "/api/keys/revoke").status, 405U);
  EXPECT_EQ(ask("POST", "/api/keys/nonsense").status, 404U);
}

TEST_F(RouterTest, HandsOnWhatPeopleDecideOfKeys) {
  using What = KeysRequest::What;
  const auto decide = [this](const char* word, std::string body) {
    EXPECT_EQ(ask("POST", std::string("/api/keys/") + word, std::move(body)).status, 200U) << word;
    return dashboard_.keys_wanted.back();
  };
  EXPECT_EQ(decide("pairing", R"({"seconds":90})").seconds, 90U);
  const KeysRequest settings = decide("settings", R"({"policy":"open","modules":[1,255]})");
  EXPECT_EQ(settings.policy, "open");
  EXPECT_EQ(settings.modules, (std::vector<std::uint8_t>{1, 255}));
  for (const char* word :
       {"approve", "refuse", "unjudge", "unlabel", "revoke", "unrevoke", "renew"}) {
    const KeysRequest request = decide(word, R"({"mac":"24:6f:28:00:00:07"})");
    ASSERT_EQ(request.macs.size(), 1U);
    EXPECT_EQ(request.macs[0], *parse_mac(kMac));
  }
  EXPECT_EQ(decide("labels", R"({"macs":["24:6f:28:00:00:07","24:6f:28:00:00:08"]})").macs.size(),
            2U);
  EXPECT_EQ(decide("labels", R"({"label":"ESPIAL"})").what, What::kScanLabel);
  EXPECT_EQ(decide("begin_change", "{}").what, What::kBeginChange);
  EXPECT_EQ(decide("end_change", "").what, What::kEndChange);
}

TEST_F(RouterTest, SaysWhatIsWrongWithADecisionAboutKeys) {
  const std::pair<const char*, const char*> wrong[] = {
      {"pairing", "{}"},
      {"pairing", R"({"seconds":-1})"},
      {"pairing", R"({"seconds":86401})"},
      {"pairing", "[]"},
      {"settings", R"({"policy":3})"},
      {"settings", R"({"modules":[0]})"},
      {"settings", R"({"modules":[256]})"},
      {"settings", R"({"modules":["1"]})"},
      {"revoke", "{}"},
      {"revoke", R"({"mac":"nobody"})"},
      {"approve", R"({"mac":7})"},
      {"labels", "{}"},
      {"labels", R"({"macs":"24:6f:28:00:00:07"})"},
      {"labels", R"({"macs":["x"]})"},
      {"labels", R"({"label":7})"},
      {"labels", "nonsense"},
  };
  for (const auto& [word, body] : wrong) {
    EXPECT_EQ(ask("POST", std::string("/api/keys/") + word, body).status, 400U) << word << body;
  }
  EXPECT_TRUE(dashboard_.keys_wanted.empty());
  dashboard_.keys_answer = Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchDevice, "who?"};
  EXPECT_EQ(ask("POST", "/api/keys/revoke", R"({"mac":"24:6f:28:00:00:07"})").status, 404U);
}

}  // namespace
}  // namespace espial::http
