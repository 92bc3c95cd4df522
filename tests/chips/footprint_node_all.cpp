// The role with every part that there is: long packets both ways, sleep, configurations, rooms.

#include "core/node/conduct.hpp"
#include "core/node/long_receiver.hpp"
#include "core/node/long_reports.hpp"
#include "core/node/retention.hpp"
#include "core/node/rooms.hpp"
#include "tests/chips/footprint_node.hpp"

namespace espial::footprint {

node::RoomsEvents& rooms_events();

}  // namespace espial::footprint

extern "C" void espial_footprint() {
  using namespace espial;
  static std::array<std::uint8_t, footprint::kLongPacket> incoming;
  static node::LongReceiver long_receiver(incoming);
  static node::LongReports long_reports;
  static node::Retention retention(footprint::retained());
  static node::Conduct conduct;
  static std::array<node::Bond, node::kMaxBonds> bonds;
  static node::Rooms rooms(footprint::now(), ServerId{1}, footprint::mac(),
                           {footprint::crypto(), footprint::random(), footprint::settings(),
                            footprint::application(), footprint::rooms_events(), &conduct},
                           bonds);
  static const std::array<node::Part*, 3> parts{&long_receiver, &long_reports, &rooms};
  (void)rooms.bind(footprint::now(), 1, 1);
  (void)rooms.press(footprint::now(), 1, footprint::bytes());
  node::Ports ports = footprint::ports();
  ports.retention = &retention;
  ports.conduct = &conduct;
  ports.parts = {parts.data(), parts.size()};
  footprint::run(ports);
}
