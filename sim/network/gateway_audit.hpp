#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/hash.hpp"
#include "core/base/static_vector.hpp"
#include "core/gateway/gateway.hpp"
#include "sim/network/backbone.hpp"
#include "sim/network/watch.hpp"

namespace espial::sim {

/// Goes through a gateway's books after every call of its role:
///  1. every frame that it heard is relayed, held, answered, or dropped for one counted reason;
///     nothing that it held goes otherwise;
///  2. a command that came down waits, or was dropped for a counted reason; a word that clears a
///     command takes that one and no other;
///  3. no command is turned away for one that has been brought to its module;
///  4. no more commands wait for a module than may;
///  5. every place for a frame down that is in use is in use for somebody.
/// It reads counters and asks what waits; it never touches the role.
class GatewayAudit {
 public:
  /// `watch` must outlive it.
  GatewayAudit(Watch& watch, std::uint32_t gateway) : watch_(watch), gateway_(gateway) {}

  /// A role that was just made.
  void begin(const gateway::Gateway& role);
  /// The uplink took a frame from the role.
  void published() { ++published_; }
  /// The role's radio took a frame; the end of its way is brought().
  void sent(const MacAddress& destination, ByteView body);
  void brought(bool acknowledged);

  /// After a call other than the next two; `heard` says whether it was on_frame().
  void after(Instant at, const gateway::Gateway& role, bool heard);
  /// Around on_down().
  void before_down(const gateway::Gateway& role, const MacAddress& mac);
  void after_down(Instant at, const gateway::Gateway& role, const Backbone::Down& down);
  /// Point 5, at once instead of now and then.
  void count_places(Instant at, const gateway::Gateway& role);

 private:
  /// One more than may wait, so that it would be seen.
  static constexpr std::size_t kMostSeen = gateway::kMaxCommandsPerModule + 1U;
  using Ids = StaticVector<std::uint32_t, kMostSeen>;
  /// A command as it came down last.
  struct Command {
    std::uint32_t id = 0;
    std::uint16_t counter = 0;
    bool brought = false;
  };
  struct InAir {
    MacAddress mac;
    std::uint16_t counter = 0;
  };
  /// The books at one moment.
  struct Books {
    std::uint32_t heard = 0;
    std::uint32_t ended = 0;  ///< answered, or dropped for a counted reason
    std::uint32_t published = 0;
    std::uint32_t held = 0;
    std::uint32_t held_dropped = 0;
    std::uint32_t commands_gone = 0;  ///< expired or stale
    std::uint32_t down_refused = 0;
  };

  Books read(const gateway::Gateway& role) const;
  static Ids waiting(const gateway::Gateway& role, const MacAddress& mac);
  void check_command(Instant at, const Backbone::Down& down, const Ids& now_waiting, bool refused);
  void check_lost(Instant at, const Backbone::Down& down, const Ids& now_waiting,
                  std::uint32_t gone);
  void note_command(const Backbone::Down& down);
  bool was_brought(const MacAddress& mac, std::uint32_t id) const;
  void broken(Instant at, const char* what) const;

  Watch& watch_;
  std::uint32_t gateway_;
  std::uint32_t published_ = 0;
  std::uint32_t calls_ = 0;
  Books books_;
  Ids waited_;  ///< before on_down()
  std::optional<InAir> in_air_;
  std::unordered_map<MacAddress, std::vector<Command>, MacHash> commands_;
};

}  // namespace espial::sim
