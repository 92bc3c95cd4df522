#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/time.hpp"

namespace espial::access {

/// Lets each key try `burst` times at once and then once every `period`. Remembers at most
/// `keys_max` keys; one more makes it forget whoever has the most attempts left, so that many new
/// keys can't wash out a guilty one.
class AttemptLimiter {
 public:
  AttemptLimiter(int burst, Duration period, std::size_t keys_max)
      : burst_(burst), period_(period), keys_max_(keys_max) {}

  /// Uses one attempt up. Otherwise returns how long to wait for the next.
  std::optional<Duration> take(std::string_view key, UnixTime now);
  /// The attempt was a good one: all is forgiven.
  void forgive(std::string_view key) { full_at_.erase(std::string(key)); }
  std::size_t size() const { return full_at_.size(); }

 private:
  void make_room(UnixTime now);

  int burst_;
  Duration period_;
  std::size_t keys_max_;
  /// When each key will have all its attempts again.
  std::unordered_map<std::string, UnixTime> full_at_;
};

}  // namespace espial::access
