#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/node/node_counters.hpp"
#include "core/port/random.hpp"
#include "core/transfer/long_sender.hpp"
#include "core/transfer/report_ring.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/report.hpp"

namespace espial::node {

/// After its last part has arrived a report waits so long for its acknowledgement, and after it was
/// given up so long for the next attempt.
inline constexpr Duration kLongReportPause = Duration::seconds(20);

/// A node's reports that are longer than a frame, one at a time. A node that is handed none
/// (Ports::long_reports) makes none.
///
/// A report stays in the ring all the while, under its sequence, and leaves it like any other: when
/// its PUBACK comes. A report whose message was complete and that is not acknowledged is sent again
/// as a whole.
///
/// Its functions are virtual so that firmware which makes none does not carry their code.
class LongReports : private transfer::LongSource {
 public:
  LongReports() = default;
  LongReports(const LongReports&) = delete;
  LongReports& operator=(const LongReports&) = delete;

  /// What it works on: the node's own.
  struct Around {
    Random& random;
    transfer::ReportRing& ring;
    Counters& counters;
    /// Low 16 bits of the counter that the session's next frame takes.
    std::uint16_t number = 0;
    /// What an empty frame to this gateway holds.
    std::size_t frame_room = 0;
  };

  /// Whatever was under way belonged to another session.
  virtual void begin_session();

  /// Takes a report that is too long for a frame; while one is under way others wait for it.
  virtual void take(Instant now, const Around& around, const transfer::ReportRing::Chosen& chosen,
                    const wire::Report& report);
  /// Adds what parts fit a frame.
  virtual void append_parts(Instant now, const Around& around, std::uint32_t frame,
                            wire::PacketsBuilder& packets);
  /// Frame `frame` reached nobody.
  virtual void failed(Instant now, std::uint32_t frame);

  virtual void on_fragack(Instant now, const Around& around, const wire::Packet& packet);

  virtual void on_timer(Instant now, const Around& around);
  /// When on_timer() wants to be called.
  virtual Instant next_timer() const;
  /// When there is something to append.
  virtual Instant send_at() const;
  /// A report is under way and moves: a sleeper stays awake for the rest of it.
  virtual bool moves() const;

 private:
  void read(std::uint32_t offset, MutableByteView out) override;
  void begin(Instant now, const Around& around);
  void end(Instant now, const Around& around, transfer::LongEnd how);

  transfer::LongSender sender_;
  transfer::ReportRing::Chosen report_;
  std::array<std::uint8_t, wire::kMaxReportHead> head_{};
  std::size_t head_size_ = 0;
  ByteView readings_;
};

}  // namespace espial::node
