#include "core/wire/sealed.hpp"

#include <array>

#include "core/wire/round_trip_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const espial::ByteView bytes(data, size);
  const auto frame = parse_sealed(bytes);
  if (!frame) return 0;
  std::array<std::uint8_t, 1470> out{};
  if (size > out.size()) return 0;
  const auto header_size =
      encode_sealed_header(frame->header, frame->sealed.size() - kSealTagSize, out);
  require(header_size == frame->associated_data.size);
  require(espial::equal({out.data(), header_size}, bytes.subview(0, header_size)));
  require(espial::equal(associated_data(out), frame->associated_data));
  return 0;
}
