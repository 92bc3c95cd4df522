#include "core/gateway/held_ring.hpp"

#include <algorithm>
#include <array>

#include "core/port/radio.hpp"

namespace espial::gateway {

namespace {

//   0    1 2       7 8       9    10      11     18 19
//  |size  |mac[6]   |server |rssi |has rssi·channel |heard_at[8] |  then the body
std::array<std::uint8_t, HeldRing::kOverhead> encode(const HeldFrame& frame) {
  std::array<std::uint8_t, HeldRing::kOverhead> head{};
  head[0] = static_cast<std::uint8_t>(frame.body.size());
  head[1] = static_cast<std::uint8_t>(frame.body.size() >> 8);
  std::copy(frame.mac.octets.begin(), frame.mac.octets.end(), head.begin() + 2);
  head[8] = frame.server.value;
  head[9] = static_cast<std::uint8_t>(frame.rssi_dbm.value_or(0));
  head[10] = frame.rssi_dbm ? 1 : 0;
  head[11] = frame.channel.number;
  const auto at = static_cast<std::uint64_t>(frame.heard_at.us);
  for (std::size_t i = 0; i < 8; ++i) head[12 + i] = static_cast<std::uint8_t>(at >> (8 * i));
  return head;
}

HeldFrame decode(const std::array<std::uint8_t, HeldRing::kOverhead>& head) {
  HeldFrame frame;
  std::copy(head.begin() + 2, head.begin() + 8, frame.mac.octets.begin());
  frame.server = ServerId{head[8]};
  if (head[10] != 0) frame.rssi_dbm = static_cast<std::int8_t>(head[9]);
  frame.channel = Channel{head[11]};
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < 8; ++i) at |= static_cast<std::uint64_t>(head[12 + i]) << (8 * i);
  frame.heard_at = Instant{static_cast<std::int64_t>(at)};
  return frame;
}

}  // namespace

std::uint32_t HeldRing::push(const HeldFrame& frame) {
  const std::size_t size = kOverhead + frame.body.size();
  if (size > storage_.size() || frame.body.size() > kMaxBodyV2) return 1;
  std::uint32_t dropped = 0;
  while (storage_.size() - used_ < size) {
    pop();
    ++dropped;
  }
  const auto head = encode(frame);
  write(head.data(), head.size());
  write(frame.body.data(), frame.body.size());
  ++count_;
  return dropped;
}

std::optional<HeldFrame> HeldRing::front(std::uint8_t* body) const {
  if (empty()) return std::nullopt;
  std::array<std::uint8_t, kOverhead> head{};
  read(0, head.data(), head.size());
  HeldFrame frame = decode(head);
  const std::size_t size = head[0] | static_cast<std::size_t>(head[1]) << 8;
  read(kOverhead, body, size);
  frame.body = {body, size};
  return frame;
}

void HeldRing::pop() {
  if (empty()) return;
  std::array<std::uint8_t, 2> size{};
  read(0, size.data(), size.size());
  const std::size_t total = kOverhead + (size[0] | static_cast<std::size_t>(size[1]) << 8);
  begin_ = (begin_ + total) % storage_.size();
  used_ -= total;
  --count_;
}

void HeldRing::write(const std::uint8_t* data, std::size_t size) {
  const std::size_t at = (begin_ + used_) % storage_.size();
  const std::size_t first = std::min(size, storage_.size() - at);
  std::copy(data, data + first, storage_.data() + at);
  std::copy(data + first, data + size, storage_.data());
  used_ += size;
}

void HeldRing::read(std::size_t offset, std::uint8_t* out, std::size_t size) const {
  const std::size_t at = (begin_ + offset) % storage_.size();
  const std::size_t first = std::min(size, storage_.size() - at);
  std::copy(storage_.data() + at, storage_.data() + at + first, out);
  std::copy(storage_.data(), storage_.data() + (size - first), out + first);
}

}  // namespace espial::gateway
