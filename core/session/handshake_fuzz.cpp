// JOIN, JOIN_ACCEPT, RESUME, RESUME_ACCEPT and REFUSED of any bytes: nothing forged is taken, and a
// handshake under way goes on.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/crypto/hkdf.hpp"
#include "core/session/handshake.hpp"
#include "core/session/ports_test.hpp"
#include "ports/linux/crypto_sodium.hpp"

namespace {

using namespace espial;
using namespace espial::session;

void require(bool truth) {
  if (!truth) __builtin_trap();
}

CryptoSodium crypto;

Credentials credentials_of(wire::KeyId key_id) {
  Credentials credentials;
  credentials.server = {7};
  credentials.mac = {{2, 3, 4, 5, 6, 7}};
  credentials.key_id = key_id;
  credentials.key.fill(9);
  return credentials;
}

/// Any bytes where an answer is waited for, and where a request may come.
template <typename Initiator, typename Responder>
void try_bytes(const Credentials& credentials, ByteView body) {
  ScriptedRandom random({1, 2, 3});
  Initiator initiator;
  std::array<std::uint8_t, kMaxAuthSize> out;
  const ByteView request = initiator.start(crypto, random, credentials, {}, out);
  require(!request.empty());

  Session session;
  wire::Welcome welcome;
  require(initiator.on_accept(crypto, body, session, welcome) != HandshakeStatus::kOk);
  require(!session.valid() && initiator.waiting());
  require(initiator.on_refused(crypto, body).status != RefusalStatus::kProven);

  Responder responder;
  wire::Hello hello;
  if (responder.read(crypto, credentials, body, hello) == HandshakeStatus::kOk) {
    // Only the request that this program makes is authentic.
    require(equal(body, request));
  }
  std::array<std::uint8_t, kMaxAuthSize> refused;
  refuse(crypto, &credentials.key, credentials.mac, body, wire::RefusedReason::kBusy, refused);
}

/// The bytes as what a peer with the key says inside: Hello and Welcome of any content.
void try_payload(const Credentials& credentials, ByteView payload) {
  payload = payload.subview(0, kMaxAuthSize - wire::kResumeSignedSize - kTagSize);
  const std::array<std::uint8_t, wire::kResumeRandomSize> random{};
  wire::AuthHeader header;
  header.step = wire::AuthStep::kResume;
  header.server = credentials.server;
  header.key_id = credentials.key_id;
  std::array<std::uint8_t, kMaxAuthSize> body{};
  const std::size_t rest = wire::kResumeRandomSize + payload.size() + kTagSize;
  if (wire::encode_auth_header(header, rest, body) == 0) return;
  std::array<std::uint8_t, wire::kResumeSignedSize + 6> data{};
  std::copy_n(body.begin(), wire::kResumeSignedSize, data.begin());
  std::copy_n(credentials.mac.octets.begin(), 6, data.begin() + wire::kResumeSignedSize);
  const Key key = crypto::derive_key(crypto, random, credentials.key, "espial resume 1");
  crypto.seal(key, 0, data, payload, body.data() + wire::kResumeSignedSize);

  ResumeResponder responder;
  wire::Hello hello;
  const auto status =
      responder.read(crypto, credentials, {body.data(), wire::kAuthHeaderSize + rest}, hello);
  const bool parsed = static_cast<bool>(wire::parse_hello(payload));
  require((status == HandshakeStatus::kOk) == parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView body(data, size);
  try_bytes<ResumeInitiator, ResumeResponder>(credentials_of(wire::KeyId::kNode), body);
  try_payload(credentials_of(wire::KeyId::kNode), body);
  // The header first: X25519 is slow, and bytes that are no AUTH never reach it.
  if (wire::parse_auth(body)) {
    try_bytes<JoinInitiator, JoinResponder>(credentials_of(wire::KeyId::kNetwork), body);
  }
  return 0;
}
