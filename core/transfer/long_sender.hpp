#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/port/random.hpp"
#include "core/wire/fragment.hpp"
#include "core/wire/packets.hpp"

namespace espial::transfer {

/// Where the bytes of a long packet come from: it need not lie in memory.
class LongSource {
 public:
  virtual ~LongSource() = default;
  /// Fills `out` with the packet's bytes from `offset` on. They are the same at every call.
  virtual void read(std::uint32_t offset, MutableByteView out) = 0;
};

/// Parts in the air at most, and before the receiver was heard: it may refuse.
inline constexpr std::uint32_t kSendWindow = 16;
inline constexpr std::uint32_t kFirstSendWindow = 4;
/// How long the receiver's word is waited for, doubling with every silence up to the second.
inline constexpr Duration kPartTimeout = Duration::milliseconds(500);
inline constexpr Duration kMaxPartTimeout = Duration::seconds(8);
/// Silences in a row after which the packet is given up: 40 seconds.
inline constexpr std::uint8_t kPartTries = 8;
/// How long a sender that was refused as busy waits, and how often.
inline constexpr Duration kBusyPause = Duration::milliseconds(1500);
inline constexpr std::uint8_t kBusyTries = 40;
/// How often a receiver may forget what it had and the packet is begun again.
inline constexpr std::uint8_t kForgottenTries = 8;

/// How a long packet's way ended.
enum class LongEnd : std::uint8_t {
  kComplete,  ///< the receiver has all of it; whether it kept it is for others to say
  kTooLong,   ///< the receiver never takes as much
  kBusy,      ///< the receiver had no room all the time: try again later
  kGivenUp,   ///< the receiver fell silent, or forgot it again and again
};

/// The size of the parts that fill a frame with `room` bytes for inner packets.
constexpr std::uint16_t part_size(std::size_t room) {
  constexpr std::size_t kFields = 8;             // message, offset, total
  constexpr std::size_t kShort = 254 - kFields;  // the most that a short header takes
  if (room <= 2 + kFields) return 0;
  if (room <= 2 + kFields + kShort) return static_cast<std::uint16_t>(room - 2 - kFields);
  // Two bytes more of header are worth it only for more than two bytes more of part.
  if (room <= 4 + kFields + kShort) return kShort;
  return static_cast<std::uint16_t>(room - 4 - kFields);
}

/// Sends one packet in parts (`protocol/air.md` section 8) and sends again only what lacks.
///
///          begin()            FRAGACK receiving
///     IDLE -------> SENDING <-------------------+
///      ^             |   |  busy                |
///      |             |   +------> PAUSED -------+
///      +-------------+ complete, refused, given up, stop()
///
/// Of a window of parts each is unsent, in the air or received. A part in the air is sent again
/// when a part that was sent after it has arrived, when the radio says that its frame failed, or,
/// the first one only, after a silence: the answer to that one tells of all others.
///
/// The owner gives it room in frames by append(), and numbers the frames.
class LongSender {
 public:
  /// Begins with a packet of `total` bytes in parts of `unit`. `number` names it; should be newer
  /// than the last one's, and is replaced by one that is. What was under way is dropped.
  void begin(Instant now, std::uint16_t number, std::uint32_t total, std::uint16_t unit,
             std::uint32_t window = kSendWindow);
  /// Drops what is under way.
  void stop() { total_ = 0; }
  /// A new session: drops what is under way, and numbers count anew.
  void reset() { *this = {}; }

  bool active() const { return total_ != 0; }
  /// It is under way, and the receiver may answer any moment.
  bool expects_answer() const { return active() && silences_ == 0 && (heard_ || refusals_ == 0); }
  std::uint16_t unit() const { return unit_; }
  std::uint32_t total() const { return total_; }
  /// The part at offset 0 goes next, for the first time or again: the receiver is not known to have
  /// it, so what it says may still change, at the same length.
  bool begins() const { return active() && floor_ == 0 && frame_of(0) == 0; }

  /// Appends the next part that is due, if it fits: it travels in frame `frame`, which is not 0 and
  /// counts up.
  /// @returns its number; nothing when none is due or it does not fit.
  std::optional<std::uint32_t> append(Instant now, Random& random, LongSource& source,
                                      std::uint32_t frame, wire::PacketsBuilder& packets);
  /// Frame `frame` did not reach anybody: its parts are due again.
  void failed(Instant now, std::uint32_t frame);
  /// Whatever is in the air is lost: the way has changed.
  void resend(Instant now);
  /// The receiver can't be heard now: waits on without counting a silence.
  void wait(Instant now) { retry_at_ = now + kMaxPartTimeout; }

  /// @returns how the packet ended, if it did. A FRAGACK of another packet changes nothing.
  [[nodiscard]] std::optional<LongEnd> on_fragack(Instant now, Random& random,
                                                  const wire::Fragack& said);
  [[nodiscard]] std::optional<LongEnd> on_timer(Instant now);

  /// When append() has something; kNever while it waits for the receiver.
  Instant send_at() const;
  /// When on_timer() wants to be called.
  Instant next_timer() const { return active() ? retry_at_ : kNever; }

 private:
  std::uint32_t window_end() const;
  bool arrived(std::uint32_t part) const;
  std::uint32_t& frame_of(std::uint32_t part) { return frames_[part % kSendWindow]; }
  std::uint32_t frame_of(std::uint32_t part) const { return frames_[part % kSendWindow]; }
  std::optional<std::uint32_t> next_part() const;
  std::optional<LongEnd> end(LongEnd how);
  std::optional<LongEnd> pause(Instant now, Random& random);
  std::optional<LongEnd> begin_again(std::uint32_t floor, std::uint32_t bitmap);
  void take(Instant now, Random& random, std::uint32_t floor, std::uint32_t bitmap);
  Duration timeout(Random& random) const;

  std::uint32_t total_ = 0;  ///< 0 = idle
  std::uint32_t parts_ = 0;
  std::uint32_t window_ = kSendWindow;
  std::uint32_t floor_ = 0;                          ///< every part before it has arrived
  std::uint32_t bitmap_ = 0;                         ///< bit i: part floor_ + 1 + i has arrived
  std::array<std::uint32_t, kSendWindow> frames_{};  ///< by part: its last frame, 0 = to be sent
  std::uint16_t message_ = 0;
  std::uint16_t unit_ = 0;
  bool numbered_ = false;  ///< message_ was used
  bool heard_ = false;     ///< the receiver is taking it
  std::uint8_t silences_ = 0;
  std::uint8_t refusals_ = 0;
  std::uint8_t forgotten_ = 0;
  Instant ready_at_;  ///< since when something may be due
  Instant retry_at_ = kNever;
};

}  // namespace espial::transfer
