#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/mac_table.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"
#include "core/gateway/counters.hpp"
#include "core/gateway/frame_pool.hpp"

namespace espial::gateway {

/// Commands queued for one module.
inline constexpr std::uint8_t kMaxCommandsPerModule = 8;
/// Attempts at one unicast, beside those of the radio itself, and the pause between them. While
/// other modules wait there is one.
inline constexpr std::uint8_t kSendAttempts = 3;
inline constexpr Duration kSendRetry = Duration::milliseconds(10);
/// An ack whose turn has not come after this long waits for the module's next frame: it is probably
/// not there any more, and tries that nobody hears would keep the others waiting.
inline constexpr Duration kAckPatience = Duration::milliseconds(400);
/// A command that was sent well is not repeated behind an uplink before this long: its end is
/// probably on the way.
inline constexpr Duration kCommandRepeat = Duration::seconds(2);

/// A module as its gateway sees it.
struct Module : MacEntry {
  Instant last_seen;
  Instant not_before;  ///< of the next attempt
  Instant wanted_at;   ///< when something for it was last asked for
  bool listening = false;
  bool heard = false;  ///< since it is listed; until then `listening` is supposed
  bool due = false;    ///< in the list of those to be served now
  std::uint8_t attempts = 0;
  std::uint8_t command_count = 0;
  std::uint8_t channel_news = 0;  ///< it shall be told so many times where the gateway is
  Channel channel;                ///< of the gateway, when it was heard last
  std::uint32_t next_due = UINT32_MAX;
  std::uint32_t first_command = UINT32_MAX;  ///< in order of arrival
  std::uint32_t ack = UINT32_MAX;
};

/// What waits for modules: one ack and a few commands for each. A frame from the coordinator in
/// another session than those that wait says that theirs is over: nobody could open them any more,
/// so they go. Only its word counts: a module's own frames may be forged.
///
/// A round begins when a sleeper was heard, or when something arrives for a listener. It sends the
/// module's commands, then its ack, MORE set on all but the last, and ends early when the module
/// stops acknowledging. What was not sent stays for the next round.
class DownQueue {
 public:
  DownQueue(Span<Module> modules, FramePool& pool, Counters& counters);

  /// `mac` was heard and is awake: a round begins. An unknown module takes a free entry, or of
  /// those for whom nothing waits that of the one not seen for the longest: what the air brings
  /// can't push out what a coordinator left.
  /// @returns its entry; null where there is none for it.
  Module* heard(Instant now, const MacAddress& mac, bool listening);

  /// What a coordinator has for an unknown module takes an entry in the same way, then that of one
  /// which an ack waits for, and only where commands wait for all that of one of them. It is tried
  /// at once: a gateway that has restarted, or has too few entries, does not know who listens.
  void put_ack(Instant now, ServerId server, const MacAddress& mac, ByteView body);
  void put_command(Instant now, ServerId server, const MacAddress& mac, ByteView body,
                   std::uint32_t command, Instant expires_at);
  void clear(ServerId server, const MacAddress& mac, std::uint32_t command);

  /// A frame to send now.
  struct Pick {
    MacAddress mac;
    std::uint32_t frame;
    /// More will follow in this round.
    bool more;
  };
  std::optional<Pick> pick(Instant now);
  /// When pick() has something; kNever when nothing is due.
  Instant next_pick() const;
  /// How sending `pick` ended, if the frame is still what it was.
  void sent(Instant now, const Pick& pick, std::uint32_t version, bool ok);

  std::size_t module_count() const { return modules_.size(); }
  /// Frames that wait here, counted module by module.
  std::size_t frame_count() const;
  /// See Gateway::waiting_commands().
  std::size_t commands(ServerId server, const MacAddress& mac, Span<std::uint32_t> out) const;

 private:
  Module* note(Instant now, const MacAddress& mac, bool from_coordinator);
  Module* choose_leaver(Instant now, bool from_coordinator);
  void begin_round(Instant now, Module& module);
  void append_due(Module& module);
  void end_round(Module& module);
  void unlink_due(Module& module);
  void drop_frames(Module& module);
  void drop_expired(Instant now, Module& module);
  void drop_stale(Module& module, ServerId server, ByteView newer);
  bool drop_longest_sent(Module& module);
  void drop_all_expired(Instant now);
  std::uint32_t take_frame(Instant now, ByteView body);
  std::uint32_t find_command(const Module& module, ServerId server, std::uint32_t command) const;
  void remove_command(Module& module, std::uint32_t frame);
  std::uint32_t first_wanted(const Module& module, std::uint32_t after) const;

  static constexpr std::uint32_t kNone = UINT32_MAX;

  mutable MacTable<Module> modules_;
  FramePool& pool_;
  Counters& counters_;
  std::uint32_t first_due_ = kNone;
  std::uint32_t last_due_ = kNone;
};

}  // namespace espial::gateway
