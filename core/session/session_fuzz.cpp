// Session::open() with any bytes: nothing that was not sealed opens, and a refusal moves nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/port/radio.hpp"
#include "core/session/session.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace {

using namespace espial;
using namespace espial::session;

void require(bool truth) {
  if (!truth) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static CryptoSodium crypto;
  SessionKeys keys;
  keys.uplink.fill(1);
  keys.downlink.fill(2);
  Session node(Side::kNode, ServerId{7}, 5, keys);
  Session coordinator(Side::kCoordinator, ServerId{7}, 5, keys);
  node.reserve(8);
  std::array<std::uint8_t, kMaxBodyV2> out;
  std::array<std::uint8_t, kMaxBodyV2> opened_into;

  // As it came: it can't carry a right tag.
  const Opened raw = coordinator.open(crypto, {data, size}, opened_into);
  require(raw.status != OpenStatus::kOk && raw.plaintext.empty());
  require(coordinator.receive_window().empty());

  // As a plaintext: it comes back.
  const Sealed sealed = node.seal(crypto, Listening::kNo, {data, size}, out);
  if (sealed.status != SealStatus::kOk) return 0;
  const Opened whole = coordinator.open(crypto, sealed.body, opened_into);
  require(whole.status == OpenStatus::kOk && equal(whole.plaintext, {data, size}));

  // As a patch over a true frame: header and length are then nearly right.
  std::vector<std::uint8_t> patched(sealed.body.begin(), sealed.body.end());
  for (std::size_t i = 0; i < size && i < patched.size(); ++i) patched[i] ^= data[size - 1 - i];
  std::vector<std::uint8_t> copy = patched;
  const Opened again = coordinator.open_in_place(crypto, {copy.data(), copy.size()});
  require(again.status != OpenStatus::kOk);
  require(coordinator.receive_window().highest() == 0);
  return 0;
}
