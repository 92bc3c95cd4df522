#include "station/dashboard_body.hpp"

#include <cjson/cJSON.h>

#include <cmath>
#include <memory>

#include "core/base/ids.hpp"
#include "core/wire/reading.hpp"

namespace espial::station {
namespace {

struct JsonDelete {
  void operator()(cJSON* json) const { cJSON_Delete(json); }
};
using Json = std::unique_ptr<cJSON, JsonDelete>;

/// Checked before cJSON sees the text, because it reads nested values by recursion.
bool deeper_than(std::string_view text, std::size_t limit) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

/// Whether some escape stands for a zero byte, at which the text behind it would be cut off.
bool escapes_zero(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') continue;
    if (text.substr(i, 6) == "\\u0000") return true;
    ++i;  // what is escaped begins no escape
  }
  return false;
}

BodyError parse_object(std::string_view text, Json& json) {
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos || escapes_zero(text)) {
    return BodyError::kNotUtf8;
  }
  if (deeper_than(text, kBodyDepthMax)) return BodyError::kTooDeep;
  const std::string terminated(text);
  json.reset(cJSON_ParseWithLengthOpts(terminated.c_str(), terminated.size() + 1, nullptr, 1));
  if (!json) return BodyError::kNotJson;
  return cJSON_IsObject(json.get()) ? BodyError::kNone : BodyError::kNotObject;
}

bool read_value(const cJSON& item, WantedValue& value) {
  if (item.string == nullptr) return false;
  value.field = item.string;
  if (value.field.empty() || value.field.size() > kBodyFieldBytesMax) return false;
  if (cJSON_IsBool(&item)) {
    value.number = cJSON_IsTrue(&item) ? 1 : 0;
    return true;
  }
  if (cJSON_IsNumber(&item)) {
    value.number = item.valuedouble;
    return std::isfinite(value.number);
  }
  if (!cJSON_IsString(&item) || item.valuestring == nullptr) return false;
  value.is_text = true;
  value.text = item.valuestring;
  return value.text.size() <= kBodyTextBytesMax;
}

/// The values of a command.
BodyError read_values(const cJSON& root, std::vector<WantedValue>& values) {
  const cJSON* const object = cJSON_GetObjectItemCaseSensitive(&root, "values");
  if (!cJSON_IsObject(object)) return BodyError::kValues;
  std::vector<WantedValue> result;
  const cJSON* item = nullptr;
  cJSON_ArrayForEach(item, object) {
    WantedValue value;
    if (result.size() == kBodyValuesMax || !read_value(*item, value)) return BodyError::kValues;
    result.push_back(std::move(value));
  }
  if (result.empty()) return BodyError::kValues;
  values = std::move(result);
  return BodyError::kNone;
}

/// How long the command may wait, if it says so.
BodyError read_lifetime(const cJSON& root, std::optional<std::uint32_t>& lifetime_s) {
  const cJSON* const item = cJSON_GetObjectItemCaseSensitive(&root, "lifetime_s");
  if (item == nullptr) return BodyError::kNone;
  if (!cJSON_IsNumber(item) ||
      !(item->valuedouble >= kMinCommandLifetime_s && item->valuedouble <= kMaxCommandLifetime_s) ||
      item->valuedouble != std::floor(item->valuedouble)) {
    return BodyError::kLifetime;
  }
  lifetime_s = static_cast<std::uint32_t>(item->valuedouble);
  return BodyError::kNone;
}

/// Everything but the slot.
BodyError read_wish(const cJSON& root, CommandBody& body) {
  CommandBody result;
  BodyError error = read_values(root, result.values);
  if (error == BodyError::kNone) error = read_lifetime(root, result.lifetime_s);
  if (error != BodyError::kNone) return error;
  result.slot = body.slot;
  body = std::move(result);
  return BodyError::kNone;
}

/// Bytes of the UTF-8 sequence that `text` begins with; 0 when it is malformed.
std::size_t sequence_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second > 0x9f;
  const bool past_the_end = lead == 0xf4 && second > 0x8f;
  return overlong || surrogate || past_the_end ? 0 : size;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = sequence_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

const char* explain(BodyError error) {
  switch (error) {
    case BodyError::kNone:
      return "";
    case BodyError::kNotUtf8:
      return "The body must be UTF-8 text without zero bytes.";
    case BodyError::kTooDeep:
      return "The body is nested too deeply. Send one flat object.";
    case BodyError::kNotJson:
      return "The body is not JSON. Send one object and nothing after it.";
    case BodyError::kNotObject:
      return "Send a JSON object, in braces.";
    case BodyError::kSlot:
      return "Say which function is meant: \"slot\" is a whole number from 0 to 11, or 15 "
             "for the module itself.";
    case BodyError::kValues:
      return "Say what to set: \"values\" is an object of 1 to 16 numbers or texts by field name, "
             "for example {\"state\": 1}.";
    case BodyError::kLifetime:
      return "Say how long the command may wait: \"lifetime_s\" is a whole number of seconds from "
             "1 "
             "to 604800 (7 days). Without it the hub chooses.";
    case BodyError::kName:
      return "Give a \"name\", a text.";
  }
  return "";
}

BodyError read_command_body(std::string_view text, CommandBody& body) {
  Json json;
  if (const BodyError error = parse_object(text, json); error != BodyError::kNone) return error;
  const cJSON* slot = cJSON_GetObjectItemCaseSensitive(json.get(), "slot");
  if (!cJSON_IsNumber(slot) || !(slot->valuedouble >= 0 && slot->valuedouble < 256) ||
      slot->valuedouble != std::floor(slot->valuedouble) ||
      !wire::valid_slot(static_cast<std::uint8_t>(slot->valuedouble))) {
    return BodyError::kSlot;
  }
  if (const BodyError error = read_wish(*json, body); error != BodyError::kNone) return error;
  body.slot = static_cast<std::uint8_t>(slot->valuedouble);
  return BodyError::kNone;
}

BodyError read_values_body(std::string_view text, CommandBody& body) {
  Json json;
  const BodyError error = parse_object(text, json);
  return error == BodyError::kNone ? read_wish(*json, body) : error;
}

BodyError read_name_body(std::string_view text, std::string& name) {
  Json json;
  if (const BodyError error = parse_object(text, json); error != BodyError::kNone) return error;
  const cJSON* item = cJSON_GetObjectItemCaseSensitive(json.get(), "name");
  if (!cJSON_IsString(item) || item->valuestring == nullptr) return BodyError::kName;
  std::string_view wanted = item->valuestring;
  while (!wanted.empty() && wanted.front() == ' ') wanted.remove_prefix(1);
  while (!wanted.empty() && wanted.back() == ' ') wanted.remove_suffix(1);
  name = wanted;
  return BodyError::kNone;
}

}  // namespace espial::station
