#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/port/radio.hpp"
#include "sim/s0_structs.hpp"

namespace espial::sim::s0 {

/// A module of S0's with its firmware unchanged: generic, told by the server what it is. It knows
/// nothing of Espial.
///
///     start() --> asks on a channel, listens 500 ms, next channel; two rounds, pause 10 s
///     answer  --> that channel, that address, those functions; data of each at every interval
///     more than 3 failed sends in a row, or RESET --> asks again
class Module {
 public:
  struct Settings {
    std::uint8_t server = 1;
    std::uint8_t id = 1;
    Duration interval = Duration::seconds(10);
    /// The channel kept from the last time; 0 on a board that was never used.
    Channel last_channel;
    /// What its sensors read; the argument is the function's slot.
    std::function<float(std::size_t slot)> celsius = [](std::size_t) { return 20.0F; };
  };

  Module(const Settings& settings, Radio& radio);

  void start(Instant now);
  void on_frame(Instant now, const ReceivedFrame& frame);
  void on_sent(Instant now, bool acknowledged);
  void on_timer(Instant now);
  Instant next_timer() const { return timer_; }

  bool paired() const { return paired_; }
  Channel channel() const { return channel_; }
  const MacAddress& server_address() const { return server_; }
  /// The type of the function in a slot; kNone where there is none.
  std::uint8_t function_type(std::size_t slot) const { return given_.function_type[slot]; }
  float set_point(std::size_t slot) const { return functions_[slot].set_point; }
  bool relay_on(std::size_t slot) const { return functions_[slot].on; }
  /// So far: answers taken, and restarts by RESET.
  std::uint32_t pairings() const { return pairings_; }
  std::uint32_t resets() const { return resets_; }
  /// Data that the server's radio acknowledged.
  std::uint32_t delivered() const { return delivered_; }
  /// Sends a ping of its own. False when the radio is busy.
  bool ping(std::int32_t number);
  std::uint32_t echoes() const { return echoes_; }

 private:
  struct Function {
    float set_point = 19;
    bool on = false;
    bool due = false;
  };

  void ask(Instant now);
  void next_channel(Instant now);
  void on_pairing(Instant now, const PairingStruct& answer);
  void on_set_points(const DataStruct& wanted);
  void on_ping(const PingStruct& ping);
  void send_next();
  DataStruct data_of(std::size_t slot) const;

  Settings settings_;
  Radio& radio_;
  Instant timer_ = kNever;
  Channel channel_;
  std::uint32_t channels_asked_ = 0;
  bool asking_ = false;
  bool paired_ = false;
  bool sending_data_ = false;
  MacAddress server_;
  PairingStruct given_;
  std::array<Function, kSlots> functions_;
  std::uint32_t failed_in_a_row_ = 0;
  std::uint32_t pairings_ = 0;
  std::uint32_t resets_ = 0;
  std::uint32_t delivered_ = 0;
  std::uint32_t echoes_ = 0;
  std::int32_t own_ping_ = 0;
};

}  // namespace espial::sim::s0
