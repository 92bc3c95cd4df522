#include "hub/features/day_files/day_import.hpp"

#include <date/tz.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "core/wire/kind.hpp"
#include "core/wire/s0_function.hpp"
#include "hub/features/s0_configuration.hpp"

namespace espial::day_files {
namespace {

/// The fields of day files, in the order of LoggedValue::field.
constexpr std::uint8_t kU1 = 0;
constexpr std::uint8_t kF1 = 5;
constexpr std::uint8_t kF2 = 6;

const date::time_zone* find_zone(const std::string& name) {
  return name.empty() ? date::current_zone() : date::locate_zone(name);
}

/// The field of a function's kind that one of U1..F5 is; s0_function.hpp has the table.
std::optional<std::uint8_t> field_of(std::uint8_t type, std::uint8_t logged) {
  switch (type) {
    case s0::kThermostat:
      if (logged == kF1) return 0;
      if (logged == kF2) return 1;
      if (logged == kU1) return 2;
      return std::nullopt;
    case s0::kThermometer:
      return logged == kF1 ? std::optional<std::uint8_t>(0) : std::nullopt;
    case s0::kRelay:
      return logged == kU1 ? std::optional<std::uint8_t>(0) : std::nullopt;
    default:
      return logged;
  }
}

/// Turns a clock on the wall into UTC. In the hour that comes twice in autumn, the clock that goes
/// back says that its second round has begun.
class WallClock {
 public:
  explicit WallClock(const date::time_zone& zone) : zone_(zone) {}

  /// Nothing for the hour that spring leaves out.
  std::optional<UnixTime> utc(std::int64_t local_s) {
    const date::local_seconds local{std::chrono::seconds{local_s}};
    const auto info = zone_.get_info(local);
    second_round_ =
        info.result == date::local_info::ambiguous && (second_round_ || local_s < last_local_s_);
    last_local_s_ = local_s;
    if (info.result == date::local_info::nonexistent) return std::nullopt;
    const auto offset = second_round_ ? info.second.offset : info.first.offset;
    return UnixTime{(std::chrono::seconds{local_s} - offset).count() * 1'000};
  }

 private:
  const date::time_zone& zone_;
  std::int64_t last_local_s_ = std::numeric_limits<std::int64_t>::min();
  bool second_round_ = false;
};

std::string module_text(const LoggedValue& value) {
  return "module " + std::to_string(value.module);
}

}  // namespace

DayImport::DayImport(const store::Snapshot& snapshot, store::Reader& reader, ServerId server,
                     const std::string& zone)
    : reader_(reader), zone_(find_zone(zone)->name()) {
  for (const store::DeviceRecord& device : snapshot.devices) {
    const bool has_number =
        device.protocol == store::Protocol::s0 || device.protocol == store::Protocol::espial;
    if (has_number && device.server == server) devices_[device.module.value] = device.id;
  }
  for (const store::Document& document : snapshot.documents) {
    if (document.collection != s0::kModuleCollection) continue;
    std::uint8_t module = 0;
    const std::string& name = document.name;
    const auto configuration = s0::parse_module(document.body);
    const auto read = std::from_chars(name.data(), name.data() + name.size(), module);
    if (configuration && read.ec == std::errc{}) functions_[module] = configuration->functions;
  }
}

void DayImport::set_functions(ModuleId module, const s0::Functions& functions) {
  functions_[module.value] = functions;
}

DayImport::Place DayImport::place_of(const LoggedValue& value) const {
  Place place;
  const auto device = devices_.find(value.module);
  const auto functions = functions_.find(value.module);
  if (device == devices_.end()) {
    place.problem =
        module_text(value) + " is not known here: let it join first, or say its address";
    return place;
  }
  if (functions == functions_.end()) {
    place.problem = module_text(value) + " has no configuration here: say the server's file";
    return place;
  }
  const auto function =
      std::find_if(functions->second.begin(), functions->second.end(),
                   [&](const s0::Function& one) { return one.used() && one.id == value.function; });
  if (function == functions->second.end()) {
    place.problem = module_text(value) + " has no function " + std::to_string(value.function);
    return place;
  }
  place.device = device->second;
  place.slot = static_cast<std::uint8_t>(function - functions->second.begin());
  const auto field = field_of(function->type, value.field);
  const wire::KindInfo* const kind = wire::find_standard_kind(s0::kind_of(function->type));
  if (!field) {
    place.problem = "a function of type " + std::to_string(function->type) + " has no such field";
    return place;
  }
  place.field = *field;
  if (kind != nullptr && (value.number < kind->fields[*field].minimum ||
                          value.number > kind->fields[*field].maximum)) {
    place.problem = "no value that it can have: a sensor that failed?";
  }
  return place;
}

ImportedFile DayImport::read(std::string_view text, const Skip& skip) {
  ImportedFile file;
  const auto values =
      parse_day_file(text, [&](std::size_t line, Skipped why, std::string_view what) {
        file.is_day_file = file.is_day_file && why != Skipped::no_day_file;
        if (!file.is_day_file) return;
        skip(line, (what.empty() ? "" : std::string(what.substr(0, 32)) + " ") +
                       std::string(to_text(why)));
      });
  WallClock clock(*find_zone(zone_));
  std::set<std::tuple<std::uint64_t, std::uint8_t, std::uint8_t, std::int64_t, double>> taken;
  for (const LoggedValue& value : values) {
    const auto time = clock.utc(value.local_s);
    const Place place = place_of(value);
    if (!time) {
      skip(value.line, "its hour does not exist where clocks are put forward");
    } else if (!place.problem.empty()) {
      skip(value.line, place.problem);
    } else if (taken.emplace(place.device.value, place.slot, place.field, time->ms, value.number)
                   .second) {
      store::Reading reading;
      reading.device = place.device;
      reading.slot = place.slot;
      reading.field = place.field;
      reading.type = store::ValueType::number;
      reading.taken_at = *time;
      reading.number = value.number;
      file.readings.push_back(std::move(reading));
    }
  }
  leave_out_known(file);
  return file;
}

void DayImport::leave_out_known(ImportedFile& file) {
  struct Span {
    UnixTime from{store::kMaxTimeMs};
    UnixTime to{};
  };
  using SeriesKey = std::tuple<std::uint32_t, std::uint8_t, std::uint8_t>;
  const auto key_of = [](const store::Reading& reading) {
    return SeriesKey(reading.device.value, reading.slot, reading.field);
  };
  std::map<SeriesKey, Span> spans;
  for (const store::Reading& reading : file.readings) {
    Span& span = spans[key_of(reading)];
    span.from.ms = std::min(span.from.ms, reading.taken_at.ms);
    span.to.ms = std::max(span.to.ms, reading.taken_at.ms + 1);
  }
  std::set<std::tuple<SeriesKey, std::int64_t, double>> there;
  for (const auto& [key, span] : spans) {
    const auto& [device, slot, field] = key;
    const auto error =
        reader_.readings(store::DeviceId{device}, slot, field, span.from, span.to,
                         [&, series = key](const store::Reading& reading) {
                           there.emplace(series, reading.taken_at.ms, reading.number);
                         });
    if (error != store::StoreError::none) file.error = error;
  }
  file.there_already = std::erase_if(file.readings, [&](const store::Reading& reading) {
    return there.count({key_of(reading), reading.taken_at.ms, reading.number}) != 0;
  });
}

}  // namespace espial::day_files
