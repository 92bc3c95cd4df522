#include "core/wire/reading.hpp"

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::wire {
namespace {

constexpr std::uint8_t kLongForm = 15;

}  // namespace

Parsed<Reading> parse_first_reading(ByteView bytes, std::size_t& size) {
  size = 0;
  ByteReader reader(bytes);
  const std::uint8_t first = reader.u8();
  std::size_t length = first & 0x0fu;
  const bool long_form = length == kLongForm;
  if (long_form) length = reader.u8();
  Reading reading;
  reading.slot = first >> 4;
  reading.kind = reader.u8();
  if (!reader.ok()) return Refusal::kTooShort;
  if (long_form && length < kLongForm) return Refusal::kNotCanonical;
  if (length > kMaxValueSize) return Refusal::kBadLength;
  reading.value = reader.bytes(length);
  if (!reader.ok()) return Refusal::kTooShort;
  if (!valid_slot(reading.slot) || !valid_kind(reading.kind)) return Refusal::kBadValue;
  size = reading_size(length);
  return reading;
}

Parsed<Reading> parse_reading(ByteView bytes) {
  std::size_t size = 0;
  const auto reading = parse_first_reading(bytes, size);
  if (reading && size != bytes.size()) return Refusal::kBadLength;
  return reading;
}

std::size_t encode(const Reading& reading, MutableByteView out) {
  const std::size_t length = reading.value.size();
  if (!valid_slot(reading.slot) || !valid_kind(reading.kind) || length > kMaxValueSize) return 0;
  const bool long_form = length >= kLongForm;
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>((reading.slot << 4) | (long_form ? kLongForm : length)));
  if (long_form) writer.u8(static_cast<std::uint8_t>(length));
  return writer.u8(reading.kind).bytes(reading.value).size();
}

Parsed<Readings> parse_readings(ByteView bytes) {
  if (bytes.empty()) return Refusal::kTooShort;
  ByteView rest = bytes;
  while (!rest.empty()) {
    std::size_t size = 0;
    const auto reading = parse_first_reading(rest, size);
    if (!reading) return reading.refusal();
    rest = rest.subview(size);
  }
  return Readings(bytes);
}

}  // namespace espial::wire
