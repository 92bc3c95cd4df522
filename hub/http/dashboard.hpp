#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "hub/store/changes.hpp"
#include "station/problem.hpp"

namespace espial::http {

/// One value of a function as the API carries it: already scaled, in the unit of its field.
using FieldValue = std::variant<double, std::string>;

/// Everything the page needs for its first picture.
struct Snapshot {
  /// A JSON array of devices (`station/dashboard_json.hpp` writes it).
  std::string devices;
  /// A JSON object about broker, store and gateways.
  std::string system;
  /// A JSON object about who may join and whose keys are good.
  std::string keys = "{}";
};

/// What `GET /api/devices/{mac}/history` asks. The server has checked it: the slot is below
/// kSlotCount, `from` lies before `to`, `points` is 1..kHistoryPointsMax.
struct HistoryQuery {
  MacAddress device;
  std::uint8_t slot = 0;
  std::string field;
  UnixTime from;
  UnixTime to;
  std::uint32_t points = 0;
};

inline constexpr std::uint32_t kHistoryPointsMax = 2000;
inline constexpr std::size_t kAuditRecordsMax = 1000;

/// One bucket of a history: its moment and the mean, least and greatest value inside it.
struct HistoryPoint {
  UnixTime at;
  double mean = 0;
  double min = 0;
  double max = 0;
};

/// Why an operation did not happen. The reason is a sentence for a person, in English.
struct Refusal {
  enum class Kind {
    kUnknown,      ///< no such device, slot or field: 404
    kInvalid,      ///< the request makes no sense for that device: 422
    kUnavailable,  ///< possible, but not now: 503
  };
  Kind kind = Kind::kInvalid;
  station::Problem problem = station::Problem::kBadRequest;
  std::string reason;
};

/// What `POST /api/devices/{mac}/commands` asks. Values are not yet checked against the kind.
struct CommandRequest {
  MacAddress device;
  std::uint8_t slot = 0;
  std::vector<std::pair<std::string, FieldValue>> values;
  /// How long it may wait for its module: station/dashboard_body.hpp has the range. Without it the
  /// hub chooses.
  std::optional<std::uint32_t> lifetime_s;
};

/// An accepted command; its later fate comes as `command` events with this number.
struct CommandId {
  std::uint64_t value = 0;
  UnixTime expires_at{};
  /// Its module sleeps, as far as is known: it gets the command when it wakes.
  bool waits_for_wake = false;
};

/// What `POST /api/keys/...` asks. The server has checked that what the word needs is there.
struct KeysRequest {
  enum class What : std::uint8_t {
    kSettings,  ///< `policy` and `modules`, where they are given
    kPairing,   ///< `seconds`
    kApprove,
    kRefuse,
    kUnjudge,
    kIssueLabels,  ///< for `macs`
    kScanLabel,    ///< `label`
    kRemoveLabel,
    kRevoke,
    kUnrevoke,
    kRenew,
    kBeginChange,
    kEndChange,
  };
  What what = What::kSettings;
  /// One for all that concern one module.
  std::vector<MacAddress> macs;
  std::optional<std::string> policy;
  std::optional<std::vector<std::uint8_t>> modules;
  std::uint32_t seconds = 0;
  std::string label;
};

/// A JSON object, or why not.
using KeysResult = std::variant<std::string, Refusal>;
using HistoryResult = std::variant<std::vector<HistoryPoint>, Refusal>;
using AuditResult = std::variant<std::vector<store::AuditRecord>, Refusal>;
using CommandResult = std::variant<CommandId, Refusal>;
/// The name that a device had before.
struct FormerName {
  std::string text;
};
using RenameResult = std::variant<FormerName, Refusal>;
/// Nothing when all of it is stored.
using ForgetResult = std::optional<Refusal>;
/// Nothing when the device was told; whether it heard, its next pairing shows.
using RestartResult = std::optional<Refusal>;

/// One figure for /metrics. `name` follows Prometheus' rules and ends in `_total` for counters.
struct Metric {
  enum class Kind { kCounter, kGauge };
  std::string name;
  std::string help;
  Kind kind = Kind::kCounter;
  double value = 0;
  std::vector<std::pair<std::string, std::string>> labels;
};

/// What the server shows and steers; the hub implements it.
///
/// Every function is called on the thread that runs the server's io_context and must not block.
/// A completion is called exactly once, on that thread, now or later; calling it after the server
/// has been stopped or destroyed is allowed and does nothing.
class Dashboard {
 public:
  virtual ~Dashboard() = default;

  /// The present state, in full.
  virtual Snapshot snapshot() = 0;
  /// Parts of it alone, without the many devices.
  virtual std::string system_state() = 0;
  virtual std::string keys_state() = 0;

  /// Answers with at most `query.points` points in time order; an empty list where the store has
  /// nothing in that time.
  virtual void history(const HistoryQuery& query, std::function<void(HistoryResult)> done) = 0;

  /// Sends a command on its way. Accepted means "will be tried until it ends", never "done": the
  /// card changes when the module reports.
  virtual void command(const CommandRequest& request, std::function<void(CommandResult)> done) = 0;

  /// Gives a device a name. The server has checked it by `station::check_name`.
  virtual void rename(const MacAddress& device, std::string_view name,
                      std::function<void(RenameResult)> done) = 0;

  /// Forgets a device for good, with what it has measured if so wished.
  virtual void forget(const MacAddress& device, bool with_history,
                      std::function<void(ForgetResult)> done) = 0;

  /// Decides who may join and whose keys are good.
  virtual void keys(const KeysRequest& request, std::function<void(KeysResult)> done) = 0;
  /// Tells a device to start again.
  virtual void restart(const MacAddress& device, std::function<void(RestartResult)> done) = 0;

  /// Calls `done` once everything that was to be stored before this call is on disk; with false,
  /// and at once, when the store takes no more now.
  virtual void after_stored(std::function<void(bool stored)> done) = 0;

  /// Answers with the newest records of the audit log, newest first, at most `limit`.
  virtual void audit(std::size_t limit, std::function<void(AuditResult)> done) = 0;

  /// Nothing while the API is open. Otherwise every request to it gets this, whoever asks: so
  /// whoever may come in is not known yet.
  virtual std::optional<Refusal> closed() { return std::nullopt; }

  /// Nothing while the hub does its work; otherwise one sentence that says what is wrong.
  virtual std::optional<std::string> trouble() = 0;

  /// The same of the store alone.
  virtual std::optional<std::string> store_trouble() { return std::nullopt; }

  /// Appends the hub's own figures; the server adds those of HTTP.
  virtual void collect(std::vector<Metric>& metrics) = 0;
};

}  // namespace espial::http
