#pragma once

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/port/crypto.hpp"
#include "core/port/radio.hpp"
#include "core/port/random.hpp"
#include "core/port/retained_memory.hpp"
#include "core/port/settings.hpp"

/// What a footprint program asks of the board it is measured without.
namespace espial::footprint {

/// The board's ports, defined nowhere: the linker leaves them open, so that what is measured is the
/// role and the memory handed to it, and nothing else.
Radio& radio();
Crypto& crypto();
Random& random();
Settings& settings();
RetainedMemory& retained();

/// What the board is told by its radio, its clock and its program.
Instant now();
ReceivedFrame frame();
ByteView bytes();
MacAddress mac();

}  // namespace espial::footprint
