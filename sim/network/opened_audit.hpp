#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/hash.hpp"
#include "core/base/mac_address.hpp"
#include "core/session/replay_window.hpp"
#include "sim/network/counter_runs.hpp"
#include "sim/network/dense_map.hpp"

namespace espial::sim {

/// Looks at which frames one owner of the network opens: none twice, and none that the store knew
/// to be opened when this owner began. What an owner before it had opened and not brought to the
/// store may be opened again: the broker gives it out again.
class OpenedAudit {
 public:
  /// A session as far as it is durable.
  struct Durable {
    std::uint8_t session = 0;
    /// As it was when the session's record was made.
    session::ReplayWindow window;
    /// With the newest report; when it is beyond the window, everything up to it counts as opened.
    std::optional<std::uint64_t> highest;
  };

  /// The frame `body` of `mac` was opened. `durable` counts when it is the first one of this module
  /// that this owner opens.
  /// @returns its counter when it had been opened before.
  [[nodiscard]] std::optional<std::uint64_t> note(const MacAddress& mac, ByteView body,
                                                  const Durable& durable);
  /// This owner has opened one of `mac`.
  bool knows(const MacAddress& mac) const { return sessions_.find(mac) != nullptr; }
  /// The session of `mac` is over before another one began, the durable one, too: the next may have
  /// its number again.
  void end_session(const MacAddress& mac) { sessions_[mac].over = true; }

 private:
  struct Session {
    std::uint8_t id = 0;
    bool over = false;
    std::uint64_t highest = 0;
    session::ReplayWindow before;
    CounterRuns opened;
  };

  DenseMap<MacAddress, Session, MacHash> sessions_;
};

}  // namespace espial::sim
