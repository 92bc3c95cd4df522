#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace espial::gateway {

/// Everything a gateway counts. Each dropped frame adds to exactly one of the drop counters.
enum class Count : std::uint8_t {
  kFramesHeard,
  kConnectsAnswered,
  kRelayedUp,
  kRelayedDevice,
  kSent,
  kPeersEvicted,  ///< peers that made room in the radio's table for another
  kToStation,     ///< heard at the station's address, where a station in modem sleep hears little
  // dropped on the way up
  kTooShort,        ///< empty, or shorter than its type needs
  kBadLength,       ///< the header's length is not the body's
  kUnknownType,     ///< no type a gateway handles
  kOtherVersion,    ///< a search in a version of the protocol that is not ours
  kNotServed,       ///< another network's
  kWrongWay,        ///< what only coordinators or peers send, or what travels under a seal only
  kSearchLimited,   ///< CONNECT, or S0's search, above the limits
  kKeyedPlain,      ///< plain PUBLISH, or a message of S0's, from a keyed MAC
  kS0Off,           ///< a message of S0's where its switch is off
  kHeldDropped,     ///< pushed out of the full ring while the uplink was down
  kModuleUnlisted,  ///< relayed, but there was no entry to note the module in
  // dropped on the way down
  kDownNotServed,
  kDownBadBody,    ///< empty, longer than radio or memory allow, or not a frame of its class
  kDownNoMemory,   ///< no free frame, or eight commands wait already
  kDownExpired,    ///< commands that expired while they waited
  kDownStale,      ///< commands of a session that their coordinator has replaced, or brought to the
                   ///< module before and in the way of a new one
  kDownEvicted,    ///< frames lost with a module that made room for another
  kSetKeyed,       ///< /device/<mac>/set for a keyed module
  kUrgentDropped,  ///< auth frames and announcements beyond the queue
  kAnswerDropped,  ///< answers to searches that would have come too late
  kSendFailed,     ///< gave up after the last attempt
  kSendLost,       ///< the radio never said how the transmission ended
  kBadControl,     ///< malformed keyed list, channel or server
  kKeyedListFull,  ///< keyed lists that did not fit
  kNumber,
};

/// The counter's name in reports: snake_case.
std::string_view to_text(Count count);

class Counters {
 public:
  void add(Count count, std::uint32_t n = 1) { values_[static_cast<std::size_t>(count)] += n; }
  std::uint32_t operator[](Count count) const { return values_[static_cast<std::size_t>(count)]; }

 private:
  std::array<std::uint32_t, static_cast<std::size_t>(Count::kNumber)> values_{};
};

}  // namespace espial::gateway
