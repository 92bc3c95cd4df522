#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::features {

/// Finds the gateways that are gone and have left no last will: their broker died with them, or
/// before them. What the broker has kept of a gateway proves nothing, and counts only until it must
/// have spoken.
///
/// Only time is counted in which a word could have been heard: none while the broker is away, or
/// while this process or its machine stood still.
class GatewayWatch {
 public:
  /// Gateways speak every 10 s (protocol/mqtt.md), and look for their broker again after 10 s at
  /// the latest.
  static constexpr Duration kPatience = Duration::seconds(45);
  /// More than that between two looks was a standstill.
  static constexpr Duration kLongestStep = Duration::seconds(2);

  /// A word of its own, just spoken.
  void hear(const MacAddress& gateway);
  /// The broker tells what it has kept of it. False when it has been missed: then it is still gone.
  bool expect(const MacAddress& gateway);
  /// It is known to be gone, or nobody's any more.
  void forget(const MacAddress& gateway) { heard_.erase(gateway); }

  /// To be called about every second; `listening`: whether the broker is reached. Returns those
  /// that are missed from now on.
  std::vector<MacAddress> look(Instant now, bool listening);

 private:
  struct Heard {
    Duration at;  ///< on the clock of `listened_`
    bool missed = false;
  };

  std::map<MacAddress, Heard> heard_;
  Duration listened_;
  std::optional<Instant> looked_at_;
};

}  // namespace espial::features
