#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace espial::coordinator {

/// Everything a coordinator counts.
enum class Count : std::uint8_t {
  kFrames,   ///< calls of on_uplink()
  kOpened,   ///< sealed frames that proved authentic and new
  kReports,  ///< new reports handed to the ledger
  kReportsStored,
  kDuplicateReports,  ///< received or stored before; stored ones are acknowledged again
  kJoins,
  kResumes,
  kDownlinks,
  kCommandsSent,
  kCommandsEnded,
  kParts,          ///< parts of long packets taken
  kPartsRepeated,  ///< parts heard before, or of packets that ended
  kLongReceived,
  kLongSent,
  kBonds,        ///< SUBSCRIBEs that named or confirmed a pair
  kBondsDenied,  ///< SUBSCRIBEs for what nobody offers, or of a pair that is over
  kLongNotSent,  ///< long packets down that ended otherwise; Events says how
  // refused
  kNotOwner,        ///< frames while the lease was over
  kNotServed,       ///< another network's frame
  kTooShort,        ///< empty, or shorter than its type needs
  kNotOurs,         ///< a type or direction that no coordinator handles
  kUnknownNode,     ///< sealed frame of a MAC without a session
  kWrongSession,    ///< sealed for a session that is over
  kDuplicateFrame,  ///< a counter seen before: a second gateway's copy, or a replay
  kTooOld,          ///< behind the replay window
  kNotAuthentic,    ///< wrong tag
  kNotSane,         ///< authentic, but a packet in it is not as the standard draws it
  kPartsUnfit,      ///< parts too far ahead, without known size, or that could not be kept
  kLongTooLong,     ///< long packets longer than a buffer
  kLongBusy,        ///< parts for which no buffer was free
  kLongDropped,     ///< unfinished long packets that fell silent, or gave way
  kUnknownFragack,  ///< answers to long packets that are over or never were
  kTooFar,          ///< reports beyond the stream's window
  kTooManyReports,  ///< reports of one frame beyond kMaxReportsPerFrame
  kBusy,            ///< no room for what the frame would cause
  kAuthTooLate,     ///< JOINs and RESUMEs that were held for longer than a node waits
  kJoinsRefused,
  kRefusalsSilent,  ///< refusals not said: too many in a short time
  // elsewhere
  kCommitsFailed,
  kSilentForCounters,  ///< downlinks put off because no counter was reserved
  kNoGateway,          ///< downlinks put off because nobody hears the node
  kUnknownTicket,
  kUnknownCommand,  ///< ends of commands that are over or never were
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

/// How a node's frame was refused, in the order of the checks.
enum class Grade : std::uint8_t {
  kTooShort,
  kNotOurs,
  kReplayed,
  kNotAuthentic,
  kNotSane,
  kNumber
};

}  // namespace espial::coordinator
