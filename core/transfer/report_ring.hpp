#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"

namespace espial::transfer {

/// What a report is held as. The first two are the streams of air.md section 6, each with a
/// sequence of its own.
enum class ReportClass : std::uint8_t {
  kReading = 0,  ///< QoS 1 readings
  kEvent = 1,    ///< QoS 1 events: button, presence
  kOnce = 2,     ///< QoS 0: no sequence, sent once
};
inline constexpr std::size_t kStreamCount = 2;

/// Sequences of one stream that may be unacknowledged on the air: what a PUBACK (floor and 32 bits)
/// can tell apart.
inline constexpr std::uint32_t kMaxInFlight = 33;

/// A stream whose sequences are nearly a lap, 65 536, ahead of what was last acknowledged passes
/// over so many: in the sixteen bits of a PUBLISH they would mean some that are stored.
inline constexpr std::uint32_t kNearlyALap = 0xf000;
inline constexpr std::uint32_t kPassedOver = 0x4000;

/// The longest report that a slot has an account of, whatever memory there is.
inline constexpr std::size_t kMaxReportSize = UINT16_MAX;

/// The account of one held report. Memory for a ring; its owner does not look inside.
struct ReportSlot {
  bool used = false;
  ReportClass report_class = ReportClass::kReading;
  std::uint8_t attempts = 0;
  bool waited = false;    ///< restored after it was sent, and not sent since
  bool restored = false;  ///< by restore(), over a sleep or a reset
  std::uint16_t size = 0;
  std::uint32_t sequence = 0;  ///< counts each class on its own
  std::uint32_t frame = 0;     ///< the last frame it travelled in; 0 = none yet
  Instant taken_at;
  Instant due_at;
};

/// What the ring is made of: one slot a report, and `bytes` split evenly among them: a slot takes
/// bytes.size() / slots.size(). One report at a time may be longer, up to `long_bytes`; none is
/// longer than kMaxReportSize.
struct ReportMemory {
  Span<ReportSlot> slots;
  MutableByteView bytes;
  MutableByteView long_bytes{};
};

/// Memory for `kSlots` reports of at most `kReportSize` bytes of readings each, of which one at a
/// time may have up to `kLongSize`.
template <std::size_t kSlots, std::size_t kReportSize, std::size_t kLongSize = 0>
struct ReportStorage {
  static_assert(kReportSize <= kMaxReportSize && kLongSize <= kMaxReportSize);
  std::array<ReportSlot, kSlots> slots{};
  std::array<std::uint8_t, kSlots * kReportSize> bytes{};
  std::array<std::uint8_t, kLongSize> long_bytes{};
  ReportMemory memory() { return {slots, bytes, long_bytes}; }
};

enum class AddStatus : std::uint8_t {
  kStored,          ///< a free slot took it
  kStoredForOther,  ///< a held report gave way
  kFull,            ///< nothing may give way to it: it was dropped
  kTooLong,         ///< longer than a slot, and than `long_bytes`: it was dropped
};

/// Holds reports until the coordinator says that they are stored.
///
/// A full ring drops by this rule, and counts:
///  1. the oldest kOnce gives way to anything;
///  2. else the oldest reading gives way to a reading or an event, never to a kOnce;
///  3. else (only events are held) the oldest event gives way to an event; anything else is
///  dropped.
///  4. A long report drops nothing for the place of the one that is held, or none would ever get
///  through: it is dropped itself.
/// What was dropped is given up: the stream's `held` passes it, so it blocks no acknowledgement.
class ReportRing {
 public:
  struct Counters {
    std::uint32_t acknowledged = 0;
    std::array<std::uint32_t, kStreamCount + 1> dropped{};  ///< by class
    std::uint32_t dropped_before = 0;  ///< by the rings before it, over sleep and resets
  };

  /// What a ring leaves to the one after a sleep or a reset, beside its reports: they are kept
  /// together or lost together.
  struct Streams {
    std::array<std::uint32_t, kStreamCount> next_sequence{};
    std::uint32_t dropped = 0;
    std::array<std::uint8_t, kStreamCount> floor_high{};  ///< bits 15-12 of what a PUBACK told last
  };
  /// One report as it is kept over a sleep or a reset.
  struct Kept {
    ReportClass report_class = ReportClass::kReading;
    bool sent = false;    ///< at least once: it may be acknowledged
    bool waited = false;  ///< it has waited for its acknowledgement after a sleep already
    std::uint32_t sequence = 0;
    Duration age;
    ByteView readings;  ///< valid until the ring changes
  };

  /// A report chosen for a frame.
  struct Chosen {
    std::size_t slot = 0;
    ReportClass report_class = ReportClass::kReading;
    std::uint32_t sequence = 0;
    /// `sequence` minus the oldest its class holds: always under kMaxInFlight.
    std::uint32_t held = 0;
    std::uint32_t age_ms = 0;
    ByteView readings;
  };

  explicit ReportRing(const ReportMemory& memory);

  AddStatus add(Instant now, ReportClass report_class, ByteView readings);

  /// The next report due at `now`: events before readings before kOnce, each in order. Reports that
  /// already travel in `frame` are passed over.
  [[nodiscard]] std::optional<Chosen> next_due(Instant now, std::uint32_t frame) const;
  /// `slot` is part of `frame`, which is about to be sent: a kOnce is freed, the others are due
  /// again after `repeat_after`.
  void sent(Instant now, std::size_t slot, std::uint32_t frame, Duration repeat_after);
  /// The radio got no acknowledgement for `frame`: what it held is due after `repeat_after`.
  /// @param refused  it did not even take the frame, before anything else was added: a kOnce of it
  ///                 is held again.
  void failed(Instant now, std::uint32_t frame, Duration repeat_after, bool refused);
  /// Everything held is due now: the node found its coordinator again.
  void resend_all(Instant now);
  /// The report in `slot` is due at `at`, whatever was said before.
  void postpone(std::size_t slot, Instant at) { memory_.slots[slot].due_at = at; }
  /// Nobody will ever take the report in `slot`: drops and counts it.
  void give_up(std::size_t slot);
  /// True while `slot` holds the report that it held when next_due() chose it.
  bool holds(const Chosen& chosen) const;
  /// The readings of the report in `slot`.
  ByteView readings(std::size_t slot) const;

  /// PUBACK: everything before `floor`, and floor + 1 + i for each bit i, is stored. `floor` is the
  /// low 16 bits of the sequence.
  /// @returns how many reports it freed.
  std::size_t acknowledge(ReportClass stream, std::uint16_t floor, std::uint32_t bitmap);

  Streams streams() const {
    return {{next_sequence_[0], next_sequence_[1]}, dropped(), floor_high_};
  }
  /// The report in slot `index` (0..capacity() - 1); nothing where it is free.
  std::optional<Kept> keep(Instant now, std::size_t index) const;
  /// Takes up the streams, then each report, of the ring before a sleep or a reset. Before any
  /// add(). A report that was sent gets `patience` for its acknowledgement, which may lag one wake;
  /// after the second sleep no more.
  void restore(const Streams& streams);
  /// @retval false  no slot is free, or there is no place for one so long: it is lost, and counted.
  bool restore(Instant now, const Kept& report, Duration patience);
  /// What was restored and is still held was taken `span` earlier than it seemed.
  void age_restored(Duration span);

  /// When next_due() has something; kNever when nothing is held.
  Instant next_due_at() const;
  /// How often the most repeated report now held was sent.
  std::uint8_t most_attempts() const;
  /// The attempts of a held report.
  std::uint8_t attempts(std::size_t slot) const { return memory_.slots[slot].attempts; }

  std::size_t held() const;
  std::size_t capacity() const { return memory_.slots.size(); }
  std::size_t max_report_size() const;
  bool empty() const { return held() == 0; }
  std::uint32_t dropped() const;
  const Counters& counters() const { return counters_; }

 private:
  bool is_long(const ReportSlot& slot) const { return slot.used && slot.size > report_size_; }
  bool long_held() const;
  std::size_t slot_index(const ReportSlot& slot) const {
    return static_cast<std::size_t>(&slot - memory_.slots.data());
  }
  std::uint8_t* place_of(const ReportSlot& slot) const;
  ReportSlot* free_slot() const;
  ReportSlot* oldest(ReportClass report_class) const;
  ReportSlot* make_room(ReportClass report_class);
  std::uint32_t oldest_held(ReportClass report_class) const;
  void fill(ReportSlot& slot, ReportClass report_class, Instant taken_at, ByteView readings);
  std::uint32_t take_sequence(ReportClass report_class);

  ReportMemory memory_;
  std::size_t report_size_;
  std::array<std::uint32_t, kStreamCount + 1> next_sequence_{};  ///< by class
  std::array<std::uint8_t, kStreamCount> floor_high_{};          ///< as in Streams
  Counters counters_;
};

}  // namespace espial::transfer
