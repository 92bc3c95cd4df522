#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"
#include "core/wire/fragment.hpp"

namespace espial::transfer {

/// Parts from the first missing one on that are taken: what a FRAGACK can tell apart.
inline constexpr std::uint32_t kReceiveWindow = 1 + 32;
/// The shortest part beside the last: nobody floods a receiver with single bytes.
inline constexpr std::size_t kMinPart = 64;
/// New parts after which the sender is told, and how long after the last one it is told otherwise.
inline constexpr std::uint8_t kPartsPerFragack = 8;
inline constexpr Duration kFragackDelay = Duration::milliseconds(30);
/// A packet without a new part for so long is dropped.
inline constexpr Duration kPartsTimeout = Duration::seconds(20);
/// While others wait for a buffer, one that brought nothing new for so long gives way, and so does
/// one that brought fewer bytes a second, counted after so long.
inline constexpr Duration kStalled = Duration::seconds(3);
inline constexpr std::int64_t kFairRate_Bps = 500;
inline constexpr Duration kFairGrace = Duration::seconds(5);
/// How long the next buffer is kept for a sender that was refused, counted from its last try.
inline constexpr Duration kReservation = Duration::seconds(4);
/// How long after its last part a packet that ended is remembered.
inline constexpr Duration kRemembered = Duration::seconds(30);

/// What a receiver knows of one sender: it remembers how the sender's last packet ended, longer
/// than a buffer is held. It lies where its owner keeps what else it knows of that sender, and
/// does not move while it is in use.
struct Incoming {
  static constexpr std::uint16_t kNoSlot = UINT16_MAX;

  std::uint32_t sender = 0;  ///< the owner's name for it; not looked at
  bool known = false;        ///< the fields below say something
  wire::FragackCode code = wire::FragackCode::kReceiving;
  std::uint16_t message = 0;
  std::uint16_t unit = 0;
  std::uint16_t floor = 0;  ///< of a packet that is complete
  std::uint16_t slot = kNoSlot;
  Instant heard_at;
  Instant served_at{INT64_MIN};  ///< when it last got a buffer
};

/// A buffer's account. Memory for a reassembler; its owner does not look inside.
struct LongSlot {
  Incoming* from = nullptr;  ///< nullptr: free
  std::uint32_t total = 0;
  std::uint32_t floor = 0;
  std::uint32_t bitmap = 0;  ///< bit i: part floor + 1 + i is here
  std::uint32_t received = 0;
  std::uint8_t unsaid = 0;  ///< parts since the last FRAGACK
  Instant opened_at;        ///< when its part at offset 0 was heard; before that, any other
  Instant progress_at;
  Instant answer_at = kNever;
};

/// Where the bytes of arriving packets go: memory, or a file.
class LongStore {
 public:
  virtual ~LongStore() = default;
  /// The longest packet that each slot takes; 0 = none.
  virtual std::uint32_t capacity() const = 0;
  /// Puts bytes at their place in slot `slot`; never past capacity().
  /// @retval false  it can't be done; the packet is dropped.
  [[nodiscard]] virtual bool write(std::size_t slot, std::uint32_t offset, ByteView bytes) = 0;
};

/// Memory, split evenly among the slots.
class LongBuffers final : public LongStore {
 public:
  LongBuffers(MutableByteView bytes, std::size_t slots);
  std::uint32_t capacity() const override { return capacity_; }
  [[nodiscard]] bool write(std::size_t slot, std::uint32_t offset, ByteView bytes) override;
  /// The packet of `size` bytes in `slot`.
  ByteView packet(std::size_t slot, std::uint32_t size) const;

 private:
  MutableByteView bytes_;
  std::uint32_t capacity_;
};

/// What became of a part. All but the first two changed no packet, and are to be counted.
enum class PartVerdict : std::uint8_t {
  kTaken,
  kComplete,      ///< taken, and it was the last that lacked
  kRepeated,      ///< is here already, or its packet ended
  kOld,           ///< of a packet before the sender's present one
  kBeyondWindow,  ///< too far past the first missing part
  kNotSane,       ///< contradicts the parts before it, or is shorter than parts may be
  kNoUnit,        ///< the last part came first: nobody knows how long the others are
  kTooLong,       ///< refused: longer than a slot
  kBusy,          ///< refused: no slot for this sender now
  kNotWritten,    ///< refused as busy: the store could not take it
};

/// What a part led to.
struct Arrival {
  PartVerdict verdict = PartVerdict::kNotSane;
  /// The sender waits for a FRAGACK: tell it soon.
  bool answer = false;
  /// Another sender's packet, or an unfinished one of the same sender, had to go.
  bool dropped_other = false;
  /// With kComplete: the packet is in `slot` of the store until the next part comes, and its part
  /// at offset 0 was heard at `since`.
  std::size_t slot = 0;
  std::uint32_t size = 0;
  Instant since{};
};

/// Puts long packets together, of many senders, in few buffers (`protocol/air.md` section 8).
///
/// One packet a sender. When all slots are taken, a sender that stalls or crawls gives its own way
/// to one that waits; who is fast enough is never disturbed. Of those who wait, the next free slot
/// is kept for the one that had its last turn the longest ago.
///
///     part ──> old? ──> repeated? ──> fits a slot? ──> slot free, or one that gives way? ──> taken
class Reassembler {
 public:
  /// Without slots every packet is too long. `store` has slots.size() slots.
  Reassembler(Span<LongSlot> slots, LongStore& store);
  Reassembler(const Reassembler&) = delete;
  Reassembler& operator=(const Reassembler&) = delete;

  /// A part from `from`, heard at `heard_at` (its gateway may have held it).
  [[nodiscard]] Arrival on_fragment(Instant now, Instant heard_at, Incoming& from,
                                    const wire::Fragment& part);

  /// What the sender is to be told; only where `from.known`.
  wire::Fragack fragack(const Incoming& from) const;
  /// fragack() goes out: it need not be said again before something happens.
  void told(const Incoming& from);

  /// The session with `from` is over, or it is gone: its packets are forgotten.
  void forget(Incoming& from);

  /// A sender that should be told by now, each once; nullptr when there is none.
  Incoming* next_to_tell(Instant now);
  /// When the next one should be; kNever when no part waits to be told of.
  Instant next_to_tell_at() const;
  /// Drops a packet whose sender fell silent. @returns false when there is none left.
  bool drop_silent(Instant now);
  /// When one of the two above has something to do.
  Instant next_timer() const;

  std::size_t in_use() const;

 private:
  bool remembers(Instant now, const Incoming& from, const wire::Fragment& part) const;
  PartVerdict open(Instant now, Instant heard_at, Incoming& from, const wire::Fragment& part,
                   Arrival& arrival);
  PartVerdict take(Instant now, Instant heard_at, Incoming& from, const wire::Fragment& part,
                   Arrival& arrival);
  bool gives_way(Instant now, const LongSlot& slot) const;
  LongSlot* find_slot(Instant now, Incoming& from);
  void release(LongSlot& slot);
  std::uint16_t index_of(const LongSlot& slot) const;

  Span<LongSlot> slots_;
  LongStore& store_;
  Incoming* waiting_ = nullptr;  ///< the next slot is kept for it
  Instant waiting_until_;
};

}  // namespace espial::transfer
