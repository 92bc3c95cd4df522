#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "station/live_state.hpp"
#include "station/problem.hpp"

namespace espial::station {

/// Why a name may not be used.
enum class [[nodiscard]] NameError : std::uint8_t{
    none,          empty,
    too_long,       ///< more than kMaxNameBytes bytes
    separator,      ///< has a ';', which separates the parts of S2's messages
    not_printable,  ///< control characters, or spaces at an end
    not_utf8,
};

/// One short sentence for a person.
std::string_view to_text(NameError error);
/// For any error but none.
Problem problem_of(NameError error);

/// 1..29 bytes of printable UTF-8 without ';' and without a space at either end.
NameError check_name(std::string_view name);

/// "capteur01", ... "capteur99", "capteur100", ...
std::string default_name(std::uint32_t number);

/// Why a device is not admitted.
enum class [[nodiscard]] AdmitError : std::uint8_t{
    none,
    bad_name,      ///< see check_name
    name_taken,    ///< the wanted name is another device's
    module_taken,  ///< the wanted module ID is another device's in this network
    table_full,    ///< no room for another device
};

/// One short sentence for a person.
std::string_view to_text(AdmitError error);

/// Who asks to come in.
struct AdmitRequest {
  MacAddress mac{};
  Protocol protocol = Protocol::espial;
  ServerId server{};             ///< 0: no network, so no module ID (S1, S2)
  ModuleId wanted_module{};      ///< configured, or brought along by the module; 0: any
  std::string_view wanted_name;  ///< configured; empty: the one it has, or the next default
  UnixTime now{};
  bool hidden = false;  ///< a new one stays hidden until LiveState::show()
};

struct AdmitResult {
  AdmitError error = AdmitError::none;
  const Device* device = nullptr;  ///< as it stands in the LiveState; nullptr when refused
  bool created = false;            ///< never seen before
};

/// Finds or makes the device with this MAC:
///   1. A MAC that was here keeps its id and its name for ever; `wanted_name` is for new ones only.
///      One that is hidden joins now.
///   2. A new one gets the wanted name or the default one: `capteurXX`, XX being one more than the
///      number of devices ever connected, and higher while that name is taken.
///   3. In a network (`server` not 0) it gets the wanted module ID when that is free or its own
///      already; without a wish it keeps its ID, or gets the lowest free one, or none where all
///      255 are given: a module's identity is its MAC.
/// It is not marked online. Refused, nothing has changed.
AdmitResult admit(LiveState& state, const AdmitRequest& request);

/// What stays of a device that people want to see no more: its id and its address, for what it
/// measured and in case it comes back. Its name and module ID are free, and it has joined nothing:
/// `joined_at` is not known.
Device remains_of(const LiveState& state, const Device& device);

/// Gives a device another name after check_name. Words for the refusal come from to_text.
struct RenameResult {
  NameError name_error = NameError::none;
  Outcome outcome = Outcome::done;  ///< meaningful when name_error is none
};
[[nodiscard]] RenameResult rename(LiveState& state, DeviceId id, std::string_view name);

}  // namespace espial::station
