#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/span.hpp"
#include "core/base/time.hpp"

namespace espial::gateway {

/// A frame on its way down; its bytes lie beside it in the pool.
struct DownFrame {
  std::uint32_t next = UINT32_MAX;  ///< in the list that holds it
  std::uint32_t version = 0;        ///< changes with the bytes, so that a late on_sent() is seen
  std::uint32_t command = 0;
  ServerId server;
  Instant expires_at = kNever;
  Instant sent_at{INT64_MIN};  ///< last time it was sent well
  std::uint16_t size = 0;
  bool wanted = false;  ///< to be sent in the present round
};

/// Frames of equal greatest length, taken from storage that the owner hands in.
class FramePool {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  FramePool(Span<DownFrame> frames, MutableByteView bytes);

  /// The longest body that fits a frame.
  std::size_t body_capacity() const { return body_capacity_; }
  /// Frames in use.
  std::size_t taken() const { return frames_.size() - free_count_; }

  /// Takes a frame with a copy of `body`, which must fit. A fourth of the pool is left to urgent
  /// frames, so that sleepers' queues can't silence the answers to searches.
  /// @returns kNone when there is none.
  std::uint32_t take(ByteView body, bool urgent);
  void give_back(std::uint32_t index);
  /// Other bytes for a frame that is taken.
  void replace(std::uint32_t index, ByteView body);

  DownFrame& operator[](std::uint32_t index) const { return frames_[index]; }
  MutableByteView body(std::uint32_t index) const;
  std::size_t free_count() const { return free_count_; }

 private:
  Span<DownFrame> frames_;
  MutableByteView bytes_;
  std::size_t body_capacity_;
  std::size_t free_count_ = 0;
  std::uint32_t first_free_ = kNone;
};

}  // namespace espial::gateway
