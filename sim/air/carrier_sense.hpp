#pragma once

namespace espial::sim {

/// From which strength on a radio takes the channel for busy.
struct CarrierSense {
  /// A frame on its own channel, whose preamble it recognises.
  int preamble_dbm = -92;
  /// Anything else that gets through its filter: mere energy.
  int energy_dbm = -62;

  constexpr bool senses(int dbm, bool own_channel) const {
    return dbm >= (own_channel ? preamble_dbm : energy_dbm);
  }
};

}  // namespace espial::sim
