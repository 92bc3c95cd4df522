// The bare role that also sends reports longer than a frame.

#include "tests/chips/footprint_node.hpp"

extern "C" void espial_footprint() {
  using namespace espial;
  static node::LongReports long_reports;
  node::Ports ports = footprint::ports();
  ports.long_reports = &long_reports;
  footprint::run(ports);
}
