#include "hub/main/broker_users_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

struct BrokerUserCommand {
  HubOption hub;
  std::string name;
  std::string mac;
  std::vector<std::string> reads{"/device/#"};
  std::vector<std::string> writes;
  bool gateways = false;

  static std::string joined(const std::vector<std::string>& filters) {
    std::string text;
    for (const std::string& filter : filters) text += (text.empty() ? "" : " ") + filter;
    return text;
  }

  int add() const {
    const nlohmann::json body =
        gateways
            ? nlohmann::json{{"gateway", mac}}
            : nlohmann::json{{"name", name}, {"reads", joined(reads)}, {"writes", joined(writes)}};
    const auto answer = ask_json(hub, "POST", "/api/broker-users", body.dump());
    if (!answer) return 1;
    std::fprintf(stderr, "What it logs in to the broker with, shown this once:\n");
    std::printf("user %s\npassword %s\n", answer->value("name", std::string()).c_str(),
                answer->value("password", std::string()).c_str());
    const std::string client_id = answer->value("client_id", std::string());
    if (client_id.empty()) return 0;
    std::printf("client-id %s\n", client_id.c_str());
    std::fprintf(stderr,
                 "It should connect by that client ID, or one that begins so: whoever can name its "
                 "ID can throw it out.\n");
    return 0;
  }

  int list() const {
    const auto users = ask_json(hub, "GET", "/api/broker-users", "");
    if (!users || !users->is_array()) return 1;
    for (const auto& user : *users) {
      if (user.value("gateway", false) != gateways) continue;
      std::printf("%s\n", user.value("name", std::string()).c_str());
      if (gateways) continue;
      for (const char* what : {"reads", "writes"}) {
        for (const auto& filter : user[what]) {
          std::printf("  %s %s\n", what, filter.get<std::string>().c_str());
        }
      }
    }
    return 0;
  }

  int remove() const {
    return report(hub, "DELETE", "/api/broker-users/" + name, "{}", name + " is removed");
  }
};

void add_subcommands(CLI::App& command, int& exit_code, bool gateways) {
  const auto options = std::make_shared<BrokerUserCommand>();
  options->gateways = gateways;
  auto* const add = command.add_subcommand(
      "add", "A user at the broker; prints its password. Again: another password");
  add->callback([options, &exit_code] { exit_code = options->add(); });
  if (gateways) {
    add->add_option("mac", options->mac, "The softAP's address of the gateway")->required();
  } else {
    add->add_option("name", options->name, "What it is")->required();
    add->add_option("--read", options->reads, "Filters it may subscribe to")->capture_default_str();
    add->add_option("--write", options->writes, "Filters it may publish on, such as /device/+/set");
  }
  auto* const list = command.add_subcommand("list", "All of them");
  list->callback([options, &exit_code] { exit_code = options->list(); });
  auto* const remove = command.add_subcommand("remove", "Removes one and ends its connection");
  remove->add_option("name", options->name, "Its user at the broker")->required();
  remove->callback([options, &exit_code] { exit_code = options->remove(); });
  for (auto* sub : {add, list, remove}) options->hub.add_to(*sub);
}

}  // namespace

void add_gateway_users(CLI::App& gateway, int& exit_code) {
  add_subcommands(gateway, exit_code, true);
}

void add_application_command(CLI::App& app, int& exit_code) {
  auto* const command =
      app.add_subcommand("application", "Programs that may use the hub's private broker");
  command->require_subcommand(1);
  add_subcommands(*command, exit_code, false);
}

}  // namespace espial::main
