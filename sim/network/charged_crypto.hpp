#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "core/port/crypto.hpp"
#include "sim/heap_watch.hpp"
#include "sim/network/scene.hpp"

namespace espial::sim {

/// How long a chip takes for its cryptography; all zero: no time at all.
struct ChipSpeed {
  Duration x25519;
  Duration seal;  ///< or open, of a short frame
  Duration hash;  ///< or HMAC
};
/// From the instructions in bench/RESULTS.md (5.76 million an X25519, 10 000 a seal, 15 000 an
/// HMAC), two cycles each: flash is slow.
inline constexpr ChipSpeed kEsp8266Speed{Duration::microseconds(144'000),
                                         Duration::microseconds(250), Duration::microseconds(375)};
/// An ESP32-C3 at 160 MHz with mbedTLS (15.5 million, 17 000, 20 000), one and a half cycles each.
inline constexpr ChipSpeed kEsp32C3Speed{Duration::microseconds(145'000),
                                         Duration::microseconds(160), Duration::microseconds(190)};

struct Chip {
  std::string_view name;
  ChipSpeed speed;
};
/// What a board can be built of; "none" takes no time.
inline constexpr std::array<Chip, 3> kChips{
    {{"none", {}}, {"esp8266", kEsp8266Speed}, {"esp32c3", kEsp32C3Speed}}};

/// Who wants to see what a board seals.
class SealListener {
 public:
  virtual ~SealListener() = default;
  virtual void on_seal(ByteView plaintext) = 0;
};

/// A board's cryptography that takes its time: until busy_until() the board sends nothing.
class ChargedCrypto final : public Crypto {
 public:
  ChargedCrypto(const Scene& scene, const ChipSpeed& speed) : scene_(scene), speed_(speed) {}

  Instant busy_until() const { return busy_until_; }
  /// What it was at is over: the chip starts anew.
  void restart() { busy_until_ = {}; }
  /// Shows `listener`, which must outlive it, what is sealed; null: nobody.
  void set_listener(SealListener* listener) { listener_ = listener; }

  void seal(const Key& key, std::uint64_t counter, ByteView associated_data, ByteView plaintext,
            std::uint8_t* out) override {
    charge(speed_.seal);
    if (listener_ != nullptr) show(plaintext);
    scene_.crypto.seal(key, counter, associated_data, plaintext, out);
  }
  [[nodiscard]] bool open(const Key& key, std::uint64_t counter, ByteView associated_data,
                          ByteView ciphertext, std::uint8_t* out) override {
    charge(speed_.seal);
    return scene_.crypto.open(key, counter, associated_data, ciphertext, out);
  }
  Hash sha256(ByteView data) override {
    charge(speed_.hash);
    return scene_.crypto.sha256(data);
  }
  Hash hmac_sha256(ByteView key, ByteView first, ByteView second) override {
    charge(speed_.hash);
    return scene_.crypto.hmac_sha256(key, first, second);
  }
  Key x25519_public_key(const Key& secret_key) override {
    charge(speed_.x25519);
    return scene_.crypto.x25519_public_key(secret_key);
  }
  [[nodiscard]] bool x25519(const Key& secret_key, const Key& public_key,
                            Key& shared_secret) override {
    charge(speed_.x25519);
    return scene_.crypto.x25519(secret_key, public_key, shared_secret);
  }
  [[nodiscard]] bool equal(ByteView left, ByteView right) override {
    return scene_.crypto.equal(left, right);
  }
  void wipe(MutableByteView secret) override { scene_.crypto.wipe(secret); }

 private:
  void show(ByteView plaintext) {
    const OutsideCore port;
    listener_->on_seal(plaintext);
  }
  void charge(Duration span) { busy_until_ = std::max(busy_until_, scene_.now) + span; }

  const Scene& scene_;
  ChipSpeed speed_;
  Instant busy_until_;
  SealListener* listener_ = nullptr;
};

}  // namespace espial::sim
