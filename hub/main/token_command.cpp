#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

struct TokenCommand {
  HubOption hub;
  std::string name;
  std::string role = "viewer";
  bool as_json = false;

  int create() const {
    const nlohmann::json body = {{"name", name}, {"role", role}};
    const auto answer = ask_json(hub, "POST", "/api/tokens", body.dump());
    if (!answer) return 1;
    std::fprintf(stderr, "Shown this once; send it as \"Authorization: Bearer TOKEN\":\n");
    std::printf("%s\n", answer->value("secret", std::string()).c_str());
    return 0;
  }
  int list() const { return print_named(hub, "/api/tokens", as_json); }
  int remove() const {
    return report(hub, "DELETE", "/api/tokens/" + name, "{}", name + " is void");
  }
};

}  // namespace

void add_token_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand("token", "What lets programs in to the hub's API");
  command->require_subcommand(1);
  const auto options = std::make_shared<TokenCommand>();
  options->hub.add_to(*command);
  auto* const create = command->add_subcommand("create", "A new token; prints it");
  create->add_option("name", options->name, "What it is for")->required();
  create->add_option("role", options->role, "viewer, operator or admin")
      ->check(CLI::IsMember({"viewer", "operator", "admin"}))
      ->capture_default_str();
  create->callback([options, &exit_code] { exit_code = options->create(); });
  auto* const list = command->add_subcommand("list", "All tokens, without their secrets");
  list->add_flag("--json", options->as_json, "As JSON, for scripts");
  list->callback([options, &exit_code] { exit_code = options->list(); });
  auto* const remove = command->add_subcommand("remove", "Makes a token void");
  remove->add_option("name", options->name, "Which one")->required();
  remove->callback([options, &exit_code] { exit_code = options->remove(); });
  for (auto* sub : {create, list, remove}) sub->fallthrough();
}

}  // namespace espial::main
