#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/static_vector.hpp"
#include "core/base/time.hpp"
#include "core/link/backoff.hpp"
#include "core/port/random.hpp"

namespace espial::link {

/// How long one channel is listened to after the CONNECT was sent. A gateway answers by itself
/// within a few milliseconds; the rest is for those who wait for a busy channel. The first round is
/// a quick one: most gateways are where somebody who asks in haste finds them.
inline constexpr Duration kFirstDwell = Duration::milliseconds(15);
inline constexpr Duration kDwell = Duration::milliseconds(40);
/// A channel where the CONNECT itself had to wait is full of others: a second of the wait adds this
/// many to the dwell. Answers come later there, and who searches must not fill it further.
inline constexpr std::int64_t kDwellOfWait = 4;
/// What a CONNECT takes on an idle channel.
inline constexpr Duration kUsualWait = Duration::milliseconds(2);
/// How long a CONNECT may wait for the medium before the dwell ends all the same.
inline constexpr Duration kProbeLimit = Duration::milliseconds(200);
/// Rounds over all channels before the search pauses for the first time; then after each round.
inline constexpr std::uint32_t kRoundsBeforePause = 3;
/// The pause between searches without answer, doubling up to its limit.
inline constexpr Duration kFirstPause = Duration::seconds(1);
inline constexpr Duration kMaxPause = Duration::seconds(60);
/// The limit for who has no battery to spare: it is back that soon when all of them were away.
inline constexpr Duration kMaxListenerPause = Duration::seconds(10);
/// How long a gateway that led to no session is passed over, doubling up to its limit.
inline constexpr Duration kFirstAvoidance = Duration::seconds(2);
inline constexpr Duration kMaxAvoidance = Duration::seconds(60);
/// Gateways ranked in one dwell; the weakest gives way to a better one.
inline constexpr std::size_t kMaxCandidates = 4;
/// Gateways avoided at a time; the one that would be free first gives way.
inline constexpr std::size_t kMaxAvoided = 8;
/// Places of one round: the last good channel twice, then 1, 6, 11, then the others. Without a last
/// good channel it is one less.
inline constexpr std::size_t kRoundLength = kChannelCount + 1;

/// A gateway that answered a CONNECT: a hint, whatever it says.
struct Candidate {
  /// Where to send: the gateway's softAP address.
  MacAddress address;
  Channel channel;
  /// The tag proves that the gateway has the network's discovery key, or the node has nothing to
  /// check it with.
  bool tag_right = false;
  /// SUCCESS: uplink and coordinator are there.
  bool success = false;
  /// The stronger knowledge of the two: as the gateway heard us, else as we heard it; 0 unknown.
  std::int8_t rssi_dbm = 0;
  std::uint8_t load = 0;
  /// Receives 1470-byte bodies.
  bool long_bodies = false;
};

/// True when `a` is to be tried before `b`: right tag, SUCCESS, strength (an unknown one counts as
/// weak), then load.
bool better(const Candidate& a, const Candidate& b);

/// Finds gateways: asks on one channel after another and ranks who answers.
///
///     begin()         kProbe: tune to channel(), broadcast a CONNECT, then probe_sent()
///    -------> PROBING ------------------------------------------------> LISTENING
///                ^                                                          |
///                | next channel: nobody usable answered                     | kDwell
///                +----------------------------------------------------------+
///                |                                                          |
///                | pause over                                kCandidate: take best()
///             PAUSED <-- kRoundsBeforePause rounds without one              v
///                                                             DONE, until begin() or go_on()
///
/// It owns neither radio nor clock. Answers count only during a dwell (a neighbouring channel's may
/// be heard too); a FAILURE answer is counted and never taken, one with a wrong tag not before the
/// second round. An avoided gateway is taken only when its time is over.
class ChannelSearch {
 public:
  enum class Step : std::uint8_t {
    kNone,       ///< nothing to do before next_timer()
    kProbe,      ///< tune to channel(), broadcast CONNECT, call probe_sent() when it is out
    kCandidate,  ///< best() is worth a try
    kPaused,     ///< a pause begins: the radio may rest until next_timer()
  };

  struct Counters {
    std::uint32_t probes = 0;
    std::uint32_t answers = 0;            ///< taken into the ranking
    std::uint32_t failure_answers = 0;    ///< gateways that lead nowhere now
    std::uint32_t avoided_answers = 0;    ///< from gateways being avoided
    std::uint32_t untrusted_answers = 0;  ///< wrong tag while a right one may still be found
    std::uint32_t late_answers = 0;       ///< outside a dwell
    std::uint32_t candidates_dropped = 0;
    std::uint32_t pauses = 0;
  };

  explicit ChannelSearch(Duration max_pause = kMaxPause) : pause_(kFirstPause, max_pause) {}

  /// Begins a search. `last_good` comes first; channel 0 means there is none.
  void begin(Instant now, Channel last_good);
  /// Goes on behind the present channel, after a candidate that led to nothing.
  void go_on(Instant now);
  /// Stops: no timer, no steps.
  void stop();

  [[nodiscard]] Step on_timer(Instant now, Random& random);
  Instant next_timer() const { return timer_; }

  /// The CONNECT for channel() is out; the dwell begins.
  void probe_sent(Instant now);
  /// Somebody answered.
  void on_answer(Instant now, const Candidate& candidate);

  /// The answer taken last is good enough: the dwell is over.
  void settle(Instant now);

  /// The channel being asked.
  Channel channel() const { return channel_; }
  /// The best of the last dwell, removed from the ranking; nothing when none is left.
  std::optional<Candidate> take_best();
  /// `gateway` led to no session: pass it over for a while, each time twice as long.
  void avoid(Instant now, const MacAddress& gateway);
  /// `gateway` led to an authenticated downlink: its avoidance is forgotten, pauses start small.
  void succeeded(const MacAddress& gateway);

  bool listening() const { return state_ == State::kListening; }
  bool paused() const { return state_ == State::kPaused; }
  const Counters& counters() const { return counters_; }

 private:
  enum class State : std::uint8_t { kStopped, kProbing, kWaiting, kListening, kPaused };
  struct Avoided {
    MacAddress gateway;
    Instant until;
    Duration span;
  };

  void enter_channel(Instant now);
  Step end_dwell(Instant now, Random& random);
  Step next_channel(Instant now, Random& random);
  Avoided* find_avoided(const MacAddress& gateway);

  State state_ = State::kStopped;
  Instant timer_ = kNever;
  Channel channel_;
  std::array<Channel, kRoundLength> round_{};
  std::uint8_t round_length_ = 0;
  std::uint8_t position_ = 0;
  std::uint8_t rounds_ = 0;
  Backoff pause_;
  StaticVector<Candidate, kMaxCandidates> candidates_;
  StaticVector<Avoided, kMaxAvoided> avoided_;
  Counters counters_;
};

}  // namespace espial::link
