#pragma once

#include <array>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::session {

/// How many sequences from the floor on a receiver keeps account of.
inline constexpr std::uint32_t kSequenceWindowSize = 128;

/// Restores a 32-bit sequence of which only the low 16 bits travelled: the value nearest
/// `reference` that has those bits. Used by both sides: reports against the receiver's floor,
/// PUBACK floors against the sender's oldest held sequence.
std::uint32_t restore_sequence(std::uint32_t reference, std::uint16_t low_bits);

/// What a PUBACK says of one stream.
struct Acknowledgement {
  /// Every sequence before it is stored or was given up by the node; itself it is not.
  std::uint32_t floor = 0;
  /// Bit i: floor + 1 + i is stored.
  std::uint32_t bitmap = 0;

  /// True when the sender may forget `sequence`.
  [[nodiscard]] bool covers(std::uint32_t sequence) const;

  friend bool operator==(const Acknowledgement& a, const Acknowledgement& b) {
    return a.floor == b.floor && a.bitmap == b.bitmap;
  }
};

/// The receiver's side of one stream of reports. A report is a duplicate as soon as it was
/// received, and acknowledged only once it is stored.
///
///                 receive()            stored()
///     unknown ---------------> received --------> stored: the acknowledgement covers it
///        ^                        |
///        +------- release() ------+   the store could not take it: the node's repeat is new again
///
/// The floor passes what is stored, and what the node no longer holds.
class SequenceWindow {
 public:
  enum class Arrival : std::uint8_t {
    kNew,        ///< hand it to the store
    kDuplicate,  ///< received or stored before, or given up by the node
    kTooFar,  ///< beyond the window: not received; the node will repeat it when the floor has moved
  };

  static constexpr std::size_t kStateSize = 4 + kSequenceWindowSize / 8;

  /// Takes note of a report. `oldest_held` is the oldest sequence the node still holds, at most
  /// `sequence`; the floor never stays behind it.
  Arrival receive(std::uint32_t sequence, std::uint32_t oldest_held);

  /// The store has committed the report. A sequence before the floor or never received is ignored.
  void stored(std::uint32_t sequence);

  /// The store could not take a received report: forget that it came.
  void release(std::uint32_t sequence);

  [[nodiscard]] Acknowledgement acknowledgement() const;

  std::uint32_t floor() const { return floor_; }
  /// Restores the sequence of a report from its 16 bits on the air.
  std::uint32_t restore(std::uint16_t low_bits) const { return restore_sequence(floor_, low_bits); }

  /// What is stored, as kStateSize bytes: floor (4), then a bitmap from the floor on. What was only
  /// received is not kept: it was lost with the process that held it.
  void save(ByteWriter& out) const;
  /// Reads kStateSize bytes; any make a valid window.
  void load(ByteReader& in);

 private:
  static constexpr std::size_t kWords = kSequenceWindowSize / 32;
  using Bitmap = std::array<std::uint32_t, kWords>;

  void advance_to(std::uint32_t floor);
  void pass_stored();

  std::uint32_t floor_ = 0;
  Bitmap received_{};  ///< bit i: floor_ + i
  Bitmap stored_{};    ///< bit i: floor_ + i; a subset of received_
};

}  // namespace espial::session
