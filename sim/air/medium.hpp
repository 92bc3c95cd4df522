#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/air/airtime.hpp"
#include "sim/air/carrier_sense.hpp"
#include "sim/air/decibel.hpp"
#include "sim/air/neighbours.hpp"

namespace espial::sim {

/// To whom a transmission is, where it is not to one radio.
inline constexpr RadioIndex kToNobody = 0xffff;
inline constexpr RadioIndex kToEverybody = 0xfffe;

/// One transmission: energy on a channel from begin() to end().
struct Signal {
  Channel channel;
  Rate rate = Rate::k1;
  int power_dbm = kDefaultTxPowerDbm;
  RadioIndex to = kToNobody;
  /// It is so clean that a radio one channel away can decode it.
  bool spills = false;
  /// How long others who decode it stay silent afterwards, for its acknowledgement.
  Duration reserves{};
};

/// How a transmission arrived at one radio that it was for.
struct Arrival {
  enum class How : std::uint8_t {
    kWhole,    ///< the receiver followed it from start to end
    kTooWeak,  ///< too weak to be noticed as a frame
    kMissed,   ///< the receiver was sending, off, or on another channel when it began
    kDrowned,  ///< too much else was on the air when it began, or something stronger came later
  };
  RadioIndex receiver = 0;
  Channel channel;  ///< the receiver's
  How how = How::kWhole;
  int dbm = 0;
  /// The most that was on the air beside it, for kWhole.
  Power disturbance = 0;
  /// Decoded though it was sent one channel away.
  bool spilled = false;
};

/// Who hears what: for each radio the sum of what is on the air at its place, whether its carrier
/// sense notices, and which frame its receiver follows.
///
/// A receiver locks onto a frame that begins while nothing else is there, or that is `capture_db`
/// stronger than everything else together. It lets go of a frame for a later one that is as much
/// stronger than all there is, the first one included. Interference is summed.
///
///     begin(a)  adds a's strength to the ear of every neighbour      noticed(): whose wait ends
///     end(a)    takes it away again                                  calmed(): whose wait goes on
///                                                                    arrivals(): how it arrived
///
/// Most ears are never asked. So begin() and end() write into a short log what has happened, and an
/// ear works it off when somebody wants to know: those that wait to send at once, the receivers of
/// a frame at its end, the others when they are next asked. The log goes back to the beginning of
/// the oldest signal that still matters, and what a receiver follows depends on nothing before
/// that: an ear that was not asked for longer starts from there. A frame costs those it concerns,
/// however many can hear it. For a broadcast the log is looked at once, for all ears together.
class Medium {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    Propagation propagation;
    CarrierSense carrier_sense;
    int capture_db = 10;
  };

  explicit Medium(const Settings& settings);

  void add(Instant now, RadioIndex index, const MacAddress& mac,
           const std::optional<Position>& position, Channel channel);
  void remove(Instant now, RadioIndex index);
  /// A radio that sends arrives there when its frame has ended; another loses the frame it was
  /// following.
  void move(Instant now, RadioIndex index, const Position& position);
  /// Also these lose the frame that `index` was following. What it sends goes on where it began.
  void tune(Instant now, RadioIndex index, Channel channel);
  void set_on(Instant now, RadioIndex index, bool on);

  /// `index` starts to send. It must not be sending.
  void begin(Instant now, RadioIndex index, const Signal& signal);
  /// What it was sending is over.
  void end(Instant now, RadioIndex index);
  /// It breaks off: nobody gets it.
  void abort(Instant now, RadioIndex index);

  bool sending(RadioIndex index) const { return ears_[index].sending; }
  /// Carrier sense says busy.
  bool senses(RadioIndex index) { return listen(index).sensed > 0; }
  /// Until when a frame that was heard asks for silence; what has passed may be left out.
  Instant reserved_until(RadioIndex index) { return listen(index).reserved_until; }
  void reserve(RadioIndex index, Instant until) { listen(index).reserved_until = until; }
  /// Whether `index` wants to be named in noticed() and calmed().
  void set_waiting(RadioIndex index, bool waiting);

  /// The waiting radios that sense what the last begin() began. Valid until the next begin().
  const std::vector<RadioIndex>& noticed() const { return noticed_; }
  /// The waiting radios that sense nothing any more since the last end() or abort().
  const std::vector<RadioIndex>& calmed() const { return calmed_; }
  /// How the signal of the last end() came to those it was for, where it came at all.
  const std::vector<Arrival>& arrivals() const { return arrivals_; }

 private:
  /// What one radio's antenna receives.
  struct Ear {
    Power power = 0;  ///< of everything that gets through the filter
    Power most_beside = 0;
    Instant attentive_since;
    Instant reserved_until;
    std::uint64_t attentive_in_step = 0;  ///< finer: signals begin at the same microsecond
    std::uint64_t next_step = 0;          ///< of the log: what comes before it is worked off
    std::uint16_t sensed = 0;
    RadioIndex locked_on = kToNobody;
    std::int8_t locked_dbm = 0;
    Channel channel;
    bool on = false;
    bool sending = false;
    bool waiting = false;
  };
  struct Sender {
    Signal signal;
    Instant began;
    std::uint64_t begun_in_step = 0;
    std::optional<Position> goes_to;
  };
  /// A signal begins or ends.
  struct Step {
    enum class What : std::uint8_t { kBegin, kEnd, kBreakOff };
    What what = What::kBegin;
    RadioIndex from = 0;
    Signal signal;
    Instant at;
    /// When nobody can be asked any more for what depends on this.
    Instant matters_until = kNever;
    std::uint64_t begun_in_step = 0;  ///< the signal
  };
  /// One signal at one ear.
  struct Reach {
    int dbm = kWeakestDbm;
    int channels_away = 0;
  };

  /// Another signal on the air while a broadcast was, as its channel gets it.
  struct Beside {
    const std::uint8_t* losses_db;  ///< on the way from there, by receiver
    int dbm;                        ///< before those
    Rate rate;
    bool decodable;
    bool begins;  ///< or ends
  };

  Ear& listen(RadioIndex index);
  void start_over(Ear& ear, RadioIndex index);
  void work_off(Ear& ear, const Step& step, const Reach& reach) const;
  void tell_waiting();
  Reach reach(const Signal& signal, int loss_db, const Ear& ear) const;
  void follow(Ear& ear, RadioIndex from, const Signal& signal, const Reach& reach) const;
  void arrive(RadioIndex from, RadioIndex receiver);
  void arrive_everywhere(RadioIndex from);
  std::uint64_t may_hear(const Signal& signal, std::size_t word) const;
  void arrive_broadcast(RadioIndex from, RadioIndex receiver);
  void look_beside(RadioIndex from);
  bool followed_to_end(RadioIndex receiver, int dbm, Power& most_beside) const;
  void note_tuning(RadioIndex index);
  void silence(Instant now, RadioIndex index, bool complete);
  void listen_anew(Instant now, RadioIndex index);
  void listen_everywhere();
  Step& step(std::uint64_t number) { return log_[number & (log_.size() - 1)]; }
  void add_step(const Step& step);
  void forget_steps(Instant now);

  Settings settings_;
  Neighbours neighbours_;
  std::array<std::array<std::uint8_t, kChannelCount + 1>, kChannelCount + 1> channel_loss_db_{};
  std::vector<Ear> ears_;
  std::vector<std::uint8_t> tuned_;  ///< by ear: its channel's number, 0 while it is off
  /// By channel: who listens there, a bit for each ear. A broadcast looks at its own channel only.
  std::array<std::vector<std::uint64_t>, kChannelCount + 1> listeners_;
  std::vector<Sender> senders_;
  std::vector<RadioIndex> sending_;  ///< who is
  std::vector<RadioIndex> waiting_;  ///< who wants to be named, in order; their ears are up to date
  std::vector<Step> log_;  ///< a ring: step n stands in place n modulo its size, a power of two
  std::uint64_t first_step_ = 0;
  std::uint64_t next_step_ = 0;
  std::uint64_t moved_in_step_ = 0;  ///< for who hears whom now: steps before it are of another map
  std::vector<Beside> on_before_;    ///< what was on the air as a broadcast began
  std::vector<Beside> meanwhile_;    ///< what began and ended since, in order
  std::vector<RadioIndex> noticed_;
  std::vector<RadioIndex> calmed_;
  std::vector<Arrival> arrivals_;
};

}  // namespace espial::sim
