#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"
#include "core/port/crypto.hpp"

namespace espial::crypto {

/// What a finished handshake leaves: the two keys of Noise's Split, in Espial first the uplink's,
/// then the downlink's, and the hash that names this handshake among all (Noise, section 11.2).
struct SplitKeys {
  Key first{};
  Key second{};
  Hash handshake_hash{};
};

/// Bytes that a handshake message of NNpsk0 adds to its payload: an ephemeral key and a tag.
inline constexpr std::size_t kNoiseOverhead = kKeySize + kTagSize;

/// Noise's SymmetricState with its CipherState, revision 34, for 25519, ChaChaPoly and SHA256.
class SymmetricState {
 public:
  /// InitializeSymmetric. `protocol_name` of at most 32 bytes is padded with zeros, a longer one
  /// hashed.
  void initialize(Crypto& crypto, ByteView protocol_name);
  void mix_hash(Crypto& crypto, ByteView data);
  void mix_key(Crypto& crypto, ByteView key_material);
  void mix_key_and_hash(Crypto& crypto, ByteView key_material);
  /// Writes plaintext.size() + kTagSize bytes; `out` may start where `plaintext` does. A key must
  /// have been mixed in before.
  void encrypt_and_hash(Crypto& crypto, ByteView plaintext, std::uint8_t* out);
  /// Writes ciphertext.size() - kTagSize bytes. `out` must not overlap `ciphertext`, which is
  /// hashed after it was opened.
  /// @retval false  not authentic; the state is as before.
  [[nodiscard]] bool decrypt_and_hash(Crypto& crypto, ByteView ciphertext, std::uint8_t* out);
  SplitKeys split(Crypto& crypto) const;
  void wipe(Crypto& crypto);

 private:
  Hash hash_{};
  Hash chaining_key_{};
  Key key_{};
  std::uint64_t nonce_ = 0;
};

/// One side of Noise_NNpsk0_25519_ChaChaPoly_SHA256.
///
///     initiator                                         responder
///       start()          -> psk, e   message 1 ->         read_first()
///       read_second()    <- e, ee    message 2 <-         write_second()
///
/// Each message is an ephemeral key, the encrypted payload and a tag: payload + kNoiseOverhead
/// bytes, which must not overlap the payload. A step that fails leaves the object as it was, so a
/// forged message disturbs nothing.
class NnPsk0Initiator {
 public:
  /// Writes message 1 to `out` (payload.size() + kNoiseOverhead bytes) and waits for message 2.
  /// `ephemeral_secret` is 32 fresh random bytes.
  void start(Crypto& crypto, ByteView prologue, const Key& psk, const Key& ephemeral_secret,
             ByteView payload, std::uint8_t* out);

  /// Reads message 2; writes its payload (message.size() - kNoiseOverhead bytes) to `payload`.
  /// @retval false  shorter than kNoiseOverhead, a bad ephemeral key, or not authentic.
  [[nodiscard]] bool read_second(Crypto& crypto, ByteView message, std::uint8_t* payload,
                                 SplitKeys& keys);

  void wipe(Crypto& crypto);

 private:
  SymmetricState state_;
  Key ephemeral_secret_{};
};

/// @copydoc NnPsk0Initiator
class NnPsk0Responder {
 public:
  /// Reads message 1; writes its payload (message.size() - kNoiseOverhead bytes) to `payload`.
  /// @retval false  shorter than kNoiseOverhead, or not authentic under this prologue and psk.
  [[nodiscard]] bool read_first(Crypto& crypto, ByteView prologue, const Key& psk, ByteView message,
                                std::uint8_t* payload);

  /// Writes message 2 to `out` (payload.size() + kNoiseOverhead bytes). Only after read_first().
  /// @retval false  the peer's ephemeral key is of low order.
  [[nodiscard]] bool write_second(Crypto& crypto, const Key& ephemeral_secret, ByteView payload,
                                  std::uint8_t* out, SplitKeys& keys);

  void wipe(Crypto& crypto);

 private:
  SymmetricState state_;
  Key remote_ephemeral_{};
};

}  // namespace espial::crypto
