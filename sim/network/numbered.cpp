#include "sim/network/numbered.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/base/hash.hpp"
#include "core/wire/reading.hpp"

namespace espial::sim {
namespace {

constexpr std::size_t kValueSize = 15;
constexpr std::size_t kCheckedSize = 13;

/// Another board's report, or one of the other stream, does not pass for this one's.
std::uint16_t check_of(const MacAddress& mac, bool event, ByteView checked) {
  const std::uint64_t hash = fnv1a(checked, fnv1a(ByteView(mac.octets)) + (event ? 1 : 0));
  return static_cast<std::uint16_t>(hash ^ hash >> 16U ^ hash >> 32U);
}

/// What the padding numbered `place` of a report says: all its own.
std::array<std::uint8_t, kPaddingSize> padding_of(std::uint16_t check, std::uint8_t place) {
  std::array<std::uint8_t, kPaddingSize> value{};
  for (std::size_t i = 0; i < value.size(); ++i) {
    value[i] = static_cast<std::uint8_t>(check + i * (place + 3U) + (check >> 8U) * i);
  }
  return value;
}

void append(std::vector<std::uint8_t>& report, const wire::Reading& reading) {
  std::array<std::uint8_t, wire::kMaxReadingSize> bytes{};
  const std::size_t size = wire::encode(reading, bytes);
  report.insert(report.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
}

/// Everything behind the number itself is as it was written.
bool padding_is_whole(std::uint16_t check, std::uint8_t padding, ByteView rest) {
  for (std::uint8_t place = 0; place < padding; ++place) {
    std::size_t size = 0;
    const auto reading = wire::parse_first_reading(rest, size);
    if (!reading || reading->kind != kPaddingKind) return false;
    const auto expected = padding_of(check, place);
    if (reading->value.size() != expected.size()) return false;
    if (!std::equal(expected.begin(), expected.end(), reading->value.begin())) return false;
    rest = rest.subview(size);
  }
  return rest.empty();
}

}  // namespace

std::vector<std::uint8_t> encode(const MacAddress& mac, const Numbered& numbered) {
  std::array<std::uint8_t, kValueSize> value{};
  const auto taken_ms = static_cast<std::uint64_t>(numbered.taken_at.ms);
  ByteWriter writer(value);
  writer.u16(numbered.life);
  writer.u32(numbered.index);
  writer.u32(static_cast<std::uint32_t>(taken_ms));
  writer.u16(static_cast<std::uint16_t>(taken_ms >> 32U));
  writer.u8(numbered.padding);
  const std::uint16_t check =
      check_of(mac, numbered.event, ByteView(value).subview(0, kCheckedSize));
  writer.u16(check);
  std::vector<std::uint8_t> report;
  append(report, {kNumberedSlot, kNumberedKind, value});
  for (std::uint8_t place = 0; place < numbered.padding; ++place) {
    append(report, {kNumberedSlot, kPaddingKind, padding_of(check, place)});
  }
  return report;
}

std::optional<Numbered> parse_numbered(const MacAddress& mac, bool event, ByteView readings) {
  std::size_t size = 0;
  const auto reading = wire::parse_first_reading(readings, size);
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
  numbered.padding = reader.u8();
  const std::uint16_t check = check_of(mac, event, reading->value.subview(0, kCheckedSize));
  if (reader.u16() != check) return std::nullopt;
  if (!padding_is_whole(check, numbered.padding, readings.subview(size))) return std::nullopt;
  return numbered;
}

}  // namespace espial::sim
