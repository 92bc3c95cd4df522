#include "hub/main/configuration_api.hpp"

#include <nlohmann/json.hpp>

#include "core/wire/kind.hpp"
#include "hub/features/feature_fixture_test.hpp"

namespace espial::main {
namespace {

using nlohmann::json;

class ConfigurationApiTest : public features::FeatureFixture {
 protected:
  ConfigurationApiTest() { start(); }
  ~ConfigurationApiTest() override { close(); }

  void start() {
    store::Snapshot snapshot = open();
    documents_.emplace(*committer_, std::move(snapshot.documents));
    for (const station::Device& device : there_) {
      EXPECT_EQ(live_->put(device), station::Outcome::done);
    }
    api_.emplace(ConfigurationApi::Ports{
        *live_, *documents_, ServerId{1},
        [this](ModuleId module, const s0::ModuleConfiguration& configuration) {
          if (s0_is_busy_) return false;
          told_s0_.push_back(module.value);
          has_functions_[module.value] = configuration.functions[0].used();
          return true;
        },
        [this](station::DeviceId, const configuration::ModulePlan& plan) {
          told_intervals_s_.push_back(plan.interval_s);
          return true;
        },
        [this](station::DeviceId) { return keeps_to_it_; },
        [this](std::string_view before, std::string_view now) {
          relabelled_.push_back(std::string(before) + ">" + std::string(now));
        },
        notes_, [](station::DeviceId) {}});
  }
  /// The hub ends and starts again; `there_` is there.
  void restart() {
    api_.reset();
    close();
    start();
  }

  /// The answer, which may be late; status 0 until then.
  http::Response& ask(const std::string& method, const std::string& page, const json& body) {
    http::Request request;
    request.method = method;
    request.target = "/api/configuration/" + page;
    request.body = body.dump();
    answer_ = {};
    answer_.status = 0;
    api_->handle(request, *http::parse_target(request.target),
                 [this](http::Response response) { answer_ = std::move(response); });
    return answer_;
  }
  /// The answer once it is stored.
  const http::Response& settled(const std::string& method, const std::string& page,
                                const json& body = {{"Peers", json::array()}}) {
    ask(method, page, body);
    EXPECT_TRUE(settle([this] { return answer_.status != 0; }));
    return answer_;
  }

  /// What people see of a page.
  std::string page(const std::string& name, const std::string& accept_language = {}) {
    http::Request request;
    request.method = "GET";
    request.accept_language = accept_language;
    request.target = "/pages/" + name;
    api_->show_page(request, *http::parse_target(request.target),
                    [this](http::Response response) { answer_ = std::move(response); });
    return answer_.text.substr(answer_.text.find("<h2>"));
  }

  /// `count` sensors, from the address of that number on.
  static json titles(int from, int count, const std::string& title = "Cuisine") {
    json all = json::object();
    for (int i = from; i < from + count; ++i) all["28ff" + std::to_string(1000 + i)] = title;
    return {{"Titles", {all}}};
  }
  std::size_t titled() const { return documents_->all(s0::kSensorCollection).size(); }
  /// Units that were handed to the store, taken or not.
  std::uint64_t submitted() const {
    const store::CommitterCounters counters = committer_->counters();
    return counters.units_stored + counters.units_turned_away + counters.backlog_units;
  }

  std::optional<store::Documents> documents_;
  std::vector<std::uint8_t> told_s0_;
  std::map<std::uint8_t, bool> has_functions_;  ///< S0's modules
  std::vector<std::uint16_t> told_intervals_s_;
  std::vector<station::Device> there_;  ///< after a restart
  std::vector<std::string> relabelled_;
  bool keeps_to_it_ = true;
  bool s0_is_busy_ = false;
  http::Response answer_;
  std::optional<ConfigurationApi> api_;
};

TEST_F(ConfigurationApiTest, TakesSoManyPagesAndNoMore) {
  for (std::size_t i = 0; i < ConfigurationApi::kMaxPages; ++i) {
    ASSERT_EQ(settled("PUT", "page" + std::to_string(i)).status, 200u) << answer_.text;
  }
  EXPECT_EQ(settled("PUT", "another").status, 422u);
  EXPECT_NE(answer_.text.find("64 pages"), std::string::npos) << answer_.text;
  EXPECT_EQ(settled("PUT", "page7").status, 200u) << "it replaces one";
  EXPECT_EQ(settled("DELETE", "page7").status, 200u);
  EXPECT_EQ(settled("PUT", "another").status, 200u);
}

TEST_F(ConfigurationApiTest, TellsWhatItLeftOutOfAFile) {
  json file = titles(0, 1);
  file["Peers"] = {
      {{"PeerID", 3}, {"Intervall", 60}, {"Colour", "red"}, {"Devices", json::array()}}};
  ASSERT_EQ(settled("PUT", "a", file).status, 200u) << answer_.text;
  const json expected = {{{"line", 1}, {"name", "Colour"}, {"nearest", nullptr}},
                         {{"line", 1}, {"name", "Intervall"}, {"nearest", "Interval"}}};
  EXPECT_EQ(json::parse(answer_.text)["skipped"], expected);
}

TEST_F(ConfigurationApiTest, AFileThatCanNotBeReadAnyMoreStaysUntilItIsReplacedOrRemoved) {
  const std::string twice = R"({"Peers": [], "Peers": []})";
  ASSERT_TRUE(documents_->put({"configuration", "a", twice}));
  ASSERT_TRUE(documents_->put({"configuration", "b", twice}));
  ASSERT_TRUE(settle([this] { return committer_->counters().backlog_units == 0; }));
  restart();
  EXPECT_EQ(settled("GET", "a").text, twice);
  EXPECT_EQ(settled("PUT", "a", titles(0, 1)).status, 200u);
  EXPECT_EQ(settled("DELETE", "b").status, 200u);
  EXPECT_EQ(settled("GET", "b").status, 404u);
}

TEST_F(ConfigurationApiTest, WritesOnlyTitlesThatDiffer) {
  ASSERT_EQ(settled("PUT", "a", titles(0, 20)).status, 200u);
  ASSERT_EQ(settled("PUT", "b", titles(20, 20)).status, 200u);
  ASSERT_EQ(titled(), 40u);
  ASSERT_TRUE(settle([this] { return committer_->counters().backlog_units == 0; }));
  const std::uint64_t before = submitted();
  json changed = titles(20, 20);
  changed["Titles"][0]["28ff1025"] = "Salon";
  ASSERT_EQ(settled("PUT", "b", changed).status, 200u);
  ASSERT_TRUE(settle([this] { return committer_->counters().backlog_units == 0; }));
  EXPECT_EQ(submitted() - before, 2u) << "the page and one title";
  EXPECT_EQ(*documents_->find(s0::kSensorCollection, "28ff1025"), "Salon");
}

TEST_F(ConfigurationApiTest, OfTwoPagesThatNameASensorTheFirstByNameCounts) {
  ASSERT_EQ(settled("PUT", "b", titles(0, 1, "Salon")).status, 200u);
  ASSERT_EQ(settled("PUT", "a", titles(0, 1, "Cuisine")).status, 200u);
  EXPECT_EQ(*documents_->find(s0::kSensorCollection, "28ff1000"), "Cuisine");
  ASSERT_EQ(settled("PUT", "b", titles(0, 1, "Salon")).status, 200u);
  EXPECT_EQ(*documents_->find(s0::kSensorCollection, "28ff1000"), "Cuisine");
}

TEST_F(ConfigurationApiTest, WhatAPageNamesNoMoreIsTakenBackUnlessAnotherOneNamesIt) {
  const auto module = [](int number) {
    return json{{"PeerID", number},
                {"Interval", 60},
                {"Devices", {{{"ID", 1}, {"Type", 0}, {"Title", "Salon"}}}}};
  };
  station::Device espial;
  espial.id = station::DeviceId{1};
  espial.module = ModuleId{3};
  espial.server = ServerId{1};
  espial.name = "Hall";
  ASSERT_EQ(live_->put(espial), station::Outcome::done);
  json other = titles(1, 1, "Salon");
  other["Peers"] = {module(4)};
  json file = titles(0, 3);
  file["Peers"] = {module(3), module(4), module(5)};
  ASSERT_EQ(settled("PUT", "b", other).status, 200u);
  ASSERT_EQ(settled("PUT", "a", file).status, 200u);
  ASSERT_EQ(titled(), 3u);
  ASSERT_EQ(told_intervals_s_, std::vector<std::uint16_t>{60});

  file = titles(0, 1);
  file["Peers"] = {module(5)};
  s0_is_busy_ = true;
  ASSERT_EQ(settled("PUT", "a", file).status, 200u);
  EXPECT_EQ(documents_->find(s0::kSensorCollection, "28ff1002"), nullptr);
  EXPECT_EQ(*documents_->find(s0::kSensorCollection, "28ff1001"), "Salon");
  EXPECT_EQ(told_intervals_s_, (std::vector<std::uint16_t>{60, 0}));
  s0_is_busy_ = false;
  api_->tick();
  EXPECT_EQ(has_functions_, (std::map<std::uint8_t, bool>{{3, false}, {4, true}, {5, true}}));

  ASSERT_EQ(settled("DELETE", "a").status, 200u);
  EXPECT_EQ(titled(), 1u);
  EXPECT_EQ(has_functions_, (std::map<std::uint8_t, bool>{{3, false}, {4, true}, {5, false}}));
  EXPECT_EQ(told_intervals_s_.size(), 2u) << "once";
}

TEST_F(ConfigurationApiTest, WhatIsToBeTakenBackOutlivesTheHub) {
  station::Device espial;
  espial.id = station::DeviceId{1};
  espial.module = ModuleId{3};
  espial.server = ServerId{1};
  espial.name = "Hall";
  there_ = {espial};
  restart();
  const json with = {{"Peers",
                      {{{"PeerID", 3}, {"Interval", 60}, {"Devices", json::array()}},
                       {{"PeerID", 4}, {"Devices", {{{"ID", 1}, {"Type", 0}}}}}}}};
  ASSERT_EQ(settled("PUT", "a", with).status, 200u);
  ASSERT_EQ(told_intervals_s_, std::vector<std::uint16_t>{60});
  ASSERT_TRUE(has_functions_[4]);

  s0_is_busy_ = true;
  keeps_to_it_ = false;
  ASSERT_EQ(settled("DELETE", "a").status, 200u);
  api_->tick();
  ASSERT_TRUE(settle([this] { return committer_->counters().backlog_units == 0; }));
  told_intervals_s_.clear();
  restart();
  s0_is_busy_ = false;
  api_->tick();
  EXPECT_FALSE(has_functions_[4]);
  EXPECT_EQ(told_intervals_s_, std::vector<std::uint16_t>{0});

  told_s0_.clear();
  told_intervals_s_.clear();
  restart();
  api_->tick();
  EXPECT_TRUE(told_s0_.empty()) << "that was done";
  EXPECT_EQ(told_intervals_s_, std::vector<std::uint16_t>{0}) << "the module has not said so";
  keeps_to_it_ = true;
  api_->tick();
  ASSERT_TRUE(settle([this] { return committer_->counters().backlog_units == 0; }));
  told_intervals_s_.clear();
  restart();
  api_->tick();
  EXPECT_TRUE(told_intervals_s_.empty());
}

TEST_F(ConfigurationApiTest, OnlyALabelThatWasAnotherIsTakenOffACard) {
  ASSERT_EQ(settled("PUT", "a", titles(0, 2, "Cuisine")).status, 200u);
  EXPECT_TRUE(relabelled_.empty());
  ASSERT_EQ(settled("PUT", "a", titles(0, 1, "Salon")).status, 200u);
  EXPECT_EQ(relabelled_, (std::vector<std::string>{"Cuisine>Salon", "Cuisine>"}));
}

TEST_F(ConfigurationApiTest, APageHasADashForWhatNobodyHasSaidYetAndNoKeyIsLeft) {
  station::Device hall;
  hall.id = station::DeviceId{1};
  hall.module = ModuleId{3};
  hall.server = ServerId{1};
  hall.name = "Hall";
  hall.online = true;
  const std::uint8_t kinds[] = {wire::find_standard_kind("temperature")->number,
                                wire::find_standard_kind("relay")->number, 196};
  for (std::uint8_t slot = 0; slot < 3; ++slot) {
    hall.functions.emplace_back();
    hall.functions.back().slot = slot;
    hall.functions.back().kind = kinds[slot];
  }
  ASSERT_EQ(live_->put(hall), station::Outcome::done);
  const auto function = [](int id, int type, const char* title) {
    return json{{"ID", id}, {"Type", type}, {"Title", title}};
  };
  const json file = {
      {"Peers",
       {{{"PeerID", 3},
         {"Devices",
          {function(1, 1, "Salon"), function(2, 2, "Lampe"), function(3, 7, "Piscine")}}}}},
      {"DataTypes", {{{"Type", 7}, {"F2", "L"}}}},
      {"HTMLs", {{{"Type", 1}, {"HTML", "<p>$Title $F1 $F5 $U1 $SP $Hyst $RSSI $Other</p>"}}}}};
  ASSERT_EQ(settled("PUT", "Maison", file).status, 200u) << answer_.text;
  EXPECT_EQ(page("Maison"),
            "<h2>Hall</h2><p>Salon – – – – – – $Other</p><p>Lampe: –</p><p>Piscine: –</p>"
            "</section></body></html>");

  const auto say = [this](std::uint8_t slot, const station::Value& value) {
    EXPECT_EQ(live_->apply_reading(station::DeviceId{1}, slot, UnixTime{1000}, &value, 1),
              station::Outcome::done);
  };
  say(0, station::Value::of(0, 21.5));
  say(1, station::Value::of(0, 1));
  say(2, station::Value::of(6, 7.25));
  EXPECT_EQ(page("Maison"),
            "<h2>Hall</h2><p>Salon 21.5 – – – – – $Other</p><p>Lampe: 1</p><p>Piscine: 7.25</p>"
            "</section></body></html>");
}

TEST_F(ConfigurationApiTest, APageSaysWhichModulesAreOffline) {
  station::Device hall;
  hall.id = station::DeviceId{1};
  hall.module = ModuleId{3};
  hall.server = ServerId{1};
  hall.name = "Hall";
  ASSERT_EQ(live_->put(hall), station::Outcome::done);
  const json file = {{"Peers", {{{"PeerID", 3}, {"Devices", json::array()}}}}};
  ASSERT_EQ(settled("PUT", "Maison", file).status, 200u) << answer_.text;
  EXPECT_EQ(page("Maison"), "<h2>Hall <small>(offline)</small></h2></section></body></html>");
  EXPECT_EQ(page("Maison", "fr-CA,en"),
            "<h2>Hall <small>(hors ligne)</small></h2></section></body></html>");
  ASSERT_EQ(live_->set_online(hall.id, true, UnixTime{1000}), station::Outcome::done);
  EXPECT_EQ(page("Maison"), "<h2>Hall</h2></section></body></html>");
}

TEST_F(ConfigurationApiTest, WhatAKindOfTheFilesIsAboutIsNamedOrStored) {
  station::Device pool;
  pool.id = station::DeviceId{1};
  pool.module = ModuleId{3};
  pool.server = ServerId{1};
  pool.name = "Pool";
  pool.functions.emplace_back();
  pool.functions.back().kind = 192;
  ASSERT_EQ(live_->put(pool), station::Outcome::done);
  const auto fields_of = [&](const json& type) {
    json file = {{"Peers", {{{"PeerID", 3}, {"Devices", {{{"ID", 1}, {"Type", 3}}}}}}}};
    file["DataTypes"] = {type};
    file["DataTypes"][0]["Type"] = 3;
    EXPECT_EQ(settled("PUT", "Maison", file).status, 200u) << answer_.text;
    std::vector<int> fields;
    const station::FunctionNote* const note = notes_.find(station::DeviceId{1}, 0);
    if (note == nullptr) return fields;
    for (const station::FieldNote& field : note->fields) fields.push_back(field.field);
    return fields;
  };
  EXPECT_EQ(fields_of({{"U1", ""}, {"F1", "L"}, {"F2", "L"}}), (std::vector<int>{5, 6, 0}));
  EXPECT_EQ(fields_of({{"U2", ""}, {"F3", ""}}), (std::vector<int>{7, 1}));
  EXPECT_EQ(fields_of({{"F1", "L"}, {"F2", {{"Title", "Redox"}}}}), (std::vector<int>{6, 5}));
}

TEST_F(ConfigurationApiTest, RepeatsWhatTheStoreDidNotTakeAndSaysHowMuch) {
  constexpr int kTitles = 2 * static_cast<int>(kMaxBacklog);
  json file = titles(0, kTitles);
  file["Peers"] = {{{"PeerID", 3}, {"Devices", json::array()}}};
  s0_is_busy_ = true;
  hold_commits();
  ask("PUT", "Maison", file);
  EXPECT_EQ(answer_.status, 0u);
  EXPECT_LT(titled(), kMaxBacklog);
  const std::uint64_t turned_away = committer_->counters().units_turned_away;
  EXPECT_LE(turned_away, 1u) << "where one finds no room, the others do not try";
  const std::size_t waiting = kTitles - titled() + 1;
  ASSERT_TRUE(commit_all());
  ASSERT_TRUE(settle([this] { return answer_.status != 0; }));
  EXPECT_EQ(answer_.status, 200u);
  EXPECT_EQ(json::parse(answer_.text)["untold"], waiting);

  const auto told_all = [&] {
    api_->tick();
    return titled() == kTitles;
  };
  EXPECT_TRUE(settle(told_all));
  EXPECT_TRUE(told_s0_.empty());
  s0_is_busy_ = false;
  api_->tick();
  EXPECT_EQ(told_s0_, std::vector<std::uint8_t>{3});
  api_->tick();
  EXPECT_EQ(told_s0_.size(), 1u);
  EXPECT_EQ(json::parse(settled("PUT", "Maison", file).text)["untold"], 0);
}

}  // namespace
}  // namespace espial::main
