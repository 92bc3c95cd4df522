#include "core/base/byte_writer.hpp"

#include <algorithm>

namespace espial {

ByteWriter& ByteWriter::varint(std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) u8(static_cast<std::uint8_t>(value | 0x80));
  return u8(static_cast<std::uint8_t>(value));
}

ByteWriter& ByteWriter::bytes(ByteView bytes) {
  if (!reserve(bytes.size())) return *this;
  std::copy(bytes.begin(), bytes.end(), out_.data() + used_);
  used_ += bytes.size();
  return *this;
}

ByteWriter& ByteWriter::number(std::uint64_t value, std::size_t size) {
  if (!reserve(size)) return *this;
  for (std::size_t i = 0; i < size; ++i) {
    out_[used_ + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  used_ += size;
  return *this;
}

bool ByteWriter::reserve(std::size_t size) {
  ok_ = ok_ && size <= out_.size() - used_;
  return ok_;
}

}  // namespace espial
