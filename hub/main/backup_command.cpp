#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "hub/access/records.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/progress_line.hpp"
#include "hub/main/store_option.hpp"
#include "hub/store/backup.hpp"

namespace espial::main {
namespace {

struct BackupCommand {
  std::string data = kDefaultData;
  StoreOption store;
  std::string file;

  void add_to(CLI::App& command) {
    command.add_option("--data", data, "Where names, readings and keys are kept")
        ->capture_default_str();
    store.add_to(command);
  }

  int back_up() const {
    ProgressLine line;
    const auto made = store::back_up(store.address_to_read(data), file,
                                     [&line](const std::string& text) { line.show(text); });
    line.clear();
    if (made.error != store::StoreError::none) return fail("backup", made);
    std::printf(
        "Everything is in %s. The keys are not: keep a copy of %s elsewhere, because each is of "
        "little use without the other.\n",
        file.c_str(), (std::filesystem::absolute(data) / "keys").string().c_str());
    return 0;
  }

  int restore() const {
    const DataDirectory directory(data);
    // A browser that was logged out since shall not be let in again.
    ProgressLine line;
    const auto restored =
        store::restore(file, store.address(directory), {std::string(access::kSessions)},
                       [&line](const std::string& text) { line.show(text); });
    line.clear();
    if (restored.error != store::StoreError::none) return fail("restore", restored);
    std::printf(
        "Everything of %s is restored. Put the keys that belong to it into %s before the hub "
        "starts.\n",
        file.c_str(), (directory.root() / "keys").string().c_str());
    return 0;
  }

 private:
  static int fail(const char* what, const store::BackupResult& result) {
    std::fprintf(stderr, "espial %s: %s\n", what, result.problem.c_str());
    return 1;
  }
};

}  // namespace

void add_backup_commands(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<BackupCommand>();
  auto* const backup = app.add_subcommand(
      "backup", "Copy the whole database to a file, as it is at one moment; the hub may run");
  options->add_to(*backup);
  backup->add_option("FILE", options->file, "The new file")->required();
  backup->callback([options, &exit_code] { exit_code = options->back_up(); });

  const auto restored = std::make_shared<BackupCommand>();
  auto* const restore = app.add_subcommand(
      "restore", "Fill a new database from a backup, of any engine; the hub must not run");
  restored->add_to(*restore);
  restore->add_option("FILE", restored->file, "The backup")->required()->check(CLI::ExistingFile);
  restore->callback([restored, &exit_code] { exit_code = restored->restore(); });
}

}  // namespace espial::main
