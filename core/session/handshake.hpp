#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/crypto/noise.hpp"
#include "core/port/crypto.hpp"
#include "core/port/random.hpp"
#include "core/session/session.hpp"
#include "core/wire/auth.hpp"

namespace espial::session {

/// The longest AUTH packet: header, and what one length byte can announce, within a v1 body.
inline constexpr std::size_t kMaxAuthSize = 250;

using ResumeRandom = std::array<std::uint8_t, wire::kResumeRandomSize>;
/// The part of a JOIN or RESUME that the proof of a REFUSED repeats.
using Challenge = std::array<std::uint8_t, wire::kRefusedEchoSize>;

/// Who talks to whom under which key. The same on both sides of a handshake; a difference in any of
/// it makes the handshake fail.
struct Credentials {
  ServerId server;
  /// The node's MAC address.
  MacAddress mac;
  wire::KeyId key_id = wire::KeyId::kNetwork;
  std::uint8_t generation = 0;
  /// The key of that name.
  Key key{};
};

/// Why a handshake message was not taken, in the order of the checks. Nothing changes but for kOk:
/// a forged message disturbs no handshake that is under way.
enum class HandshakeStatus : std::uint8_t {
  kOk,
  kNotStarted,    ///< no handshake of this kind waits for it
  kTooShort,      ///< shorter than the least of its kind, or its length is not the body's
  kTooLong,       ///< longer than kMaxAuthSize
  kNotOurs,       ///< another type, step, network, key ID or generation
  kNotAuthentic,  ///< another key, another MAC, or damaged
  kMalformed,     ///< authentic, but its Hello or Welcome is not as drawn
};

/// What a REFUSED is worth.
enum class RefusalStatus : std::uint8_t {
  kProven,   ///< from whoever has the named key: believe the reason
  kHint,     ///< no proof, or a wrong one: go on trying, perhaps elsewhere
  kNotOurs,  ///< not a REFUSED of a handshake that is under way
};

struct Refusal {
  RefusalStatus status = RefusalStatus::kNotOurs;
  wire::RefusedReason reason = wire::RefusedReason::kUnknownKey;
};

/// A node's first join, or its renewal of keys.
///
///     IDLE --start()--> WAITING --on_accept() == kOk--> IDLE, with a pending session
///
///     JOIN           |f1|len|server|key ID|generation|ephemeral key[32]|sealed Hello|tag[16]|
///     JOIN_ACCEPT    |f2|len|server|key ID|generation|ephemeral key[32]|sealed Welcome|tag[16]|
///
/// Repeating a JOIN that was not answered means start() again.
class JoinInitiator {
 public:
  /// Writes a JOIN to `out` (kMaxAuthSize always suffices). Forgets a handshake under way.
  /// @returns the JOIN; empty when `out` is too small.
  ByteView start(Crypto& crypto, Random& random, const Credentials& credentials,
                 const wire::Hello& hello, MutableByteView out);

  /// Takes a JOIN_ACCEPT. With kOk `session` is the new session of the node's side, which replaces
  /// the current one as soon as it has opened a frame, and `welcome` holds the new per-node key.
  [[nodiscard]] HandshakeStatus on_accept(Crypto& crypto, ByteView body, Session& session,
                                          wire::Welcome& welcome);

  /// Judges a REFUSED. The handshake goes on waiting, whatever it says.
  [[nodiscard]] Refusal on_refused(Crypto& crypto, ByteView body) const;

  bool waiting() const { return waiting_; }
  void wipe(Crypto& crypto);

 private:
  Credentials credentials_;
  crypto::NnPsk0Initiator noise_;
  Challenge challenge_{};
  bool waiting_ = false;
};

/// A node's return after a reset, with its per-node key; no X25519. So do two nodes of a room with
/// the key of their pair: the subscriber asks, the provider answers.
///
///     RESUME         |f3|len|server|key ID|generation|node random[16]|sealed Hello|tag[16]|
///     RESUME_ACCEPT  |f4|len|server|key ID|generation|coordinator random[16]|sealed
///     Welcome|tag[16]|
///
/// Used as JoinInitiator is; the Welcome has no new key.
class ResumeInitiator {
 public:
  ByteView start(Crypto& crypto, Random& random, const Credentials& credentials,
                 const wire::Hello& hello, MutableByteView out);
  [[nodiscard]] HandshakeStatus on_accept(Crypto& crypto, ByteView body, Session& session,
                                          wire::Welcome& welcome);
  [[nodiscard]] Refusal on_refused(Crypto& crypto, ByteView body) const;

  bool waiting() const { return waiting_; }
  void wipe(Crypto& crypto);

 private:
  Credentials credentials_;
  ResumeRandom node_random_{};
  bool waiting_ = false;
};

/// The coordinator's side of a join, for one JOIN: read() it, decide, then accept() or refuse().
/// Lives on the stack; nothing waits on the coordinator's side.
class JoinResponder {
 public:
  /// Opens a JOIN from `credentials.mac` under the named key, which the caller has looked up.
  [[nodiscard]] HandshakeStatus read(Crypto& crypto, const Credentials& credentials, ByteView body,
                                     wire::Hello& hello);

  /// Answers it: writes JOIN_ACCEPT to `out` (kMaxAuthSize always suffices) and makes the pending
  /// session of the coordinator's side, named `welcome.session`. Only after read() gave kOk.
  /// `welcome.node_key` is the key to send; afterwards it is the per-node key that both sides have
  /// (the same one where the join is under a per-node key already).
  /// @returns the JOIN_ACCEPT; empty when the node's ephemeral key is of low order, when nothing
  /// was read, or when `out` is too small.
  ByteView accept(Crypto& crypto, Random& random, wire::Welcome& welcome, MutableByteView out,
                  Session& session);

  /// Forgets the JOIN, answered or not; the last that is asked of it.
  void wipe(Crypto& crypto);

 private:
  Credentials credentials_;  ///< without the key
  crypto::NnPsk0Responder noise_;
  bool read_ = false;
};

/// The coordinator's side of a resume; used as JoinResponder is.
class ResumeResponder {
 public:
  [[nodiscard]] HandshakeStatus read(Crypto& crypto, const Credentials& credentials, ByteView body,
                                     wire::Hello& hello);
  ByteView accept(Crypto& crypto, Random& random, const wire::Welcome& welcome, MutableByteView out,
                  Session& session);

  void wipe(Crypto& crypto);

 private:
  Credentials credentials_;
  ResumeRandom node_random_{};
  bool read_ = false;
};

/// Writes a REFUSED of the JOIN or RESUME `refused`, with a proof under `named_key`, or with zeros
/// where the coordinator does not have that key (null).
///
///     |f5|16|server|key ID|generation|reason|proof[16]|
///
/// @returns the REFUSED; empty when `refused` is no JOIN or RESUME or `out` is shorter than 22
/// bytes.
ByteView refuse(Crypto& crypto, const Key* named_key, const MacAddress& mac, ByteView refused,
                wire::RefusedReason reason, MutableByteView out);

}  // namespace espial::session
