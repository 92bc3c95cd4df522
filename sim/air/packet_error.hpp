#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/air/airtime.hpp"

namespace espial::sim {

/// The strength at which a frame of usual length is lost once in ten times, in dBm: about what the
/// data sheets of these chips promise.
int sensitivity_dbm(Rate rate);

/// Below the sensitivity by this much nothing is received.
inline constexpr int kHopelessDb = 3;

/// How often a frame is lost to the receiver's own noise, in permille. Short frames fare as if they
/// were a decibel stronger, long ones a decibel weaker.
std::uint32_t packet_error_permille(Rate rate, int dbm, std::size_t frame_bytes);

/// How much stronger than everything else together a frame must be to survive it: `capture_db`, and
/// for the fast rates what they need besides.
int needed_ratio_db(Rate rate, int capture_db);

}  // namespace espial::sim
