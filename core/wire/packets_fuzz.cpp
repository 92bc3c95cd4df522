#include "core/wire/packets.hpp"

#include "core/wire/round_trip_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const espial::ByteView bytes(data, size);
  const auto packets = parse_packets(bytes);
  std::size_t walked = 0;
  for (const Packet& packet : *packets) walked += packet.whole.size();
  require(walked == (packets ? size : 0));
  const auto packet = parse_packet(bytes);
  require(packet || !parse_long_packet(bytes));
  if (!packet) return 0;
  require(packet->whole.size() == size);
  std::array<std::uint8_t, kMaxHeaderSize> header{};
  const auto header_size =
      encode_header(packet->type, packet->flags, packet->payload.size(), header);
  require(espial::equal({header.data(), header_size}, bytes.subview(0, header_size)));
  return 0;
}
