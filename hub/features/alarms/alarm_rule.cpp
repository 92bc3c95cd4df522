#include "hub/features/alarms/alarm_rule.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/ids.hpp"
#include "core/wire/reading.hpp"
#include "hub/http/webhook.hpp"
#include "station/mac_text.hpp"

namespace espial::alarms {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxField = 32;

/// Fills in one entry, or says what is wrong with it.
const char* read_entry(const std::string& key, const json& value, Rule& rule) {
  if (key == "device") {
    const auto mac =
        value.is_string() ? parse_mac(value.get_ref<const std::string&>()) : std::nullopt;
    if (!mac) return R"(device: write a MAC address, as "24:6f:28:00:00:07")";
    rule.device = *mac;
  } else if (key == "slot") {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > wire::kModuleSlot ||
        !wire::valid_slot(value.get<std::uint8_t>())) {
      return "slot: write a whole number from 0 to 11, or 15 for the module itself";
    }
    rule.slot = value.get<std::uint8_t>();
  } else if (key == "field") {
    if (!value.is_string() || value.get_ref<const std::string&>().size() > kMaxField) {
      return R"(field: write the name of a value, as "temperature")";
    }
    rule.field = value.get<std::string>();
  } else if (key == "above" || key == "below") {
    if (value.is_null()) return nullptr;
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
      return "above and below: write a number";
    }
    (key == "above" ? rule.above : rule.below) = value.get<double>();
  } else if (key == "hysteresis") {
    if (!value.is_number() || !(value.get<double>() >= 0) || !std::isfinite(value.get<double>())) {
      return "hysteresis: write a number that is not negative";
    }
    rule.hysteresis = value.get<double>();
  } else if (key == "hold_s") {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMaxHold_s) {
      return "hold_s: write whole seconds from 0 to 86400";
    }
    rule.hold = Duration::seconds(value.get<std::int64_t>());
  } else if (key == "webhook") {
    if (!value.is_string()) return R"(webhook: write an address, as "http://host:8000/path")";
    rule.webhook = value.get<std::string>();
    if (!rule.webhook.empty() && !http::parse_hook_address(rule.webhook)) {
      return R"(webhook: write an http or https address, as "http://host:8000/path")";
    }
  } else {
    return "write device, slot, field, above or below, hysteresis, hold_s and webhook; nothing "
           "else "
           "is known";
  }
  return nullptr;
}

}  // namespace

bool is_plain_name(std::string_view name) {
  return name.find_first_of("/+#") == std::string_view::npos;
}

std::variant<Rule, std::string> read_rule(std::string_view name, std::string_view text) {
  const json root = json::parse(text.begin(), text.end(), nullptr, false);
  if (!root.is_object()) return "write a JSON object";
  Rule rule;
  rule.name = name;
  for (const auto& [key, value] : root.items()) {
    if (const char* wrong = read_entry(key, value, rule)) return wrong;
  }
  if (!root.contains("device") || rule.field.empty()) return "device and field are needed";
  if (!rule.above && !rule.below) return "write a threshold: above, below or both";
  if (rule.above && rule.below && *rule.below + rule.hysteresis >= *rule.above - rule.hysteresis) {
    return "below must lie under above by more than twice the hysteresis";
  }
  return rule;
}

std::string write_rule(const Rule& rule) {
  json root = {{"device", text_of(rule.device)},
               {"slot", rule.slot},
               {"field", rule.field},
               {"hysteresis", rule.hysteresis},
               {"hold_s", rule.hold.ms() / 1000},
               {"webhook", rule.webhook}};
  if (rule.above) root["above"] = *rule.above;
  if (rule.below) root["below"] = *rule.below;
  return root.dump(-1, ' ', false, json::error_handler_t::replace);
}

AlarmState::Change AlarmState::on_value(const Rule& rule, Instant now,
                                        std::optional<double> value) {
  // Nobody knows: what was true stays true.
  if (!value) return settle(rule, now);
  const double margin = raised_ ? rule.hysteresis : 0;
  const bool over = rule.above && *value > *rule.above - margin;
  const bool under = rule.below && *value < *rule.below + margin;
  // At the very edge of the hysteresis the alarm is over.
  const bool wanted = over || under;
  if (wanted != wanted_) since_ = now;
  wanted_ = wanted;
  return settle(rule, now);
}

AlarmState::Change AlarmState::on_timer(const Rule& rule, Instant now) { return settle(rule, now); }

void AlarmState::restore(bool raised, Instant now) {
  raised_ = wanted_ = raised;
  since_ = now;
}

AlarmState::Change AlarmState::settle(const Rule& rule, Instant now) {
  if (wanted_ == raised_ || now - since_ < rule.hold) return Change::none;
  raised_ = wanted_;
  return raised_ ? Change::raised : Change::over;
}

}  // namespace espial::alarms
