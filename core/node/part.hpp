#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/time.hpp"
#include "core/node/node_counters.hpp"
#include "core/port/radio.hpp"
#include "core/port/random.hpp"
#include "core/transfer/report_ring.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/report.hpp"

namespace espial::node {

/// What parts work on: the node's own.
struct Around {
  Random& random;
  transfer::ReportRing& ring;
  Counters& counters;
  // While a frame is built:
  std::uint32_t frame = 0;  ///< its number
  /// Low 16 bits of the counter that the session's next frame takes.
  std::uint16_t number = 0;
  /// What an empty frame to this gateway holds.
  std::size_t frame_room = 0;
};

/// What an inner packet was to a part.
enum class Taking : std::uint8_t {
  kNotOurs,  ///< nothing
  kTaken,
  kWhole,  ///< the last part of a long packet, which now stands in its place
};

/// A frame of a part's own, to another node.
struct PartFrame {
  MacAddress destination;
  ByteView body;  ///< empty: there is nothing to send
};

/// Something that a node can do beside its role. It belongs to one node; firmware that hands none
/// over (Ports::parts) does not carry its code.
class Part {
 public:
  /// The session is a new one: whatever was under way belonged to another.
  virtual void begin_session() = 0;

  /// Adds what it has to say to a frame, before the node's reports and behind them.
  virtual void append_first(Instant, const Around&, wire::PacketsBuilder&) {}
  virtual void append_last(Instant, const Around&, wire::PacketsBuilder&) {}
  /// Frame `frame` reached nobody.
  virtual void failed(Instant now, std::uint32_t frame) = 0;
  /// An inner packet that is none of the role's own.
  virtual Taking on_packet(Instant now, const Around& around, wire::Packet& packet) = 0;

  /// For the Hello: the longest packet it takes is 2^n bytes; 0 = none.
  virtual std::uint8_t receive_limit_log2() const { return 0; }
  /// True for the part that sends reports which no frame holds.
  virtual bool sends_long_reports() const { return false; }
  /// Takes such a report.
  virtual void take(Instant, const Around&, const transfer::ReportRing::Chosen&,
                    const wire::Report&) {}

  virtual void on_timer(Instant now, const Around& around) = 0;
  /// When on_timer() wants to be called.
  virtual Instant next_timer() const = 0;
  /// When there is something to append.
  virtual Instant send_at() const = 0;
  /// Takes a frame that is not between node and coordinator. @returns true when it is this part's.
  virtual bool on_frame(Instant, const ReceivedFrame&) { return false; }
  /// When next_frame() has something to do.
  virtual Instant frame_at() const { return kNever; }
  /// Writes the next frame that is due to `room`; none where nothing is. Whether it arrives its
  /// answer tells.
  virtual PartFrame next_frame(Instant, MutableByteView) { return {}; }

  /// Something is under way and moves: a sleeper stays awake for the rest of it.
  virtual bool moves() const = 0;

 protected:
  ~Part() = default;
};

}  // namespace espial::node
