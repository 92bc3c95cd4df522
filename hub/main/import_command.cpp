#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/configuration_bringing.hpp"
#include "hub/main/configuration_file.hpp"
#include "hub/main/day_file_bringing.hpp"
#include "hub/main/store_option.hpp"

namespace espial::main {
namespace {

constexpr const char* kNothingImported = "; nothing was imported";

struct ImportCommand {
  HubOption hub;  ///< its data are those of the day files
  StoreOption store;
  int server = 1;
  std::vector<std::string> files;
  DayFileOptions day_files;
  bool hub_named = false;  ///< and not only meant by default

  int run() {
    if (const auto problem = sort_out()) return fail(*problem + kNothingImported);
    const auto& configurations = day_files.configurations;
    if (day_files.dry) {
      std::for_each(configurations.begin(), configurations.end(), print_checked);
    }
    const bool alone = day_files.files.empty() && day_files.modules.empty();
    if (alone && day_files.dry) return 0;
    if (alone && (hub_named || !is_data_directory(hub.data))) return tell_running();
    // Only for modules that are made here a database may be begun: for others it has no place.
    const bool begins = !day_files.modules.empty() && !day_files.dry;
    const DataDirectory directory =
        begins ? DataDirectory(hub.data) : DataDirectory::existing(hub.data);
    const auto claim = directory.claim_if_free();  // two would write: the hub and this
    if (!claim) return alone ? tell_running() : fail(to_be_stopped());
    const auto kept =
        store::make_store(begins ? store.address(directory) : store.address_to_read(hub.data));
    if (const auto error = kept->open(); error != store::StoreError::none) {
      return fail(std::string(to_text(error)));
    }
    for (const ConfigurationFile& file : configurations) {
      if (day_files.dry) break;
      if (const auto problem = keep_for_hub(*kept, day_files.network, file)) {
        return fail(file.file + ": " + *problem);
      }
    }
    return alone ? 0 : bring_day_files(*kept, day_files);
  }

 private:
  /// Tells configurations from day files, and reads them all first: none of the files is brought
  /// where one is out of order. An error in words, or nothing.
  std::optional<std::string> sort_out() {
    day_files.network = ServerId{static_cast<std::uint8_t>(server)};
    auto& configurations = day_files.configurations;
    for (const std::string& file : files) {
      if (!is_configuration_file(file)) {
        day_files.files.push_back(file);
        continue;
      }
      auto read = read_configuration_file(file);
      if (auto* problem = std::get_if<std::string>(&read)) return std::move(*problem);
      auto& found = std::get<ConfigurationFile>(read);
      const auto same = std::find_if(configurations.begin(), configurations.end(),
                                     [&](const auto& one) { return one.page == found.page; });
      if (same != configurations.end()) {
        return same->file + " and " + file + " would be one page, " + found.page +
               ": it has the file's name. Give one of the two another name";
      }
      configurations.push_back(std::move(found));
    }
    return std::nullopt;
  }

  int tell_running() const {
    const auto address = hub.address();
    for (const ConfigurationFile& file : day_files.configurations) {
      if (const auto problem = tell_hub(address, file)) return fail(file.file + ": " + *problem);
    }
    return 0;
  }

  std::string to_be_stopped() const {
    std::string text = "a hub runs on " + hub.data +
                       ", and day files are brought to one that is stopped: stop it and type the "
                       "same again, or choose another place with --data DIR";
    if (!day_files.configurations.empty()) {
      text +=
          ". The configuration is brought by the same call then; to the hub that runs it is "
          "brought when it is named alone";
    }
    return text + kNothingImported;
  }

  static int fail(const std::string& problem) {
    std::fprintf(stderr, "espial import: %s\n", problem.c_str());
    return 1;
  }
};

}  // namespace

void add_import_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "import",
      "Bring S0's configuration files (Maison.json) and the day files of its server "
      "(2023_04_23.JSN), in one call or in several. The hub must be stopped for day files; "
      "configurations alone go to the hub that runs, as by `espial configure`, or to the database "
      "of one that is stopped. Readings that are there already stay as they are, so it may be "
      "said twice");
  const auto options = std::make_shared<ImportCommand>();
  options->hub.add_to(*command);
  command->get_option("--hub")->description(
      "HOST:PORT of the hub that runs, for configurations alone");
  command->get_option("--data")->description("Where names, readings and keys are kept");
  options->store.add_to(*command);
  command->add_option("--server", options->server, "The network whose modules they are of")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  command->add_option("--zone", options->day_files.zone,
                      "Time zone of the server's clock, for example Europe/Paris; without it that "
                      "of this machine");
  command
      ->add_option("--configuration", options->day_files.configuration,
                   "S0's configuration file, in either of its forms, by which the day files are "
                   "read, and which is not brought; without it what the hub was told of its "
                   "modules, and is told by this call")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--module", options->day_files.modules,
                   "NUMBER=ADDRESS of a module that has not joined this hub yet")
      ->type_size(1)
      ->allow_extra_args(false);
  command->add_flag("--dry-run", options->day_files.dry,
                    "Only say what would be stored and left out");
  command
      ->add_option("FILE", options->files,
                   "Configuration files, day files, and folders with day files")
      ->required()
      ->check(CLI::ExistingPath);
  command->callback([options, command, &exit_code] {
    options->hub_named = command->count("--hub") > 0;
    exit_code = options->run();
  });
}

}  // namespace espial::main
