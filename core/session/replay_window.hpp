#pragma once

#include <array>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::session {

/// How many counters, the highest accepted one included, a receiver remembers.
inline constexpr std::uint64_t kReplayWindowSize = 1024;

/// Restores a 64-bit counter of which only the low 16 bits travelled: the value nearest `highest`
/// that has those bits. Two values equally near: the lower.
std::uint64_t restore_counter(std::uint64_t highest, std::uint16_t low_bits);

/// Remembers which counters of one direction were accepted: the highest and what is less
/// than kReplayWindowSize behind it.
class ReplayWindow {
 public:
  enum class Verdict : std::uint8_t {
    kAcceptable,  ///< new: accept() it once the frame has proved authentic
    kSeen,        ///< was accepted before
    kTooOld,      ///< kReplayWindowSize or more behind the highest
  };

  static constexpr std::size_t kStateSize = 8 + kReplayWindowSize / 8;

  /// What a frame with this counter would be; changes nothing.
  [[nodiscard]] Verdict check(std::uint64_t counter) const;

  /// Marks `counter` as accepted. One that is not acceptable changes nothing.
  void accept(std::uint64_t counter);

  /// Restores the counter of a frame from its 16 bits on the air.
  std::uint64_t restore(std::uint16_t low_bits) const {
    return restore_counter(highest(), low_bits);
  }

  /// The highest counter accepted; 0 before the first.
  std::uint64_t highest() const { return next_ == 0 ? 0 : next_ - 1; }
  bool empty() const { return next_ == 0; }

  /// Starts again as if every counter up to `highest` had been accepted: for a coordinator that
  /// knows only the highest counter it has committed.
  void restart_after(std::uint64_t highest);

  /// The window as kStateSize bytes: next counter (8), then the bitmap, bit (counter mod 1024).
  void save(ByteWriter& out) const;
  /// Reads kStateSize bytes; any make a valid window.
  void load(ByteReader& in);

  /// The window's newest end as kRecentSize bytes, for memory that is short: next counter (8), then
  /// a bitmap, bit i: next - 1 - i was accepted.
  static constexpr std::uint64_t kRecent = 64;
  static constexpr std::size_t kRecentSize = 8 + kRecent / 8;
  void save_recent(ByteWriter& out) const;
  /// Reads kRecentSize bytes. What is kRecent or more behind the highest counts as accepted.
  void load_recent(ByteReader& in);

 private:
  static constexpr std::size_t kWords = kReplayWindowSize / 32;

  bool bit(std::uint64_t counter) const;
  void set_bit(std::uint64_t counter, bool value);

  std::uint64_t next_ = 0;
  std::array<std::uint32_t, kWords> bits_{};
};

}  // namespace espial::session
