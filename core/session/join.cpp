#include <algorithm>

#include "core/base/byte_writer.hpp"
#include "core/crypto/hkdf.hpp"
#include "core/session/handshake.hpp"
#include "core/session/handshake_checks.hpp"
#include "core/wire/header.hpp"

namespace espial::session {
namespace {

using wire::AuthFrame;
using wire::AuthStep;

constexpr std::size_t kPrologueSize = 16;
using Prologue = std::array<std::uint8_t, kPrologueSize>;

Prologue prologue_of(const Credentials& credentials) {
  Prologue prologue{};
  ByteWriter(prologue)
      .bytes(as_bytes("espial"))
      .u8(wire::kVersion)
      .u8(credentials.server.value)
      .u8(static_cast<std::uint8_t>(credentials.key_id))
      .u8(credentials.generation)
      .mac(credentials.mac);
  return prologue;
}

SessionKeys keys_of(const crypto::SplitKeys& keys) { return {keys.first, keys.second}; }

/// From the key that the Welcome carries to the node's own. Many hold what a first join is under,
/// so one of them may stand in between: what he hands on must not be good for both sides.
void bind_node_key(Crypto& crypto, const Credentials& credentials, const crypto::SplitKeys& keys,
                   wire::Welcome& welcome) {
  if (credentials.key_id == wire::KeyId::kNode) return;
  welcome.node_key =
      crypto::derive_key(crypto, keys.handshake_hash, welcome.node_key, "espial node key");
}

}  // namespace

ByteView JoinInitiator::start(Crypto& crypto, Random& random, const Credentials& credentials,
                              const wire::Hello& hello, MutableByteView out) {
  wipe(crypto);
  std::array<std::uint8_t, wire::kHelloSize> payload;
  constexpr std::size_t kRest = crypto::kNoiseOverhead + wire::kHelloSize;
  if (!ask(credentials, AuthStep::kJoin, hello, kRest, payload, out)) return {};
  credentials_ = credentials;
  Key ephemeral_secret;
  random.fill(ephemeral_secret);
  std::uint8_t* const message = out.data() + wire::kAuthHeaderSize;
  noise_.start(crypto, prologue_of(credentials), credentials.key, ephemeral_secret, payload,
               message);
  crypto.wipe(ephemeral_secret);
  std::copy_n(message, challenge_.size(), challenge_.begin());
  waiting_ = true;
  return {out.data(), wire::kAuthHeaderSize + kRest};
}

HandshakeStatus JoinInitiator::on_accept(Crypto& crypto, ByteView body, Session& session,
                                         wire::Welcome& welcome) {
  if (!waiting_) return HandshakeStatus::kNotStarted;
  AuthFrame frame;
  const auto examined = examine(credentials_, AuthStep::kJoinAccept, body, frame);
  if (examined != HandshakeStatus::kOk) return examined;
  HandshakePlaintext plaintext;
  crypto::SplitKeys keys;
  if (!noise_.read_second(crypto, frame.message, plaintext.data(), keys)) {
    return HandshakeStatus::kNotAuthentic;
  }
  const ByteView payload(plaintext.data(), frame.sealed.size() - kTagSize);
  const auto taken = take_welcome(payload, AuthStep::kJoinAccept, welcome);
  crypto.wipe(plaintext);
  if (taken != HandshakeStatus::kOk) return taken;
  bind_node_key(crypto, credentials_, keys, welcome);
  begin_session(Side::kNode, credentials_, welcome.session, keys_of(keys), session);
  wipe(crypto);
  return HandshakeStatus::kOk;
}

Refusal JoinInitiator::on_refused(Crypto& crypto, ByteView body) const {
  return waiting_ ? judge(crypto, credentials_, challenge_, body) : Refusal{};
}

void JoinInitiator::wipe(Crypto& crypto) {
  crypto.wipe(credentials_.key);
  noise_.wipe(crypto);
  waiting_ = false;
}

HandshakeStatus JoinResponder::read(Crypto& crypto, const Credentials& credentials, ByteView body,
                                    wire::Hello& hello) {
  read_ = false;
  AuthFrame frame;
  const auto examined = examine(credentials, AuthStep::kJoin, body, frame);
  if (examined != HandshakeStatus::kOk) return examined;
  HandshakePlaintext plaintext;
  if (!noise_.read_first(crypto, prologue_of(credentials), credentials.key, frame.message,
                         plaintext.data())) {
    return HandshakeStatus::kNotAuthentic;
  }
  const auto taken = take_hello({plaintext.data(), frame.sealed.size() - kTagSize}, hello);
  if (taken != HandshakeStatus::kOk) return taken;
  credentials_ = credentials;
  crypto.wipe(credentials_.key);
  read_ = true;
  return HandshakeStatus::kOk;
}

ByteView JoinResponder::accept(Crypto& crypto, Random& random, wire::Welcome& welcome,
                               MutableByteView out, Session& session) {
  std::array<std::uint8_t, wire::kMaxJoinWelcomeSize> payload;
  const std::size_t size = wire::encode_welcome(welcome, AuthStep::kJoinAccept, payload);
  const std::size_t rest = crypto::kNoiseOverhead + size;
  if (!read_ || size == 0 || out.size() < wire::kAuthHeaderSize + rest ||
      wire::encode_auth_header(header_of(credentials_, AuthStep::kJoinAccept), rest, out) == 0) {
    return {};
  }
  Key ephemeral_secret;
  random.fill(ephemeral_secret);
  crypto::SplitKeys keys;
  const bool written = noise_.write_second(crypto, ephemeral_secret, {payload.data(), size},
                                           out.data() + wire::kAuthHeaderSize, keys);
  crypto.wipe(ephemeral_secret);
  crypto.wipe(payload);
  wipe(crypto);
  if (!written) return {};
  bind_node_key(crypto, credentials_, keys, welcome);
  begin_session(Side::kCoordinator, credentials_, welcome.session, keys_of(keys), session);
  return {out.data(), wire::kAuthHeaderSize + rest};
}

void JoinResponder::wipe(Crypto& crypto) {
  noise_.wipe(crypto);
  read_ = false;
}

}  // namespace espial::session
