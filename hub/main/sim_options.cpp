#include "hub/main/sim_options.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace espial::main {
namespace {

using Names = std::vector<std::string>;

/// What goes with an option; whatever else is given does nothing.
struct Company {
  std::string option;
  Names goes;
  std::string instead;
};

/// Options that do nothing beside another.
struct Idle {
  std::string beside;
  Names idle;
  std::string instead;
};

const std::vector<Company>& companies() {
  static const std::vector<Company> all{
      {"--faults", {}, "does nothing with --faults, which only lists; leave one of the two out"},
      {"--power-cuts",
       {"--seed", "--state", "--pcapng", "--early-answers", "--shrink"},
       "does nothing with --power-cuts, which draws its networks itself and tells of a run that "
       "breaks a promise with the command that does it again; leave one of the two out"},
  };
  return all;
}

const std::vector<Idle>& idle_options() {
  static const std::vector<Idle> all{
      {"--nodes",
       {"--only-faults", "--only-s0", "--only-rooms", "--no-commands"},
       "does nothing with --nodes: a plain network has none of these; leave one of the two out"},
      {"--cut-at",
       {"--nodes", "--runs"},
       "does nothing with --cut-at, which is of one network of --power-cuts; leave one of the two "
       "out"},
      {"--span-us", {"--hours"}, "does nothing with --span-us, which says it too; leave it out"},
  };
  return all;
}

const Names& options_of_plain() {
  static const Names all{"--gateways", "--hours",    "--interval", "--loss",
                         "--square",   "--sleepers", "--chip"};
  return all;
}

const Names& options_of_one_run() {
  static const Names all{"--plot", "--json"};
  return all;
}

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void refuse_idle_options(const CLI::App& command) {
  Names given;
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 0) given.push_back("--" + option->get_lnames().front());
  }
  const auto refuse = [&](const Names& idle, const std::string& instead) {
    for (const std::string& name : given) {
      if (contains(idle, name)) throw CLI::ValidationError(name, instead);
    }
  };
  for (const Company& company : companies()) {
    if (!contains(given, company.option)) continue;
    for (const std::string& name : given) {
      if (name == company.option || contains(company.goes, name)) continue;
      throw CLI::ValidationError(name, company.instead);
    }
  }
  for (const Idle& pair : idle_options()) {
    if (contains(given, pair.beside)) refuse(pair.idle, pair.instead);
  }
  if (!contains(given, "--nodes")) {
    refuse(options_of_plain(),
           "does nothing without --nodes: the seed decides it; say --nodes too, or leave it out");
  }
  if (command.get_option("--runs")->as<std::uint64_t>() > 1) {
    refuse(options_of_one_run(), "is of one run; leave --runs out");
  }
}

}  // namespace espial::main
