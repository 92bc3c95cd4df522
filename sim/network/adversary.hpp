#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/wire/search.hpp"
#include "sim/air/air_tap.hpp"
#include "sim/network/scene.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// What somebody does who has a radio and no key.
enum class Attack : std::uint8_t {
  kReplay,        ///< sends what it has heard once more, from whoever it was
  kForge,         ///< the same with bits changed
  kFlood,         ///< searches from invented addresses, and noise
  kLookAlike,     ///< answers searches as if it were a gateway
  kOtherVersion,  ///< no attack: says what a later version of the protocol might
};
inline constexpr std::size_t kAttacks = 5;

/// The strongest eavesdropper there can be: it hears every frame, wherever, on every channel, and
/// sends from any address. It holds no key, and is drawn from a seed like everything else.
class Adversary final : public AirTap {
 public:
  /// Frames sent, by attack.
  using Counts = std::array<std::uint64_t, kAttacks>;

  Adversary(Scene& scene, std::uint64_t seed);

  void attack(Attack attack, Instant until) { until_[static_cast<std::size_t>(attack)] = until; }
  void rest() { until_.fill(Instant{}); }

  /// Where its own radio is, for who wants to be answered.
  static MacAddress address();
  /// Sends one frame, as a test's own attack; from there on its radio listens on that channel.
  void say(const MacAddress& source, const MacAddress& destination, Channel channel, ByteView body);

  void on_timer();
  /// When on_timer() wants to be called; kNever while it rests.
  Instant next_timer() const;
  void on_transmission(const Transmission& transmission) override;

  const Counts& counts() const { return counts_; }

 private:
  struct Heard {
    MacAddress source;
    MacAddress destination;
    Channel channel;
    std::vector<std::uint8_t> body;
  };

  bool attacks(Attack attack) const {
    return until_[static_cast<std::size_t>(attack)] > scene_.now;
  }
  void send(Attack attack, const Heard& frame);
  void replay(bool changed);
  void flood();
  void answer_search();
  void speak_other_version();

  Scene& scene_;
  SplitMix random_;
  RadioId radio_;
  std::array<Instant, kAttacks> until_{};
  Instant next_ = kNever;
  /// The newest frames heard, in a ring; the next one goes to `newest_`.
  std::vector<Heard> heard_;
  std::size_t newest_ = 0;
  struct Search {
    MacAddress node;
    Channel channel;
    wire::SearchNonce nonce{};
  };
  std::optional<Search> search_;
  Counts counts_{};
};

}  // namespace espial::sim
