#pragma once

#include <string>

#include "core/base/mac_address.hpp"

namespace espial {

/// "24:6f:28:00:00:07", for logs, topics and JSON.
inline std::string text_of(const MacAddress& mac) {
  const auto text = to_text(mac);
  return {text.begin(), text.end()};
}

}  // namespace espial
