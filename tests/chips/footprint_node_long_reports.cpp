// The bare role that also sends reports longer than a frame.

#include "core/node/long_reports.hpp"
#include "tests/chips/footprint_node.hpp"

extern "C" void espial_footprint() {
  using namespace espial;
  static node::LongReports long_reports;
  static node::Part* const part = &long_reports;
  node::Ports ports = footprint::ports();
  ports.parts = {&part, 1};
  footprint::run(ports);
}
