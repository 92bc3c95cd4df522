#include "core/gateway/frame_pool.hpp"

#include <algorithm>

namespace espial::gateway {

FramePool::FramePool(Span<DownFrame> frames, MutableByteView bytes)
    : frames_(frames), bytes_(bytes) {
  body_capacity_ =
      frames.empty() ? 0 : std::min<std::size_t>(bytes.size() / frames.size(), UINT16_MAX);
  for (std::size_t i = frames_.size(); i-- > 0;) {
    frames_[i] = DownFrame{};
    frames_[i].next = first_free_;
    first_free_ = static_cast<std::uint32_t>(i);
  }
  free_count_ = frames_.size();
}

std::uint32_t FramePool::take(ByteView body, bool urgent) {
  const std::size_t reserve = urgent ? 0 : frames_.size() / 4;
  if (free_count_ <= reserve || body.size() > body_capacity_) return kNone;
  const std::uint32_t index = first_free_;
  first_free_ = frames_[index].next;
  --free_count_;
  const std::uint32_t version = frames_[index].version;
  frames_[index] = DownFrame{};
  frames_[index].version = version;
  replace(index, body);
  return index;
}

void FramePool::give_back(std::uint32_t index) {
  ++frames_[index].version;
  frames_[index].next = first_free_;
  first_free_ = index;
  ++free_count_;
}

void FramePool::replace(std::uint32_t index, ByteView body) {
  ++frames_[index].version;
  frames_[index].size = static_cast<std::uint16_t>(body.size());
  frames_[index].sent_at = Instant{INT64_MIN};
  std::copy(body.begin(), body.end(), bytes_.data() + index * body_capacity_);
}

MutableByteView FramePool::body(std::uint32_t index) const {
  return {bytes_.data() + index * body_capacity_, frames_[index].size};
}

}  // namespace espial::gateway
