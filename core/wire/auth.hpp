#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// The low nibble of an AUTH packet.
enum class AuthStep : std::uint8_t {
  kJoin = 1,          ///< up
  kJoinAccept = 2,    ///< down
  kResume = 3,        ///< up
  kResumeAccept = 4,  ///< down
  kRefused = 5,       ///< down
};

/// Which key an AUTH packet is under.
enum class KeyId : std::uint8_t {
  kNetwork = 0,  ///< admits, and identifies nobody
  kNode = 1,     ///< the per-node key
  kLabel = 2,    ///< printed on the module
  kPair = 3,     ///< two nodes of a room, between themselves
};

/// Why a coordinator refused; the numbers of the air.
enum class RefusedReason : std::uint8_t {
  kUnknownKey = 1,
  kWaitingForApproval = 2,
  kPairingClosed = 3,
  kModuleIdTaken = 4,
  kBusy = 5,
  kWrongVersion = 6,
  kRevoked = 7,
  kClosedByServer = 8,
};

inline constexpr std::size_t kAuthHeaderSize = 5;
inline constexpr std::size_t kEphemeralKeySize = 32;
inline constexpr std::size_t kResumeRandomSize = 16;
inline constexpr std::size_t kAuthTagSize = 16;
inline constexpr std::size_t kRefusedProofSize = 16;
inline constexpr std::size_t kRefusedSize = 22;
/// Bytes 0..20 of RESUME and RESUME_ACCEPT begin their associated data.
inline constexpr std::size_t kResumeSignedSize = kAuthHeaderSize + kResumeRandomSize;
/// Bytes 0..5 of REFUSED, under its proof.
inline constexpr std::size_t kRefusedSignedSize = kAuthHeaderSize + 1;
/// Of a refused packet, bytes 5..20 enter the proof.
inline constexpr std::size_t kRefusedEchoSize = 16;

/// What every AUTH packet begins with.
struct AuthHeader {
  AuthStep step = AuthStep::kJoin;
  ServerId server;
  KeyId key_id = KeyId::kNetwork;
  std::uint8_t generation = 0;  ///< which key of its kind, modulo 256
};

/// An AUTH packet, borrowed.
///
///     0    1    2       3      4          5 ...
///    |fs  |len |server |key ID|generation| by step s
///
///    JOIN, JOIN_ACCEPT      ephemeral key[32], sealed Hello / Welcome, tag[16]
///    RESUME, RESUME_ACCEPT  random[16],        sealed Hello / Welcome, tag[16]
///    REFUSED                reason[1], proof[16]
struct AuthFrame {
  AuthHeader header;
  ByteView body;     ///< all of it
  ByteView key;      ///< the ephemeral key (32) or the random (16); empty in REFUSED
  ByteView sealed;   ///< ciphertext and tag; empty in REFUSED
  ByteView message;  ///< key ‖ sealed: a whole Noise message in JOIN and JOIN_ACCEPT
  RefusedReason reason = RefusedReason::kUnknownKey;  ///< REFUSED only
  ByteView proof;                                     ///< REFUSED only, 16 bytes
};

/// Hello: what a node says of itself in JOIN and RESUME. Extensible.
///
///     0        1             2              3              4      7
///    |version |capabilities |wanted module |receive limit |stream ID |
struct Hello {
  std::uint8_t version = 1;       ///< another than kVersion is answered by REFUSED, kWrongVersion
  bool long_bodies = false;       ///< capabilities bit 0, as in CONNECT
  bool always_listening = false;  ///< capabilities bit 1
  ModuleId wanted_module;         ///< 0 = any
  std::uint8_t receive_limit_log2 = 0;  ///< longest packet it reassembles is 2^n bytes; 0 = none
  std::uint32_t stream_id = 0;
};
inline constexpr std::size_t kHelloSize = 8;
/// A receive limit past 2^24 can't be used: a fragment counts 24 bits.
inline constexpr std::uint8_t kMaxReceiveLimitLog2 = 24;

/// Welcome: what a coordinator gives in JOIN_ACCEPT and RESUME_ACCEPT. Extensible.
///
///     0        1       2          9 10       11 12          13      44 45         76
///    |session |module |unix time ms |zone minutes|generation |node key |discovery key|
struct Welcome {
  std::uint8_t session = 0;
  ModuleId module;  ///< 1..255; 0 where a network has more modules than names
  UnixTime time;    ///< 0 = not known
  std::int16_t zone_minutes = 0;
  std::uint8_t generation = 0;              ///< JOIN_ACCEPT only: of the node key
  std::array<std::uint8_t, 32> node_key{};  ///< JOIN_ACCEPT only
  /// JOIN_ACCEPT only: what the tags of this network's gateways are made with from now on.
  std::optional<std::array<std::uint8_t, 32>> discovery_key;
};
inline constexpr std::size_t kWelcomeSize = 12;
/// Without and with the discovery key.
inline constexpr std::size_t kJoinWelcomeSize = 45;
inline constexpr std::size_t kMaxJoinWelcomeSize = kJoinWelcomeSize + 32;

/// Checks the lengths and the header of an AUTH body; nothing is opened.
Parsed<AuthFrame> parse_auth(ByteView body);
Parsed<Hello> parse_hello(ByteView plaintext);
/// @param step  kJoinAccept or kResumeAccept: which of the two forms is expected.
Parsed<Welcome> parse_welcome(ByteView plaintext, AuthStep step);

/// Writes bytes 0..4 of an AUTH packet whose remaining part (from byte 5) has `rest_size` bytes.
/// @returns kAuthHeaderSize, or 0 when `out` is too small or the packet would pass 256 bytes.
std::size_t encode_auth_header(const AuthHeader& header, std::size_t rest_size,
                               MutableByteView out);
/// Writes a whole REFUSED (header.step is taken as kRefused). `proof` has 16 bytes, or none: zeros.
std::size_t encode_refused(const AuthHeader& header, RefusedReason reason, ByteView proof,
                           MutableByteView out);
std::size_t encode(const Hello& hello, MutableByteView out);
/// @param step  kJoinAccept writes kJoinWelcomeSize or kMaxJoinWelcomeSize bytes, kResumeAccept
/// kWelcomeSize.
std::size_t encode_welcome(const Welcome& welcome, AuthStep step, MutableByteView out);

}  // namespace espial::wire
