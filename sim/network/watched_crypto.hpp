#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/port/crypto.hpp"
#include "sim/heap_watch.hpp"
#include "sim/network/counter_runs.hpp"
#include "sim/network/dense_map.hpp"
#include "sim/network/watch.hpp"

namespace espial::sim {

/// A platform's cryptography with somebody looking over its shoulder: no key may seal twice with
/// one counter, whoever does it, over resets, replacements and restored hubs; and nothing opens
/// that nobody sealed.
///
/// It remembers runs of counters for each key, so its memory grows with sessions and gaps, not with
/// frames.
class WatchedCrypto final : public Crypto, public Observer {
 public:
  WatchedCrypto(Crypto& crypto, Violations& violations)
      : crypto_(crypto), violations_(violations) {}

  /// When a violation is found it is said to be of this moment.
  void set_now(Instant now) { now_ = now; }
  std::uint64_t seals() const { return seals_; }
  std::uint64_t opens() const { return opens_; }
  std::size_t keys() const { return used_.size(); }

  void seal(const Key& key, std::uint64_t counter, ByteView associated_data, ByteView plaintext,
            std::uint8_t* out) override {
    const OutsideCore port;
    ++seals_;
    sealed_last_ = {key, counter};
    if (!used_[key].take(counter)) {
      violations_.add(now_, "a nonce was used twice", "counter " + std::to_string(counter));
    }
    crypto_.seal(key, counter, associated_data, plaintext, out);
  }
  [[nodiscard]] bool open(const Key& key, std::uint64_t counter, ByteView associated_data,
                          ByteView ciphertext, std::uint8_t* out) override {
    const OutsideCore port;
    ++opens_;
    const bool ok = crypto_.open(key, counter, associated_data, ciphertext, out);
    if (ok && !taken(key, counter)) {
      violations_.add(now_, "opened what nobody sealed", "counter " + std::to_string(counter));
    }
    return ok;
  }
  void on_unreserved_counter(Instant at, std::uint32_t board, std::uint16_t counter) override {
    violations_.add(at, "a counter was used before it was reserved",
                    "board " + std::to_string(board) + " counter " + std::to_string(counter));
  }
  /// A counter under which nothing left may be used again.
  void on_never_sent(Instant at, std::uint32_t board) override {
    (void)at, (void)board;
    used_[sealed_last_.first].give_back(sealed_last_.second);
  }
  Hash sha256(ByteView data) override { return crypto_.sha256(data); }
  Hash hmac_sha256(ByteView key, ByteView first, ByteView second) override {
    return crypto_.hmac_sha256(key, first, second);
  }
  Key x25519_public_key(const Key& secret_key) override {
    return crypto_.x25519_public_key(secret_key);
  }
  [[nodiscard]] bool x25519(const Key& secret_key, const Key& public_key,
                            Key& shared_secret) override {
    return crypto_.x25519(secret_key, public_key, shared_secret);
  }
  [[nodiscard]] bool equal(ByteView left, ByteView right) override {
    return crypto_.equal(left, right);
  }
  void wipe(MutableByteView secret) override { crypto_.wipe(secret); }

 private:
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      std::size_t hash = 0;
      std::memcpy(&hash, key.data(), sizeof hash);
      return hash;
    }
  };

  bool taken(const Key& key, std::uint64_t counter) const {
    const CounterRuns* const found = used_.find(key);
    return found != nullptr && found->has(counter);
  }

  Crypto& crypto_;
  Violations& violations_;
  Instant now_;
  DenseMap<Key, CounterRuns, KeyHash> used_;
  std::pair<Key, std::uint64_t> sealed_last_;
  std::uint64_t seals_ = 0;
  std::uint64_t opens_ = 0;
};

}  // namespace espial::sim
