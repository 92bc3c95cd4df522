#include "core/gateway/keyed_list.hpp"

#include <algorithm>

namespace espial::gateway {

bool KeyedList::replace(ServerId server, ByteView macs) {
  KeyedMac* const end =
      std::remove_if(entries_.begin(), entries_.begin() + count_,
                     [server](const KeyedMac& entry) { return entry.server == server; });
  count_ = static_cast<std::size_t>(end - entries_.begin());
  const std::size_t number = macs.size() / 6;
  overflowed_ = number > entries_.size() - count_;
  if (overflowed_) return false;
  for (std::size_t i = 0; i < number; ++i) {
    KeyedMac& entry = entries_[count_++];
    entry.server = server;
    std::copy_n(macs.begin() + 6 * i, 6, entry.mac.octets.begin());
  }
  return true;
}

bool KeyedList::contains(const MacAddress& mac) const {
  if (overflowed_) return true;
  return std::any_of(entries_.begin(), entries_.begin() + count_,
                     [&mac](const KeyedMac& entry) { return entry.mac == mac; });
}

}  // namespace espial::gateway
