#include "hub/features/alarms/alarm_record.hpp"

#include <nlohmann/json.hpp>

namespace espial::alarms {
namespace {

using nlohmann::json;

/// What a double of JSON holds exactly.
constexpr std::uint64_t kLatest_ms = (std::uint64_t{1} << 53) - 1;

std::optional<UnixTime> time_in(const json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  if (found->get<std::uint64_t>() > kLatest_ms) return std::nullopt;
  return UnixTime{found->get<std::int64_t>()};
}

/// Who, and the moment that `field` names; nothing where either is missing.
template <typename Said>
std::optional<Said> said_in(const json& root, const char* what, const char* field) {
  const auto found = root.find(what);
  if (found == root.end() || !found->is_object()) return std::nullopt;
  const auto by = found->find("by");
  const auto moment = time_in(*found, field);
  if (by == found->end() || !by->is_string() || !moment) return std::nullopt;
  return Said{by->get<std::string>(), *moment};
}

}  // namespace

std::string write_record(const AlarmRecord& record) {
  json root = {{"raised", record.raised}, {"since", record.since.ms}, {"told", record.told.ms}};
  if (const auto& said = record.acknowledged) {
    root["acknowledged"] = {{"by", said->by}, {"at", said->at.ms}};
  }
  if (const auto& said = record.silence) {
    root["silence"] = {{"by", said->by}, {"until", said->until.ms}};
  }
  return root.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<AlarmRecord> read_record(std::string_view text) {
  const json root = json::parse(text.begin(), text.end(), nullptr, false);
  if (!root.is_object()) return std::nullopt;
  const auto raised = root.find("raised");
  const auto since = time_in(root, "since");
  const auto told = time_in(root, "told");
  if (raised == root.end() || !raised->is_boolean() || !since || !told) return std::nullopt;
  AlarmRecord record;
  record.raised = raised->get<bool>();
  record.since = *since;
  record.told = *told;
  record.acknowledged = said_in<AlarmRecord::Acknowledgement>(root, "acknowledged", "at");
  record.silence = said_in<AlarmRecord::Silence>(root, "silence", "until");
  return record;
}

}  // namespace espial::alarms
