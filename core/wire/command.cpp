#include "core/wire/command.hpp"

#include <array>

#include "core/wire/detail.hpp"

namespace espial::wire {
namespace {

constexpr std::uint8_t kCommandFlags = 2;  // as QoS 1
constexpr std::size_t kFixedSize = 8;      // identity and expiry

}  // namespace

Parsed<Command> parse_command(const Packet& packet) {
  const auto refusal = detail::check(packet, PacketType::kPublish, kCommandFlags, kFixedSize + 2,
                                     kFixedSize + kMaxReadingSize);
  if (refusal != Refusal::kNone) return refusal;
  ByteReader reader(packet.payload);
  Command command;
  command.id = reader.u32();
  command.expiry_s = reader.u32();
  const auto reading = parse_reading(reader.rest());
  if (!reading) return reading.refusal();
  command.reading = *reading;
  return command;
}

Parsed<CommandEnd> parse_command_end(const Packet& packet) {
  const auto refusal = detail::check(packet, PacketType::kPuback, 0, 5, 5);
  if (refusal != Refusal::kNone) return refusal;
  ByteReader reader(packet.payload);
  CommandEnd end;
  end.id = reader.u32();
  const std::uint8_t outcome = reader.u8();
  if (outcome > static_cast<std::uint8_t>(Outcome::kExpired)) return Refusal::kBadValue;
  end.outcome = static_cast<Outcome>(outcome);
  return end;
}

std::size_t encode(const Command& command, MutableByteView out) {
  std::array<std::uint8_t, kMaxReadingSize> reading{};
  const std::size_t reading_size = encode(command.reading, reading);
  if (reading_size == 0) return 0;
  return detail::begin_packet(PacketType::kPublish, kCommandFlags, kFixedSize + reading_size, out)
      .u32(command.id)
      .u32(command.expiry_s)
      .bytes({reading.data(), reading_size})
      .size();
}

std::size_t encode(const CommandEnd& end, MutableByteView out) {
  return detail::begin_packet(PacketType::kPuback, 0, 5, out)
      .u32(end.id)
      .u8(static_cast<std::uint8_t>(end.outcome))
      .size();
}

}  // namespace espial::wire
