#include "hub/mqtt/properties.hpp"

#include <utility>

#include "hub/mqtt/byte_io.hpp"

namespace espial::mqtt {
namespace {

/// Reads the value of a property; false for an identifier that MQTT 5 doesn't have.
bool read_value(Reader& reader, Property& property) {
  using enum PropertyId;
  switch (property.id) {
    case kPayloadFormat:
    case kRequestProblemInformation:
    case kRequestResponseInformation:
    case kMaximumQos:
    case kRetainAvailable:
    case kWildcardAvailable:
    case kSubscriptionIdsAvailable:
    case kSharedAvailable:
      property.number = reader.u8();
      return true;
    case kServerKeepAlive:
    case kReceiveMaximum:
    case kTopicAliasMaximum:
    case kTopicAlias:
      property.number = reader.u16();
      return true;
    case kMessageExpiry:
    case kSessionExpiry:
    case kWillDelay:
    case kMaximumPacketSize:
      property.number = reader.u32();
      return true;
    case kSubscriptionId:
      property.number = reader.varint();
      return true;
    case kContentType:
    case kResponseTopic:
    case kAssignedClientId:
    case kAuthenticationMethod:
    case kResponseInformation:
    case kServerReference:
    case kReasonString:
      property.text = reader.text();
      return true;
    case kCorrelationData:
    case kAuthenticationData:
      property.binary = reader.binary();
      return true;
    case kUserProperty:
      property.text = reader.text();
      property.value = reader.text();
      return true;
  }
  return false;
}

}  // namespace

bool next_property(Reader& reader, Property& property) {
  if (reader.at_end()) return false;
  property = {};
  property.id = static_cast<PropertyId>(reader.u8());
  if (!read_value(reader, property)) reader.bytes(SIZE_MAX);  // unknown: refuse the rest
  return reader.ok();
}

std::optional<UserProperty> UserProperties::next() {
  Reader reader(rest_);
  Property property;
  while (next_property(reader, property)) {
    if (property.id != PropertyId::kUserProperty) continue;
    rest_ = reader.rest();
    return UserProperty{property.text, property.value};
  }
  rest_ = {};
  return std::nullopt;
}

std::optional<std::string_view> UserProperties::find(std::string_view name) const {
  UserProperties walk = *this;
  while (const std::optional<UserProperty> property = walk.next()) {
    if (property->name == name) return property->value;
  }
  return std::nullopt;
}

}  // namespace espial::mqtt
