#include "sim/espnow_frame.hpp"

#include <array>

#include "core/base/byte_writer.hpp"
#include "core/port/radio.hpp"

namespace espial::sim {
namespace {

constexpr std::uint16_t kAction = 0x00d0;
constexpr std::uint16_t kAck = 0x00d4;
constexpr std::uint16_t kRetry = 0x0800;
constexpr std::uint8_t kVendorSpecific = 0x7f;
constexpr std::array<std::uint8_t, 3> kEspressif{0x18, 0xfe, 0x34};
constexpr std::uint8_t kElement = 0xdd;
constexpr std::uint8_t kEspNow = 0x04;
constexpr std::uint8_t kVersion1 = 0x01;
constexpr std::uint8_t kVersion2 = 0x02;
constexpr std::uint8_t kMoreFollows = 0x10;
/// OUI, type and version, which an element's length counts too.
constexpr std::size_t kElementHead = 5;

void write_elements(ByteWriter& out, ByteView body) {
  std::size_t offset = 0;
  do {
    const ByteView part = body.subview(offset, kMaxBodyV1);
    offset += part.size();
    std::uint8_t version = kVersion1;
    if (body.size() > kMaxBodyV1) {
      version = offset < body.size() ? kVersion2 | kMoreFollows : kVersion2;
    }
    out.u8(kElement).u8(static_cast<std::uint8_t>(kElementHead + part.size()));
    out.bytes(kEspressif).u8(kEspNow).u8(version).bytes(part);
  } while (offset < body.size());
}

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) * 0xedb88320U);
    table[i] = value;
  }
  return table;
}

}  // namespace

std::uint32_t fcs_of(ByteView frame) {
  static constexpr std::array<std::uint32_t, 256> kTable = crc_table();
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : frame) crc = (crc >> 8U) ^ kTable[(crc ^ byte) & 0xffU];
  return ~crc;
}

std::size_t write_mpdu(const Transmission& transmission, MutableByteView out) {
  ByteWriter writer(out);
  if (transmission.acknowledgement) {
    writer.u16(kAck).u16(0).mac(transmission.destination);
  } else {
    const bool broadcast = transmission.destination == kBroadcast;
    const Duration reserved = broadcast ? Duration{} : ack_time(transmission.rate);
    writer.u16(transmission.retry ? kAction | kRetry : kAction);
    writer.u16(static_cast<std::uint16_t>(reserved.us));
    writer.mac(transmission.destination).mac(transmission.source).mac(kBroadcast);
    writer.u16(static_cast<std::uint16_t>(transmission.sequence << 4U));
    writer.u8(kVendorSpecific).bytes(kEspressif).u32(transmission.random);
    write_elements(writer, transmission.body);
  }
  writer.u32(fcs_of(writer.written()));
  return writer.size();
}

}  // namespace espial::sim
