#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <unordered_map>

#include "core/port/crypto.hpp"
#include "sim/network/watch.hpp"

namespace espial::sim {

/// A platform's cryptography with somebody looking over its shoulder: no key may seal twice with
/// one counter, whoever does it, over resets, replacements and restored hubs.
///
/// It remembers runs of counters for each key, so its memory grows with sessions and gaps, not with
/// frames.
class WatchedCrypto final : public Crypto {
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
    ++seals_;
    if (!take(key, counter)) {
      violations_.add(now_, "a nonce was used twice", "counter " + std::to_string(counter));
    }
    crypto_.seal(key, counter, associated_data, plaintext, out);
  }
  [[nodiscard]] bool open(const Key& key, std::uint64_t counter, ByteView associated_data,
                          ByteView ciphertext, std::uint8_t* out) override {
    ++opens_;
    return crypto_.open(key, counter, associated_data, ciphertext, out);
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
  /// Counters from `first` on, up to and including the mapped value.
  using Runs = std::map<std::uint64_t, std::uint64_t>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      std::size_t hash = 0;
      std::memcpy(&hash, key.data(), sizeof hash);
      return hash;
    }
  };

  /// @retval false  this key has sealed with this counter before.
  bool take(const Key& key, std::uint64_t counter) {
    Runs& runs = used_[key];
    auto after = runs.upper_bound(counter);
    if (after != runs.begin()) {
      const auto before = std::prev(after);
      if (before->second >= counter) return false;
      if (before->second + 1 == counter) {
        before->second = counter;
        return true;
      }
    }
    runs.emplace_hint(after, counter, counter);
    return true;
  }

  Crypto& crypto_;
  Violations& violations_;
  Instant now_;
  std::unordered_map<Key, Runs, KeyHash> used_;
  std::uint64_t seals_ = 0;
  std::uint64_t opens_ = 0;
};

}  // namespace espial::sim
