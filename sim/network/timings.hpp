#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/port/crypto.hpp"
#include "sim/network/charged_crypto.hpp"

namespace espial::sim {

/// How long networks take for what people wait for, in their own time. Each follows from its seed;
/// a tenth of all frames is lost.

/// A board on its way to its first session, and back after a loss of power.
struct JoinTimes {
  Duration cold;    ///< from its first power to online, on a channel it does not know
  Duration resume;  ///< from power to online with the key it has
};

/// One board alone with a gateway, whose channel follows from the seed. `chip` charges for its
/// cryptography. At most a minute each.
JoinTimes time_join(std::uint64_t seed, const ChipSpeed& chip, Crypto& crypto);

/// What the return of a hub takes.
struct ReturnTimes {
  /// Until the hub has stored a report of every board that was taken since it is back; nothing: not
  /// within five minutes.
  std::optional<Duration> all_stored;
  /// How much of it frames were on the air.
  Duration airtime;
};

/// `boards` around one gateway have been online, with a report each 10 s, until the hub is killed,
/// and it comes back after `away`.
ReturnTimes time_return(std::uint64_t seed, std::uint32_t boards, Duration away, Crypto& crypto);

/// How long a sleeper's radio is on at each of `wakes` warm wakes with three functions to report:
/// from its first instruction to where it may sleep again. In order of length.
std::vector<Duration> time_wakes(std::size_t wakes, Crypto& crypto);

/// The one at `permille` of `sorted`, which is not empty.
Duration quantile(const std::vector<Duration>& sorted, std::uint32_t permille);

}  // namespace espial::sim
