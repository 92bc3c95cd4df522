// The node's role: search, join and resume, ring, commands, and long packets put together.

#include "tests/chips/footprint_node.hpp"
#include "core/node/long_receiver.hpp"

extern "C" void espial_footprint() {
  using namespace espial;
  static std::array<std::uint8_t, footprint::kLongPacket> incoming;
  static node::LongReceiver long_receiver(incoming);
  static node::Part* const part = &long_receiver;
  node::Ports ports = footprint::ports();
  ports.parts = {&part, 1};
  footprint::run(ports);
}
