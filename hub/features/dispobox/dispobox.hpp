#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub/features/dispobox/app_tables.hpp"
#include "hub/features/dispobox/boxes.hpp"
#include "hub/features/dispobox/calendar.hpp"
#include "hub/features/dispobox/conversation.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::dispobox {

struct DispoBoxState;

/// S1: box nodes on a TCP port, polled twice a second and sent to sleep while the site is closed.
///
///     box node <--TCP--> Conversation --> Boxes --> store, live state, page
///                                           |
///                 S1's applications <-------+--> AppTables --> MariaDB
///
/// Nodes need no password, for S1 has none: whoever reaches the port can say that a box is free.
/// One event loop and no thread for any number of nodes.
class DispoBox {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    /// 0: any free one.
    std::uint16_t port = 50'000;
    std::size_t max_connections = 2'048;
    Calendar calendar = Calendar::usual();
    /// As AppTables has it; empty: no tables.
    std::string database;
  };

  struct Counters {
    std::size_t connections = 0;  ///< open now
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;  ///< there were max_connections already
    TalkCounters talk;
    std::uint64_t not_stored = 0;
    std::uint64_t displaced = 0;  ///< as Boxes has it
    TableCounters tables;
  };

  /// All of it outlives this object.
  struct Ports {
    station::LiveState& live;
    store::Committer& committer;
    store::Documents& documents;
    std::function<UnixTime()> unix_now;
  };

  DispoBox(boost::asio::io_context& io, Options options, Ports ports);
  ~DispoBox();
  DispoBox(const DispoBox&) = delete;
  DispoBox& operator=(const DispoBox&) = delete;

  /// Takes up the boxes that are stored. Before `start`.
  void restore(const store::Snapshot& snapshot);
  /// Begins to listen. Otherwise the sentence for the person who started the hub.
  [[nodiscard]] std::optional<std::string> start();
  /// Ends all connections; the applications are told that the system is off.
  void stop();
  std::uint16_t port() const;

  /// The answer to `GET /dispobox/?action=...`.
  std::string answer(std::string_view action) const;
  [[nodiscard]] bool renamed(station::DeviceId device);
  /// A box that a person wants to see no more; see Boxes.
  void forget(station::DeviceId device);
  /// Another box's board in the place of a broken one; see Boxes.
  [[nodiscard]] std::optional<features::CommandRefusal> replace(features::Replacement wanted);
  const Calendar& calendar() const;
  /// From now on the site is open at these hours.
  void set_calendar(Calendar calendar);
  Counters counters() const;

 private:
  std::shared_ptr<DispoBoxState> state_;
};

}  // namespace espial::dispobox
