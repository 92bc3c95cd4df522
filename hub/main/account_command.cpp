#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

/// Reads a line; from a terminal without showing it.
std::string read_password(const char* question) {
  termios before{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    std::fprintf(stderr, "%s: ", question);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::fprintf(stderr, "\n");
  }
  return line;
}

struct AccountCommand {
  HubOption hub;
  std::string name;
  std::string role = "viewer";
  bool as_json = false;

  std::string path() const { return "/api/accounts/" + name; }

  int add() const {
    const nlohmann::json body = {
        {"name", name}, {"role", role}, {"password", read_password("Password")}};
    return report(hub, "POST", "/api/accounts", body.dump(), name + " may log in as " + role);
  }
  int list() const { return print_named(hub, "/api/accounts", as_json); }
  int remove() const { return report(hub, "DELETE", path(), "{}", name + " is removed"); }
  int set_password() const {
    const nlohmann::json body = {{"password", read_password("New password")}};
    return report(hub, "PATCH", path(), body.dump(), name + " has a new password");
  }
  int set_role() const {
    const nlohmann::json body = {{"role", role}};
    return report(hub, "PATCH", path(), body.dump(), name + " is now " + role);
  }
  int setup_link() const {
    const auto answer = ask_json(hub, "POST", "/api/setup-links", "{}");
    if (!answer) return 1;
    std::printf(
        "Open this page within the hour to make an admin's account; it works once:\n\n"
        "  %s/#setup=%s\n",
        answer->value("page", "http://" + hub.text).c_str(),
        answer->value("secret", std::string()).c_str());
    return 0;
  }
};

void add_role(CLI::App& command, AccountCommand& options) {
  command.add_option("role", options.role, "viewer, operator or admin")
      ->check(CLI::IsMember({"viewer", "operator", "admin"}))
      ->required();
}

}  // namespace

void add_account_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand("account", "Who may log in to the hub");
  command->require_subcommand(1);
  const auto options = std::make_shared<AccountCommand>();
  options->hub.add_to(*command);
  const auto add = [&](const char* name, const char* help, int (AccountCommand::*run)() const) {
    auto* const sub = command->add_subcommand(name, help);
    sub->fallthrough();
    sub->callback([options, run, &exit_code] { exit_code = ((*options).*run)(); });
    return sub;
  };
  const auto named = [&](CLI::App* sub) {
    sub->add_option("name", options->name, "The account's name")->required();
    return sub;
  };
  add_role(*named(add("add", "A new account; asks for its password", &AccountCommand::add)),
           *options);
  add("list", "All accounts", &AccountCommand::list)
      ->add_flag("--json", options->as_json, "As JSON, for scripts");
  named(add("remove", "Removes an account and ends its sessions", &AccountCommand::remove));
  named(add("password", "Sets a new password, which it asks for", &AccountCommand::set_password));
  add_role(*named(add("role", "Gives an account another role", &AccountCommand::set_role)),
           *options);
  add("setup-link", "A link that makes one admin's account", &AccountCommand::setup_link);
}

}  // namespace espial::main
