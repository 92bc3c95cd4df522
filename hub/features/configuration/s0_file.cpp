#include "hub/features/configuration/s0_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "core/base/utf8.hpp"
#include "hub/features/configuration/json_lines.hpp"
#include "hub/features/configuration/json_text.hpp"
#include "hub/features/configuration/nearest_name.hpp"
#include "hub/features/configuration/week_text.hpp"

namespace espial::configuration {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTitle = 64;
constexpr std::size_t kMaxTemplate = 16'384;
constexpr std::size_t kMaxTitles = 1'000;
constexpr int kMaxInterval_s = 65'535;
constexpr int kFullAirtime_permille = 1'000;
constexpr std::uint8_t kThermostat = 0;

constexpr std::array<std::string_view, 7> kParts = {"Peers",    "DataTypes", "HTMLs",  "Titles",
                                                    "ServerID", "Interval",  "$schema"};
constexpr std::array<std::string_view, 4> kOfModules = {"PeerID", "Devices", "Interval", "Airtime"};
constexpr std::array<std::string_view, 9> kOfFunctions = {"ID",   "Type", "Title", "CtrlID", "SP",
                                                          "Hyst", "Week", "Min",   "Max"};
constexpr std::array<std::string_view, 4> kOfFields = {"Title", "Unit", "Log", "Set"};
constexpr std::array<std::string_view, 2> kOfRanges = {"Min", "Max"};
constexpr std::array<std::string_view, 2> kOfTemplates = {"Type", "HTML"};

/// Reads the file part by part; the first thing that is wrong ends it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::variant<S0File, FileError> read(const json& root) {
    Parts parts;
    if (!root.is_object()) {
      fail("", R"(the file is one object: write {"Peers": [...], "DataTypes": [...]})");
    } else {
      collect(root, "", parts);
    }
    if (!error_) read_parts(parts);
    if (error_) return *error_;
    return std::move(file_);
  }

 private:
  /// What stands under one name, and where; the older form may have it in several places.
  using Parts =
      std::map<std::string, std::vector<std::pair<std::string, const json*>>, std::less<>>;

  void fail(const std::string& path, std::string text) {
    if (!error_) error_ = FileError{line_of_value(text_, path), std::move(text)};
  }

  /// The older form has the same parts one level down, each in an object of a list.
  void collect(const json& object, const std::string& path, Parts& parts) {
    for (const auto& [name, value] : object.items()) {
      const std::string place = path + "/" + name;
      if (name == "Struct" && path.empty() && value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
          const std::string entry = place + "/" + std::to_string(i);
          if (!value[i].is_object()) return fail(entry, "Struct: write objects, as { ... }");
          collect(value[i], entry, parts);
        }
      } else {
        parts[name].emplace_back(place, &value);
      }
    }
  }

  void read_parts(const Parts& parts) {
    if (std::all_of(parts.begin(), parts.end(),
                    [](const auto& part) { return part.first == "$schema"; })) {
      return fail("",
                  R"(nothing is in it; write {"Peers": [...]}, or {"Peers": []} for no modules)");
    }
    for (const auto& [name, places] : parts) {
      if (std::find(kParts.begin(), kParts.end(), name) != kParts.end()) continue;
      return fail(places.front().first,
                  "\"" + name.substr(0, 30) +
                      "\" is unknown; write Peers, DataTypes, HTMLs, Titles, ServerID "
                      "or Interval");
    }
    if (const auto id = single(parts, "ServerID", 255)) {
      file_.server = ServerId{static_cast<std::uint8_t>(*id)};
    }
    if (const auto interval_s = single(parts, "Interval", kMaxInterval_s)) {
      file_.interval_s = static_cast<std::uint16_t>(*interval_s);
    }
    read_lists(parts, "DataTypes", &Reader::read_kind);
    read_lists(parts, "Peers", &Reader::read_module);
    read_lists(parts, "HTMLs", &Reader::read_template);
    read_lists(parts, "Titles", &Reader::read_titles);
  }

  /// A whole number, 1 or more, that a file has once.
  std::optional<int> single(const Parts& parts, const char* name, int most) {
    const auto found = parts.find(name);
    if (found == parts.end()) return std::nullopt;
    const auto& places = found->second;
    if (places.size() > 1) {
      fail(places[1].first, std::string(name) + " is there twice; leave one of the two out");
    }
    return whole(*places[0].second, places[0].first, name, 1, most);
  }

  void read_lists(const Parts& parts, const char* name,
                  void (Reader::*method)(const json&, const std::string&)) {
    const auto found = parts.find(name);
    if (found == parts.end()) return;
    index_ = 0;
    for (const auto& [path, list] : found->second) {
      if (!list->is_array()) return fail(path, std::string(name) + ": write a list, as [ ... ]");
      for (std::size_t i = 0; i < list->size() && !error_; ++i) {
        const std::string place = path + "/" + std::to_string(i);
        if (!(*list)[i].is_object()) {
          return fail(place, std::string(name) + ": write objects, as { ... }");
        }
        (this->*method)((*list)[i], place);
        ++index_;
      }
    }
  }

  /// Notes the names that nobody reads, with the one that was probably meant.
  void note_unknown(const json& object, const std::string& path,
                    std::span<const std::string_view> known) {
    for (const auto& [name, value] : object.items()) {
      if (file_.skipped.size() >= kMaxSkippedNames) return;
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      file_.skipped.push_back(
          {line_of_value(text_, path + "/" + name), name, std::string(nearest_name(name, known))});
    }
  }

  /// S0 writes numbers as texts; both are taken.
  std::optional<double> number(const json& value) {
    double result = 0;
    if (value.is_number()) {
      result = value.get<double>();
    } else if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      const char* const end = text.data() + text.size();
      const auto read = std::from_chars(text.data(), end, result);
      if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    } else {
      return std::nullopt;
    }
    return std::isfinite(result) ? std::optional(result) : std::nullopt;
  }

  int whole(const json& value, const std::string& path, const std::string& name, int least,
            int most) {
    const auto read = number(value);
    if (read && *read >= least && *read <= most && std::floor(*read) == *read) {
      return static_cast<int>(*read);
    }
    fail(path, name + ": write a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
    return least;
  }

  /// A whole number that has to be there.
  int needed(const json& object, const std::string& path, const char* name, int least, int most) {
    const auto found = object.find(name);
    if (found != object.end()) return whole(*found, path + "/" + name, name, least, most);
    fail(path, std::string(name) + " is missing: write \"" + name + "\": " + std::to_string(least));
    return least;
  }

  std::optional<double> optional_number(const json& object, const std::string& path,
                                        const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || *found == "") return std::nullopt;
    const auto read = number(*found);
    if (!read) fail(path + "/" + name, std::string(name) + R"(: write a number, as "21.5")");
    return read;
  }

  std::string text(const json& value, const std::string& path, const std::string& name,
                   std::size_t most) {
    if (value.is_string() && value.get_ref<const std::string&>().size() <= most) {
      return value.get<std::string>();
    }
    fail(path, name + ": write a text of at most " + std::to_string(most) + " bytes");
    return {};
  }

  /// A text that people see in one line.
  std::string line(const json& value, const std::string& path, const std::string& name,
                   std::size_t most) {
    std::string read = text(value, path, name, most);
    if (has_control(read)) {
      fail(path, name + ": write it without control characters, as line ends and zero bytes");
    }
    return read;
  }

  std::string title_of(const json& object, const std::string& path) {
    const auto found = object.find("Title");
    return found == object.end() ? "" : line(*found, path + "/Title", "Title", kMaxTitle);
  }

  static bool is_field(const std::string& key) {
    return key.size() == 2 && (key[0] == 'U' || key[0] == 'F') && key[1] >= '1' && key[1] <= '5';
  }

  bool is_logged(const json& field, const std::string& path) {
    const auto found = field.find("Log");
    if (found == field.end()) return false;
    if (!found->is_boolean()) fail(path + "/Log", "Log: write true or false");
    return *found == true;
  }

  SettableRange read_range(const json& object, const std::string& path, const KindPlan& kind) {
    constexpr int kMost = 255;
    const bool is_second = std::any_of(kind.fields.begin(), kind.fields.end(),
                                       [](const FieldPlan& one) { return one.settable; });
    if (kind.type < kBuiltInKinds) fail(path, "Set: only kinds of the file's own take it");
    if (is_second) fail(path, "Set: a kind has one field that is set; leave the other one out");
    if (!object.is_object()) fail(path, R"(Set: write limits, as {"Min": 10, "Max": 30})");
    if (error_) return {};
    note_unknown(object, path, kOfRanges);
    SettableRange range;
    if (const auto found = object.find("Min"); found != object.end()) {
      range.minimum = static_cast<std::uint8_t>(whole(*found, path + "/Min", "Min", 0, kMost - 1));
    }
    if (const auto found = object.find("Max"); found != object.end()) {
      range.maximum =
          static_cast<std::uint8_t>(whole(*found, path + "/Max", "Max", range.minimum + 1, kMost));
    }
    return range;
  }

  /// S0's own files name no type: it is the place in the list.
  std::uint8_t type_of(const json& object, const std::string& path) {
    constexpr int kLast = 254;
    const auto found = object.find("Type");
    const int type = found == object.end() ? static_cast<int>(std::min<std::size_t>(index_, kLast))
                                           : whole(*found, path + "/Type", "Type", 0, kLast);
    return static_cast<std::uint8_t>(type);
  }

  void read_kind(const json& object, const std::string& path) {
    /// What S0's page needs beside values: its buttons, and where a sensor's address stands.
    static const std::set<std::string> kOfThePage = {"up", "down", "btnOn", "btnOff", "MsgID"};
    KindPlan kind;
    kind.type = type_of(object, path);
    kind.title = title_of(object, path);
    for (const auto& [key, value] : object.items()) {
      if (key == "Type" || key == "Title" || kOfThePage.count(key) > 0) continue;
      const std::string place = path + "/" + key;
      if (!is_field(key)) {
        return fail(place, "\"" + key.substr(0, 30) + "\" is no value; write U1..U5 or F1..F5");
      }
      FieldPlan field;
      field.key = key;
      if (value.is_object()) {
        note_unknown(value, place, kOfFields);
        field.title = title_of(value, place);
        if (value.contains("Unit")) field.unit = line(value["Unit"], place + "/Unit", "Unit", 16);
        field.logged = is_logged(value, place);
        if (value.contains("Set")) field.settable = read_range(value["Set"], place + "/Set", kind);
      } else if (!value.is_number()) {
        field.logged = text(value, place, key, kMaxTitle) == "L";
      }
      kind.fields.push_back(std::move(field));
    }
    const bool twice = std::any_of(file_.kinds.begin(), file_.kinds.end(),
                                   [&](const KindPlan& one) { return one.type == kind.type; });
    if (twice) {
      return fail(path, "Type " + std::to_string(kind.type) +
                            " is there twice in DataTypes; leave one of the two out");
    }
    if (file_.kinds.size() >= kMaxKinds) return fail(path, "write at most 64 DataTypes");
    file_.kinds.push_back(std::move(kind));
  }

  void read_module(const json& object, const std::string& path) {
    note_unknown(object, path, kOfModules);
    ModulePlan module;
    module.module = ModuleId{static_cast<std::uint8_t>(needed(object, path, "PeerID", 1, 255))};
    if (file_.find(module.module) != nullptr) {
      return fail(path + "/PeerID",
                  "PeerID " + std::to_string(module.module.value) +
                      " is there twice; write all its Devices in one place, or another PeerID");
    }
    module.interval_s = file_.interval_s;
    if (const auto found = object.find("Interval"); found != object.end()) {
      module.interval_s = static_cast<std::uint16_t>(
          whole(*found, path + "/Interval", "Interval", 1, kMaxInterval_s));
    }
    if (const auto found = object.find("Airtime"); found != object.end()) {
      module.max_airtime_permille = static_cast<std::uint16_t>(
          whole(*found, path + "/Airtime", "Airtime", 1, kFullAirtime_permille));
    }
    const auto devices = object.find("Devices");
    if (devices == object.end() || !devices->is_array() || devices->size() > kSlotCount) {
      return fail(path, "Devices: write a list of at most 12 functions");
    }
    for (std::size_t i = 0; i < devices->size() && !error_; ++i) {
      const std::string place = path + "/Devices/" + std::to_string(i);
      const json& device = (*devices)[i];
      if (!device.is_object()) return fail(place, "Devices: write objects, as { ... }");
      read_function(device, place, static_cast<std::uint8_t>(i), module);
    }
    file_.modules.push_back(std::move(module));
  }

  void read_function(const json& object, const std::string& path, std::uint8_t slot,
                     ModulePlan& module) {
    note_unknown(object, path, kOfFunctions);
    FunctionPlan function;
    function.slot = slot;
    function.id = static_cast<std::uint8_t>(needed(object, path, "ID", 0, 254));
    function.type = static_cast<std::uint8_t>(needed(object, path, "Type", 0, 254));
    function.title = title_of(object, path);
    if (const auto found = object.find("CtrlID"); found != object.end()) {
      function.control =
          static_cast<std::uint8_t>(whole(*found, path + "/CtrlID", "CtrlID", 0, 255));
    }
    function.set_point = optional_number(object, path, "SP");
    function.hysteresis = optional_number(object, path, "Hyst");
    function.minimum = optional_number(object, path, "Min");
    function.maximum = optional_number(object, path, "Max");
    const bool known =
        function.type < kBuiltInKinds ||
        std::any_of(file_.kinds.begin(), file_.kinds.end(),
                    [&](const KindPlan& kind) { return kind.type == function.type; });
    if (!known) {
      return fail(path + "/Type", "Type " + std::to_string(function.type) +
                                      " is defined nowhere; write 0 (thermostat), 1 (thermometer), "
                                      "2 (relay), or define it in DataTypes");
    }
    const bool twice = std::any_of(
        module.functions.begin(), module.functions.end(),
        [&](const auto& one) { return one.id == function.id && one.type == function.type; });
    if (twice) {
      return fail(path + "/ID", "ID " + std::to_string(function.id) + " with Type " +
                                    std::to_string(function.type) +
                                    " is there twice in this module; write another ID");
    }
    if (function.minimum && function.maximum && *function.minimum >= *function.maximum) {
      return fail(path + "/Min", "Min must be less than Max");
    }
    if (const auto found = object.find("Week"); found != object.end()) {
      if (function.type != kThermostat) {
        return fail(path + "/Week", "Week: only a thermostat (Type 0) keeps to one");
      }
      read_week(*found, path + "/Week", slot, module);
    }
    module.functions.push_back(std::move(function));
  }

  void read_week(const json& lines, const std::string& path, std::uint8_t slot,
                 ModulePlan& module) {
    if (module.week) return fail(path, "Week: a module keeps to one; leave the other one out");
    if (!lines.is_array()) return fail(path, R"(Week: write a list, as ["Mon-Fri 06:30 21"])");
    std::vector<wire::SwitchingPoint> points;
    for (std::size_t i = 0; i < lines.size() && points.size() <= wire::kMaxSwitchingPoints; ++i) {
      std::optional<std::vector<wire::SwitchingPoint>> more;
      if (lines[i].is_string()) more = parse_week_line(lines[i].get_ref<const std::string&>());
      if (!more) {
        return fail(path + "/" + std::to_string(i),
                    R"(Week: write days, time and °C, as "Mon-Fri 06:30 21.5" or "Sun 22:00 off")");
      }
      points.insert(points.end(), more->begin(), more->end());
    }
    module.week = make_week(slot, std::move(points));
    if (module.week) return;
    fail(path, "Week: write at most 28 times, each day's counted, and no two at one minute");
  }

  void read_template(const json& object, const std::string& path) {
    note_unknown(object, path, kOfTemplates);
    const std::uint8_t type = type_of(object, path);
    if (file_.templates.count(type) != 0) {
      return fail(path, "Type " + std::to_string(type) +
                            " is there twice in HTMLs; leave one of the two out");
    }
    const auto html = object.find("HTML");
    if (html == object.end()) return fail(path, R"(HTML is missing: write "HTML": "<p>$F1</p>")");
    file_.templates[type] = text(*html, path + "/HTML", "HTML", kMaxTemplate);
  }

  /// S0's files write a sensor's address as "28:7e:...", the hub 16 digits without colons.
  static std::string plain_address(const std::string& address) {
    constexpr std::size_t kDigits = 16;
    std::string plain;
    for (const char c : address) {
      if (c != ':') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    const bool is_address = plain.size() == kDigits &&
                            std::all_of(plain.begin(), plain.end(),
                                        [](unsigned char c) { return std::isxdigit(c) != 0; });
    return is_address ? plain : address;
  }

  void read_titles(const json& object, const std::string& path) {
    for (const auto& [address, title] : object.items()) {
      if (file_.titles.size() >= kMaxTitles) return fail(path, "write at most 1000 Titles");
      if (address.empty() || has_control(address)) {
        return fail(path, "Titles: write a sensor's address before its label");
      }
      // As the hub looks them up.
      const std::string place = path + "/" + address;
      const auto [label, is_new] =
          file_.titles.emplace(plain_address(address), line(title, place, "Titles", kMaxTitle));
      if (!is_new && label->second != title) {
        return fail(place, "the sensor " + label->first +
                               " has two labels in Titles; leave one of the two out");
      }
    }
  }

  std::string_view text_;
  std::size_t index_ = 0;  ///< in the list at hand, all its parts together
  S0File file_;
  std::optional<FileError> error_;
};

}  // namespace

const ModulePlan* S0File::find(ModuleId module) const {
  const auto found = std::find_if(modules.begin(), modules.end(), [module](const ModulePlan& one) {
    return one.module.value == module.value;
  });
  return found == modules.end() ? nullptr : &*found;
}

std::variant<S0File, FileError> read_s0_file(std::string_view text) {
  if (!is_utf8(text)) return FileError{1, "the file is not UTF-8; save it as UTF-8"};
  const auto parsed = parse_file(text);
  if (const auto* error = std::get_if<FileError>(&parsed)) return *error;
  return Reader(text).read(std::get<json>(parsed));
}

}  // namespace espial::configuration
