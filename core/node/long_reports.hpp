#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/node/part.hpp"
#include "core/transfer/long_sender.hpp"
#include "core/transfer/report_ring.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/report.hpp"

namespace espial::node {

/// After its last part has arrived a report waits so long for its acknowledgement, and after it was
/// given up so long for the next attempt.
inline constexpr Duration kLongReportPause = Duration::seconds(20);

/// A node's reports that are longer than a frame, one at a time.
///
/// A report stays in the ring all the while, under its sequence, and leaves it like any other: when
/// its PUBACK comes. A report whose message was complete and that is not acknowledged is sent again
/// as a whole.
class LongReports final : public Part, private transfer::LongSource {
 public:
  LongReports() = default;
  LongReports(const LongReports&) = delete;
  LongReports& operator=(const LongReports&) = delete;

  void begin_session() override;
  bool sends_long_reports() const override { return true; }
  /// While one is under way others wait for it.
  void take(Instant now, const Around& around, const transfer::ReportRing::Chosen& chosen,
            const wire::Report& report) override;
  void append_last(Instant now, const Around& around, wire::PacketsBuilder& packets) override;
  void failed(Instant now, std::uint32_t frame) override;
  /// Takes FRAGACK.
  Taking on_packet(Instant now, const Around& around, wire::Packet& packet) override;
  void on_timer(Instant now, const Around& around) override;
  Instant next_timer() const override;
  Instant send_at() const override;
  bool moves() const override;

 private:
  void read(std::uint32_t offset, MutableByteView out) override;
  void begin(Instant now, const Around& around);
  void renew_head(Instant now, const Around& around);
  void end(Instant now, const Around& around, transfer::LongEnd how);

  transfer::LongSender sender_;
  transfer::ReportRing::Chosen report_;
  Instant taken_up_at_;  ///< when report_ was chosen, with its age
  std::array<std::uint8_t, wire::kMaxReportHead> head_{};
  std::size_t head_size_ = 0;
  ByteView readings_;
};

}  // namespace espial::node
