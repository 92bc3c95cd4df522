// The node's role without any optional part.

#include "tests/chips/footprint_node.hpp"

extern "C" void espial_footprint() { espial::footprint::run(espial::footprint::ports()); }
