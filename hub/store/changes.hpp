#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "station/live_state.hpp"

namespace espial::store {

using station::DeviceId;
using station::Protocol;
using station::ValueType;

/// Limits of what a change may hold; a unit that breaks one is refused as a whole. So is one with a
/// slot that is neither one of the twelve nor the module itself (15), or a time before 1970 or
/// beyond kMaxTimeMs.
inline constexpr std::size_t kMaxWrappedBytes = 512;
inline constexpr std::size_t kMaxWindowBytes = 64;
inline constexpr std::size_t kMaxPayloadBytes = 1'024;
inline constexpr std::size_t kMaxTextBytes = 4'096;
inline constexpr std::size_t kMaxSessionTextBytes = 17;
inline constexpr std::size_t kMaxDocumentNameBytes = 128;
inline constexpr std::size_t kMaxDocumentBytes = 65'536;
inline constexpr std::size_t kMaxAuditTextBytes = 256;
inline constexpr std::int64_t kMaxTimeMs = (std::int64_t{1} << 53) - 1;

/// Bytes that mean nothing to the store.
using Bytes = std::vector<std::uint8_t>;

/// A device as it is remembered. Stored whole: adds or replaces the row of `id`.
struct DeviceRecord {
  DeviceId id{};  ///< not 0
  MacAddress mac{};
  std::string name;  ///< unique, 1..29 bytes
  Protocol protocol = Protocol::espial;
  ServerId server{};
  ModuleId module{};
  UnixTime joined_at{};  ///< not known: it has joined nothing, see station::remains_of
  UnixTime last_seen{};
  bool online = false;
  std::string session_id;  ///< S2's current session, at most 17 characters; empty for the others
  std::string firmware;
  std::string chip;
};

/// The part of a device that changes often. No effect on a device that is not there.
struct DeviceSeen {
  DeviceId device{};
  UnixTime last_seen{};
  bool online = false;
};

/// One function of a device. Adds or replaces the row of (device, slot).
struct FunctionRecord {
  DeviceId device{};
  std::uint8_t slot = 0;  ///< 0..11, or 15: the module itself
  std::uint8_t kind = 0;
  std::string title;
  bool accepts_commands = false;
};

/// One value of one field at one moment. Two in the same millisecond both stay.
struct Reading {
  DeviceId device{};
  std::uint8_t slot = 0;
  std::uint8_t field = 0;
  ValueType type = ValueType::none;
  UnixTime taken_at{};
  double number = 0;  ///< for ValueType::number; stored as "none" unless finite
  std::string text;   ///< for ValueType::text, at most kMaxTextBytes
  /// Order of arrival; 0: the store gives the next number. Another one: stored before under this
  /// number, and dropped if it still is.
  std::uint64_t arrival = 0;
};

/// How far a module's stream of readings (or of events) is stored. One row for each (device,
/// events): another `stream_id` replaces the old stream.
struct StreamProgress {
  DeviceId device{};
  std::uint32_t stream_id = 0;
  bool events = false;
  Bytes window;  ///< which sequences are stored, in the session room's own form; at most
                 ///< kMaxWindowBytes
};

/// A module that joined with keys. Adds or replaces the row of `mac`.
struct EspialNode {
  MacAddress mac{};
  ServerId server{};
  ModuleId module{};
  std::uint32_t generation = 0;  ///< of its key
  Bytes wrapped;                 ///< its key, wrapped; at most kMaxWrappedBytes
};

/// A running session with its keys. Adds or replaces the row of `device`.
struct EspialSession {
  DeviceId device{};
  std::uint64_t session_id = 0;
  std::uint64_t committed_uplink = 0;   ///< highest uplink counter whose content is stored
  std::uint64_t reserved_downlink = 0;  ///< downlink counters below this may have been used
  Bytes wrapped;                        ///< its keys, wrapped; at most kMaxWrappedBytes
};

/// Advances a session's counters without touching its keys; they never go back. No effect when the
/// device has no session or another `session_id`.
struct SessionProgress {
  DeviceId device{};
  std::uint64_t session_id = 0;
  std::uint64_t committed_uplink = 0;
  std::uint64_t reserved_downlink = 0;
};

enum class CommandState : std::uint8_t { pending, executed, refused, expired };

/// "pending", "executed", "refused" or "expired".
std::string_view to_text(CommandState state);

/// A command to a device, with its identity and its end. Adds or replaces (device, command_id).
struct CommandRecord {
  DeviceId device{};
  std::uint32_t command_id = 0;
  std::uint8_t slot = 0;
  std::uint8_t kind = 0;
  Bytes payload;  ///< at most kMaxPayloadBytes
  CommandState state = CommandState::pending;
  UnixTime created_at{};
  UnixTime ended_at{};    ///< 0 while pending
  UnixTime expires_at{};  ///< 0: never
};

/// A setting of the hub itself. Keys starting with "store." are the store's own.
struct MetaRecord {
  std::string key;
  std::string value;
};

/// Something small that people decide and change now and then: a group, an alarm, an account.
/// Adds or replaces the row of (collection, name). Each collection belongs to one feature, which
/// alone knows what its bodies say.
struct Document {
  std::string collection;  ///< 1..kMaxDocumentNameBytes
  std::string name;        ///< 1..kMaxDocumentNameBytes
  std::string body;        ///< at most kMaxDocumentBytes, JSON by custom; empty: removes the row
};

/// Who did what to whom, for the log of such things. Never changed; every text at most
/// kMaxAuditTextBytes.
struct AuditRecord {
  UnixTime at{};
  std::string account;  ///< whose doing it was; empty: the hub's own
  std::string action;   ///< what was done, as a word: "device.rename"
  std::string subject;  ///< to what
  std::string detail;   ///< for people
};

/// Deletes everything that a device has measured and every command that it was given: what is
/// stored already, and what is stored together with this.
struct HistoryErased {
  DeviceId device{};
};

/// One thing to write. Changes of a batch are written by table (devices before what hangs on
/// them), those of one table in the order given.
using Change = std::variant<Reading, StreamProgress, SessionProgress, DeviceSeen, DeviceRecord,
                            FunctionRecord, EspialNode, EspialSession, CommandRecord, MetaRecord,
                            Document, AuditRecord, HistoryErased>;
using Changes = std::vector<Change>;

/// True when every part keeps the limits above. Whether names are free and devices known, only the
/// database can tell.
bool within_limits(const Change& change);

/// Everything needed to go on after a restart.
struct Snapshot {
  std::vector<DeviceRecord> devices;      ///< by id
  std::vector<FunctionRecord> functions;  ///< by device and slot
  std::vector<Reading> latest;            ///< newest of every (device, slot, field)
  std::vector<EspialNode> nodes;
  std::vector<EspialSession> sessions;
  std::vector<StreamProgress> streams;
  std::vector<CommandRecord> open_commands;  ///< the pending ones, oldest first
  /// Highest command id ever given to each device that was given one.
  std::vector<std::pair<DeviceId, std::uint32_t>> highest_command_ids;
  std::vector<MetaRecord> meta;
  std::vector<Document> documents;  ///< by collection and name
};

}  // namespace espial::store
