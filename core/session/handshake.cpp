#include "core/session/handshake.hpp"

#include <algorithm>

#include "core/crypto/discovery.hpp"
#include "core/session/handshake_checks.hpp"

namespace espial::session {

using wire::AuthFrame;
using wire::AuthStep;

wire::AuthHeader header_of(const Credentials& credentials, AuthStep step) {
  wire::AuthHeader header;
  header.step = step;
  header.server = credentials.server;
  header.key_id = credentials.key_id;
  header.generation = credentials.generation;
  return header;
}

/// The checks that need no key: length, then ours.
HandshakeStatus examine(const Credentials& credentials, AuthStep step, ByteView body,
                        AuthFrame& frame) {
  if (body.size() > kMaxAuthSize) return HandshakeStatus::kTooLong;
  const auto parsed = wire::parse_auth(body);
  if (!parsed) {
    return parsed.refusal() == wire::Refusal::kNotOurs ||
                   parsed.refusal() == wire::Refusal::kBadValue
               ? HandshakeStatus::kNotOurs
               : HandshakeStatus::kTooShort;
  }
  frame = *parsed;
  const wire::AuthHeader& header = frame.header;
  const bool ours = header.step == step && header.server == credentials.server &&
                    header.key_id == credentials.key_id &&
                    header.generation == credentials.generation;
  return ours ? HandshakeStatus::kOk : HandshakeStatus::kNotOurs;
}

bool ask(const Credentials& credentials, AuthStep step, const wire::Hello& hello, std::size_t rest,
         MutableByteView payload, MutableByteView out) {
  return wire::encode(hello, payload) != 0 && out.size() >= wire::kAuthHeaderSize + rest &&
         wire::encode_auth_header(header_of(credentials, step), rest, out) != 0;
}

HandshakeStatus take_hello(ByteView plaintext, wire::Hello& hello) {
  const auto parsed = wire::parse_hello(plaintext);
  if (!parsed) return HandshakeStatus::kMalformed;
  hello = *parsed;
  return HandshakeStatus::kOk;
}

HandshakeStatus take_welcome(ByteView plaintext, AuthStep step, wire::Welcome& welcome) {
  const auto parsed = wire::parse_welcome(plaintext, step);
  if (!parsed) return HandshakeStatus::kMalformed;
  welcome = *parsed;
  return HandshakeStatus::kOk;
}

void begin_session(Side side, const Credentials& credentials, std::uint8_t id,
                   const SessionKeys& keys, Session& session) {
  session = Session(side, credentials.server, id, keys, credentials.key_id == wire::KeyId::kPair);
}

Refusal judge(Crypto& crypto, const Credentials& credentials, ByteView challenge, ByteView body) {
  Refusal refusal;
  AuthFrame frame;
  if (examine(credentials, AuthStep::kRefused, body, frame) != HandshakeStatus::kOk) return refusal;
  const auto proof =
      crypto::refused_proof(crypto, credentials.key, body, credentials.mac, challenge);
  refusal.status = crypto.equal(proof, frame.proof) ? RefusalStatus::kProven : RefusalStatus::kHint;
  refusal.reason = frame.reason;
  return refusal;
}

ByteView refuse(Crypto& crypto, const Key* named_key, const MacAddress& mac, ByteView refused,
                wire::RefusedReason reason, MutableByteView out) {
  const auto frame = wire::parse_auth(refused);
  if (!frame ||
      (frame->header.step != AuthStep::kJoin && frame->header.step != AuthStep::kResume) ||
      wire::encode_refused(frame->header, reason, {}, out) == 0) {
    return {};
  }
  if (named_key != nullptr) {
    const auto proof =
        crypto::refused_proof(crypto, *named_key, out, mac, refused.subview(wire::kAuthHeaderSize));
    std::copy(proof.begin(), proof.end(), out.data() + wire::kRefusedSignedSize);
  }
  return {out.data(), wire::kRefusedSize};
}

}  // namespace espial::session
