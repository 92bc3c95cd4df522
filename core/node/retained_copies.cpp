#include "core/node/retained_copies.hpp"

#include <algorithm>
#include <array>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::node {
namespace {

constexpr std::size_t kCheckSize = 4;
constexpr std::size_t kVersionAt = RetainedCopies::kOverhead - 1;

/// Bytes 4..7 of a half.
std::array<std::uint8_t, RetainedCopies::kOverhead - kCheckSize> head_of(std::size_t size,
                                                                         std::uint8_t generation) {
  return {static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8), generation,
          RetainedCopies::kVersion};
}

}  // namespace

std::size_t RetainedCopies::half() const {
  return memory_ == nullptr ? 0 : std::min<std::size_t>(memory_->size() / 2, UINT16_MAX);
}

std::size_t RetainedCopies::capacity() const { return half() > kOverhead ? half() - kOverhead : 0; }

std::size_t RetainedCopies::check(std::size_t copy, std::uint8_t& generation) const {
  std::array<std::uint8_t, kOverhead> head{};
  memory_->read(offset_of(copy), head);
  ByteReader reader(head);
  const std::uint32_t crc = reader.u32();
  const std::size_t size = reader.u16();
  generation = reader.u8();
  if (reader.u8() != kVersion || size > capacity()) return 0;
  Crc32 found;
  std::array<std::uint8_t, 32> chunk{};
  for (std::size_t done = 0; done < size;) {
    const MutableByteView part = MutableByteView(chunk).first(size - done);
    memory_->read(offset_of(copy) + kOverhead + done, part);
    found.add(part);
    done += part.size();
  }
  chunk.fill(0);  // keys went through it
  return found.add(head_of(size, generation)).value() == crc ? size : 0;
}

std::size_t RetainedCopies::find() {
  if (capacity() == 0) return 0;
  std::array<std::size_t, 2> sizes{};
  std::array<std::uint8_t, 2> generations{};
  for (std::size_t copy = 0; copy < 2; ++copy) sizes[copy] = check(copy, generations[copy]);
  const bool second_is_newer = static_cast<std::uint8_t>(generations[1] - generations[0]) < 128;
  newest_ = sizes[0] == 0 || (sizes[1] != 0 && second_is_newer) ? 1 : 0;
  generation_ = generations[newest_];
  found_size_ = sizes[newest_];
  // What memory without power falls into may look like a half that is being written.
  if (found_size_ == 0) write_version(newest_, 0);
  return found_size_;
}

bool RetainedCopies::found_older() const {
  std::array<std::uint8_t, 1> version{};
  memory_->read(offset_of(1 - newest_) + kVersionAt, version);
  return version[0] == kBeingWritten;
}

bool RetainedCopies::read(std::size_t offset, MutableByteView out) const {
  if (offset > found_size_ || out.size() > found_size_ - offset) return false;
  memory_->read(offset_of(newest_) + kOverhead + offset, out);
  return true;
}

void RetainedCopies::begin() {
  size_ = 0;
  body_crc_ = {};
  if (capacity() != 0) write_version(1 - newest_, kBeingWritten);
}

void RetainedCopies::write_version(std::size_t copy, std::uint8_t version) {
  memory_->write(offset_of(copy) + kVersionAt, ByteView(&version, 1));
}

bool RetainedCopies::put(ByteView bytes) {
  if (bytes.size() > room()) return false;
  memory_->write(offset_of(1 - newest_) + kOverhead + size_, bytes);
  body_crc_.add(bytes);
  size_ += bytes.size();
  return true;
}

void RetainedCopies::commit() {
  if (capacity() == 0) return;
  const auto head = head_of(size_, static_cast<std::uint8_t>(generation_ + 1));
  std::array<std::uint8_t, kOverhead> bytes{};
  ByteWriter(bytes).u32(Crc32(body_crc_).add(head).value()).bytes(head);
  memory_->write(offset_of(1 - newest_), bytes);
  newest_ = 1 - newest_;
  ++generation_;
  found_size_ = size_;
}

void RetainedCopies::erase_older() {
  constexpr std::array<std::uint8_t, 32> kZeros{};
  for (std::size_t done = 0; done < half();) {
    const ByteView part = ByteView(kZeros).subview(0, half() - done);
    memory_->write(offset_of(1 - newest_) + done, part);
    done += part.size();
  }
}

}  // namespace espial::node
