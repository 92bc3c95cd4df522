#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/time.hpp"

namespace espial::coordinator {

/// How long a module sleeps, as far as its frames show it; nothing on the air says so.
class WakeRhythm {
 public:
  /// Frames that come closer together are of one wake.
  static constexpr Duration kWake = Duration::seconds(2);
  /// A single wake between two reports, for a button, hides no long sleep.
  static constexpr std::size_t kKeptPauses = 4;

  /// The module was heard again, so long after it was heard before.
  void heard_after(Duration pause);

  /// The longest of the newest pauses between two wakes, in whole seconds, rounded up; at most
  /// 65 535, as a report interval. 0 before there was one.
  std::uint32_t longest_pause_s() const;

  /// The longest but one, or the only one: an absence is no rhythm until it happens again.
  std::uint32_t usual_pause_s() const;

 private:
  std::array<std::uint16_t, kKeptPauses> pauses_s_{};
  std::uint8_t next_ = 0;
};

}  // namespace espial::coordinator
