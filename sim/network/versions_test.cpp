// A board of a later version among ours: it has the network key, and is refused in words.

#include <gtest/gtest.h>

#include "core/session/handshake.hpp"
#include "core/wire/auth.hpp"
#include "sim/network/watched_network_test.hpp"
#include "sim/seeded_random.hpp"

namespace espial::sim {
namespace {

/// Everything that is sent to one address.
class Heard final : public AirTap {
 public:
  explicit Heard(const MacAddress& mac) : mac_(mac) {}
  void on_transmission(const Transmission& transmission) override {
    if (transmission.acknowledgement || transmission.destination != mac_) return;
    bodies.emplace_back(transmission.body.begin(), transmission.body.end());
  }
  std::vector<std::vector<std::uint8_t>> bodies;

 private:
  MacAddress mac_;
};

TEST(Versions, ABoardOfALaterVersionIsRefusedWithProofAndDisturbsNobody) {
  Watched watched(small_network(5, 4));
  Network& network = *watched.network;
  network.run_for(Duration::seconds(30));
  Heard heard(Adversary::address());
  network.add_tap(heard);
  SeededRandom random(1);
  const session::Credentials credentials{kSimServer, Adversary::address(), wire::KeyId::kNetwork, 0,
                                         network.network_key()};
  session::JoinInitiator later;
  wire::Hello hello;
  hello.version = wire::kVersion + 1;
  std::array<std::uint8_t, session::kMaxAuthSize> out{};
  const ByteView join = later.start(watched.crypto, random, credentials, hello, out);
  const auto refusal = [&]() -> std::optional<wire::RefusedReason> {
    for (const auto& body : heard.bodies) {
      const session::Refusal refused = later.on_refused(watched.sodium, {body.data(), body.size()});
      if (refused.status == session::RefusalStatus::kProven) return refused.reason;
    }
    return std::nullopt;
  };
  for (int i = 0; i < 20 && !refusal(); ++i) {
    network.adversary_says(Adversary::address(), gateway_address(0), network.gateway(0).channel(),
                           join);
    network.run_for(Duration::seconds(2));
  }
  EXPECT_EQ(refusal(), wire::RefusedReason::kWrongVersion);
  EXPECT_EQ(network.hub().role()->find(Adversary::address()), nullptr);
  watched.settle();
}

}  // namespace
}  // namespace espial::sim
