#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "hub/features/commands.hpp"
#include "hub/features/replacing.hpp"
#include "hub/features/s2_message.hpp"
#include "hub/features/trace/report_trace.hpp"
#include "hub/mqtt/client.hpp"
#include "hub/mqtt/log_limit.hpp"
#include "hub/store/changes.hpp"
#include "hub/store/committer.hpp"
#include "station/live_state.hpp"

namespace espial::features {

/// Boards that speak MQTT themselves, by S2's session protocol (s2_message.hpp has the texts).
///
///     board                         hub
///       | state/join <MAC>           |  a new session: what the old one says is stale from here on
///       |--------------------------->|  name (one for a MAC, for ever) and session are committed,
///       |    state/nameAssign        |  then told
///       |<---------------------------|
///       | (reconnects with its will) |
///       | state/join <name>;<session>|  the session matches: only now it is online
///       |--------------------------->|
///       | …/status, state/leave      |  of the current session: stored; of any other: discarded
///
/// A message is acknowledged to the broker when what it caused is committed, and at once when it
/// is refused or stale. When the store takes no more it is given back: nothing of it stays, and it
/// comes again later. One thread only.
class S2Sessions {
 public:
  /// Functions of every board, in slots 0, 1 and 2.
  static constexpr std::uint8_t kLedSlot = 0;
  static constexpr std::uint8_t kButtonSlot = 1;
  static constexpr std::uint8_t kPhotoresistorSlot = 2;
  /// Boards known at most. For a new one beyond, the hub forgets the one that it has not heard for
  /// longest of those that are offline and that nobody has named; where there is none, it refuses.
  static constexpr std::size_t kMaxBoards = 4096;
  /// Addresses that get a number at most, those of forgotten boards included: a number is for good,
  /// and the other protocols' devices need some of the hub's station::kMaxDevices.
  static constexpr std::size_t kMaxAddresses = 32'768;
  static_assert(kMaxAddresses <= station::kMaxDevices / 2);
  /// Anybody can invent boards: usually so many new ones at once, and then one more every so often.
  static constexpr int kNewBoardsAtOnce = 256;
  static constexpr Duration kNewBoardPeriod = Duration::seconds(10);
  static constexpr std::size_t kMaxPendingCommands = 1024;
  /// A command that no status has confirmed by then has expired, where nobody says how long it may
  /// wait.
  static constexpr Duration kCommandLifetime = Duration::seconds(10);

  static constexpr Duration kUsualSilence = Duration::seconds(180);

  struct Counters {
    std::uint64_t messages = 0;        ///< on S2's topics
    std::uint64_t joins = 0;           ///< new sessions given
    std::uint64_t begun = 0;           ///< sessions that came online
    std::uint64_t readings = 0;        ///< handed to the store
    std::uint64_t stale = 0;           ///< of a session that is not the current one: discarded
    std::uint64_t retained = 0;        ///< retained messages: not news, discarded
    std::uint64_t silent = 0;          ///< boards that went offline without a word
    std::uint64_t not_stored = 0;      ///< refused by the store, or its backlog was full
    std::uint64_t boards_refused = 0;  ///< for whatever BoardRefusal
    std::uint64_t refused[s2::kRefusalCount] = {};  ///< by s2::Refusal
  };

  /// What it works with; all of it outlives this object.
  struct Ports {
    station::LiveState& live;
    store::Committer& committer;
    trace::ReportTrace& trace;
    std::function<mqtt::PublishError(const mqtt::Message&)> publish;
    std::function<void(mqtt::Ticket)> acknowledge;
    /// There is no room for this message: a later connection is to bring it again.
    std::function<void(mqtt::Ticket)> give_back;
    /// Microseconds since 1970, UTC.
    std::function<std::int64_t()> unix_time_us;
    CommandListener on_command;
    /// A board that says nothing for so long is offline until it speaks again: it may have no last
    /// will. 0: only its leave counts.
    std::int64_t silence_ms = kUsualSilence.ms();
    std::size_t max_boards = kMaxBoards;
    int new_boards_at_once = kNewBoardsAtOnce;
    std::size_t max_addresses = kMaxAddresses;
    /// Is told of a board that made room for another; empty: nobody.
    std::function<void(const station::Device&)> on_forgotten = {};
  };

  explicit S2Sessions(Ports ports);

  /// Takes up the sessions, commands and former names that were current when the hub stopped. The
  /// devices are in the live state already.
  void restore(const store::Snapshot& snapshot);

  /// What to subscribe to.
  static std::vector<mqtt::Subscription> subscriptions();
  /// True for a topic of S2's that boards publish on.
  static bool owns(std::string_view topic);

  void on_message(const mqtt::Publish& message, mqtt::Ticket ticket);

  /// Asks a board to switch its LED within `lifetime`. The card changes when the board says so.
  CommandAccepted switch_led(station::DeviceId device, bool on,
                             Duration lifetime = kCommandLifetime);

  /// Tells a board that its device was renamed in the live state. Until it speaks under the new
  /// name it is spoken to under the one it was last heard by, and heard under each since then.
  /// False when that can't be stored now: then nobody was told.
  [[nodiscard]] bool renamed(station::DeviceId device, std::string_view former_name);

  /// A board that a person wants to see no more: its session is over, and its commands have
  /// expired. It is back once it joins again.
  void forget(station::DeviceId device);

  /// A board that has joined takes the place of one that is offline, goes by its name, and is told
  /// so. What the broken one may still say in its session is stale; if it joins again it is a new
  /// board. Otherwise why not.
  [[nodiscard]] std::optional<CommandRefusal> replace(Replacement wanted);

  /// The broker is reached. Without `session_kept` what boards said meanwhile is lost: none is
  /// online until it speaks.
  void on_connected(bool session_kept);
  /// The broker has been away for a while: no board can be reached, and none is shown online.
  void on_broker_lost();

  /// Lets commands expire and silent boards go; to be called about once a second.
  void tick();

  const Counters& counters() const { return counters_; }

 private:
  /// Why a board whose session goes on is shown offline.
  enum class Absence : std::uint8_t { none, silent, unreachable };

  static constexpr std::size_t kFormerNames = 8;
  struct Board {
    /// As the board spells it, who compares texts; empty after a restart: it says so when it joins.
    std::string mac_text;
    std::string session;
    /// Names it was told before the device's present one, the oldest first, from the one that it
    /// went by when last heard: it takes them in this order. At most kFormerNames. Kept in a
    /// document: a board hears nothing of the hub's restarts.
    std::vector<std::string> former_names;
    UnixTime seen_stored_at{};
    UnixTime heard_at{};
    Absence absence = Absence::none;
    std::uint32_t last_command_id = 0;
  };
  struct PendingCommand {
    store::CommandRecord record;
    bool on = false;
  };

  /// Why a board may not join.
  enum class BoardRefusal : std::uint8_t {
    kTooMany,
    kTooManyAddresses,
    kTooFast,
    kOtherProtocol,
    kNotAdmitted
  };
  static constexpr std::size_t kBoardRefusalCount = 5;
  /// Each reason has its own, so that a flood for one hides no other.
  struct RefusalLog : mqtt::LogLimit {
    RefusalLog() : LogLimit(5, Duration::seconds(10)) {}
  };

  /// Lets a map of strings be asked with a view.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  UnixTime now() const { return {ports_.unix_time_us() / 1000}; }
  void refuse(s2::Refusal refusal, const mqtt::Publish& message, mqtt::Ticket ticket);
  void refuse_board(BoardRefusal reason, const s2::JoinRequest& join, std::string_view text,
                    mqtt::Ticket ticket);
  void on_join(const s2::JoinRequest& join, mqtt::Ticket ticket);
  const station::Device* admit(const s2::JoinRequest& join, mqtt::Ticket ticket);
  enum class Room : std::uint8_t { kMade, kNone, kNotNow };
  Room make_room();
  bool take_new_board();
  void give_back_new_board();
  void on_begin(const s2::Credentials& credentials, mqtt::Ticket ticket);
  void on_leave(const s2::Credentials& credentials, mqtt::Ticket ticket);
  void on_status(const s2::Status& status, mqtt::Ticket ticket);
  const station::Device* current(const s2::Credentials& credentials);
  void go(const station::Device& device, bool online, mqtt::Ticket ticket);
  /// False when the message was given back: then nothing may be left of it.
  bool submit(store::Changes changes, mqtt::Ticket ticket, std::function<void()> stored);

  // s2_names.cpp
  void restore_names(const store::Snapshot& snapshot);
  void assign_name(const station::Device& device, const Board& board);
  bool goes_by(const station::Device& device, Board& board, std::string_view name);
  void drop_names(station::DeviceId id, Board& board);
  static void went_by(Board& board, std::string_view former_name);
  static store::Document names_of(const station::Device& device, const Board& board);

  // s2_availability.cpp
  void hear(const station::Device& device, UnixTime at);
  void miss_silent(UnixTime at);
  void miss(const station::Device& device, Board& board, Absence absence);
  void find(const station::Device& device, Board& board, UnixTime at);
  void show_online(station::DeviceId id, bool online, UnixTime at);

  // s2_replace.cpp
  store::CommandRecord ended(store::CommandRecord record) const;

  void confirm_commands(station::DeviceId device, bool on);
  [[nodiscard]] bool send_led_command(const station::Device& device, const Board& board, bool on,
                                      Duration lifetime);
  void end_command(std::size_t index, store::CommandState state);
  void end_record(store::CommandRecord record, store::CommandState state);
  store::DeviceRecord record_of(const station::Device& device, const Board& board) const;

  Ports ports_;
  s2::SessionClock clock_;
  std::unordered_map<std::uint32_t, Board> boards_;  ///< by device id
  std::unordered_map<std::string, station::DeviceId, TextHash, std::equal_to<>> sessions_;
  std::vector<PendingCommand> pending_;
  std::size_t addresses_ = 0;      ///< that have a number
  UnixTime new_boards_full_at_{};  ///< when as many as at first may come again
  Counters counters_;
  RefusalLog refusal_logs_[s2::kRefusalCount];  ///< by s2::Refusal
  RefusalLog board_logs_[kBoardRefusalCount];   ///< by BoardRefusal
};

}  // namespace espial::features
