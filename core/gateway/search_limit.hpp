#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::gateway {

/// How many CONNECTs are answered.
struct SearchLimits {
  /// The same MAC again, at the earliest.
  Duration per_mac = Duration::milliseconds(20);
  /// All together: at most `burst` at once, and one more each `refill`.
  std::uint16_t burst = 64;
  Duration refill = Duration::milliseconds(10);
};

/// Searching MACs remembered; the oldest makes room.
inline constexpr std::size_t kMaxSearchers = 32;

/// From this strength on a searcher is answered as long as anybody is; one that is weaker by
/// kWeakSpan_db or more only while half the burst is left. Many who search at once are answered by
/// the gateway next to them, not by every gateway in reach.
inline constexpr int kNear_dbm = -70;
inline constexpr int kWeakSpan_db = 20;

/// Keeps a flood of CONNECTs from filling the air with answers.
class SearchLimit {
 public:
  explicit SearchLimit(const SearchLimits& limits) : limits_(limits), tokens_(limits.burst) {}

  /// @param rssi_dbm  how it was heard; not known counts as near.
  /// @retval true  answer; the answer is counted against the limits.
  [[nodiscard]] bool allow(Instant now, const MacAddress& mac,
                           std::optional<std::int8_t> rssi_dbm = {});

  /// How much of the burst is used up, 0..255: the CONNACK's load.
  std::uint8_t load() const;

 private:
  struct Searcher {
    MacAddress mac;
    Instant answered_at{INT64_MIN};
  };

  SearchLimits limits_;
  std::uint16_t tokens_;
  Instant refilled_at_{INT64_MIN};
  std::array<Searcher, kMaxSearchers> searchers_{};
};

}  // namespace espial::gateway
