// The bare role that goes on after sleep and resets: a sleeper's.

#include "tests/chips/footprint_node.hpp"

extern "C" void espial_footprint() {
  using namespace espial;
  static node::Retention retention(footprint::retained());
  node::Ports ports = footprint::ports();
  ports.retention = &retention;
  footprint::run(ports);
}
