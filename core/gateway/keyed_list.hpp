#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/span.hpp"

namespace espial::gateway {

/// A MAC that has a key in a network.
struct KeyedMac {
  ServerId server;
  MacAddress mac;
};

/// The keyed MACs of all served networks.
class KeyedList {
 public:
  explicit KeyedList(Span<KeyedMac> storage) : entries_(storage) {}

  /// Replaces a network's part by `macs`, 6 bytes each.
  /// @retval false  they don't all fit: until a list fits, contains() is true for every MAC.
  [[nodiscard]] bool replace(ServerId server, ByteView macs);

  bool contains(const MacAddress& mac) const;

 private:
  Span<KeyedMac> entries_;
  std::size_t count_ = 0;
  bool overflowed_ = false;
};

}  // namespace espial::gateway
