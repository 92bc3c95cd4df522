#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "hub/main/commands.hpp"
#include "hub/main/store_option.hpp"
#include "hub/store/sql_store.hpp"
#include "station/field_index.hpp"

namespace espial::main {
namespace {

/// "2026-11-21T08:30:00.250Z"
std::string utc_text(UnixTime time) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds{time.ms}};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  char text[48];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

/// A day, "2026-11-21", as its first millisecond in UTC.
UnixTime parse_day(const std::string& text, const char* option) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  char more = 0;
  const int found = std::sscanf(text.c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &more);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (found != 3 || !date.ok()) {
    throw CLI::ValidationError(option, "must be a day, for example 2026-11-21");
  }
  return {std::chrono::sys_days{date}.time_since_epoch().count() * 86'400'000};
}

/// As RFC 4180 has it; what a spreadsheet would take for a formula stays a text.
std::string csv_text(const std::string& text) {
  std::string quoted = "\"";
  if (!text.empty() && std::string("=+-@").find(text[0]) != std::string::npos) quoted += '\'';
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// What a series is called beside its numbers.
struct SeriesNames {
  std::string device;
  std::string field;  ///< empty where the device no longer has the function
  std::string title;  ///< of the function; empty: as its kind
};

class AllNames {
 public:
  explicit AllNames(const store::Snapshot& snapshot) {
    for (const auto& device : snapshot.devices) devices_[device.id] = device.name;
    for (const auto& function : snapshot.functions) {
      functions_[{function.device, function.slot}] = &function;
    }
  }

  SeriesNames of(const store::Reading& series) const {
    SeriesNames names;
    if (const auto device = devices_.find(series.device); device != devices_.end()) {
      names.device = device->second;
    }
    const auto function = functions_.find({series.device, series.slot});
    if (function == functions_.end()) return names;
    const store::FunctionRecord& record = *function->second;
    names.field = station::field_name(wire::find_standard_kind(record.kind), series.field);
    names.title = record.title;
    return names;
  }

 private:
  std::map<store::DeviceId, std::string> devices_;
  std::map<std::pair<store::DeviceId, std::uint8_t>, const store::FunctionRecord*> functions_;
};

struct ExportCommand {
  std::string data = kDefaultData;
  StoreOption store;
  std::string format = "csv";
  std::string device;
  std::string from = "1970-01-01";
  std::string to;
  std::string output;

  int run() const {
    const UnixTime from_time = parse_day(from, "--from");
    const UnixTime to_time = to.empty() ? UnixTime{store::kMaxTimeMs} : parse_day(to, "--to");
    store::Snapshot snapshot;
    std::string problem;
    const auto reader = store::open_for_reading(store::make_connector(store.address_to_read(data)),
                                                snapshot, problem);
    if (!reader) return fail(problem);
    if (!device.empty() && !is_known(snapshot)) {
      return fail("there is no device \"" + device + "\"; `espial devices` lists them");
    }
    const std::unique_ptr<FILE, int (*)(FILE*)> file(
        output.empty() ? stdout : std::fopen(output.c_str(), "w"), &std::fclose);
    if (!file) return fail(output + " can't be written");

    const AllNames all_names(snapshot);
    if (format == "csv") std::fputs("time,device,slot,field,value,name,title\n", file.get());
    std::uint64_t count = 0;
    for (const store::Reading& series : snapshot.latest) {
      const SeriesNames names = all_names.of(series);
      if (!device.empty() && names.device != device) continue;
      const auto error = reader->readings(series.device, series.slot, series.field, from_time,
                                          to_time, [&](const store::Reading& reading) {
                                            write(file.get(), names, reading);
                                            ++count;
                                          });
      if (error != store::StoreError::none) return fail(std::string(to_text(error)));
    }
    if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0) {
      return fail("not everything could be written: is the disk full?");
    }
    std::fprintf(stderr, "%llu readings\n", static_cast<unsigned long long>(count));
    return 0;
  }

 private:
  bool is_known(const store::Snapshot& snapshot) const {
    return std::any_of(snapshot.devices.begin(), snapshot.devices.end(),
                       [&](const auto& record) { return record.name == device; });
  }

  void write(FILE* file, const SeriesNames& names, const store::Reading& reading) const {
    const std::string at = utc_text(reading.taken_at);
    if (format == "csv") {
      std::string value;
      if (reading.type == store::ValueType::number) value = nlohmann::json(reading.number).dump();
      if (reading.type == store::ValueType::text) value = csv_text(reading.text);
      std::fprintf(file, "%s,%s,%u,%u,%s,%s,%s\n", at.c_str(), csv_text(names.device).c_str(),
                   unsigned{reading.slot}, unsigned{reading.field}, value.c_str(),
                   names.field.c_str(), csv_text(names.title).c_str());
      return;
    }
    nlohmann::json line{{"time", at},           {"device", names.device},
                        {"slot", reading.slot}, {"field", reading.field},
                        {"value", nullptr},     {"name", names.field},
                        {"title", names.title}};
    if (reading.type == store::ValueType::number) line["value"] = reading.number;
    if (reading.type == store::ValueType::text) line["value"] = reading.text;
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
    std::fprintf(file, "%s\n", line.dump(-1, ' ', false, kReplace).c_str());
  }

  static int fail(const std::string& problem) {
    std::fprintf(stderr, "espial export: %s\n", problem.c_str());
    return 1;
  }
};

}  // namespace

void add_export_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "export", "Write readings as CSV or JSON lines, one series after the other; the hub may run");
  const auto options = std::make_shared<ExportCommand>();
  command->add_option("--data", options->data, "Where names, readings and keys are kept")
      ->capture_default_str();
  options->store.add_to(*command);
  command->add_option("--format", options->format, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->capture_default_str();
  command->add_option("--device", options->device, "Only the device of this name");
  command->add_option("--from", options->from, "First day (UTC), for example 2026-11-21");
  command->add_option("--to", options->to, "The day after the last one (UTC)");
  command->add_option("--output", options->output, "File; without it standard output");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
