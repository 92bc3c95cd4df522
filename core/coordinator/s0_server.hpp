#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/mac_table.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"
#include "core/coordinator/coordinator.hpp"
#include "core/coordinator/ports.hpp"
#include "core/wire/s0.hpp"

namespace espial::coordinator {

/// A search that waited longer than the module listens is not answered: it is on another channel.
inline constexpr Duration kS0Dwell = Duration::milliseconds(500);
/// A module that is silent for so long is asked whether it is there, so often, so far apart; then
/// it is offline.
inline constexpr Duration kS0Silence = Duration::seconds(30);
inline constexpr std::uint8_t kS0Pings = 3;
inline constexpr Duration kS0PingInterval = Duration::seconds(5);
/// Set points that no data have shown yet are said again, where that does no harm.
inline constexpr Duration kS0Repeat = Duration::seconds(5);
/// A module's own pings are echoed, and a stranger is told to start again, this often at most: both
/// sides echo, so two echoes that miss each other would go on for ever.
inline constexpr Duration kS0EchoInterval = Duration::seconds(1);
/// A module that goes by other functions than its own is told to start again no more often.
inline constexpr Duration kS0AskAgainInterval = Duration::seconds(60);
/// One that shall measure and only answers pings for so long goes by no functions: what it was told
/// was garbled. S0's log takes the mean of as long a time, so whoever measures speaks more often.
inline constexpr Duration kS0Mute = Duration::seconds(15 * 60);

/// Whether a module may come in.
enum class S0Admission : std::uint8_t {
  kWelcome,
  kModuleTaken,  ///< its number is another module's
  kKeyed,        ///< its address is that of a module with keys, or of another protocol
  kFull,         ///< no room for another module
};

/// Why a message was not taken.
enum class S0Refusal : std::uint8_t {
  kBadMessage,     ///< not one of S0's, or one that only servers say
  kLate,           ///< a search that nobody waits for any more, or from nobody knows which channel
  kNoModuleId,     ///< a search by module 0
  kModuleTaken,    ///< as S0Admission
  kKeyed,          ///< as S0Admission
  kFull,           ///< as S0Admission, or the table is full
  kUnknownModule,  ///< data of a module that has not paired: it is told to start again
  kUnknownFunction,  ///< data of a function that it was not given
  kNumber,
};
/// "bad_message", "late"...: the label of a counter.
std::string_view to_text(S0Refusal refusal);

/// What S0's modules are and shall do. Asked from inside a call; may not call back.
class S0Directory {
 public:
  virtual ~S0Directory() = default;
  virtual S0Admission admit(const MacAddress& mac, ModuleId module) = 0;
  /// All slots unused where nothing is configured.
  virtual s0::Functions functions_of(ModuleId module) = 0;
};

/// What one of a module's functions says.
struct S0Reading {
  MacAddress mac;
  std::uint8_t slot = 0;
  std::uint8_t kind = 0;
  ByteView value;  ///< air.md section 5; valid during the call
  std::array<std::uint8_t, s0::kSensorSize> sensor{};
  /// How long it waited on its way.
  Duration held;
};

/// What happens. Nothing here may call back.
class S0Events {
 public:
  virtual ~S0Events() = default;
  /// It was answered, and has these functions from now on.
  virtual void on_paired(const MacAddress& mac, ModuleId module,
                         const s0::Functions& functions) = 0;
  virtual void on_heard(const MacAddress& mac, const MacAddress& gateway,
                        std::optional<std::int8_t> rssi_dbm) = 0;
  virtual void on_online(const MacAddress& mac, bool online) = 0;
  virtual void on_reading(const S0Reading& reading) = 0;
  /// kExecuted when data showed it, kExpired when none did in time or another took its place.
  virtual void on_command_ended(const MacAddress& mac, std::uint32_t id, CommandState state) = 0;
  /// `module` is 0 where the message does not say.
  virtual void on_refused(const MacAddress& mac, ModuleId module, S0Refusal reason) = 0;
};

/// A module of S0's.
struct S0Module : MacEntry {
  ModuleId module;
  /// Where it was heard; zeros until it is.
  MacAddress gateway;
  s0::Functions functions{};
  bool online = false;
  /// It goes by other functions than its own, and is told to start again until it asks.
  bool outdated = false;
  std::uint8_t pings = 0;  ///< unanswered
  std::int32_t ping_number = 0;
  Instant due_at = kNever;  ///< the next ping, or the end of patience
  Instant echoed_at{INT64_MIN};
  Instant asked_again_at{INT64_MIN};  ///< told to start again, as it is outdated or mute
  Instant spoke_at;                   ///< its last data; before them, when it paired or came online
};

/// Set points on their way to a module: one for each function at a time.
struct S0Command {
  bool open = false;
  MacAddress mac;
  std::uint32_t id = 0;
  s0::Values set_points;
  std::uint8_t shown_in = 0;  ///< the field of its data
  Instant send_at = kNever;
  Instant expires_at = kNever;
};

enum class S0CommandStatus : std::uint8_t {
  kOk,
  kUnknownModule,
  kBadValue,  ///< no such function, it takes no set points, or not this value
  kBusy,      ///< no room among all modules' commands
};

/// S0's server: to its modules this network is the one they were built for. They need no word of
/// Espial's; what they can't do is authenticate themselves, number what they say, or hear that it
/// arrived. So nothing here is sure: a forged message counts like a true one, what is lost is lost,
/// and a command is executed when later data look like it.
///
///     PAIRING (search) --> admitted? --> PAIRING (answer): our softAP, channel, its functions
///     DATA             --> reading   --> on_reading(), and the command that it shows is executed
///     PING             --> an answer to ours, or echoed; RESET where data are overdue
///     silence          --> PING, PING, PING --> offline
///     command()        --> SETPOINTS, again until data show it
///
/// The gateways relay (Gateway::on_s0); this answers, since it knows the configuration. Nothing
/// blocks; after every call ask next_timer().
class S0Server {
 public:
  struct Storage {
    Span<S0Module> modules;
    Span<S0Command> commands;
  };
  struct Ports {
    Downlink& downlink;
    S0Directory& directory;
    S0Events& events;
  };
  struct Counters {
    std::uint32_t answered = 0;  ///< searches
    std::uint32_t readings = 0;
    std::uint32_t pings = 0;
    std::uint32_t echoes = 0;
    std::uint32_t set_points = 0;  ///< repeats included
    std::uint32_t resets = 0;
    std::array<std::uint32_t, static_cast<std::size_t>(S0Refusal::kNumber)> refused{};
  };

  S0Server(ServerId server, const Storage& storage, const Ports& ports);

  /// A module that had paired before the restart; it is online when it is heard. False when there
  /// is no room.
  [[nodiscard]] bool restore(const MacAddress& mac, ModuleId module);

  /// A message that a gateway relayed.
  void on_uplink(Instant now, const UplinkFrame& frame);

  /// Asks a function for a value, encoded as a command of its kind (air.md section 6). Set points
  /// for the same function that are under way are over: they have expired.
  /// @param sent_before  it was under way before a restart: where twice does harm it is not said
  ///                     again.
  [[nodiscard]] S0CommandStatus command(Instant now, const MacAddress& mac, std::uint8_t slot,
                                        ByteView value, std::uint32_t id, Instant expires_at,
                                        bool sent_before = false);
  /// Tells a module to start again. False when it is not known where to reach it.
  [[nodiscard]] bool reset(const MacAddress& mac);
  /// Ends a module: its number is free and its commands have expired. If it speaks again it is told
  /// to start again, like any stranger, and pairs.
  void forget(const MacAddress& mac);
  /// What the module shall do may have changed: if so it is told to start again, until it asks.
  void on_configured(ModuleId module);

  void on_timer(Instant now);
  Instant next_timer();

  /// nullptr when it has not paired.
  const S0Module* find(const MacAddress& mac) { return modules_.find(mac); }
  const Counters& counters() const { return counters_; }

 private:
  void on_pairing(Instant now, const UplinkFrame& frame);
  void on_data(Instant now, const UplinkFrame& frame);
  static bool mute(Instant now, const S0Module& module);
  void ask_again(Instant now, S0Module& module);
  void on_ping(Instant now, const UplinkFrame& frame);
  S0Module* heard(Instant now, const UplinkFrame& frame);
  void refuse(const MacAddress& mac, ModuleId module, S0Refusal reason);
  void go(S0Module& module, bool online);
  void remind(Instant now, S0Module& module);
  void say_again(Instant now, S0Command& command);
  void end(S0Command& command, CommandState state);
  S0Command* find_command(const MacAddress& mac, const s0::Values& values);
  template <class Message>
  void send(const S0Module& module, const Message& message);

  ServerId server_;
  Ports ports_;
  MacTable<S0Module> modules_;
  Span<S0Command> commands_;
  std::int32_t last_ping_ = 0;
  Instant stranger_reset_at_{INT64_MIN};
  Counters counters_;
};

}  // namespace espial::coordinator
