#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::gateway {

/// A frame on its way to the uplink.
struct HeldFrame {
  /// The network to relay to; 0: it goes to /device/<mac>.
  ServerId server;
  MacAddress mac;
  std::optional<std::int8_t> rssi_dbm;
  Channel channel;
  Instant heard_at;
  ByteView body;
};

/// Frames of any length in one run of bytes, oldest first.
class HeldRing {
 public:
  /// What a frame takes beside its body.
  static constexpr std::size_t kOverhead = 20;

  explicit HeldRing(MutableByteView storage) : storage_(storage) {}

  /// Adds a frame (copied); the oldest make room.
  /// @returns how many were dropped for it. The frame itself counts when it is longer than the
  /// ring.
  std::uint32_t push(const HeldFrame& frame);

  /// The oldest frame; its body is copied to `body` (kMaxBodyV2 bytes). Nothing when empty.
  std::optional<HeldFrame> front(std::uint8_t* body) const;
  void pop();

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  std::size_t bytes_used() const { return used_; }
  std::size_t capacity_bytes() const { return storage_.size(); }

 private:
  void write(const std::uint8_t* data, std::size_t size);
  void read(std::size_t offset, std::uint8_t* out, std::size_t size) const;

  MutableByteView storage_;
  std::size_t begin_ = 0;
  std::size_t used_ = 0;
  std::size_t count_ = 0;
};

}  // namespace espial::gateway
