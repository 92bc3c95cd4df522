// What a session costs beside the cipher it is made of: seal and open through Session, and the same
// bytes with the same associated data through libsodium alone, in one run.

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <array>
#include <cstring>

#include "core/port/radio.hpp"
#include "core/session/session.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace espial::session {
namespace {

/// range(0): how many bytes of plaintext.
void seal_and_open_raw(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  Key key{};
  key.fill(1);
  std::array<std::uint8_t, kMaxBodyV2> plaintext{};
  std::array<std::uint8_t, kMaxBodyV2> body{};
  std::array<std::uint8_t, kMaxBodyV2> opened{};
  std::array<std::uint8_t, 6> header{0x50, 0x16, 7, 5};
  std::array<std::uint8_t, 12> nonce{};
  std::uint64_t counter = 0;
  for (auto _ : state) {
    std::memcpy(nonce.data() + 4, &counter, sizeof counter);
    ++counter;
    crypto_aead_chacha20poly1305_ietf_encrypt(body.data(), nullptr, plaintext.data(), size,
                                              header.data(), header.size(), nullptr, nonce.data(),
                                              key.data());
    const int failed = crypto_aead_chacha20poly1305_ietf_decrypt(
        opened.data(), nullptr, nullptr, body.data(), size + kTagSize, header.data(), header.size(),
        nonce.data(), key.data());
    benchmark::DoNotOptimize(opened);
    if (failed != 0) state.SkipWithError("not authentic");
  }
  state.SetItemsProcessed(state.iterations());
}

void seal_and_open_session(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  CryptoSodium crypto;
  SessionKeys keys;
  keys.uplink.fill(1);
  Session node(Side::kNode, ServerId{7}, 5, keys);
  Session coordinator(Side::kCoordinator, ServerId{7}, 5, keys);
  node.reserve(UINT64_MAX);
  std::array<std::uint8_t, kMaxBodyV2> plaintext{};
  std::array<std::uint8_t, kMaxBodyV2> body{};
  std::array<std::uint8_t, kMaxBodyV2> opened{};
  for (auto _ : state) {
    const Sealed sealed = node.seal(crypto, Listening::kNo, {plaintext.data(), size}, body);
    const Opened result = coordinator.open(crypto, sealed.body, opened);
    benchmark::DoNotOptimize(opened);
    if (result.status != OpenStatus::kOk) state.SkipWithError("not opened");
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(seal_and_open_raw)->Arg(32)->Arg(250);
BENCHMARK(seal_and_open_session)->Arg(32)->Arg(250);

}  // namespace
}  // namespace espial::session

BENCHMARK_MAIN();
