#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

struct AuditCommand {
  HubOption hub;
  int limit = 50;
  bool json = false;

  int run() const {
    const auto records =
        ask_json(hub, "GET", "/api/audit?limit=" + std::to_string(limit), std::string());
    if (!records || !records->is_array()) return 1;
    if (json) {
      std::printf("%s\n", records->dump(2).c_str());
      return 0;
    }
    // The newest is the most interesting: it comes last, where the eye is.
    for (auto one = records->rbegin(); one != records->rend(); ++one) {
      std::printf("%s  %-16s %-22s %s%s\n",
                  describe_moment(one->value("at", std::int64_t{0})).c_str(),
                  text(*one, "account").c_str(), text(*one, "action").c_str(),
                  text(*one, "subject").c_str(), from(text(*one, "detail")).c_str());
    }
    return 0;
  }

  static std::string text(const nlohmann::json& record, const char* field) {
    return record.value(field, std::string());
  }
  static std::string from(const std::string& detail) {
    return detail.empty() ? detail : "  (" + detail + ")";
  }
};

}  // namespace

void add_audit_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand("audit", "Who changed what, the newest last");
  const auto options = std::make_shared<AuditCommand>();
  options->hub.add_to(*command);
  command->add_option("--limit", options->limit, "At most so many records")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "As JSON, the newest first");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
