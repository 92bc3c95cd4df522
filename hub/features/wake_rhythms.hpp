#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::features {

/// How long the modules of a network sleep, as far as they were heard since the hub's start. As
/// many as there are modules; what they do not say of themselves, their frames show.
class WakeRhythms {
 public:
  /// Frames that come closer together are of one wake.
  static constexpr Duration kWake = Duration::seconds(2);
  /// A single wake between two reports, for a button, hides no long sleep.
  static constexpr std::size_t kKeptPauses = 4;

  void heard(const MacAddress& mac, Instant now);
  void forget(const MacAddress& mac) { rhythms_.erase(mac); }

  /// The longest of a module's newest pauses between two wakes, in whole seconds, rounded up;
  /// nothing before there was one.
  std::optional<std::uint32_t> longest_pause_s(const MacAddress& mac) const;

 private:
  struct Rhythm {
    Instant heard_at;
    std::array<std::uint32_t, kKeptPauses> pauses_s{};
    std::size_t next = 0;
  };
  std::map<MacAddress, Rhythm> rhythms_;
};

}  // namespace espial::features
