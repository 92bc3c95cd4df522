#include "sim/memory_retained.hpp"

#include <algorithm>

namespace espial::sim {

void MemoryRetained::read(std::size_t offset, MutableByteView out) const {
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.data());
}

void MemoryRetained::write(std::size_t offset, ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    if (until_reset_ > 0 && --until_reset_ == 0) {
      stopped_ = true;
      ++resets_;
    }
    if (stopped_) return;
    bytes_.at(offset++) = byte;
    written_at_ = now_;
  }
}

void MemoryRetained::release(std::optional<Duration> since_last_write) {
  since_last_write_ = since_last_write;
  stopped_ = false;
}

void MemoryRetained::lose_power(std::uint8_t fill) {
  std::fill(bytes_.begin(), bytes_.end(), fill);
  since_last_write_.reset();
}

}  // namespace espial::sim
