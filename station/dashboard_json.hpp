#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "station/function_notes.hpp"
#include "station/live_state.hpp"

namespace espial::station {

/// The JSON of the dashboard, the same for hub and pocket. Each function returns one line. Values
/// are scaled numbers or texts by field name, rounded to what the field's scale can tell apart;
/// null where the module has none. Kinds beyond the standard ones are called "kind_200", their
/// fields "field_0".

/// {"id":7,"mac":"aa:..","name":"Lamp","protocol":"espial","server":1,"module":3,"online":true,
///  "last_seen":ms,"joined_at":ms,"gateway":"aa:..","rssi":-61,"firmware":"..","chip":"..",
///  "functions":[{"slot":0,"kind":"relay","title":"","commands":true,"taken_at":ms,
///                "values":{"state":1}}]}
/// gateway and rssi are null when not known. Behind them stands "interval_s":3600, where it is
/// known how many seconds may pass between two reports. Where `notes` say so, a function also has
/// "limits":{"minimum":6,"maximum":null}, "kind_title":"Pool", and
/// "fields":{"field_5":{"title":"pH","unit":"pH"}}, with "set":{"minimum":0,"maximum":100} in the
/// one that commands set.
std::string device_json(const Device& device, const FunctionNotes& notes = {});

/// {"id":7,"mac":..,"last_seen":ms,"gateway":..,"rssi":..,"slot":0,"kind":..,"title":..,
///  "commands":..,"taken_at":ms,"values":{..}}
std::string reading_json(const Device& device, const FunctionState& function,
                         const FunctionNotes& notes = {});

/// {"id":7,"removed":true}
std::string removed_json(DeviceId device);

/// The array of all devices, in the order of their arrival.
std::string devices_json(const LiveState& state, const FunctionNotes& notes = {});

enum class CommandState : std::uint8_t {
  pending,   ///< taken up; on its way
  executed,  ///< the module did it
  refused,   ///< the module won't
  expired,   ///< the module did not answer in time
};

struct CommandView {
  std::uint64_t id = 0;
  MacAddress device;
  std::uint8_t slot = 0;
  CommandState state = CommandState::pending;
  std::string_view reason;  ///< a sentence; may be empty
  UnixTime expires_at{};    ///< only while it is pending
  /// Likewise: its module sleeps, as far as is known, and gets it when it wakes.
  bool waits_for_wake = false;
};

/// {"command_id":5,"mac":"aa:..","slot":0,"state":"refused","reason":".."}; of a pending one also
/// "expires_at":ms,"waits_for_wake":true
std::string command_json(const CommandView& command);

struct GatewayView {
  MacAddress mac;
  bool online = false;  ///< its uplink to the broker stands
  std::uint8_t channel = 0;
  std::uint32_t devices = 0;  ///< modules heard through it last
};

/// An alarm that is raised.
struct RaisedAlarm {
  std::string name;
  MacAddress mac;
  std::uint8_t slot = 0;
  std::string field;
  UnixTime since{};
  bool acknowledged = false;  ///< somebody takes care of it
  bool silenced = false;      ///< nobody is told beside the page
};

struct SystemView {
  bool broker_connected = false;
  std::string_view broker;  ///< its address, for a person
  UnixTime broker_since{};  ///< of the present state; 0 when not known
  bool store_ok = true;
  std::string_view store;         ///< its engine: "sqlite"
  std::string_view store_reason;  ///< what is wrong, when it is not ok
  std::string_view store_code;    ///< likewise, as problem.hpp has it
  std::vector<GatewayView> gateways;
  std::vector<RaisedAlarm> alarms;
  std::string_view version;
  bool s2_open = false;  ///< S2's boards come in without a password: the page says so
  /// Until the hub's certificate ends, below 0 afterwards; only once another one is needed.
  std::optional<int> certificate_days{};
  /// Figures for a person, in this order.
  std::vector<std::pair<std::string_view, std::uint64_t>> counters;
};

/// {"broker":{"connected":true,"address":"..","since":ms},"store":{"ok":true,"engine":"sqlite",
///  "reason":"","code":""},"gateways":[{"mac":..,"online":..,"channel":6,"devices":24}],
///  "alarms":[{"name":"..","mac":..,"slot":0,"field":"temperature","since":ms,"acknowledged":false,
///  "silenced":false}],"version":"0.1.0","s2_open":false,"certificate_days":null,
///  "counters":{"readings":12}}
std::string system_json(const SystemView& system);

}  // namespace espial::station
