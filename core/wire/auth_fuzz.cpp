#include "core/wire/auth.hpp"

#include <array>

#include "core/wire/round_trip_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const espial::ByteView bytes(data, size);
  if (const auto hello = parse_hello(bytes)) require_stable(*hello, parse_hello);
  for (const AuthStep step : {AuthStep::kJoinAccept, AuthStep::kResumeAccept}) {
    const auto welcome = parse_welcome(bytes, step);
    std::array<std::uint8_t, kMaxJoinWelcomeSize> out{};
    if (!welcome) continue;
    const std::size_t written = encode_welcome(*welcome, step, out);
    require(written != 0);
    require(espial::equal({out.data(), written}, bytes.subview(0, written)));
  }
  const auto frame = parse_auth(bytes);
  if (!frame) return 0;
  std::array<std::uint8_t, kAuthHeaderSize> header{};
  require(encode_auth_header(frame->header, size - kAuthHeaderSize, header) == header.size());
  require(espial::equal(header, bytes.subview(0, header.size())));
  const bool refused = frame->header.step == AuthStep::kRefused;
  require(refused ? frame->proof.size() == kRefusedProofSize
                  : frame->key.size() + frame->sealed.size() == size - kAuthHeaderSize);
  return 0;
}
