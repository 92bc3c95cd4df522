#include "sim/pcapng.hpp"

#include <array>

#include "core/base/byte_writer.hpp"
#include "sim/espnow_frame.hpp"

namespace espial::sim {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr std::uint32_t kByteOrder = 0x1a2b3c4d;
constexpr std::uint64_t kLengthNotSaid = UINT64_MAX;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
/// A block's type and its length, which stands at both ends.
constexpr std::uint32_t kBlockFrame = 12;

constexpr std::size_t kRadiotapSize = 22;
/// TSFT, flags, rate and channel.
constexpr std::uint32_t kRadiotapPresent = 0x0f;
constexpr std::uint8_t kFcsAtEnd = 0x10;
constexpr std::uint16_t kCck = 0x0020;
constexpr std::uint16_t kOfdm = 0x0040;
constexpr std::uint16_t kBand2Ghz = 0x0080;

constexpr std::uint16_t frequency_mhz(Channel channel) {
  return static_cast<std::uint16_t>(2407 + 5 * channel.number);
}

}  // namespace

PcapngWriter::PcapngWriter(ByteSink& sink, std::uint16_t link_type) : sink_(sink) {
  std::array<std::uint8_t, 48> head{};
  ByteWriter out(head);
  constexpr std::uint32_t kSectionSize = kBlockFrame + 16;
  out.u32(kSectionHeader).u32(kSectionSize);
  out.u32(kByteOrder).u16(1).u16(0).u64(kLengthNotSaid).u32(kSectionSize);
  constexpr std::uint32_t kInterfaceSize = kBlockFrame + 8;
  constexpr std::uint32_t kNoLimit = 0;
  out.u32(kInterfaceDescription).u32(kInterfaceSize);
  out.u16(link_type).u16(0).u32(kNoLimit).u32(kInterfaceSize);
  sink_.write(out.written());
}

void PcapngWriter::write(std::uint64_t at_us, ByteView packet) {
  constexpr std::array<std::uint8_t, 3> kPadding{};
  const auto length = static_cast<std::uint32_t>(packet.size());
  const std::uint32_t padding = (4 - length % 4) % 4;
  const std::uint32_t size = kBlockFrame + 20 + length + padding;
  std::array<std::uint8_t, 28> head{};
  ByteWriter out(head);
  out.u32(kEnhancedPacket).u32(size).u32(0);
  out.u32(static_cast<std::uint32_t>(at_us >> 32U)).u32(static_cast<std::uint32_t>(at_us));
  out.u32(length).u32(length);
  sink_.write(out.written());
  sink_.write(packet);
  std::array<std::uint8_t, 7> tail{};
  ByteWriter end(tail);
  end.bytes(ByteView(kPadding).subview(0, padding)).u32(size);
  sink_.write(end.written());
}

void AirCapture::on_transmission(const Transmission& transmission) {
  std::array<std::uint8_t, kRadiotapSize + kMaxMpdu> packet{};
  ByteWriter out(MutableByteView(packet).first(kRadiotapSize));
  const auto virtual_us = static_cast<std::uint64_t>(transmission.start.us);
  const std::uint16_t modulation = is_ofdm(transmission.rate) ? kOfdm : kCck;
  out.u8(0).u8(0).u16(kRadiotapSize).u32(kRadiotapPresent).u64(virtual_us);
  out.u8(kFcsAtEnd).u8(half_megabits(transmission.rate));
  out.u16(frequency_mhz(transmission.channel)).u16(kBand2Ghz | modulation);
  const std::size_t size =
      write_mpdu(transmission, {packet.data() + kRadiotapSize, packet.size() - kRadiotapSize});
  const auto start_us = static_cast<std::uint64_t>(start_.ms) * 1000;
  writer_.write(start_us + virtual_us, {packet.data(), kRadiotapSize + size});
}

}  // namespace espial::sim
