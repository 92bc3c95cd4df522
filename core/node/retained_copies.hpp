#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/crc32.hpp"
#include "core/port/retained_memory.hpp"

namespace espial::node {

/// Keeps one record in a RetainedMemory, in each half of it in turn: whenever a reset comes, the
/// new record is there whole or the one before still is.
///
///     a half
///      0   3 4  5 6          7       8 ...
///     |crc  |size|generation |version|record, `size` bytes|
///     crc         CRC-32 over the record, then over bytes 4..7
///     generation  one more than in the other half, modulo 256: the newer of two whole ones counts
///     version     kVersion, the last byte written of a half, and the first: as kBeingWritten
class RetainedCopies {
 public:
  static constexpr std::size_t kOverhead = 8;
  static constexpr std::uint8_t kVersion = 2;
  static constexpr std::uint8_t kBeingWritten = 0xFF;

  /// `memory` may be null: nothing is kept then.
  explicit RetainedCopies(RetainedMemory* memory) : memory_(memory) {}

  /// The longest record; 0 without memory.
  std::size_t capacity() const;

  /// Looks for the newest whole record. Reads the memory twice; to be called once, at the start.
  /// @returns its size; 0 when there is none.
  std::size_t find();
  /// Whether a reset came while a newer record than the one found was being written: the memory's
  /// last write was not of what was found. Only with memory.
  bool found_older() const;
  /// Reads from the record that find() found.
  /// @retval false  it lies beyond its end.
  [[nodiscard]] bool read(std::size_t offset, MutableByteView out) const;

  /// Begins a new record. Until commit() the one before stays what find() finds.
  void begin();
  /// Appends to it.
  /// @retval false  there is no room for all of `bytes`, and none was written.
  [[nodiscard]] bool put(ByteView bytes);
  /// Room that is left in it.
  std::size_t room() const { return capacity() - size_; }
  /// Makes it the newest.
  void commit();

  /// Overwrites the older half: it holds keys of a session that is over.
  void erase_older();

 private:
  std::size_t half() const;
  void write_version(std::size_t copy, std::uint8_t version);
  std::size_t offset_of(std::size_t copy) const { return copy * half(); }
  /// The size of the whole record in a half; 0 when it is not whole.
  std::size_t check(std::size_t copy, std::uint8_t& generation) const;

  RetainedMemory* memory_;
  std::size_t newest_ = 0;  ///< which half
  std::uint8_t generation_ = 0;
  std::size_t found_size_ = 0;
  std::size_t size_ = 0;  ///< of the record being written
  Crc32 body_crc_;
};

}  // namespace espial::node
