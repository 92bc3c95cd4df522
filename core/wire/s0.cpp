#include "core/wire/s0.hpp"

#include <cstring>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::s0 {
namespace {

using wire::Refusal;

std::size_t size_of(MessageType type) {
  switch (type) {
    case MessageType::kPairing:
      return kPairingSize;
    case MessageType::kData:
    case MessageType::kSetPoints:
      return kValuesSize;
    case MessageType::kPing:
      return kPingSize;
    case MessageType::kReset:
      return kResetSize;
  }
  return 0;
}

Refusal check(ByteView body, MessageType type) {
  if (body.empty()) return Refusal::kTooShort;
  if (body[0] != static_cast<std::uint8_t>(type)) return Refusal::kNotOurs;
  if (body.size() < size_of(type)) return Refusal::kTooShort;
  return body.size() > size_of(type) ? Refusal::kBadLength : Refusal::kNone;
}

ByteWriter begin(MessageType type, MutableByteView out) {
  // A message is written whole or not at all.
  if (out.size() < size_of(type)) return ByteWriter(MutableByteView());
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(type));
  return writer;
}

/// A float's bits, whatever byte order the chip has.
std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  static_assert(sizeof bits == sizeof value);
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float float_of(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

std::optional<MessageType> peek_type(ByteView body) {
  if (body.empty() || body[0] > static_cast<std::uint8_t>(MessageType::kReset)) return std::nullopt;
  const auto type = static_cast<MessageType>(body[0]);
  if (body.size() != size_of(type)) return std::nullopt;
  return type;
}

wire::Parsed<Pairing> parse_pairing(ByteView body) {
  if (const auto refusal = check(body, MessageType::kPairing); refusal != Refusal::kNone) {
    return refusal;
  }
  ByteReader reader(body.subview(1));
  Pairing message;
  message.server = {reader.u8()};
  message.id = reader.u8();
  message.address = reader.mac();
  message.channel = {reader.u8()};
  for (Function& function : message.functions) function.id = reader.u8();
  for (Function& function : message.functions) function.type = reader.u8();
  for (Function& function : message.functions) function.control = reader.u8();
  if (message.server.value == 0) return Refusal::kBadValue;
  return message;
}

wire::Parsed<Values> parse_values(ByteView body) {
  const bool set_points =
      !body.empty() && body[0] == static_cast<std::uint8_t>(MessageType::kSetPoints);
  const auto type = set_points ? MessageType::kSetPoints : MessageType::kData;
  if (const auto refusal = check(body, type); refusal != Refusal::kNone) return refusal;
  ByteReader reader(body.subview(1));
  Values message;
  message.set_points = set_points;
  message.function = reader.u8();
  message.type = reader.u8();
  reader.copy(message.u);
  for (float& value : message.f) value = float_of(reader.u32());
  reader.copy(message.sensor);
  return message;
}

wire::Parsed<Ping> parse_ping(ByteView body) {
  if (const auto refusal = check(body, MessageType::kPing); refusal != Refusal::kNone) {
    return refusal;
  }
  return Ping{ByteReader(body.subview(4)).i32()};
}

wire::Parsed<Reset> parse_reset(ByteView body) {
  if (const auto refusal = check(body, MessageType::kReset); refusal != Refusal::kNone) {
    return refusal;
  }
  if (body[1] == 0) return Refusal::kBadValue;
  return Reset{ServerId{body[1]}};
}

std::size_t encode(const Pairing& message, MutableByteView out) {
  if (message.server.value == 0) return 0;
  ByteWriter writer = begin(MessageType::kPairing, out);
  writer.u8(message.server.value).u8(message.id).mac(message.address).u8(message.channel.number);
  for (const Function& function : message.functions) writer.u8(function.id);
  for (const Function& function : message.functions) writer.u8(function.type);
  for (const Function& function : message.functions) writer.u8(function.control);
  return writer.size();
}

std::size_t encode(const Values& message, MutableByteView out) {
  ByteWriter writer = begin(message.set_points ? MessageType::kSetPoints : MessageType::kData, out);
  writer.u8(message.function).u8(message.type).bytes(message.u);
  for (const float value : message.f) writer.u32(bits_of(value));
  return writer.bytes(message.sensor).size();
}

std::size_t encode(const Ping& message, MutableByteView out) {
  return begin(MessageType::kPing, out).u24(0).i32(message.number).size();
}

std::size_t encode(const Reset& message, MutableByteView out) {
  if (message.server.value == 0) return 0;
  return begin(MessageType::kReset, out).u8(message.server.value).size();
}

}  // namespace espial::s0
