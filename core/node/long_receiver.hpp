#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/node/node_counters.hpp"
#include "core/transfer/reassembler.hpp"
#include "core/wire/packets.hpp"

namespace espial::node {

/// What the coordinator sends down that is longer than a frame. A node that is handed none
/// (Ports::long_receiver) takes none, and says so in its Hello.
///
/// Its functions are virtual so that firmware which makes none does not carry their code.
class LongReceiver {
 public:
  /// `incoming` takes what comes down: packets as long as the greatest power of two in it; empty
  /// is no receiving. It must outlive this.
  explicit LongReceiver(MutableByteView incoming);
  LongReceiver(const LongReceiver&) = delete;
  LongReceiver& operator=(const LongReceiver&) = delete;

  /// For the Hello: the longest packet it takes is 2^n bytes; 0 = none.
  virtual std::uint8_t receive_limit_log2() const;
  /// Whatever was under way belonged to another session.
  virtual void begin_session();

  /// Adds what it has to say to a frame.
  virtual void append_answer(Instant now, std::uint32_t frame, wire::PacketsBuilder& packets);
  /// Frame `frame` reached nobody.
  virtual void failed(Instant now, std::uint32_t frame);

  /// @returns the packet of which this part was the last, valid until the next call.
  virtual std::optional<wire::Packet> on_fragment(Instant now, Counters& counters,
                                                  const wire::Packet& packet);

  virtual void on_timer(Instant now, Counters& counters);
  /// When on_timer() wants to be called.
  virtual Instant next_timer() const;
  /// When there is something to append.
  virtual Instant send_at() const;
  /// A packet is under way and moves: a sleeper stays awake for the rest of it.
  virtual bool moves() const;

 private:
  transfer::LongBuffers buffer_;
  std::array<transfer::LongSlot, 1> slot_{};
  transfer::Reassembler reassembler_;
  transfer::Incoming incoming_;
  Instant answer_at_ = kNever;
  std::uint32_t answer_frame_ = 0;  ///< the last answer travelled in it
};

}  // namespace espial::node
