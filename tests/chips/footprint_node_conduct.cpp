// The bare role that takes configurations and keeps to a share of the air.

#include "tests/chips/footprint_node.hpp"

extern "C" void espial_footprint() {
  using namespace espial;
  static node::Conduct conduct;
  node::Ports ports = footprint::ports();
  ports.conduct = &conduct;
  footprint::run(ports);
}
