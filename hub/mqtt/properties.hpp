#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"

namespace espial::mqtt {

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

}  // namespace espial::mqtt
