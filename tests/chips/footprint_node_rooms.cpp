// The bare role with rooms: its slots bound to those of other nodes.

#include "core/node/rooms.hpp"
#include "tests/chips/footprint_node.hpp"

namespace espial::footprint {

node::RoomsEvents& rooms_events();

}  // namespace espial::footprint

extern "C" void espial_footprint() {
  using namespace espial;
  static std::array<node::Bond, node::kMaxBonds> bonds;
  static node::Rooms rooms(footprint::now(), ServerId{1}, footprint::mac(),
                           {footprint::crypto(), footprint::random(), footprint::settings(),
                            footprint::application(), footprint::rooms_events()},
                           bonds);
  static node::Part* const part = &rooms;
  (void)rooms.bind(footprint::now(), 1, 1);
  (void)rooms.press(footprint::now(), 1, footprint::bytes());
  node::Ports ports = footprint::ports();
  ports.parts = {&part, 1};
  footprint::run(ports);
}
