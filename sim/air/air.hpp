#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/hash.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/port/radio.hpp"
#include "sim/air/air_counters.hpp"
#include "sim/air/air_settings.hpp"
#include "sim/air/air_tap.hpp"
#include "sim/air/back_off.hpp"
#include "sim/air/event_queue.hpp"
#include "sim/air/foreign_traffic.hpp"
#include "sim/air/medium.hpp"
#include "sim/air/reception.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// A radio's handle. A removed one's means nobody, though its place is used again.
struct RadioId {
  std::uint32_t value = 0;
  friend bool operator==(RadioId a, RadioId b) { return a.value == b.value; }
  friend bool operator<(RadioId a, RadioId b) { return a.value < b.value; }
};

/// Where the air hands over what happens. Calls come from inside Air::advance() only, in the order
/// of time. A sink may call Air::transmit(), tune() and so on; what follows from it is reported by
/// the same advance() when its time has come, else by a later one.
class AirSink {
 public:
  virtual ~AirSink() = default;
  /// `receiver` hears the frame that has just ended: on_delivery() follows, after those of others,
  /// unless the frame gets lost on the way to the program. For a sink that wants to get ready;
  /// nothing may change here.
  virtual void on_delivery_near(RadioId receiver) { (void)receiver; }
  /// `receiver` has heard `frame`, complete with destination and strength. `frame.body` is valid
  /// during the call.
  virtual void on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) = 0;
  /// The frame that `sender` gave to transmit() is done: acknowledged by the receiving radio, or
  /// given up. A broadcast counts as acknowledged.
  virtual void on_sent(Instant at, RadioId sender, bool acknowledged) = 0;
};

/// What is special about one frame.
struct SendOptions {
  /// An adversary's: the frame seems to come from there. Acknowledgements still reach the sender.
  std::optional<MacAddress> forged_source;
  /// Sent from the softAP's address; ignored by a radio without.
  bool from_second_address = false;
};

/// The one model of the air: 13 channels on which frames are intervals of energy at places. It has
/// no clock: the caller says what time it is, so the same object serves the simulator's virtual
/// time and a server's real one.
///
///     air.tune(...), air.transmit(now, ...)      what radios do, at any time
///     sleep until air.next_event()               kNever: nothing is in the air
///     air.advance(now, sink)                     hands over everything due up to `now`
///
/// A server in real time: attach a client with add_radio(), call transmit() when its datagram
/// comes, keep one timer at next_event() (set again after every call), and in it call
/// advance(now()). A late call does no harm: events carry their own time and keep their order.
/// What a radio does while older events wait is taken as done after them.
///
///     transmit()           start             end     +SIFS             ACK's end
///        |-- DIFS, back-off --|-- airtime ------|       |-- the ACK --------|
///            frozen while the                   ^ delivered                 ^ on_sent(true)
///            radio senses others
///        no ACK heard: again with a doubled back-off, kMaxAttempts times, then on_sent(false)
///
/// Every frame begins with a back-off, also on an idle channel: the standard would let it go at
/// once, but programs here answer in the very same microsecond, which no two boards do.
///
/// What a radio hears is decided by Medium (who is on the air how strongly, and which frame a
/// receiver follows) and judge() (what of it can be decoded). This class is the MAC above them, and
/// the way between radio and program.
///
/// Everything is integer arithmetic on one seed: the same calls give the same events anywhere.
class Air {
 public:
  enum class SendResult : std::uint8_t {
    kOk,       ///< on_sent() will follow exactly once
    kBusy,     ///< this radio has a frame in flight
    kTooLong,  ///< longer than the radio's max_body_size
    kUnknown,  ///< no such radio
  };
  using Counters = AirCounters;

  explicit Air(const AirSettings& settings);

  /// @returns nothing when kMaxRadios are there, an address is in use, or a value is out of range.
  std::optional<RadioId> add_radio(Instant now, const RadioSettings& settings);
  /// Its frame in flight vanishes without on_sent().
  void remove_radio(Instant now, RadioId radio);
  /// Changes the channel from `now` on, of station and softAP alike. A frame being received is
  /// lost; one being sent ends where it began, and its acknowledgement is missed; one that waits is
  /// sent on the new channel.
  void tune(Instant now, RadioId radio, Channel channel);
  /// @returns channel 0 for an unknown radio.
  Channel channel(RadioId radio) const;
  void move(Instant now, RadioId radio, Position position);
  /// From the next frame on; at most kMaxTxPowerDbm.
  void set_tx_power(RadioId radio, int dbm);
  /// A radio that is off neither sends nor hears; it keeps its handle. The frame in flight
  /// vanishes.
  void set_powered(Instant now, RadioId radio, bool powered);
  /// Its station is in modem sleep: see AirSettings::asleep_permille.
  void set_station_asleep(RadioId radio, bool asleep);
  /// Makes the air kinder or less kind from now on. Only the chances are looked at.
  void set_quality(const AirSettings& settings);
  /// `tap` sees everything that is sent from now on; nullptr ends that.
  void set_tap(AirTap* tap) { tap_ = tap; }

  [[nodiscard]] SendResult transmit(Instant now, RadioId sender, const MacAddress& destination,
                                    ByteView body, const SendOptions& options = {});

  /// When advance() has something to do; kNever when nothing is in flight.
  Instant next_event() const { return events_.empty() ? kNever : events_.front().at; }
  /// Hands everything due up to and including `now` to `sink`.
  void advance(Instant now, AirSink& sink);

  const Counters& counters() const { return counters_; }

 private:
  /// A frame on its way through the MAC.
  struct Flight {
    enum class State : std::uint8_t { kNone, kWaiting, kOnAir, kAwaitingAck };
    State state = State::kNone;
    bool heard = false;  ///< reached its receiver: what comes after is a repeat
    int attempt = 0;
    std::uint16_t sequence = 0;
    std::uint32_t random = 0;
    Rate rate = Rate::k1;
    Instant given_at;
    MacAddress source;
    MacAddress destination;
    RadioIndex receiver = kToNobody;  ///< who heard `destination` when it was looked up last
    BackOff back_off;
    std::vector<std::uint8_t> body;
  };
  /// An acknowledgement that a radio owes or sends.
  struct Ack {
    RadioIndex to = 0;
    MacAddress address;
    Rate rate = Rate::k1;
  };
  /// What is asked of every radio that hears a broadcast comes first, within one cache line.
  struct alignas(64) Radio {
    std::uint32_t generation = 0;  ///< which radio of this place
    bool present = true;
    bool powered = true;
    bool station_asleep = false;
    bool sends_ack = false;  ///< what it has on the air is no frame of its own
    RadioSettings settings;
    bool wake_planned = false;
    Instant wake_at;
    std::uint16_t next_sequence = 0;
    /// Serials of the events that still count, by kind.
    std::array<std::uint32_t, 5> serials{};
    Flight flight;
    Ack ack;
  };
  /// A frame between radio and program.
  struct Heard {
    RadioId receiver;
    std::int8_t rssi_dbm = 0;
    Channel channel;
    bool repeat = false;
  };
  struct LateFrame {
    bool used = false;
    RadioId receiver;
    ReceivedFrame frame;
    std::vector<std::uint8_t> body;
  };

  // air.cpp: the radios
  RadioId id_of(std::size_t index) const;
  Radio* find(RadioId radio);
  const Radio* find(RadioId radio) const;
  void switch_off(Instant now, RadioIndex index);
  RadioIndex receiver_of(const Flight& flight) const;

  // air_mac.cpp: waiting, sending, acknowledging
  void plan(Instant at, AirEvent::Kind kind, RadioIndex index);
  void plan_wake(RadioIndex index);
  void settle();
  void contend(Instant now, RadioIndex index);
  void pause(Instant at, RadioIndex index);
  void resume(Instant now, RadioIndex index);
  void resume_calmed(Instant now);
  void on_wake(Instant at, RadioIndex index);
  void start_attempt(Instant at, RadioIndex index);
  void start_ack(Instant at, RadioIndex index);
  void emit(Instant at, RadioIndex index, const Signal& signal, std::size_t frame_bytes);
  void show_tap(Instant start, Instant end, RadioIndex index, const Signal& signal);
  void on_timeout(Instant at, RadioIndex index, AirSink& sink);
  void finish(Instant at, RadioIndex index, bool acknowledged, AirSink& sink);

  // air_receive.cpp: hearing, and the way to the program
  void on_end(Instant at, RadioIndex index, AirSink& sink);
  void end_ack(Instant at, RadioIndex index, AirSink& sink);
  void end_frame(Instant at, RadioIndex index, AirSink& sink);
  struct Interval {
    Instant exchange_start;  ///< of the frame; of the one before it for an acknowledgement
    Instant start;
    Instant end;
  };
  bool decodes(const Arrival& arrival, const Interval& when, Rate rate, std::size_t frame_bytes,
               std::int8_t& rssi_dbm);
  bool accepts(const Arrival& arrival, const Flight& flight);
  void owe_ack(Instant at, RadioIndex receiver, RadioIndex sender);
  void hand_over(Instant at, const Heard& heard, const ReceivedFrame& as_sent, AirSink& sink);
  void deliver(Instant at, RadioId receiver, const ReceivedFrame& frame, AirSink& sink);
  bool delay(Instant at, RadioId receiver, const ReceivedFrame& frame);
  void on_late(Instant at, std::size_t slot, AirSink& sink);

  AirSettings settings_;
  SplitMix random_;
  Medium medium_;
  ForeignAir foreign_;
  std::vector<Radio> radios_;  ///< room for all from the start: they stay where they are
  std::vector<RadioIndex> free_places_;
  std::unordered_map<MacAddress, RadioIndex, MacHash> owners_;  ///< which place hears an address
  EventQueue events_;
  std::vector<Heard> heard_;                ///< of the frame that has just ended
  std::vector<std::uint8_t> heard_body_;    ///< its bytes: a sink may reuse the sender's
  std::vector<std::uint8_t> changed_body_;  ///< with bits changed
  std::array<LateFrame, kMaxLate> late_;
  AirTap* tap_ = nullptr;
  Counters counters_;
};

}  // namespace espial::sim
