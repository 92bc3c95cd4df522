#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/port/crypto.hpp"
#include "sim/heap_watch.hpp"
#include "sim/network/counter_runs.hpp"
#include "sim/network/dense_map.hpp"
#include "sim/network/newest_marks.hpp"
#include "sim/network/watch.hpp"

namespace espial::sim {

/// A platform's cryptography with somebody looking over its shoulder: no key may seal twice with
/// one counter, whoever does it, over resets, replacements and restored hubs; and nothing opens
/// that nobody sealed, to the byte: header, what was sealed, and what it became.
///
/// It remembers runs of counters for each key, and marks of what was sealed under the newest of
/// them, so its memory grows with sessions and gaps, not with frames. What comes so late that its
/// mark is gone is known by its counter alone.
class WatchedCrypto final : public Crypto, public Observer {
 public:
  WatchedCrypto(Crypto& crypto, Violations& violations)
      : crypto_(crypto), violations_(violations) {}

  /// When a violation is found it is said to be of this moment.
  void set_now(Instant now) { now_ = now; }
  std::uint64_t seals() const { return seals_; }
  std::uint64_t opens() const { return opens_; }
  /// Opens whose bytes could be compared with what was sealed.
  std::uint64_t compared() const { return compared_; }
  std::size_t keys() const { return used_.size(); }

  void seal(const Key& key, std::uint64_t counter, ByteView associated_data, ByteView plaintext,
            std::uint8_t* out) override {
    const OutsideCore port;
    ++seals_;
    sealed_last_ = {key, counter};
    Used& used = used_[key];
    if (!used.counters.take(counter)) {
      violations_.add(now_, "a nonce was used twice", "counter " + std::to_string(counter));
    }
    // It may be where the sealed bytes will be.
    const std::uint64_t plain = mix(kPlain, plaintext);
    crypto_.seal(key, counter, associated_data, plaintext, out);
    const ByteView sealed(out, plaintext.size() + kTagSize);
    used.marks.put(counter, mark_of(plain, mix(mix(kSealed, associated_data), sealed)));
  }
  [[nodiscard]] bool open(const Key& key, std::uint64_t counter, ByteView associated_data,
                          ByteView ciphertext, std::uint8_t* out) override {
    const OutsideCore port;
    ++opens_;
    const std::uint64_t sealed = mix(mix(kSealed, associated_data), ciphertext);
    const bool ok = crypto_.open(key, counter, associated_data, ciphertext, out);
    if (ok) check_opened(key, counter, sealed, {out, ciphertext.size() - kTagSize});
    return ok;
  }
  void on_unreserved_counter(Instant at, std::uint32_t board, std::uint16_t counter) override {
    violations_.add(at, "a counter was used before it was reserved",
                    "board " + std::to_string(board) + " counter " + std::to_string(counter));
  }
  /// A counter under which nothing left may be used again.
  void on_never_sent(Instant at, std::uint32_t board) override {
    (void)at, (void)board;
    used_[sealed_last_.first].counters.give_back(sealed_last_.second);
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

  /// What a key has sealed.
  struct Used {
    CounterRuns counters;
    NewestMarks marks;
  };
  /// Where the marks of the two begin.
  static constexpr std::uint64_t kPlain = 1;
  static constexpr std::uint64_t kSealed = 2;

  /// Tells bytes, and where they end, from others; it keeps no secret.
  static std::uint64_t mix(std::uint64_t hash, ByteView bytes) {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15U;
    const auto take = [&hash](std::uint64_t word) {
      hash = (hash ^ word) * kOdd;
      hash ^= hash >> 29U;
    };
    take(bytes.size());
    for (; !bytes.empty(); bytes = bytes.subview(std::min(bytes.size(), sizeof hash))) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof word));
      take(word);
    }
    return hash;
  }
  static std::uint32_t mark_of(std::uint64_t plain, std::uint64_t sealed) {
    const std::uint64_t both = plain + 3 * sealed;
    return static_cast<std::uint32_t>(both >> 32U ^ both);
  }

  void check_opened(const Key& key, std::uint64_t counter, std::uint64_t sealed,
                    ByteView plaintext) {
    const Used* const used = used_.find(key);
    if (used == nullptr || !used->counters.has(counter)) {
      violations_.add(now_, "opened what nobody sealed", "counter " + std::to_string(counter));
      return;
    }
    const auto mark = used->marks.find(counter);
    if (!mark) return;
    ++compared_;
    if (*mark == mark_of(mix(kPlain, plaintext), sealed)) return;
    violations_.add(now_, "opened other bytes than were sealed",
                    "counter " + std::to_string(counter));
  }

  Crypto& crypto_;
  Violations& violations_;
  Instant now_;
  DenseMap<Key, Used, KeyHash> used_;
  std::pair<Key, std::uint64_t> sealed_last_;
  std::uint64_t seals_ = 0;
  std::uint64_t opens_ = 0;
  std::uint64_t compared_ = 0;
};

}  // namespace espial::sim
