#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/base/time.hpp"

namespace espial::node {

/// How wrong a chip's clock is while it sleeps, learned from the time of day. Awake a crystal
/// counts, right to some millionths; asleep an RC oscillator, which warmth and age move by
/// percents.
///
/// Only a *fresh* time teaches: one that can't have waited on its way, as that of a Welcome. What
/// else a sleeper hears may be a wake old.
///
///     retained
///      0     1 2        5 6            9
///     |drift  |asleep ms |corrected ms |      drift in hundred-thousandths, signed
class SleepClock {
 public:
  static constexpr std::size_t kRetainedSize = 10;
  /// Less sleep between two fresh times teaches nothing: the way of the answer would count.
  static constexpr Duration kLeastSleep = Duration::seconds(3600);
  /// After so much sleep a fresh time is due.
  static constexpr Duration kMostSleep = Duration::seconds(86'400);

  SleepClock() = default;
  /// As retain() wrote it.
  explicit SleepClock(ByteReader& in);
  void retain(ByteWriter& out) const;

  /// How long a sleep was that the chip measured so. Positive drift: it was longer.
  Duration corrected(Duration measured) const;
  /// The node slept so long, corrected.
  void on_slept(Duration span);
  /// The node's time of day is moved forward by `error`.
  void on_corrected(Duration error);
  /// A fresh time is `error` ahead of the node's, which is set to it.
  void on_fresh_time(Duration error);
  /// A fresh time that the node has nothing to compare with.
  void begin();
  bool fresh_time_due() const { return asleep_ms_ >= kMostSleep.ms(); }

 private:
  std::int16_t drift_ = 0;
  std::uint32_t asleep_ms_ = 0;    ///< since the fresh time before
  std::int32_t corrected_ms_ = 0;  ///< since then
};

}  // namespace espial::node
