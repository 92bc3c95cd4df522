#include "sim/network/numbered.hpp"

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/base/hash.hpp"
#include "core/wire/reading.hpp"

namespace espial::sim {
namespace {

constexpr std::size_t kValueSize = 14;
constexpr std::size_t kCheckedSize = 12;

/// Another board's report, or one of the other stream, does not pass for this one's.
std::uint16_t check_of(const MacAddress& mac, bool event, ByteView checked) {
  const std::uint64_t hash = fnv1a(checked, fnv1a(ByteView(mac.octets)) + (event ? 1 : 0));
  return static_cast<std::uint16_t>(hash ^ hash >> 16U ^ hash >> 32U);
}

}  // namespace

std::array<std::uint8_t, kNumberedSize> encode(const MacAddress& mac, const Numbered& numbered) {
  std::array<std::uint8_t, kValueSize> value{};
  const auto taken_ms = static_cast<std::uint64_t>(numbered.taken_at.ms);
  ByteWriter writer(value);
  writer.u16(numbered.life);
  writer.u32(numbered.index);
  writer.u32(static_cast<std::uint32_t>(taken_ms));
  writer.u16(static_cast<std::uint16_t>(taken_ms >> 32U));
  writer.u16(check_of(mac, numbered.event, ByteView(value).subview(0, kCheckedSize)));
  std::array<std::uint8_t, kNumberedSize> reading{};
  (void)wire::encode(wire::Reading{kNumberedSlot, kNumberedKind, value}, reading);
  return reading;
}

std::optional<Numbered> parse_numbered(const MacAddress& mac, bool event, ByteView readings) {
  const auto reading = wire::parse_reading(readings);
  if (!reading || reading->kind != kNumberedKind || reading->value.size() != kValueSize) {
    return std::nullopt;
  }
  ByteReader reader(reading->value);
  Numbered numbered;
  numbered.life = reader.u16();
  numbered.event = event;
  numbered.index = reader.u32();
  const std::uint64_t low = reader.u32();
  const std::uint64_t high = reader.u16();
  numbered.taken_at.ms = static_cast<std::int64_t>(high << 32U | low);
  if (reader.u16() != check_of(mac, event, reading->value.subview(0, kCheckedSize))) {
    return std::nullopt;
  }
  return numbered;
}

}  // namespace espial::sim
