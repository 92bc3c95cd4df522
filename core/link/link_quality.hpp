#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace espial::link {

/// More failed sends in a row than this, and the gateway is gone or has moved.
inline constexpr std::uint32_t kMaxFailedSends = 3;
/// As many unanswered exchanges in a row, and the way to the coordinator is broken.
inline constexpr std::uint32_t kMaxUnanswered = 3;

/// Says when a link is no longer worth holding: the radio's acknowledgements tell of the gateway,
/// authentic answers of the whole way to the coordinator. Only the latter are proof; a radio that
/// acknowledges everything can't keep a node.
class LinkQuality {
 public:
  void reset() { *this = {}; }

  /// A unicast ended.
  void on_sent(bool acknowledged) { failed_sends_ = acknowledged ? 0 : failed_sends_ + 1; }
  /// An exchange got no answer in time.
  void on_unanswered() { ++unanswered_; }
  /// A frame of the node's own session was opened.
  void on_heard(Instant now) {
    unanswered_ = 0;
    heard_at_ = now;
    heard_ = true;
  }

  bool lost() const { return failed_sends_ > kMaxFailedSends || unanswered_ >= kMaxUnanswered; }
  /// True when the last send failed.
  bool failing() const { return failed_sends_ > 0; }
  std::uint32_t failed_sends() const { return failed_sends_; }
  std::uint32_t unanswered() const { return unanswered_; }
  /// True when an authentic frame was heard at `since` or later.
  bool heard_since(Instant since) const { return heard_ && heard_at_ >= since; }

 private:
  std::uint32_t failed_sends_ = 0;
  std::uint32_t unanswered_ = 0;
  Instant heard_at_;
  bool heard_ = false;
};

}  // namespace espial::link
