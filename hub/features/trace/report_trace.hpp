#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::trace {

/// A message from the broker that brings what a device said.
struct Arrival {
  MacAddress mac;
  std::optional<MacAddress> gateway;  ///< nothing for a board that speaks MQTT itself
  std::optional<std::int8_t> rssi_dbm;
  Channel channel;
  Duration held;    ///< at the gateway
  Duration waited;  ///< at the broker, in whole seconds
  /// The same for every gateway's copy of one frame (mark_of); 0: copies can't be told.
  std::uint64_t mark = 0;
  Instant at;
  std::int64_t at_unix_us = 0;
};

/// Names a sealed frame: the end of its tag, which no other frame has.
std::uint64_t mark_of(ByteView body);

/// A gateway that heard a report, and when that came to the hub.
struct Hearing {
  MacAddress gateway;
  std::optional<std::int8_t> rssi_dbm;
  Channel channel;
  Duration held;
  Duration waited;
  Instant at;
};
inline constexpr std::size_t kMaxHearings = 4;

enum class Fate : std::uint8_t {
  kWaiting,     ///< for the store
  kStored,      ///< committed
  kTurnedAway,  ///< the store had no room: it comes again
};

/// How far a stored report has come to the pages.
enum class Showing : std::uint8_t {
  kWaiting,    ///< for the next go
  kAnnounced,  ///< as `revision`; who was written it, the server knows
  kNobody,     ///< no page was open
  kNotShown,   ///< pages have something newer already, or don't show it
};

/// The hops of one report. Instants are this machine's; 0 where it has not come so far.
struct ReportTimes {
  MacAddress mac;
  /// The module's own number, or else the hub's (`numbered_by_hub`).
  std::uint64_t sequence = 0;
  bool numbered_by_hub = false;
  bool events = false;  ///< of the events' stream, which counts apart from the readings'
  /// From the module's taking it to its arrival here, by what each hop said; nothing when the
  /// protocol says none.
  std::optional<Duration> since_taken;
  std::int64_t received_unix_us = 0;
  Instant received_at;
  Instant opened_at;
  Instant ended_at;  ///< stored or turned away
  Instant announced_at;
  std::uint64_t revision = 0;
  Fate fate = Fate::kWaiting;
  Showing showing = Showing::kWaiting;
  std::uint8_t hearings = 0;  ///< used in `heard`, the first to arrive first
  std::uint8_t more_hearings = 0;
  std::array<Hearing, kMaxHearings> heard;
};

/// What a module says of a report.
struct ReportName {
  std::optional<std::uint32_t> sequence;
  bool events = false;
  std::optional<Duration> since_taken;
};

/// The hops of the newest reports, whoever sent them, in a ring that never grows: two table
/// look-ups and a few hundred bytes written a report. One thread.
///
///     arrive() -> begin() -> stored() -> announced()
///        |                      '------> (no page is open)
///        '-> a later arrival with the same mark: another gateway heard it too
class ReportTrace {
 public:
  static constexpr std::size_t kKept = 8'192;
  /// Counts reports from 1.
  using Number = std::uint64_t;

  /// `page_open`: whether an announcement would reach anybody.
  explicit ReportTrace(std::function<bool()> page_open, std::size_t kept = kKept);

  /// Reports begun until the next arrival came with this one.
  void arrive(const Arrival& arrival);
  /// The device's report was opened and goes to the store.
  Number begin(Instant now, const ReportName& name);
  /// It is on disk. `shown`: a page that is open gets to see it.
  void stored(Number number, Instant now, bool shown);
  void turned_away(Number number, Instant now);
  /// Everything stored and shown up to now was announced, as revisions up to this one.
  void announced(std::uint64_t revision, Instant now);

  /// The device's newest report of that number; nothing when there was none, or it is no longer
  /// kept. Without `events` of either stream.
  const ReportTimes* find(const MacAddress& mac, std::uint64_t sequence,
                          std::optional<bool> events = std::nullopt) const;
  /// The device's newest reports, the newest first, at most `limit`.
  std::vector<const ReportTimes*> newest(const MacAddress& mac, std::size_t limit) const;

  std::size_t kept() const { return ring_.size(); }
  /// Devices of which something is kept: never more than kept().
  std::size_t devices() const { return newest_.size(); }
  /// The oldest that is kept; nullptr before the first, and while nothing had to go yet.
  const ReportTimes* oldest_after_loss() const;

 private:
  struct Entry {
    ReportTimes times;
    std::uint64_t mark = 0;
    Number number = 0;
    Number previous = 0;  ///< of the same device
  };

  Entry* at(Number number);
  const Entry* at(Number number) const;
  const Entry* newest_of(const MacAddress& mac) const;

  std::function<bool()> page_open_;
  std::vector<Entry> ring_;
  Number last_ = 0;
  /// By device; only those that have an entry in the ring.
  std::unordered_map<std::uint64_t, Number> newest_;
  Arrival arrival_;
  std::vector<Number> unannounced_;
};

}  // namespace espial::trace
