#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/air/air.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// The simulator's air in real time, for radios in other processes (ports/linux/air_radio.hpp).
///
/// It listens on loopback only. A radio that has been silent for five seconds is taken out of the
/// air; datagrams that are none, or come from a stranger, are counted and dropped.
class AirServer {
 public:
  struct Counters {
    std::uint64_t malformed = 0;  ///< not a datagram of ours
    std::uint64_t strangers = 0;  ///< from a radio that has not attached
    std::uint64_t refused = 0;    ///< an address in use, or no room for another radio
    std::uint64_t timed_out = 0;  ///< radios that fell silent
  };

  /// `port` 0: any free one. Throws std::system_error when the port can't be had.
  AirServer(boost::asio::io_context& io, std::uint16_t port, const sim::AirSettings& settings);
  ~AirServer();

  std::uint16_t port() const;
  std::size_t radio_count() const;
  const Counters& counters() const;
  const sim::Air::Counters& air_counters() const;
  void stop();

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace espial::main
