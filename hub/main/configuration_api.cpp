#include "hub/main/configuration_api.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/wire/kind.hpp"
#include "core/wire/s0_function.hpp"
#include "hub/features/configuration/page_template.hpp"
#include "hub/main/api_answers.hpp"
#include "hub/main/difference.hpp"
#include "hub/main/page_words.hpp"
#include "station/mac_text.hpp"
#include "station/registry.hpp"

namespace espial::main {
namespace {

/// One document: the numbers of modules from which something is to be taken back.
constexpr const char* kOwedCollection = "configuration.owed";
constexpr const char* kOwedName = "modules";
/// Pages are for looking at; they look again by themselves.
constexpr const char* kPageStart =
    "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"5\"><title>";

/// Without zeros that say nothing: "21.5".
std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// S0's own name of a field: "U1" or "F1". Of our kinds the switches are S0's U1..., all others
/// F1...; of the configuration's own the first five are U1..U5.
std::string s0_key(const wire::KindInfo* kind, std::uint8_t field) {
  constexpr int kOwnBytes = 5;
  if (kind == nullptr) {
    return field < kOwnBytes ? "U" + std::to_string(field + 1)
                             : "F" + std::to_string(field - kOwnBytes + 1);
  }
  const auto is_byte = [&](std::size_t i) {
    return kind->fields[i].type == wire::FieldType::kBool;
  };
  int count = 0;
  for (std::size_t i = 0; i <= field && i < kind->fields.size(); ++i) {
    count += is_byte(i) == is_byte(field) ? 1 : 0;
  }
  return (is_byte(field) ? "U" : "F") + std::to_string(count);
}

std::size_t field_count(const wire::KindInfo* kind) {
  constexpr std::size_t kOwnFields = 10;
  return kind == nullptr ? kOwnFields : kind->fields.size();
}

/// What a kind of the file's own is about: a field that the file gives a name, or else one that it
/// stores, F1 before U1.
void put_main_first(station::FunctionNote& note) {
  const auto place = [&note](const station::FieldNote& field) {
    const std::size_t index = field.field;
    if (!field.title.empty() || !field.unit.empty() || field.settable) return index;
    const bool is_logged = (*note.logged >> index & 1U) != 0;
    const std::size_t in_turn = (index + s0::kFieldCount - s0::kIntegerCount) % s0::kFieldCount;
    return s0::kFieldCount * (is_logged ? 1U : 2U) + in_turn;
  };
  std::sort(note.fields.begin(), note.fields.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
}

/// What a file says of a function that is there.
station::FunctionNote note_of(const configuration::FunctionPlan& planned,
                              const configuration::S0File& file,
                              const station::FunctionState& function, bool is_s0) {
  station::FunctionNote note;
  note.minimum = planned.minimum;
  note.maximum = planned.maximum;
  const auto type = std::find_if(file.kinds.begin(), file.kinds.end(),
                                 [&](const auto& one) { return one.type == planned.type; });
  if (type == file.kinds.end()) return note;
  note.kind_title = type->title;
  note.logged = 0;
  const wire::KindInfo* const kind = wire::find_standard_kind(function.kind);
  for (std::uint8_t i = 0; i < field_count(kind); ++i) {
    const auto field =
        std::find_if(type->fields.begin(), type->fields.end(),
                     [key = s0_key(kind, i)](const auto& one) { return one.key == key; });
    if (field == type->fields.end()) continue;
    if (field->logged) *note.logged |= 1U << i;
    std::optional<station::SettableRange> settable;
    if (field->settable && kind == nullptr && is_s0) {
      settable = station::SettableRange{field->settable->minimum, field->settable->maximum};
    }
    if (kind == nullptr || !field->title.empty() || !field->unit.empty()) {
      note.fields.push_back({i, field->title, field->unit, settable});
    }
  }
  if (kind == nullptr) put_main_first(note);
  return note;
}

/// On a page, in the place of what is not known.
constexpr const char* kNothing = "–";

/// Every key whose value may be missing: templates name them before a module has said anything.
configuration::Values nothing_known() {
  configuration::Values values;
  for (std::uint8_t field = 0; field < s0::kFieldCount; ++field) {
    values[s0_key(nullptr, field)] = kNothing;
  }
  for (const char* const key : {"SP", "Hyst", "RSSI"}) values[key] = kNothing;
  return values;
}

/// How a kind looks that has no HTML: by the value that says most of it.
std::string plain_template(const configuration::S0File& file, std::uint8_t type,
                           const station::FunctionState* shown) {
  const wire::KindInfo* const kind =
      wire::find_standard_kind(shown == nullptr ? s0::kind_of(type) : shown->kind);
  std::string key = s0_key(kind, 0);
  for (const configuration::KindPlan& own : file.kinds) {
    if (kind == nullptr && own.type == type && !own.fields.empty()) key = own.fields.front().key;
  }
  return "<p>$Title: $" + key + "</p>";
}

/// Adds what $F1, $U1 and so on stand for: the function's values under S0's names.
void add_values(const station::FunctionState& function, configuration::Values& values) {
  const wire::KindInfo* const kind = wire::find_standard_kind(function.kind);
  for (const station::Value& value : function.values) {
    if (value.field >= field_count(kind)) continue;
    values[s0_key(kind, value.field)] = value.type == station::ValueType::number
                                            ? number_text(value.number)
                                        : value.type == station::ValueType::text ? value.text
                                                                                 : kNothing;
  }
}

}  // namespace

s0::ModuleConfiguration to_s0(const configuration::ModulePlan& plan) {
  s0::ModuleConfiguration module;
  for (const configuration::FunctionPlan& function : plan.functions) {
    auto& slot = module.functions[function.slot];
    slot.id = function.id;
    slot.type = function.type;
    slot.control = function.control;
    module.titles[function.slot] = function.title;
  }
  return module;
}

ConfigurationApi::ConfigurationApi(Ports ports) : ports_(std::move(ports)) {
  for (const auto& [page, body] : ports_.documents.all(kPages)) {
    auto read = configuration::read_s0_file(body);
    if (auto* file = std::get_if<configuration::S0File>(&read)) {
      pages_[page] = std::move(*file);
    } else {
      const auto& error = std::get<configuration::FileError>(read);
      spdlog::warn("a configuration is left out until it is brought mended: {}",
                   to_text(error, page + ".json"));
    }
  }
  observing_ = ports_.live.add_observer(this);
  ports_.live.for_each([this](const station::Device& device) { note(device); });
  apply_all({});
  take_up_owed();
}

ConfigurationApi::~ConfigurationApi() {
  if (observing_) ports_.live.remove_observer(this);
}

void ConfigurationApi::on_change(const station::Change& change) {
  if (change.kind == station::ChangeKind::device_changed) untold_.insert(change.device);
}

void ConfigurationApi::tick() {
  tell();
  settle_owed();
}

/// What was not done when the hub ended.
void ConfigurationApi::take_up_owed() {
  const std::string* const kept = ports_.documents.find(kOwedCollection, kOwedName);
  if (kept == nullptr) return;
  const auto numbers = nlohmann::json::parse(*kept, nullptr, false);
  for (const auto& number : numbers.is_array() ? numbers : nlohmann::json::array()) {
    if (number.is_number_unsigned()) owed_.insert(number.get<std::uint8_t>());
  }
  for (const std::uint8_t number : owed_) {
    const auto* const device = ports_.live.find_module(ports_.server, ModuleId{number});
    const bool keyed = device != nullptr && device->protocol == station::Protocol::espial;
    if (keyed) {
      taken_back_.insert(device->id);
    } else {
      untold_s0_.insert(number);
    }
  }
}

/// Before a page is another one: what of it is to be taken back must not be forgotten. False when
/// that can't be stored now.
bool ConfigurationApi::owe(const configuration::S0File& before,
                           const configuration::S0File& after) {
  std::set<std::uint8_t> owed = owed_;
  for (const configuration::ModulePlan& plan : before.modules) {
    if (is_ours(before) && after.find(plan.module) == nullptr) owed.insert(plan.module.value);
  }
  return keep_owed(owed);
}

bool ConfigurationApi::keep_owed(const std::set<std::uint8_t>& owed) {
  if (owed == owed_) return true;
  std::string body = owed.empty() ? std::string() : nlohmann::json(owed).dump();
  if (!ports_.documents.put({kOwedCollection, kOwedName, std::move(body)})) return false;
  owed_ = owed;
  return true;
}

void ConfigurationApi::settle_owed() {
  std::set<std::uint8_t> owed = owed_;
  std::erase_if(owed, [this](std::uint8_t number) { return !is_owed(ModuleId{number}); });
  (void)keep_owed(owed);  // or the next time
}

bool ConfigurationApi::is_owed(ModuleId module) const {
  if (plan_for(module) != nullptr) return false;
  if (untold_s0_.count(module.value) != 0) return true;
  const auto* const device = ports_.live.find_module(ports_.server, module);
  if (device == nullptr || device->protocol != station::Protocol::espial) return false;
  return taken_back_.count(device->id) != 0 || !ports_.keeps_to_it(device->id);
}

void ConfigurationApi::tell() {
  (void)tell_titles();  // or the next time
  tell_s0();
  tell_espial();
}

void ConfigurationApi::tell_all_titles() {
  while (!untold_titles_.empty() && tell_titles()) {
  }
}

bool ConfigurationApi::tell_titles() {
  for (std::size_t i = 0; i < kMaxTitlesAtOnce && !untold_titles_.empty(); ++i) {
    const auto next = untold_titles_.begin();
    const std::string* const known = ports_.documents.find(s0::kSensorCollection, next->first);
    const std::string before = known == nullptr ? std::string() : *known;
    if (!ports_.documents.put({std::string(s0::kSensorCollection), next->first, next->second})) {
      return false;
    }
    if (!before.empty()) ports_.on_relabelled(before, next->second);
    untold_titles_.erase(next);
  }
  return true;
}

void ConfigurationApi::tell_s0() {
  while (!untold_s0_.empty()) {
    const ModuleId module{*untold_s0_.begin()};
    const configuration::ModulePlan* const plan = plan_for(module);
    if (!ports_.tell_s0(module, plan == nullptr ? s0::ModuleConfiguration{} : to_s0(*plan))) return;
    untold_s0_.erase(untold_s0_.begin());
  }
}

void ConfigurationApi::tell_espial() {
  for (const station::DeviceId id : std::exchange(untold_, {})) {
    const station::Device* const device = ports_.live.find(id);
    if (device == nullptr) continue;
    note(*device);
    if (device->protocol != station::Protocol::espial) continue;
    static const configuration::ModulePlan kNothing;
    const bool taken_back = taken_back_.erase(id) != 0;
    const configuration::ModulePlan* plan = plan_for(device->module);
    if (plan == nullptr && taken_back) plan = &kNothing;
    if (plan == nullptr || ports_.tell_espial(id, *plan)) continue;
    untold_.insert(id);
    if (taken_back) taken_back_.insert(id);
  }
}

bool ConfigurationApi::is_ours(const configuration::S0File& file) const {
  return !file.server || file.server->value == ports_.server.value;
}

const configuration::S0File* ConfigurationApi::file_for(ModuleId module) const {
  if (module.value == 0) return nullptr;
  for (const auto& [page, file] : pages_) {
    if (is_ours(file) && file.find(module) != nullptr) return &file;
  }
  return nullptr;
}

const configuration::ModulePlan* ConfigurationApi::plan_for(ModuleId module) const {
  const configuration::S0File* const file = file_for(module);
  return file == nullptr ? nullptr : file->find(module);
}

void ConfigurationApi::note(const station::Device& device) {
  station::FunctionNotes::BySlot notes;
  const bool ours = device.server.value == ports_.server.value;
  if (const auto* const file = ours ? file_for(device.module) : nullptr) {
    for (const auto& planned : file->find(device.module)->functions) {
      const station::FunctionState* const function = device.function(planned.slot);
      if (function == nullptr) continue;
      const bool is_s0 = device.protocol == station::Protocol::s0;
      auto one = note_of(planned, *file, *function, is_s0);
      if (!(one == station::FunctionNote{})) notes.emplace(planned.slot, std::move(one));
    }
  }
  if (ports_.notes.put(device.id, std::move(notes))) ports_.on_noted(device.id);
}

/// `before`: what a page was until now; what it named and no page names any more is taken back.
void ConfigurationApi::apply_all(const configuration::S0File& before) {
  // An empty title takes one back, as does telling of a module that no page names.
  const auto untold_titles = std::exchange(untold_titles_, {});
  for (const auto& [page, file] : pages_) {
    untold_titles_.insert(file.titles.begin(), file.titles.end());
    for (const configuration::ModulePlan& plan : file.modules) {
      if (plan_for(plan.module) == &plan) untold_s0_.insert(plan.module.value);
    }
  }
  for (const auto* const former : {&before.titles, &untold_titles}) {
    for (const auto& [sensor, title] : *former) untold_titles_.try_emplace(sensor);
  }
  for (const configuration::ModulePlan& plan : before.modules) {
    if (!is_ours(before) || plan.module.value == 0 || plan_for(plan.module) != nullptr) continue;
    untold_s0_.insert(plan.module.value);
    const station::Device* const device = ports_.live.find_module(ports_.server, plan.module);
    if (device != nullptr) taken_back_.insert(device->id);
  }
  std::erase_if(untold_titles_, [this](const auto& one) {
    const std::string* const present = ports_.documents.find(s0::kSensorCollection, one.first);
    return (present == nullptr ? std::string_view() : *present) == one.second;
  });
  ports_.live.for_each([this](const station::Device& device) { untold_.insert(device.id); });
}

void ConfigurationApi::handle(const http::Request& request, const http::Target& target,
                              const http::Reply& reply) {
  const auto& parts = target.segments;
  if (parts.size() == 2) {
    if (request.method != "GET") return reply(wrong_method("GET"));
    return reply(http::json_response(list()));
  }
  if (parts.size() > 3) return reply(not_there("a page has no parts"));
  if (request.method == "PUT") return save(parts[2], request, reply);
  if (request.method == "DELETE") return remove(parts[2], reply);
  if (request.method != "GET") return reply(wrong_method("GET, PUT, DELETE"));
  const std::string* const body = ports_.documents.find(kPages, parts[2]);
  if (body == nullptr) return reply(not_there("there is no such page"));
  reply(http::json_response(*body));
}

std::string ConfigurationApi::list() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [page, file] : pages_) {
    list.push_back(nlohmann::ordered_json::parse(answer(page)));
  }
  return nlohmann::ordered_json{{"pages", std::move(list)}}.dump();
}

/// What a file came to: its modules with their devices, the names that nobody reads, what its
/// templates may not do, and how many titles and modules of all pages the store has no room for
/// yet.
std::string ConfigurationApi::answer(const std::string& page) const {
  const configuration::S0File& file = pages_.find(page)->second;
  nlohmann::ordered_json modules = nlohmann::ordered_json::array();
  for (const configuration::ModulePlan& plan : file.modules) {
    const station::Device* const device = ports_.live.find_module(ports_.server, plan.module);
    nlohmann::ordered_json module = {{"module", plan.module.value},
                                     {"functions", plan.functions.size()}};
    module["device"] =
        device == nullptr ? nlohmann::ordered_json() : nlohmann::ordered_json(text_of(device->mac));
    modules.push_back(std::move(module));
  }
  nlohmann::ordered_json skipped = nlohmann::ordered_json::array();
  for (const configuration::SkippedName& one : file.skipped) {
    nlohmann::ordered_json nearest;
    if (!one.nearest.empty()) nearest = one.nearest;
    skipped.push_back({{"line", one.line}, {"name", one.name}, {"nearest", std::move(nearest)}});
  }
  nlohmann::ordered_json dropped = nlohmann::ordered_json::array();
  for (const auto& [type, html] : file.templates) {
    for (const std::string& what : configuration::render_template(html, {}).dropped) {
      dropped.push_back("type " + std::to_string(type) + ": " + what);
    }
  }
  return nlohmann::ordered_json{{"page", page},
                                {"modules", std::move(modules)},
                                {"skipped", std::move(skipped)},
                                {"dropped", std::move(dropped)},
                                {"untold", untold_titles_.size() + untold_s0_.size()}}
      .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void ConfigurationApi::save(const std::string& page, const http::Request& request,
                            const http::Reply& reply) {
  if (const auto wrong = station::check_name(page); wrong != station::NameError::none) {
    return reply(http::error_response(422, station::problem_of(wrong), station::to_text(wrong)));
  }
  auto read = configuration::read_s0_file(request.body);
  if (const auto* error = std::get_if<configuration::FileError>(&read)) {
    return reply(not_possible(configuration::to_text(*error, page + ".json")));
  }
  const auto& file = std::get<configuration::S0File>(read);
  if (file.server && file.server->value != ports_.server.value) {
    return reply(not_possible("ServerID is " + std::to_string(file.server->value) +
                              ", this hub's is " + std::to_string(ports_.server.value) +
                              "; write that, or start a hub with --server"));
  }
  if (pages_.size() >= kMaxPages && pages_.count(page) == 0) {
    return reply(not_possible("there are " + std::to_string(kMaxPages) +
                              " pages already; remove one before you add another"));
  }
  const configuration::S0File former =
      pages_.count(page) > 0 ? pages_[page] : configuration::S0File{};
  if (!owe(former, file)) return reply(store_busy());
  const std::string* const before = ports_.documents.find(kPages, page);
  const std::string action = before == nullptr ? "configuration.add" : "configuration.change";
  const std::string about =
      page + ": " + difference(before == nullptr ? "" : *before, request.body);
  const bool taken = ports_.documents.put({kPages, page, request.body}, std::nullopt, [=, this] {
    const bool there = pages_.count(page) > 0;
    reply(changed(there ? answer(page) : "{}", action, about));
  });
  if (!taken) return reply(store_busy());
  apply_all(std::exchange(pages_[page], std::move(std::get<configuration::S0File>(read))));
  tell();
}

void ConfigurationApi::remove(const std::string& page, const http::Reply& reply) {
  const auto known = pages_.find(page);
  const bool read = known != pages_.end();
  if (!read && ports_.documents.find(kPages, page) == nullptr) {
    return reply(not_there("there is no such page"));
  }
  if (read && !owe(known->second, {})) return reply(store_busy());
  if (!ports_.documents.put({kPages, page, {}}, std::nullopt, [reply, page] {
        reply(changed("{}", "configuration.remove", page));
      })) {
    return reply(store_busy());
  }
  if (!read) return;
  const configuration::S0File before = std::move(known->second);
  pages_.erase(known);
  apply_all(before);
  tell();
}

void ConfigurationApi::show_page(const http::Request& request, const http::Target& target,
                                 const http::Reply& reply) const {
  if (request.method != "GET") return reply(wrong_method("GET"));
  const auto& parts = target.segments;
  const auto page = parts.size() == 2 ? pages_.find(parts[1]) : pages_.end();
  if (page == pages_.end()) return reply(not_there("there is no such page"));
  const configuration::S0File& file = page->second;
  const std::string name = configuration::escape_html(page->first);
  const std::string offline(offline_word(request.accept_language));
  std::string html = kPageStart + name + "</title></head><body><h1>" + name + "</h1>";
  for (const configuration::ModulePlan& plan : file.modules) {
    const station::Device* const device = ports_.live.find_module(ports_.server, plan.module);
    if (device == nullptr) continue;
    html += "<section><h2>" + configuration::escape_html(device->name);
    if (!device->online) html += " <small>(" + offline + ")</small>";
    html += "</h2>";
    for (const auto& function : plan.functions) html += card(file, *device, function);
    html += "</section>";
  }
  http::Response response;
  response.content_type = "text/html; charset=utf-8";
  response.text = html + "</body></html>";
  reply(std::move(response));
}

std::string ConfigurationApi::card(const configuration::S0File& file, const station::Device& device,
                                   const configuration::FunctionPlan& function) const {
  const station::FunctionState* const shown = device.function(function.slot);
  configuration::Values values = nothing_known();
  if (shown != nullptr) add_values(*shown, values);
  values["Title"] = function.title;
  values["ID"] = std::to_string(function.id);
  values["PeerID"] = std::to_string(device.module.value);
  if (device.rssi_dbm) values["RSSI"] = std::to_string(*device.rssi_dbm);
  if (function.set_point) values["SP"] = number_text(*function.set_point);
  if (function.hysteresis) values["Hyst"] = number_text(*function.hysteresis);
  const auto html = file.templates.find(function.type);
  const std::string source =
      html == file.templates.end() ? plain_template(file, function.type, shown) : html->second;
  return configuration::render_template(source, values).html;
}

}  // namespace espial::main
