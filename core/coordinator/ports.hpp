#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/coordinator/records.hpp"
#include "core/port/crypto.hpp"
#include "core/port/down_class.hpp"
#include "core/port/random.hpp"
#include "core/transfer/long_sender.hpp"

namespace espial::coordinator {

/// The way down to a gateway: topic `…/down/<gateway>/<mac>`.
class Downlink {
 public:
  virtual ~Downlink() = default;

  /// Best effort: what is lost is sent again by rule. `body` is copied before return, and empty for
  /// kClear. `command` counts for kCommand and kClear, `expires_s` (seconds from now, 0 = never)
  /// for kCommand.
  virtual void send(ServerId server, const MacAddress& gateway, const MacAddress& mac,
                    DownClass down_class, ByteView body, std::uint32_t command,
                    std::uint32_t expires_s) = 0;
};

/// The durable store.
///
///     coordinator                          ledger
///        | commit_…(ticket, record) ---------> | takes a copy, returns at once
///        | ...                                 | commits, many at a time
///        | <------- on_committed(ticket, ok) - | later, never during the call
///        | finished(token) ------------------> | the frame may be acknowledged to the broker
///
/// Promises that the coordinator builds on:
///  1. Every call is answered exactly once, in the order of the calls.
///  2. When on_committed(…, true) is called the record survives a power cut.
///  3. Records become durable in the order of the calls. A report's record says how far its stream
///     has come, the reports under way included. So when a call fails, every later one for the same
///     module that was made before the failure was reported fails too; earlier ones and those of
///     other modules end on their own.
///  4. Where more than one process may own a network, each owner has a lease with an epoch, one
///     higher than that of the owner before it, and every call carries it: a transaction finds
///     its epoch in the database or fails. So what an owner commits, reserved counters included, is
///     all there when its successor reads, and nothing is added afterwards. finished() of an owner
///     whose lease is over acknowledges nothing.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// A revoked node's session is forgotten with it.
  virtual void commit_node(Ticket ticket, const NodeRecord& record) = 0;
  /// Replaces the node's session; forgets the highest uplink counter of any earlier one.
  virtual void commit_session(Ticket ticket, const SessionRecord& record) = 0;
  virtual void commit_report(Ticket ticket, const ReportRecord& record) = 0;
  /// The same identity again replaces the record: only its state changes.
  virtual void commit_command(Ticket ticket, const CommandRecord& record) = 0;
  virtual void commit_description(Ticket ticket, const DescriptionRecord& record) = 0;
  /// The node, its session, streams and outstanding commands are gone; its readings stay, and so do
  /// its former keys, until a commit_node() of the same MAC.
  virtual void commit_forgotten(Ticket ticket, const MacAddress& mac, const FormerKeys& former) = 0;

  /// Everything that the frame `token` caused is committed or refused. Called exactly once for each
  /// on_uplink(), during it or later.
  virtual void finished(Token token) = 0;
};

/// Why a join or a resume was turned down; the numbers of REFUSED on the air.
enum class Refusal : std::uint8_t {
  kUnknownKey = 1,
  kWaitingForApproval = 2,
  kPairingClosed = 3,
  kModuleTaken = 4,
  kBusy = 5,
  kVersion = 6,
  kRevoked = 7,
  kClosedByServer = 8,
};

enum class OfflineReason : std::uint8_t { kSilent, kLeft, kGatewayLost, kRevoked };

/// What happens, for live state, features and people. Nothing here may call the coordinator back.
class Events {
 public:
  virtual ~Events() = default;

  /// A node has its first session ever, or one after it was forgotten. The list of keyed MACs
  /// has changed.
  virtual void on_node_joined(const MacAddress& mac, ModuleId module) = 0;
  /// The first frame after it was offline. `gateway` is where it was heard.
  virtual void on_node_online(const MacAddress& mac, const MacAddress& gateway,
                              std::optional<std::int8_t> rssi_dbm, Channel channel) = 0;
  virtual void on_node_offline(const MacAddress& mac, OfflineReason reason) = 0;
  /// It was forgotten; the list of keyed MACs has changed.
  virtual void on_node_left(const MacAddress& mac) = 0;
  /// An unknown module asks to join and someone must say yes or no: see judge().
  virtual void on_node_waiting(const MacAddress& mac) = 0;

  /// An authentic frame was heard: strength and place, for those who show them. Often.
  virtual void on_heard(const MacAddress& mac, const MacAddress& gateway,
                        std::optional<std::int8_t> rssi_dbm, Channel channel) = 0;
  /// What the node says of itself changed; it went to the ledger under `ticket` and is durable.
  virtual void on_description(const MacAddress& mac, Ticket ticket) = 0;

  /// A new report, opened and not yet committed: for `/device/<mac>`. `packet` is the inner
  /// PUBLISH.
  virtual void on_opened(const MacAddress& mac, ByteView packet,
                         std::optional<std::int8_t> rssi_dbm, Channel channel) = 0;
  /// The report that went to the ledger under `ticket` is durable: its readings may be shown.
  virtual void on_report(const MacAddress& mac, Ticket ticket) = 0;

  /// A command's end is durable.
  virtual void on_command_ended(const MacAddress& mac, std::uint32_t id, CommandState state) = 0;
  virtual void on_refused(const MacAddress& mac, Refusal reason) = 0;
  /// It is durable that a node is revoked, or no longer.
  virtual void on_node_revoked(const MacAddress& mac, bool revoked) {
    (void)mac;
    (void)revoked;
  }
  /// What send_long() began is over; its source is used no more.
  virtual void on_long_ended(const MacAddress& mac, transfer::LongEnd how) {
    (void)mac;
    (void)how;
  }
};

struct Ports {
  Downlink& downlink;
  Ledger& ledger;
  Events& events;
  Random& random;
  Crypto& crypto;
};

}  // namespace espial::coordinator
