// Saved sessions, windows and wrapped keys of any bytes: refused, or as good as any other.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/session/key_wrap.hpp"
#include "core/session/sequence_window.hpp"
#include "core/session/session.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace {

using namespace espial;
using namespace espial::session;

void require(bool truth) {
  if (!truth) __builtin_trap();
}

void try_session(Crypto& crypto, ByteView bytes) {
  auto session = Session::load(crypto, bytes);
  if (!session) return;
  require(session->valid() && session->next_counter() == session->reserved_until());
  const std::uint64_t limit = session->reserved_until();
  session->reserve(limit + 1);
  const std::array<std::uint8_t, 2> ping{0xc0, 0};
  std::array<std::uint8_t, 64> out;
  const Sealed sealed = session->seal(crypto, Listening::kYes, ping, out);
  // The last counter of all has no successor to reserve.
  require(sealed.status ==
          (limit == UINT64_MAX ? SealStatus::kCounterNotReserved : SealStatus::kOk));
  require(sealed.status != SealStatus::kOk || sealed.counter == limit);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static CryptoSodium crypto;
  try_session(crypto, {data, size});

  // With a right check in the end, so that what lies behind it is reached.
  Session::State state{};
  std::copy_n(data, std::min(size, state.size()), state.begin());
  constexpr std::size_t kCheckSize = 12;
  const Hash hash = crypto.sha256({state.data(), state.size() - kCheckSize});
  std::copy_n(hash.begin(), kCheckSize, state.end() - kCheckSize);
  try_session(crypto, state);

  std::array<std::uint8_t, SequenceWindow::kStateSize> stream{};
  std::copy_n(data, std::min(size, stream.size()), stream.begin());
  ByteReader reader(stream);
  SequenceWindow window;
  window.load(reader);
  const Acknowledgement acknowledgement = window.acknowledgement();
  require(!acknowledgement.covers(acknowledgement.floor));
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    const std::uint32_t sequence =
        window.restore(static_cast<std::uint16_t>(data[i] | (data[i + 1] << 8)));
    const auto arrival = window.receive(sequence, sequence - std::min(sequence, 40u));
    if (arrival == SequenceWindow::Arrival::kNew) {
      require(!window.acknowledgement().covers(sequence));
      window.stored(sequence);
      require(window.receive(sequence, 0) == SequenceWindow::Arrival::kDuplicate);
    }
  }

  std::array<std::uint8_t, 512> out;
  require(!unwrap(crypto, {}, {}, {data, std::min(size, out.size())}, out.data()));
  return 0;
}
