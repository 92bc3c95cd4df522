// The node's role: search, join and resume, ring, commands, and long packets put together.

#include "tests/chips/footprint_node.hpp"

extern "C" void espial_footprint() {
  using namespace espial;
  static std::array<std::uint8_t, footprint::kLongPacket> incoming;
  static node::LongReceiver long_receiver(incoming);
  node::Ports ports = footprint::ports();
  ports.long_receiver = &long_receiver;
  footprint::run(ports);
}
