#include "core/wire/session_packets.hpp"

#include "core/wire/round_trip_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const espial::ByteView bytes(data, size);
  try_inner(bytes, parse_description);
  try_inner(bytes, parse_assignment);
  try_inner(bytes, parse_ping_request);
  try_inner(bytes, parse_ping_response);
  try_inner(bytes, parse_session_end);
  if (const auto schedule = parse_schedule(bytes)) {
    std::array<std::uint8_t, kMaxScheduleSize> again{};
    espial::ByteWriter writer(again);
    require(encode_schedule(*schedule, writer));
    require(espial::equal(writer.written(), bytes));
    require(schedule->at(0).has_value() == !schedule->points.empty());
  }
  return 0;
}
