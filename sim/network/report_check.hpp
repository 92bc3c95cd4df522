#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "sim/network/watch.hpp"

namespace espial::sim {

/// Looks after every report from the ring to the store:
///  1. what is stored was submitted, byte for byte, by that board, in that place of its stream;
///  2. nothing is stored twice; of a board that the hub forgot, what was stored and is not settled
///     may be once more, for how far its streams had come is forgotten too; so may be what is
///     settled, should a torn record bring it back into the ring;
///  3. nothing leaves a ring as acknowledged that is not stored;
///  4. a stored report has the time at which it was taken;
///  5. a stream's progress, as it is stored with each report, counts nothing that is not stored and
///     that its board has not given up;
///  6. at the end nothing is missing: submitted = stored + held + dropped + gone with a ring.
class ReportCheck final : public Observer {
 public:
  struct Totals {
    std::uint64_t submitted = 0;
    std::uint64_t stored = 0;
    std::uint64_t settled = 0;
    std::uint64_t dropped = 0;         ///< by a full ring, and never stored
    std::uint64_t refused = 0;         ///< the ring never took it
    std::uint64_t gone_with_ring = 0;  ///< its board lost power first, and it is not stored
    std::uint64_t held = 0;            ///< still in a ring
    std::uint64_t stored_once = 0;     ///< at QoS 0; these count nowhere else
  };

  ReportCheck(Violations& violations, std::size_t boards)
      : violations_(violations), boards_(boards) {}

  /// Somebody may hold a frame back and send it later, when the receiver hears it for the first
  /// time: no seal can tell, so its readings seem younger than they are, by up to this; by any time
  /// when the board has lost them since and can't send them again.
  void expect_delays(Duration most) { most_delay_ = most; }
  /// Boards count their sleep by an oscillator that is off by up to so much, and so the ages of
  /// what they hold.
  void expect_sleep_drift(std::int32_t ppm) { sleep_drift_ppm_ = ppm; }
  /// To be called once the network has settled: point 6.
  void check_complete(Instant at);
  std::uint64_t stored_long() const { return stored_long_; }
  /// As things stand now.
  Totals totals() const;
  /// How long reports took from being taken to being durable, in milliseconds: `permille` of them
  /// no longer than that.
  std::int64_t delay_ms(std::uint32_t permille) const;
  /// Reports that were durable at most `limit` after they were taken. All others that were
  /// submitted came later or not at all: held, dropped, or gone with a ring.
  std::uint64_t stored_within(Duration limit) const;

  void on_power(Instant at, std::uint32_t board, bool on) override;
  void on_submitted(Instant at, std::uint32_t board, const Numbered& report) override;
  void on_dropped(Instant at, std::uint32_t board, const Numbered& report) override;
  void on_time_lost(Instant at, std::uint32_t board, const Numbered& report,
                    bool entirely) override;
  void on_settled(Instant at, std::uint32_t board, const Numbered& report) override;
  void on_stored(Instant at, const StoredReport& report) override;
  void on_forgotten(Instant at, std::uint32_t board) override;
  /// Reports that were stored once more because their board was forgotten in between.
  std::uint64_t stored_again() const { return stored_again_; }

 private:
  enum : std::uint8_t {
    kStored = 1,
    kSettled = 2,
    kDropped = 4,
    kGone = 8,
    kTimeVague = 16,
    kTimeLost = 32,
    kForgotten = 64,         ///< its board was forgotten: it may be stored once more
    kForgottenSettled = 128  ///< the same, should a torn record bring it back
  };
  /// One stream of one life: what has become of each report, by index.
  struct Stream {
    std::vector<std::uint8_t> fates;
    std::uint32_t floor = 0;  ///< of the progress stored last
    /// What an index has more than the sequence of its report, modulo 2^32. The hub hears sixteen
    /// bits of a sequence, and after nearly a lap the node has passed over some.
    std::uint32_t more = 0;
  };
  struct Board {
    std::vector<std::array<Stream, 2>> lives;  ///< from life 1 on
    std::set<std::int64_t> once_taken_ms;      ///< of the reports at QoS 0 that were stored
  };

  void follow(const StoredReport& report, Stream& stream);
  void check_progress(Instant at, std::uint32_t board, const StoredReport& report);
  void on_stored_once(Instant at, std::uint32_t board, const StoredReport& report);
  static constexpr std::uint8_t kAboutTime = kTimeVague | kTimeLost;

  std::uint8_t* fate_of(std::uint32_t board, const Numbered& report);

  Violations& violations_;
  std::vector<Board> boards_;
  std::uint64_t submitted_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t replaced_ = 0;
  std::uint64_t stored_long_ = 0;
  std::uint64_t stored_again_ = 0;
  Duration most_delay_;
  std::int32_t sleep_drift_ppm_ = 0;
  std::map<std::int64_t, std::uint64_t> delays_;  ///< how many took so long, coarser as it grows
};

}  // namespace espial::sim
