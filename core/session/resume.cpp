#include <algorithm>

#include "core/base/byte_writer.hpp"
#include "core/crypto/hkdf.hpp"
#include "core/session/handshake.hpp"
#include "core/session/handshake_checks.hpp"

namespace espial::session {
namespace {

using wire::AuthFrame;
using wire::AuthStep;

/// N ‖ C, and how much of it is known: 16 bytes for RESUME, 32 for what follows.
struct ResumeSalt {
  std::array<std::uint8_t, 2 * wire::kResumeRandomSize> bytes{};
  ByteView first() const { return {bytes.data(), wire::kResumeRandomSize}; }
};

ResumeSalt resume_salt(ByteView node_random, ByteView coordinator_random) {
  ResumeSalt salt;
  ByteWriter(salt.bytes).bytes(node_random).bytes(coordinator_random);
  return salt;
}

using ResumeData = std::array<std::uint8_t, wire::kResumeSignedSize + 6>;

ResumeData resume_data(ByteView body, const MacAddress& mac) {
  ResumeData data{};
  ByteWriter(data).bytes(body.subview(0, wire::kResumeSignedSize)).mac(mac);
  return data;
}

SessionKeys resume_keys(Crypto& crypto, const ResumeSalt& salt, const Key& key) {
  return {crypto::derive_key(crypto, salt.bytes, key, "espial session up"),
          crypto::derive_key(crypto, salt.bytes, key, "espial session down")};
}

/// Seals the payload of a RESUME or RESUME_ACCEPT behind its random, which stands in `out` already.
void seal_resume(Crypto& crypto, const Credentials& credentials, ByteView salt,
                 std::string_view label, ByteView payload, MutableByteView out) {
  Key key = crypto::derive_key(crypto, salt, credentials.key, label);
  crypto.seal(key, 0, resume_data(out, credentials.mac), payload,
              out.data() + wire::kResumeSignedSize);
  crypto.wipe(key);
}

/// The keys that a RESUME may be under: a node's own, or one that it shares with another node.
bool resumes(wire::KeyId key_id) {
  return key_id == wire::KeyId::kNode || key_id == wire::KeyId::kPair;
}

bool open_resume(Crypto& crypto, const Credentials& credentials, ByteView salt,
                 std::string_view label, const AuthFrame& frame, HandshakePlaintext& plaintext) {
  Key key = crypto::derive_key(crypto, salt, credentials.key, label);
  const bool authentic =
      crypto.open(key, 0, resume_data(frame.body, credentials.mac), frame.sealed, plaintext.data());
  crypto.wipe(key);
  return authentic;
}

}  // namespace

ByteView ResumeInitiator::start(Crypto& crypto, Random& random, const Credentials& credentials,
                                const wire::Hello& hello, MutableByteView out) {
  wipe(crypto);
  std::array<std::uint8_t, wire::kHelloSize> payload;
  constexpr std::size_t kRest = wire::kResumeRandomSize + wire::kHelloSize + kTagSize;
  if (!resumes(credentials.key_id) ||
      !ask(credentials, AuthStep::kResume, hello, kRest, payload, out)) {
    return {};
  }
  credentials_ = credentials;
  random.fill(node_random_);
  std::copy(node_random_.begin(), node_random_.end(), out.data() + wire::kAuthHeaderSize);
  seal_resume(crypto, credentials_, node_random_, "espial resume 1", payload, out);
  waiting_ = true;
  return {out.data(), wire::kAuthHeaderSize + kRest};
}

HandshakeStatus ResumeInitiator::on_accept(Crypto& crypto, ByteView body, Session& session,
                                           wire::Welcome& welcome) {
  if (!waiting_) return HandshakeStatus::kNotStarted;
  AuthFrame frame;
  const auto examined = examine(credentials_, AuthStep::kResumeAccept, body, frame);
  if (examined != HandshakeStatus::kOk) return examined;
  const ResumeSalt salt = resume_salt(node_random_, frame.key);
  HandshakePlaintext plaintext;
  if (!open_resume(crypto, credentials_, salt.bytes, "espial resume 2", frame, plaintext)) {
    return HandshakeStatus::kNotAuthentic;
  }
  const ByteView payload(plaintext.data(), frame.sealed.size() - kTagSize);
  const auto taken = take_welcome(payload, AuthStep::kResumeAccept, welcome);
  if (taken != HandshakeStatus::kOk) return taken;
  begin_session(Side::kNode, credentials_, welcome.session,
                resume_keys(crypto, salt, credentials_.key), session);
  wipe(crypto);
  return HandshakeStatus::kOk;
}

Refusal ResumeInitiator::on_refused(Crypto& crypto, ByteView body) const {
  return waiting_ ? judge(crypto, credentials_, node_random_, body) : Refusal{};
}

void ResumeInitiator::wipe(Crypto& crypto) {
  crypto.wipe(credentials_.key);
  waiting_ = false;
}

HandshakeStatus ResumeResponder::read(Crypto& crypto, const Credentials& credentials, ByteView body,
                                      wire::Hello& hello) {
  read_ = false;
  AuthFrame frame;
  const auto examined = examine(credentials, AuthStep::kResume, body, frame);
  if (examined != HandshakeStatus::kOk) return examined;
  if (!resumes(credentials.key_id)) return HandshakeStatus::kNotOurs;
  HandshakePlaintext plaintext;
  if (!open_resume(crypto, credentials, frame.key, "espial resume 1", frame, plaintext)) {
    return HandshakeStatus::kNotAuthentic;
  }
  const auto taken = take_hello({plaintext.data(), frame.sealed.size() - kTagSize}, hello);
  if (taken != HandshakeStatus::kOk) return taken;
  credentials_ = credentials;
  std::copy(frame.key.begin(), frame.key.end(), node_random_.begin());
  read_ = true;
  return HandshakeStatus::kOk;
}

ByteView ResumeResponder::accept(Crypto& crypto, Random& random, const wire::Welcome& welcome,
                                 MutableByteView out, Session& session) {
  std::array<std::uint8_t, wire::kWelcomeSize> payload;
  constexpr std::size_t kRest = wire::kResumeRandomSize + wire::kWelcomeSize + kTagSize;
  if (!read_ || wire::encode_welcome(welcome, AuthStep::kResumeAccept, payload) == 0 ||
      out.size() < wire::kAuthHeaderSize + kRest ||
      wire::encode_auth_header(header_of(credentials_, AuthStep::kResumeAccept), kRest, out) == 0) {
    return {};
  }
  const MutableByteView coordinator_random(out.data() + wire::kAuthHeaderSize,
                                           wire::kResumeRandomSize);
  random.fill(coordinator_random);
  const ResumeSalt salt = resume_salt(node_random_, coordinator_random);
  seal_resume(crypto, credentials_, salt.bytes, "espial resume 2", payload, out);
  begin_session(Side::kCoordinator, credentials_, welcome.session,
                resume_keys(crypto, salt, credentials_.key), session);
  wipe(crypto);
  return {out.data(), wire::kAuthHeaderSize + kRest};
}

void ResumeResponder::wipe(Crypto& crypto) {
  crypto.wipe(credentials_.key);
  read_ = false;
}

}  // namespace espial::session
