#pragma once

#include <functional>
#include <optional>

#include "hub/features/commands.hpp"
#include "hub/store/changes.hpp"
#include "station/live_state.hpp"

namespace espial::features {

/// What a person wants: another board in the place of a broken one.
struct Replacement {
  station::DeviceId broken{};
  /// Where the new board is, which need not be a device yet.
  MacAddress fresh{};
  /// What else is to change with it: stored in the same unit, or not at all.
  store::Changes along;
};

/// What every protocol asks of a replacement: two devices that speak alike, of which the broken one
/// is silent. Otherwise why not, and what to do instead.
[[nodiscard]] std::optional<CommandRefusal> check_replacement(const station::Device& broken,
                                                              const station::Device& fresh);
/// Of a module that is not known at all.
CommandRefusal unknown_successor();
CommandRefusal successor_is_busy();
CommandRefusal replacement_not_stored();

/// Two devices as they are once the board of one stands for the other.
struct Succession {
  /// The broken one's number, name and titles; all else is the new board's.
  station::Device device;
  /// The new board's own number, for what it has measured under it. It has joined nothing, at an
  /// address that is nobody's.
  station::Device remains;
};
Succession succession_of(const station::LiveState& live, const station::Device& broken,
                         const station::Device& fresh);

/// As the database is to remember it, in the order in which addresses become free.
store::Changes records_of(const Succession& succession, const station::Device& broken);
/// Both go and one comes, so that pages forget the address that is no more.
void show(station::LiveState& live, const Succession& succession);

/// Appends one to the other.
void append(store::Changes& changes, store::Changes more);

}  // namespace espial::features
