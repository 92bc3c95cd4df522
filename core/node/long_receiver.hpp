#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/node/part.hpp"
#include "core/transfer/reassembler.hpp"
#include "core/wire/packets.hpp"

namespace espial::node {

/// What the coordinator sends down that is longer than a frame. A node without it takes none, and
/// says so in its Hello.
class LongReceiver final : public Part {
 public:
  /// `incoming` takes what comes down: packets as long as the greatest power of two in it; empty
  /// is no receiving. It must outlive this.
  explicit LongReceiver(MutableByteView incoming);
  LongReceiver(const LongReceiver&) = delete;
  LongReceiver& operator=(const LongReceiver&) = delete;

  std::uint8_t receive_limit_log2() const override;
  void begin_session() override;
  void append_first(Instant now, const Around& around, wire::PacketsBuilder& packets) override;
  void failed(Instant now, std::uint32_t frame) override;
  /// Takes FRAGMENT. A whole packet is valid until the next one.
  Taking on_packet(Instant now, const Around& around, wire::Packet& packet) override;
  void on_timer(Instant now, const Around& around) override;
  Instant next_timer() const override;
  Instant send_at() const override;
  bool moves() const override;

 private:
  transfer::LongBuffers buffer_;
  std::array<transfer::LongSlot, 1> slot_{};
  transfer::Reassembler reassembler_;
  transfer::Incoming incoming_;
  Instant answer_at_ = kNever;
  std::uint32_t answer_frame_ = 0;  ///< the last answer travelled in it
};

}  // namespace espial::node
