#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>

#include "hub/main/commands.hpp"
#include "hub/main/data_directory.hpp"
#include "hub/main/label_sheet.hpp"
#include "hub/main/own_names.hpp"
#include "hub/tls/authority.hpp"

namespace espial::main {
namespace {

int fail(const std::string& sentence) {
  std::fprintf(stderr, "espial: %s\n", sentence.c_str());
  return 1;
}

struct TlsCommand {
  std::string data = kDefaultData;
  std::vector<std::string> names;
  int port = 8080;

  tls::Authority authority() const { return tls::Authority(DataDirectory::existing(data).tls()); }

  int init() const {
    const tls::Authority house(DataDirectory(data).tls());
    if (house.exists()) return fail("there is an authority already; `espial tls renew` renews it");
    if (const auto error = house.create()) return fail(*error);
    if (const auto error = certify()) return fail(*error);
    return show();
  }

  int renew() const {
    if (!authority().exists()) return fail("there is no authority yet; run `espial tls init`");
    if (const auto error = certify()) return fail(*error);
    std::printf("Renewed for %d days; a hub that runs uses it in a moment.\n",
                authority().days_left().value_or(0));
    return 0;
  }

  int show() const {
    const tls::Authority house = authority();
    const auto days = house.days_left();
    if (!days) return fail("there is no authority yet; run `espial tls init`");
    const std::string link = "http://" + lan_address() + ":" + std::to_string(port) + "/ca.crt";
    std::printf(
        "Install this authority once on each phone and computer that opens the page, while\n"
        "the hub runs with --lan:\n\n  %s\n\n",
        link.c_str());
    if (const auto code = make_qr(link)) std::printf("%s", qr_as_text(*code).c_str());
    std::printf(
        "\nCompare its SHA-256 fingerprint before you trust it:\n\n  %s\n\n"
        "File: %s. The hub's certificate is good for %d days.\n",
        house.fingerprint().c_str(), house.ca_certificate().c_str(), *days);
    return 0;
  }

 private:
  /// For what this machine is called now, and whatever else it was ever said to be called: who
  /// renews a certificate does not think of names.
  std::optional<std::string> certify() const {
    const auto file = DataDirectory::existing(data).tls() / "names";
    std::vector<std::string> given = names;
    std::ifstream kept(file);
    for (std::string name; std::getline(kept, name);) {
      if (std::find(given.begin(), given.end(), name) == given.end()) given.push_back(name);
    }
    std::vector<std::string> all = names_of_this_machine();
    all.insert(all.end(), given.begin(), given.end());
    if (const auto error = authority().certify(all)) return error;
    std::ofstream keep(file);
    for (const std::string& name : given) keep << name << '\n';
    if (keep.flush()) return std::nullopt;
    return file.string() + " can't be written";
  }
};

}  // namespace

void add_tls_command(CLI::App& app, int& exit_code) {
  auto* const command =
      app.add_subcommand("tls", "The authority and certificate with which the hub proves itself");
  command->require_subcommand(1);
  const auto options = std::make_shared<TlsCommand>();
  const auto add = [&](const char* name, const char* help, int (TlsCommand::*run)() const) {
    auto* const sub = command->add_subcommand(name, help);
    sub->add_option("--data", options->data, "The hub's data")->capture_default_str();
    sub->callback([options, run, &exit_code] { exit_code = ((*options).*run)(); });
    return sub;
  };
  auto* const init = add("init", "Make the authority and the hub's certificate", &TlsCommand::init);
  auto* const renew = add("renew", "Another certificate of the same authority", &TlsCommand::renew);
  auto* const show = add("show", "How to install the authority", &TlsCommand::show);
  for (auto* sub : {init, renew}) {
    sub->add_option("--name", options->names,
                    "Another name or address that people open it by; remembered");
  }
  for (auto* sub : {init, show}) {
    sub->add_option("--port", options->port, "Port of the page")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
  }
}

}  // namespace espial::main
