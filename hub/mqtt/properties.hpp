#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"

namespace espial::mqtt {

class Reader;

/// A name and a value that travel with a message, both UTF-8 of at most 65 535 bytes.
struct UserProperty {
  std::string_view name;
  std::string_view value;
};

/// The user properties of a received packet, read in place: nothing is copied and nothing
/// allocated, and the views live as long as the packet's bytes do. Names may repeat.
class UserProperties {
 public:
  UserProperties() = default;
  /// `properties` is a packet's whole property block, without its length, and has been validated.
  explicit UserProperties(ByteView properties) : rest_(properties) {}

  /// The next user property, or nothing after the last. A copy of this object made before starts
  /// again from where it was.
  std::optional<UserProperty> next();

  /// The value of the first property of that name; nothing when there is none.
  std::optional<std::string_view> find(std::string_view name) const;

 private:
  ByteView rest_;
};

/// The properties of MQTT 5 (section 2.2.2.2) that any packet here may carry.
enum class PropertyId : std::uint8_t {
  kPayloadFormat = 0x01,
  kMessageExpiry = 0x02,
  kContentType = 0x03,
  kResponseTopic = 0x08,
  kCorrelationData = 0x09,
  kSubscriptionId = 0x0B,
  kSessionExpiry = 0x11,
  kAssignedClientId = 0x12,
  kServerKeepAlive = 0x13,
  kAuthenticationMethod = 0x15,
  kAuthenticationData = 0x16,
  kRequestProblemInformation = 0x17,
  kWillDelay = 0x18,
  kRequestResponseInformation = 0x19,
  kResponseInformation = 0x1A,
  kServerReference = 0x1C,
  kReasonString = 0x1F,
  kReceiveMaximum = 0x21,
  kTopicAliasMaximum = 0x22,
  kTopicAlias = 0x23,
  kMaximumQos = 0x24,
  kRetainAvailable = 0x25,
  kUserProperty = 0x26,
  kMaximumPacketSize = 0x27,
  kWildcardAvailable = 0x28,
  kSubscriptionIdsAvailable = 0x29,
  kSharedAvailable = 0x2A,
};

/// One property as read: which of the fields counts depends on the identifier.
struct Property {
  PropertyId id{};
  std::uint32_t number = 0;
  std::string_view text;  ///< also a user property's name
  std::string_view value;
  ByteView binary;
};

/// Reads the next property. False at the end of the block and at anything that is no property; then
/// `reader.ok()` tells which.
bool next_property(Reader& reader, Property& property);

}  // namespace espial::mqtt
