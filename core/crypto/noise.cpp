#include "core/crypto/noise.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/crypto/hkdf.hpp"

namespace espial::crypto {
namespace {

constexpr std::string_view kProtocolName = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";

template <std::size_t N>
std::array<std::uint8_t, N * kHashSize> noise_hkdf(Crypto& crypto, const Hash& chaining_key,
                                                   ByteView key_material) {
  // Noise's HKDF is RFC 5869's with the chaining key as salt and an empty info.
  std::array<std::uint8_t, N * kHashSize> out;
  Hash pseudo_random_key = hkdf_extract(crypto, chaining_key, key_material);
  hkdf_expand(crypto, pseudo_random_key, {}, out);
  crypto.wipe(pseudo_random_key);
  return out;
}

void take(Key& key, const std::uint8_t* from) { std::copy_n(from, key.size(), key.begin()); }

/// What both sides do before message 1: name, prologue, psk.
void begin(Crypto& crypto, SymmetricState& state, ByteView prologue, const Key& psk) {
  state.initialize(crypto, as_bytes(kProtocolName));
  state.mix_hash(crypto, prologue);
  state.mix_key_and_hash(crypto, psk);
}

/// Token "e" of a psk handshake: the ephemeral key also goes into the chaining key.
void mix_ephemeral(Crypto& crypto, SymmetricState& state, ByteView public_key) {
  state.mix_hash(crypto, public_key);
  state.mix_key(crypto, public_key);
}

}  // namespace

void SymmetricState::initialize(Crypto& crypto, ByteView protocol_name) {
  if (protocol_name.size() <= kHashSize) {
    hash_.fill(0);
    std::copy(protocol_name.begin(), protocol_name.end(), hash_.begin());
  } else {
    hash_ = crypto.sha256(protocol_name);
  }
  chaining_key_ = hash_;
  nonce_ = 0;
}

void SymmetricState::mix_hash(Crypto& crypto, ByteView data) {
  // The port hashes one run of bytes; nothing mixed in is longer than an AUTH packet.
  std::array<std::uint8_t, kHashSize + 256> joined;
  const std::size_t count = std::min<std::size_t>(data.size(), joined.size() - kHashSize);
  std::copy(hash_.begin(), hash_.end(), joined.begin());
  std::copy_n(data.begin(), count, joined.begin() + kHashSize);
  hash_ = crypto.sha256({joined.data(), kHashSize + count});
}

void SymmetricState::mix_key(Crypto& crypto, ByteView key_material) {
  auto keys = noise_hkdf<2>(crypto, chaining_key_, key_material);
  take(chaining_key_, keys.data());
  take(key_, keys.data() + kHashSize);
  nonce_ = 0;
  crypto.wipe(keys);
}

void SymmetricState::mix_key_and_hash(Crypto& crypto, ByteView key_material) {
  auto keys = noise_hkdf<3>(crypto, chaining_key_, key_material);
  take(chaining_key_, keys.data());
  mix_hash(crypto, ByteView(keys).subview(kHashSize, kHashSize));
  take(key_, keys.data() + 2 * kHashSize);
  nonce_ = 0;
  crypto.wipe(keys);
}

void SymmetricState::encrypt_and_hash(Crypto& crypto, ByteView plaintext, std::uint8_t* out) {
  const std::size_t size = plaintext.size() + kTagSize;
  crypto.seal(key_, nonce_, hash_, plaintext, out);
  ++nonce_;
  mix_hash(crypto, {out, size});
}

bool SymmetricState::decrypt_and_hash(Crypto& crypto, ByteView ciphertext, std::uint8_t* out) {
  if (!crypto.open(key_, nonce_, hash_, ciphertext, out)) return false;
  ++nonce_;
  mix_hash(crypto, ciphertext);
  return true;
}

SplitKeys SymmetricState::split(Crypto& crypto) const {
  auto keys = noise_hkdf<2>(crypto, chaining_key_, {});
  SplitKeys split_keys;
  take(split_keys.first, keys.data());
  take(split_keys.second, keys.data() + kHashSize);
  split_keys.handshake_hash = hash_;
  crypto.wipe(keys);
  return split_keys;
}

void SymmetricState::wipe(Crypto& crypto) {
  crypto.wipe(hash_);
  crypto.wipe(chaining_key_);
  crypto.wipe(key_);
  nonce_ = 0;
}

void NnPsk0Initiator::start(Crypto& crypto, ByteView prologue, const Key& psk,
                            const Key& ephemeral_secret, ByteView payload, std::uint8_t* out) {
  ephemeral_secret_ = ephemeral_secret;
  const Key public_key = crypto.x25519_public_key(ephemeral_secret);
  begin(crypto, state_, prologue, psk);
  mix_ephemeral(crypto, state_, public_key);
  std::copy(public_key.begin(), public_key.end(), out);
  state_.encrypt_and_hash(crypto, payload, out + kKeySize);
}

bool NnPsk0Initiator::read_second(Crypto& crypto, ByteView message, std::uint8_t* payload,
                                  SplitKeys& keys) {
  if (message.size() < kNoiseOverhead) return false;
  Key remote;
  take(remote, message.data());
  Key shared;
  if (!crypto.x25519(ephemeral_secret_, remote, shared)) return false;
  // On a copy: a forged message must leave the handshake waiting for the true one.
  SymmetricState state = state_;
  mix_ephemeral(crypto, state, remote);
  state.mix_key(crypto, shared);
  crypto.wipe(shared);
  const bool authentic = state.decrypt_and_hash(crypto, message.subview(kKeySize), payload);
  if (authentic) keys = state.split(crypto);
  state.wipe(crypto);
  return authentic;
}

void NnPsk0Initiator::wipe(Crypto& crypto) {
  state_.wipe(crypto);
  crypto.wipe(ephemeral_secret_);
}

bool NnPsk0Responder::read_first(Crypto& crypto, ByteView prologue, const Key& psk,
                                 ByteView message, std::uint8_t* payload) {
  if (message.size() < kNoiseOverhead) return false;
  Key remote;
  take(remote, message.data());
  SymmetricState state;
  begin(crypto, state, prologue, psk);
  mix_ephemeral(crypto, state, remote);
  const bool authentic = state.decrypt_and_hash(crypto, message.subview(kKeySize), payload);
  if (authentic) {
    state_ = state;
    remote_ephemeral_ = remote;
  }
  state.wipe(crypto);
  return authentic;
}

bool NnPsk0Responder::write_second(Crypto& crypto, const Key& ephemeral_secret, ByteView payload,
                                   std::uint8_t* out, SplitKeys& keys) {
  Key shared;
  if (!crypto.x25519(ephemeral_secret, remote_ephemeral_, shared)) return false;
  const Key public_key = crypto.x25519_public_key(ephemeral_secret);
  std::copy(public_key.begin(), public_key.end(), out);
  mix_ephemeral(crypto, state_, public_key);
  state_.mix_key(crypto, shared);
  crypto.wipe(shared);
  state_.encrypt_and_hash(crypto, payload, out + kKeySize);
  keys = state_.split(crypto);
  return true;
}

void NnPsk0Responder::wipe(Crypto& crypto) {
  state_.wipe(crypto);
  crypto.wipe(remote_ephemeral_);
}

}  // namespace espial::crypto
