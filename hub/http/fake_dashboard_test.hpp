#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hub/http/dashboard.hpp"

namespace espial::http {

/// Remembers what it was asked and answers what it was told to.
class FakeDashboard : public Dashboard {
 public:
  Snapshot snapshot() override {
    ++snapshots;
    return {devices, system_state(), keys_state()};
  }
  std::string system_state() override { return R"({"broker":{"connected":true}})"; }
  std::string keys_state() override { return R"({"policy":"window"})"; }
  void history(const HistoryQuery& query, std::function<void(HistoryResult)> done) override {
    asked = query;
    done(history_answer);
  }
  void command(const CommandRequest& request, std::function<void(CommandResult)> done) override {
    wanted = request;
    if (hold_commands) {
      held.push_back(std::move(done));
    } else {
      done(command_answer);
    }
  }
  void rename(const MacAddress& device, std::string_view name,
              std::function<void(RenameResult)> done) override {
    renamed.emplace_back(device, name);
    done(rename_answer);
  }
  void forget(const MacAddress& device, bool with_history,
              std::function<void(ForgetResult)> done) override {
    forgotten.emplace_back(device, with_history);
    done(forget_answer);
  }
  void keys(const KeysRequest& request, std::function<void(KeysResult)> done) override {
    keys_wanted.push_back(request);
    done(keys_answer);
  }
  void restart(const MacAddress& device, std::function<void(RestartResult)> done) override {
    restarted.push_back(device);
    done(restart_answer);
  }
  void after_stored(std::function<void(bool)> done) override {
    if (hold_stored) {
      waiting.push_back(std::move(done));
    } else {
      done(true);
    }
  }
  void audit(std::size_t limit, std::function<void(AuditResult)> done) override {
    audit_limit = limit;
    done(audit_answer);
  }
  std::optional<Refusal> closed() override { return shut; }
  std::optional<std::string> trouble() override { return wrong; }
  std::optional<std::string> store_trouble() override { return store_wrong; }
  void collect(std::vector<Metric>& metrics) override {
    metrics.push_back({"espial_test_total", "A test.", Metric::Kind::kCounter, 3, {{"a", "b"}}});
  }

  int snapshots = 0;
  std::string devices = "[]";
  HistoryQuery asked;
  HistoryResult history_answer = std::vector<HistoryPoint>{};
  CommandRequest wanted;
  CommandResult command_answer = CommandId{41, {1'700'000'000'000}, true};
  bool hold_commands = false;
  bool hold_stored = false;
  std::vector<std::function<void(bool)>> waiting;
  std::vector<std::function<void(CommandResult)>> held;
  std::vector<std::pair<MacAddress, std::string>> renamed;
  RenameResult rename_answer = FormerName{"Cellar"};
  std::vector<std::pair<MacAddress, bool>> forgotten;
  ForgetResult forget_answer;
  std::vector<KeysRequest> keys_wanted;
  KeysResult keys_answer = "{}";
  std::vector<MacAddress> restarted;
  RestartResult restart_answer;
  std::size_t audit_limit = 0;
  AuditResult audit_answer = std::vector<store::AuditRecord>{};
  std::optional<Refusal> shut;
  std::optional<std::string> wrong;
  std::optional<std::string> store_wrong;
};

}  // namespace espial::http
