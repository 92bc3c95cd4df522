#include "hub/main/day_file_bringing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "core/wire/s0_function.hpp"
#include "hub/features/day_files/day_import.hpp"
#include "hub/features/s0_shown.hpp"
#include "hub/features/shown_records.hpp"
#include "hub/main/configuration_api.hpp"
#include "hub/main/progress_line.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {
namespace {

constexpr std::size_t kReadingsAtOnce = 2'000;
/// One line of text a reason and file, and the first lines of the file that it is true for.
constexpr std::size_t kLinesShown = 3;

/// For whoever brought something else.
constexpr const char* kNoDayFile =
    " is no day file of S0's: that is a text as 2023_04_23.JSN on its server's card, which begins "
    "with {\"Data\":[ and has at most 16 MiB";

std::string read_file(const std::filesystem::path& file, std::size_t limit) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(limit + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

/// What was left out of one file, by reason.
class Report {
 public:
  void skip(std::size_t line, const std::string& why) {
    auto& lines = reasons_[why];
    ++lines.count;
    if (lines.first.size() < kLinesShown) lines.first.push_back(line);
  }
  std::uint64_t print(const std::string& file) const {
    std::uint64_t all = 0;
    for (const auto& [why, lines] : reasons_) {
      for (const std::size_t line : lines.first) {
        std::printf("%s:%zu: left out: %s\n", file.c_str(), line, why.c_str());
      }
      if (lines.count > lines.first.size()) {
        std::printf("%s: and %llu more: %s\n", file.c_str(),
                    static_cast<unsigned long long>(lines.count - lines.first.size()), why.c_str());
      }
      all += lines.count;
    }
    return all;
  }

 private:
  struct Lines {
    std::uint64_t count = 0;
    std::vector<std::size_t> first;
  };
  std::map<std::string, Lines> reasons_;
};

class DayFileBringing {
 public:
  explicit DayFileBringing(const DayFileOptions& options) : options_(options) {}

  int run(store::Store& kept) const {
    store::Snapshot snapshot;
    if (auto error = kept.load(snapshot); error != store::StoreError::none) return fail(error);
    if (const auto problem = add_modules(kept, snapshot)) return fail(*problem);
    const auto reader = kept.open_reader();
    std::optional<day_files::DayImport> import;
    try {
      import.emplace(snapshot, *reader, options_.network, options_.zone);
    } catch (const std::exception&) {
      return fail(options_.zone +
                  " is no time zone that this machine knows; for example Europe/Paris");
    }
    Configurations configurations = configurations_in(snapshot);
    if (const auto problem = take_pages(*import, snapshot, configurations)) {
      return fail(*problem);
    }
    if (const auto problem = add_functions(kept, snapshot, configurations)) return fail(*problem);
    return bring(*import, kept);
  }

 private:
  /// By module.
  using Configurations = std::map<std::uint8_t, s0::ModuleConfiguration>;
  struct Sum {
    std::uint64_t stored = 0;
    std::uint64_t there_already = 0;
    std::uint64_t left_out = 0;
  };

  int bring(day_files::DayImport& import, store::Store& kept) const {
    if (options_.files.empty()) return 0;
    const std::vector<std::string> all = expand();
    if (all.empty()) {
      return fail("no day file (as 2023_04_23.JSN) is in " + options_.files.front());
    }
    Sum sum;
    int exit_code = 0;
    ProgressLine progress;
    const auto show = [&](std::size_t file) {
      progress.show(fmt::format("file {} of {}, {} readings", file, all.size(), sum.stored));
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      show(i + 1);
      const std::string text = read_file(all[i], day_files::kMaxFileBytes);
      Report report;
      const auto file = import.read(
          text, [&](std::size_t line, const std::string& why) { report.skip(line, why); });
      if (file.error != store::StoreError::none) return fail(file.error);
      progress.clear();
      if (!file.is_day_file) exit_code = fail(all[i] + kNoDayFile);
      sum.left_out += report.print(all[i]);
      sum.there_already += file.there_already;
      for (std::span<const store::Reading> rest = file.readings; !rest.empty();) {
        const auto some = rest.first(std::min(rest.size(), kReadingsAtOnce));
        if (const auto error = write(kept, some); error != store::StoreError::none) {
          return fail(std::string(to_text(error)) + " (" + kept.last_error_text() + ")");
        }
        sum.stored += some.size();
        rest = rest.subspan(some.size());
        show(i + 1);
      }
    }
    progress.clear();
    std::printf("%zu files: %llu readings %s, %llu were there already, %llu left out\n", all.size(),
                static_cast<unsigned long long>(sum.stored), options_.dry ? "to store" : "stored",
                static_cast<unsigned long long>(sum.there_already),
                static_cast<unsigned long long>(sum.left_out));
    return exit_code;
  }

  store::StoreError write(store::Store& kept, std::span<const store::Reading> readings) const {
    if (options_.dry) return store::StoreError::none;
    const store::Changes unit(readings.begin(), readings.end());
    const store::Changes* const units[] = {&unit};
    std::vector<std::size_t> refused;
    const auto error = kept.apply(units, refused);
    if (error != store::StoreError::none) return error;
    if (!refused.empty()) return store::StoreError::constraint;
    return kept.tidy(unix_now(), false).error;
  }

  /// Folders stand for the day files in them, in the order of their days.
  std::vector<std::string> expand() const {
    std::vector<std::string> all;
    for (const std::string& name : options_.files) {
      if (!std::filesystem::is_directory(name)) {
        all.push_back(name);
        continue;
      }
      const auto begin = static_cast<std::ptrdiff_t>(all.size());
      for (const auto& entry : std::filesystem::directory_iterator(name)) {
        if (entry.path().extension() == ".JSN") all.push_back(entry.path().string());
      }
      std::sort(all.begin() + begin, all.end());
    }
    return all;
  }

  /// Makes the devices of --module. An error in words, or nothing.
  std::optional<std::string> add_modules(store::Store& kept, store::Snapshot& snapshot) const {
    store::Changes unit;
    std::uint32_t last = 0;
    for (const auto& device : snapshot.devices) last = std::max(last, device.id.value);
    for (const std::string& text : options_.modules) {
      const std::size_t equals = text.find('=');
      store::DeviceRecord device;
      const auto read = std::from_chars(text.data(), text.data() + std::min(equals, text.size()),
                                        device.module.value);
      const auto mac = parse_mac(equals == std::string::npos ? "" : text.substr(equals + 1));
      if (read.ec != std::errc{} || device.module.value == 0 || !mac) {
        return "--module must be NUMBER=ADDRESS, for example 3=5c:cf:7f:00:00:03";
      }
      device.mac = *mac;
      const auto known = std::find_if(snapshot.devices.begin(), snapshot.devices.end(),
                                      [&](const auto& one) { return one.mac == *mac; });
      if (known != snapshot.devices.end()) {
        if (known->module == device.module && known->server.value == options_.network.value)
          continue;
        return text.substr(equals + 1) + " is another module here: " + known->name;
      }
      device.id = store::DeviceId{++last};
      device.server = options_.network;
      device.protocol = store::Protocol::s0;
      device.name = "S0 module " + std::to_string(device.module.value);
      device.joined_at = unix_now();
      snapshot.devices.push_back(device);
      unit.emplace_back(device);
    }
    return add(kept, unit, "a module could not be added: its number or name is taken");
  }

  /// Without its functions nobody could look at the history of a module that never pairs here.
  std::optional<std::string> add_functions(store::Store& kept, const store::Snapshot& snapshot,
                                           const Configurations& configurations) const {
    store::Changes unit;
    for (const store::DeviceRecord& device : snapshot.devices) {
      const auto known = configurations.find(device.module.value);
      const bool unheard = device.protocol == store::Protocol::s0 &&
                           device.server.value == options_.network.value &&
                           !device.last_seen.known();
      if (!unheard || known == configurations.end()) continue;
      for (const auto& function : s0::function_states(known->second.functions, known->second)) {
        unit.emplace_back(features::function_record(device.id, function));
      }
    }
    return add(kept, unit, "the functions of a module could not be added");
  }

  std::optional<std::string> add(store::Store& kept, const store::Changes& unit,
                                 const char* refusal) const {
    const store::Changes* const units[] = {&unit};
    std::vector<std::size_t> refused;
    if (options_.dry || unit.empty()) return std::nullopt;
    const auto error = kept.apply(units, refused);
    if (error != store::StoreError::none) return std::string(to_text(error));
    if (!refused.empty()) return refusal;
    return std::nullopt;
  }

  /// What the hub has been told.
  static Configurations configurations_in(const store::Snapshot& snapshot) {
    Configurations configurations;
    for (const store::Document& document : snapshot.documents) {
      if (document.collection != s0::kModuleCollection) continue;
      std::uint8_t module = 0;
      const std::string& name = document.name;
      const auto read = std::from_chars(name.data(), name.data() + name.size(), module);
      auto one = s0::parse_module(document.body);
      if (one && read.ec == std::errc{}) configurations[module] = *std::move(one);
    }
    return configurations;
  }

  /// What is not told yet: pages that the hub was given while it was stopped, the files of this
  /// call, and --configuration. Of two pages that name a module the first by name counts.
  std::optional<std::string> take_pages(day_files::DayImport& import,
                                        const store::Snapshot& snapshot,
                                        Configurations& configurations) const {
    std::map<std::string, configuration::S0File, std::greater<>> pages;
    for (const store::Document& document : snapshot.documents) {
      if (document.collection != ConfigurationApi::kPages) continue;
      auto read = configuration::read_s0_file(document.body);
      if (auto* file = std::get_if<configuration::S0File>(&read)) {
        pages[document.name] = std::move(*file);
      }
    }
    for (const ConfigurationFile& file : options_.configurations) pages[file.page] = file.read;
    for (const auto& [page, file] : pages) {
      if (!file.server || file.server->value == options_.network.value)
        take(import, file, configurations);
    }
    if (options_.configuration.empty()) return std::nullopt;
    const auto read = read_configuration_file(options_.configuration);
    if (const auto* problem = std::get_if<std::string>(&read)) return *problem;
    take(import, std::get<ConfigurationFile>(read).read, configurations);
    return std::nullopt;
  }

  static void take(day_files::DayImport& import, const configuration::S0File& file,
                   Configurations& configurations) {
    for (const configuration::ModulePlan& module : file.modules) {
      s0::ModuleConfiguration& one = configurations[module.module.value];
      one = to_s0(module);
      import.set_functions(module.module, one.functions);
    }
  }

  static int fail(store::StoreError error) { return fail(std::string(to_text(error))); }
  static int fail(const std::string& problem) {
    std::fprintf(stderr, "espial import: %s\n", problem.c_str());
    return 1;
  }

  const DayFileOptions& options_;
};

}  // namespace

int bring_day_files(store::Store& kept, const DayFileOptions& options) {
  return DayFileBringing(options).run(kept);
}

}  // namespace espial::main
