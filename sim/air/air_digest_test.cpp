// The same on every machine, and without the heap.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "core/base/hash.hpp"
#include "sim/air/air_log_test.hpp"

namespace {
std::size_t allocations = 0;
}  // namespace

// Inlined, they would look to the compiler like a `free` of what `new` gave.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace espial::sim {
namespace {

constexpr std::uint32_t kRadios = 60;

/// Every effect at once.
AirSettings unkind(std::uint64_t seed) {
  AirSettings settings;
  settings.seed = seed;
  settings.propagation.shadowing_db = 6;
  settings.propagation.fading_percent = 80;
  settings.foreign[6] = {200, -65, 100};
  settings.foreign[1] = {100, -50, 100};
  settings.loss_permille = 50;
  settings.drop_permille = 20;
  settings.duplicate_permille = 20;
  settings.repeat_permille = 100;
  settings.corrupt_permille = 20;
  settings.late_permille = 20;
  settings.off_channel_permille = 100;
  return settings;
}

/// Sends on and on, and remembers what happened in one number.
struct Digest : AirSink {
  explicit Digest(std::uint64_t seed) : air(unkind(seed)), random(seed) {
    for (std::uint32_t i = 0; i < kRadios; ++i) {
      RadioSettings settings = test_radio(i, i % 4 == 0 ? 7 : 6);
      settings.position = Position{static_cast<std::int32_t>(random.below(12'000)),
                                   static_cast<std::int32_t>(random.below(12'000))};
      if (i % 3 == 0) settings.rates = kEsp8266Rates;
      radios.push_back(*air.add_radio({}, settings));
    }
    for (std::uint32_t i = 0; i < kRadios; i += 2) send({}, i);
  }
  void note(std::uint64_t value) {
    const std::array<std::uint64_t, 1> word{value};
    digest = fnv1a({reinterpret_cast<const std::uint8_t*>(word.data()), 8}, digest);
  }
  void send(Instant at, std::uint32_t index) {
    const bool broadcast = random.chance(100);
    const MacAddress to =
        broadcast ? kBroadcast : test_mac(static_cast<std::uint32_t>(random.below(kRadios)));
    (void)air.transmit(at, radios[index], to, test_bytes(random.below(250)));
  }
  void on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) override {
    note(static_cast<std::uint64_t>(at.us));
    note(receiver.value * 65536ULL + static_cast<std::uint8_t>(*frame.rssi_dbm));
    digest = fnv1a(frame.body, digest);
  }
  void on_sent(Instant at, RadioId sender, bool acknowledged) override {
    note(static_cast<std::uint64_t>(at.us) * 2 + (acknowledged ? 1 : 0));
    const auto index = static_cast<std::uint32_t>(sender.value % kMaxRadios);
    if (random.chance(20)) air.tune(at, sender, Channel{static_cast<std::uint8_t>(5 + index % 4)});
    send(at, index);
  }
  void run_for(Duration span) {
    now = now + span;
    air.advance(now, *this);
  }

  Air air;
  SplitMix random;
  std::vector<RadioId> radios;
  Instant now;
  std::uint64_t digest = 0xcbf29ce484222325U;
};

// A change of the model changes this number, and nothing else does: neither the compiler nor its
// optimisation. Write down the new one with the change.
TEST(AirDigest, IsTheSameOnEveryMachine) {
  Digest digest(7);
  digest.run_for(Duration::seconds(10));
  EXPECT_EQ(digest.digest, 0x9c49508b6ad379ebU) << std::hex << "0x" << digest.digest;
}

TEST(AirDigest, HasSeenEverything) {
  Digest digest(7);
  digest.run_for(Duration::seconds(10));
  const AirCounters& seen = digest.air.counters();
  for (const std::uint64_t count :
       {seen.retries,        seen.unanswered,  seen.sensed_busy, seen.foreign_busy,
        seen.blind_starts,   seen.acks_lost,   seen.collisions,  seen.foreign_hits,
        seen.weak,           seen.fades,       seen.missed,      seen.lost,
        seen.captures,       seen.off_channel, seen.duplicates,  seen.repeats,
        seen.repeats_passed, seen.dropped,     seen.corrupted,   seen.late}) {
    EXPECT_GT(count, 0U);
  }
}

TEST(AirDigest, AnotherSeedDoesOtherThings) {
  Digest one(7);
  Digest other(8);
  one.run_for(Duration::seconds(1));
  other.run_for(Duration::seconds(1));
  EXPECT_NE(one.digest, other.digest);
}

TEST(AirDigest, AFrameAllocatesNothing) {
  Digest digest(7);
  digest.run_for(Duration::seconds(2));
  const std::size_t before = allocations;
  digest.run_for(Duration::seconds(10));
  EXPECT_EQ(allocations, before);
  EXPECT_GT(before, 0U);
}

}  // namespace
}  // namespace espial::sim
