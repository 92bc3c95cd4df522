// Two ends of a room, bound or not, and frames of any bytes between them: as they come, or sealed
// by nobody. What the coordinator says is fed too.

#include <cstddef>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/node/room_end_test.hpp"

namespace espial::node {
namespace {

/// What is due at `from` reaches `to`, or is damaged on the way at byte `at`.
void exchange(Instant now, RoomEnd& from, RoomEnd& to, std::uint8_t at) {
  std::array<std::uint8_t, kMaxBodyV1> room{};
  if (from.rooms->frame_at() > now) return;
  const PartFrame frame = from.rooms->next_frame(now, room);
  Bytes body(frame.body.begin(), frame.body.end());
  if (at < body.size()) body[at] ^= 0x55U;
  ReceivedFrame heard;
  heard.source = from.mac;
  heard.body = view(body);
  (void)to.rooms->on_frame(now, heard);
}

}  // namespace
}  // namespace espial::node

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial;
  using namespace espial::node;
  ByteReader input({data, size});
  ScriptedCoordinator peer;
  CountingRandom random;
  RoomEnd button(peer.crypto, random, 1);
  RoomEnd lamp(peer.crypto, random, 2);
  Instant now{1'000'000};
  while (!input.empty() && input.ok()) {
    const std::uint8_t what = input.u8();
    RoomEnd& end = (what & 8U) != 0 ? lamp : button;
    RoomEnd& other = (what & 8U) != 0 ? button : lamp;
    const ByteView bytes = input.bytes(std::min<std::size_t>(input.u8(), input.left()));
    switch (what % 8) {
      case 0: {
        ReceivedFrame heard;
        heard.source = other.mac;
        heard.body = bytes;
        (void)end.rooms->on_frame(now, heard);
        break;
      }
      case 1:
        if (const auto packet = wire::parse_packet(bytes)) {
          wire::Packet taken = *packet;
          (void)end.rooms->on_packet(now, end.around(), taken);
        }
        break;
      case 2:
        exchange(now, end, other, bytes.empty() ? UINT8_MAX : bytes[0]);
        break;
      case 3:
        now = now + Duration::milliseconds(static_cast<std::int64_t>(bytes.size()) * 10);
        break;
      case 4:
        end.restart(now);
        break;
      case 5:
        (void)end.rooms->press(now, kButtonSlot, bytes);
        break;
      case 6:
        bytes.empty() ? end.rooms->unbind(now, kButtonSlot) : (void)end.asks(now);
        break;
      default:
        (void)end.rooms->bind(now, kButtonSlot, kLampKind);
    }
  }
  return 0;
}
