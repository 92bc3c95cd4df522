#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace espial::node {

/// Everything a node counts beside what its search and its ring count themselves. Each refused
/// frame adds to exactly one of the refusals.
enum class Count : std::uint8_t {
  kFramesHeard,
  kFramesSent,
  kSendsFailed,   ///< unicasts that no radio acknowledged
  kSendsRefused,  ///< the radio did not take a frame
  kSendsLost,     ///< the radio never said how a send ended
  kSearches,
  kJoins,    ///< JOINs sent
  kResumes,  ///< RESUMEs sent
  kSessions,
  kLinksLost,
  kDutyDelays,  ///< times that what was due had to wait for the duty limit
  kRoamed,      ///< a kept session went on through a gateway found anew
  kMovedHints,
  kMovedChecks,
  kKeyStored,
  kSettingsFailed,  ///< a record could not be written
  kConfigured,      ///< configurations applied
  kPings,
  kPingsUnanswered,
  kCommandsExecuted,
  kCommandsRefused,
  kCommandsExpired,
  kCommandsRepeated,     ///< heard again: answered, not run
  kEndsDropped,          ///< ends of commands pushed out before they were sent
  kReportsRefused,       ///< report() got something that is no report
  kDescriptionsRefused,  ///< the configuration can't be told: a slot twice, a text too long
  kLongSent,             ///< long reports that arrived whole
  kLongGivenUp,          ///< long reports put off: nobody answered, or was busy all the time
  kLongRefused,          ///< long reports dropped: the coordinator takes none of that length
  kLongReceived,         ///< long packets from the coordinator
  kLongDropped,          ///< long packets from the coordinator that broke off
  kPartsRepeated,        ///< parts heard again
  // Refusals of the air
  kTooShort,  ///< shorter than its type needs, or another length than its header says
  kNotForUs,  ///< another network's, another direction's, or an answer nobody waits for
  kUnknownType,
  kWrongTag,    ///< a hint with a wrong tag
  kWrongNonce,  ///< a CONNACK to another search
  kWrongSession,
  kReplayed,
  kTooOld,
  kNotAuthentic,
  kAuthIgnored,   ///< an accept that fits no handshake under way
  kRefusedHints,  ///< REFUSED without proof
  kRefusedProven,
  kBadInner,      ///< sealed, but its packets are not as drawn
  kUnknownInner,  ///< sealed packets of a type this node does not know
  kLongTooLong,   ///< long packets of more than the node's receive limit
  kPartsRefused,  ///< parts that are not sane, or fit nothing that is under way
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

}  // namespace espial::node
