#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "sim/air/air_tap.hpp"
#include "sim/byte_sink.hpp"

namespace espial::sim {

/// A capture file in pcapng form, little-endian, with one interface and times in microseconds.
/// tshark, Wireshark and tcpdump read it.
///
///     section header block | interface description block | enhanced packet block ...
class PcapngWriter {
 public:
  /// Link type of packets that begin with a radiotap header.
  static constexpr std::uint16_t kRadiotap = 127;

  /// Writes the file's head at once. `sink` must outlive the writer.
  PcapngWriter(ByteSink& sink, std::uint16_t link_type);
  /// @param at_us  since 1970-01-01 UTC.
  void write(std::uint64_t at_us, ByteView packet);

 private:
  ByteSink& sink_;
};

/// An air's tap that writes down what is sent, acknowledgements included, as if a monitor stood
/// beside every radio at once:
///
///     radiotap, 22 bytes                                              then write_mpdu()'s frame
///      0  1  2    3 4       7 8      15 16    17   18     19 20    21
///     |00|00|22   00|0f 00 00 00|TSFT  |flags|rate|frequency|channel|
///     TSFT  virtual time in microseconds       flags  10: the FCS is at the end
///     rate  in steps of 500 kb/s               channel  2.4 GHz, CCK or OFDM
class AirCapture final : public AirTap {
 public:
  /// @param start  what the file says when virtual time is 0.
  AirCapture(ByteSink& sink, UnixTime start)
      : writer_(sink, PcapngWriter::kRadiotap), start_(start) {}

  void on_transmission(const Transmission& transmission) override;

 private:
  PcapngWriter writer_;
  UnixTime start_;
};

}  // namespace espial::sim
