#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/port/radio.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// How long a frame with `body_size` bytes of ESP-NOW body is in the air at 1 Mb/s with the long
/// preamble, in microseconds, without the acknowledgement.
Duration airtime(std::size_t body_size);

/// SIFS and the acknowledgement of a unicast.
inline constexpr Duration kAckTime{10 + 192 + 14 * 8};
inline constexpr Duration kDifs{50};
inline constexpr Duration kSlotTime{20};
/// First contention window, in slots; each attempt doubles it, up to kMaxContentionSlots.
inline constexpr std::uint32_t kContentionSlots = 32;
inline constexpr std::uint32_t kMaxContentionSlots = 1024;
/// How often the MAC sends one unicast before it gives up.
inline constexpr int kMaxAttempts = 7;
/// The weakest signal a radio decodes, and the one from which on it decodes everything.
inline constexpr int kSensitivityDbm = -95;
inline constexpr int kClearDbm = -85;
/// Radios one air holds.
inline constexpr std::size_t kMaxRadios = 4096;

/// How unkind the air is. Chances are in permille and drawn from the seed.
struct AirSettings {
  std::uint64_t seed = 1;
  /// One transmission fails on the air. A unicast is then repeated by the MAC, a broadcast is gone.
  std::uint32_t loss_permille = 0;
  /// A frame that the receiving radio has acknowledged is lost before its program sees it.
  std::uint32_t drop_permille = 0;
  /// A frame reaches the program twice.
  std::uint32_t duplicate_permille = 0;
};

/// A place in centimetres.
struct Position {
  std::int32_t x_cm = 0;
  std::int32_t y_cm = 0;
};

struct RadioSettings {
  /// Frames are sent from this address, and those sent to it are heard.
  MacAddress address;
  /// A softAP's address: frames sent to it are heard too.
  std::optional<MacAddress> second_address;
  Channel channel{1};
  /// kMaxBodyV1 or kMaxBodyV2. A longer frame is not understood, though a radio acknowledges it.
  std::size_t max_body_size = kMaxBodyV1;
  /// Signal strength follows from the distance when both radios have a place; otherwise it is
  /// kDefaultRssiDbm.
  std::optional<Position> position;
};
inline constexpr std::int8_t kDefaultRssiDbm = -55;

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
  /// `receiver` has heard `frame`, complete with destination and strength. `frame.body` is valid
  /// during the call.
  virtual void on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) = 0;
  /// The frame that `sender` gave to transmit() is done: acknowledged by the receiving radio, or
  /// given up. A broadcast counts as acknowledged.
  virtual void on_sent(Instant at, RadioId sender, bool acknowledged) = 0;
};

/// The one model of the air: 13 channels, carrier sense, airtime, MAC acknowledgements and
/// retries, loss, duplicates, distance. It has no clock: the caller says what time it is, so the
/// same object serves the simulator's virtual time and a server's real one.
///
///     air.tune(...), air.transmit(now, ...)      what radios do, at any time
///     sleep until air.next_event()               kNever: nothing is in the air
///     air.advance(now, sink)                     hands over everything due up to `now`
///
/// A server in real time: attach a client with add_radio(), call transmit() when its datagram
/// comes, keep one timer at next_event() (set again after every call), and in it call
/// advance(now()). A late call does no harm: events carry their own time and keep their order.
///
///     transmit()        start                    end
///        |-- medium busy, DIFS, back-off --|-- airtime --|-- SIFS, ACK --|
///                                                        ^ heard by all that were tuned to the
///                                                          channel from start on
///        missing ACK: again with a doubled back-off, kMaxAttempts times, then on_sent(false)
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

  /// Counted since the start.
  struct Counters {
    std::uint64_t transmissions = 0;  ///< frames accepted by transmit()
    std::uint64_t attempts = 0;       ///< times a frame was in the air
    std::uint64_t deliveries = 0;     ///< frames handed to a program, duplicates included
    std::uint64_t duplicates = 0;
    std::uint64_t lost = 0;        ///< a receiver did not decode an attempt
    std::uint64_t dropped = 0;     ///< acknowledged, then lost before the program
    std::uint64_t too_long = 0;    ///< heard, but longer than the receiver understands
    std::uint64_t unanswered = 0;  ///< unicasts given up
    std::uint64_t refused = 0;     ///< transmit() answered something else than kOk
  };

  explicit Air(const AirSettings& settings);

  /// @returns nothing when kMaxRadios are there, an address is in use, or a value is out of range.
  std::optional<RadioId> add_radio(const RadioSettings& settings);
  /// Its frame in flight vanishes without on_sent().
  void remove_radio(RadioId radio);
  /// Changes the channel from `now` on. A frame in flight stays on the one it began on; its
  /// acknowledgement is missed.
  void tune(Instant now, RadioId radio, Channel channel);
  /// @returns channel 0 for an unknown radio.
  Channel channel(RadioId radio) const;
  void move(RadioId radio, Position position);
  /// A radio that is off neither sends nor hears; it keeps its handle. The frame in flight
  /// vanishes.
  void set_powered(Instant now, RadioId radio, bool powered);
  /// Makes the air kinder or less kind from now on; `settings.seed` is not looked at.
  void set_quality(const AirSettings& settings);

  /// @param forged_source  an adversary's: the frame seems to come from there. Acknowledgements of
  ///                       the air still reach the sender.
  [[nodiscard]] SendResult transmit(Instant now, RadioId sender, const MacAddress& destination,
                                    ByteView body,
                                    std::optional<MacAddress> forged_source = std::nullopt);

  /// When advance() has something to do; kNever when nothing is in flight.
  Instant next_event() const;
  /// Hands everything due up to and including `now` to `sink`.
  void advance(Instant now, AirSink& sink);

  const Counters& counters() const { return counters_; }

 private:
  struct Radio {
    RadioSettings settings;
    Instant tuned_at;
    bool powered = true;
    bool present = true;
    bool sending = false;
    bool heard = false;  ///< the frame in flight reached its receiver: repeats are duplicates
    int attempt = 0;
    std::uint32_t flight = 0;      ///< which frame in flight; a stale event names an older one
    std::uint32_t generation = 0;  ///< which radio of this place
    Channel flight_channel;
    Instant start;
    MacAddress source;
    MacAddress destination;
    std::vector<std::uint8_t> body;
  };
  struct Event {
    Instant at;
    std::uint64_t order = 0;
    std::uint32_t radio = 0;
    std::uint32_t flight = 0;
  };
  static bool later(const Event& a, const Event& b);

  RadioId id_of(std::size_t index) const;
  Radio* find(RadioId radio);
  const Radio* find(RadioId radio) const;
  void schedule(Instant now, std::uint32_t index);
  void finish_attempt(const Event& event, AirSink& sink);
  bool receive(const Event& event, std::uint32_t receiver, AirSink& sink);
  void deliver(const Event& event, std::uint32_t receiver, std::int8_t rssi_dbm, AirSink& sink);
  std::int8_t strength(const Radio& a, const Radio& b) const;
  bool decodes(std::int8_t rssi_dbm);

  AirSettings settings_;
  SplitMix random_;
  std::deque<Radio> radios_;  ///< stays in place when a sink adds one
  std::vector<std::uint32_t> free_places_;
  std::map<MacAddress, std::uint32_t> owners_;  ///< which place hears an address
  std::vector<Event> events_;                   ///< a heap, earliest first
  std::array<Instant, kChannelCount + 1> busy_until_{};
  std::uint64_t order_ = 0;
  Counters counters_;
};

}  // namespace espial::sim
