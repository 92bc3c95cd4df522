// The gateway's role with the tables of an ESP32: 255 modules. Every door of it is called once, so
// that the linker keeps what a firmware keeps. Never run.

#include "core/gateway/gateway.hpp"
#include "tests/chips/footprint.hpp"

namespace espial::footprint {
namespace {

constexpr std::size_t kModules = 255;
/// Frames waiting for modules, of the first version's length.
constexpr std::size_t kDownFrames = 64;
/// While the uplink is down: about two hundred short reports.
constexpr std::size_t kHeldBytes = 16 * 1024;

struct Tables {
  std::array<gateway::Module, kModules> modules;
  std::array<gateway::DownFrame, kDownFrames> down_frames;
  std::array<std::uint8_t, kDownFrames * kMaxBodyV1> down_bytes;
  std::array<std::uint8_t, kHeldBytes> held_bytes;
  std::array<gateway::KeyedMac, kModules> keyed;

  gateway::Storage storage() { return {modules, down_frames, down_bytes, held_bytes, keyed}; }
};

}  // namespace

gateway::Uplink& uplink();
const gateway::Config& config();

extern "C" void espial_footprint() {
  static Tables tables;
  static gateway::Gateway gateway(config(), tables.storage(), {radio(), crypto(), uplink()});
  const ServerId server = config().networks[0].server;
  for (;;) {
    gateway.on_frame(now(), frame());
    gateway.on_sent(now(), true);
    gateway.on_timer(now());
    gateway.on_uplink_ready(now(), true);
    gateway.on_coordinator(now(), server, true);
    gateway.on_down(now(), server, mac(), DownClass::kCommand, bytes(), 1, 0);
    gateway.on_keyed(now(), server, bytes());
    gateway.on_device_set(now(), mac(), bytes());
    gateway.on_channel(now(), Channel{1});
    if (gateway.next_timer() == kNever) break;
  }
}

}  // namespace espial::footprint
