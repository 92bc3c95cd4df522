// What the node's side of a session costs on this chip, in instructions, as lines "NAME COUNT".
// Run it with "-icount shift=0": then one instruction takes exactly one nanosecond of the emulated
// clock, which the chip's own counters follow.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "core/session/handshake.hpp"
#include "core/session/session.hpp"
#include "ports/bearssl/crypto_bearssl.hpp"
#ifdef ESPIAL_CHIP_MBEDTLS
#include "ports/mbedtls/crypto_mbedtls.hpp"
#endif

namespace espial::session {
namespace {

#ifdef __riscv
/// Instructions so far.
std::uint64_t instructions() {
  std::uint32_t high;
  std::uint32_t low;
  std::uint32_t again;
  do {
    asm volatile(
        ".option push\n.option arch, +zicsr\n"
        "csrr %0, minstreth\ncsrr %1, minstret\ncsrr %2, minstreth\n"
        ".option pop"
        : "=r"(high), "=r"(low), "=r"(again));
  } while (high != again);
  return static_cast<std::uint64_t>(high) << 32 | low;
}
#else
/// Instructions so far, to the next 25: CCOUNT counts cycles of an emulated 40 MHz. Seconds of them
/// fit 32 bits, so differences are right.
std::uint64_t instructions() {
  std::uint32_t cycles;
  asm volatile("rsr %0, ccount" : "=r"(cycles));
  return std::uint64_t{cycles} * 25;
}
#endif

class SeededRandom final : public Random {
 public:
  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937 engine_;
};

/// Runs `what` often enough to even out the counter's steps.
template <typename What>
void count(const char* library, const char* name, std::size_t times, What what) {
  const std::uint64_t before = instructions();
  for (std::size_t i = 0; i < times; ++i) what();
  const std::uint64_t spent = instructions() - before;
  std::printf("%s.%s %lu\n", library, name, static_cast<unsigned long>(spent / times));
}

[[noreturn]] void give_up(const char* what) {
  std::printf("failed: %s\n", what);
  std::exit(1);
}

/// A counter that is what it says counts a loop of known length rightly.
void check_counter() {
  constexpr std::uint32_t kRounds = 1000000;
  const std::uint64_t before = instructions();
  std::uint32_t left = kRounds;
  asm volatile("1: addi %0, %0, -1\nbnez %0, 1b" : "+r"(left));
  const std::uint64_t spent = instructions() - before;
  if (spent < 2 * kRounds || spent > 2 * kRounds + 1000) give_up("the counter counts wrongly");
}

class Costs {
 public:
  Costs(const char* library, Crypto& crypto) : library_(library), crypto_(crypto) {
    credentials_.server = ServerId{7};
    credentials_.mac = {{2, 0, 0, 0, 0, 1}};
    credentials_.key.fill(0x42);
    welcome_.session = 5;
    welcome_.module = ModuleId{1};
    welcome_.generation = 1;
  }

  void run() {
    frames("32", 32);
    frames("250", kLongest);
    join();
    resume();
    agreement();
  }

 private:
  static constexpr std::size_t kTimes = 20;
  static constexpr std::size_t kLongest = 250;

  void frames(const char* name, std::size_t size) {
    SessionKeys keys;
    keys.uplink.fill(1);
    Session node(Side::kNode, credentials_.server, 5, keys);
    node.reserve(UINT64_MAX);
    std::array<std::uint8_t, kLongest> plain{};
    std::array<std::uint8_t, wire::sealed_size(kLongest)> body{};
    std::array<std::uint8_t, kLongest> opened{};
    char what[16];
    Sealed sealed;
    std::snprintf(what, sizeof what, "seal_%s", name);
    count(library_, what, kTimes, [&] {
      sealed = node.seal(crypto_, Listening::kNo, {plain.data(), size}, body);
      if (sealed.status != SealStatus::kOk) give_up(what);
    });
    // One frame opens once in a session.
    std::array<Session, kTimes> receivers;
    receivers.fill(Session(Side::kCoordinator, credentials_.server, 5, keys));
    auto receiver = receivers.begin();
    std::snprintf(what, sizeof what, "open_%s", name);
    count(library_, what, kTimes, [&] {
      if (receiver++->open(crypto_, sealed.body, opened).status != OpenStatus::kOk) give_up(what);
    });
  }

  void join() {
    JoinInitiator node;
    JoinResponder coordinator;
    credentials_.key_id = wire::KeyId::kNetwork;
    std::array<std::uint8_t, kMaxAuthSize> request{};
    std::array<std::uint8_t, kMaxAuthSize> answer{};
    ByteView joining;
    Session session;
    wire::Hello hello;
    wire::Welcome welcome;
    count(library_, "join_ask", 1,
          [&] { joining = node.start(crypto_, random_, credentials_, hello, request); });
    if (coordinator.read(crypto_, credentials_, joining, hello) != HandshakeStatus::kOk) {
      give_up("join");
    }
    const ByteView accepted = coordinator.accept(crypto_, random_, welcome_, answer, session);
    count(library_, "join_take", 1, [&] {
      if (node.on_accept(crypto_, accepted, session, welcome) != HandshakeStatus::kOk) {
        give_up("join");
      }
    });
  }

  void resume() {
    ResumeInitiator node;
    ResumeResponder coordinator;
    credentials_.key_id = wire::KeyId::kNode;
    std::array<std::uint8_t, kMaxAuthSize> request{};
    std::array<std::uint8_t, kMaxAuthSize> answer{};
    ByteView resuming;
    Session session;
    wire::Hello hello;
    wire::Welcome welcome;
    count(library_, "resume_ask", 1,
          [&] { resuming = node.start(crypto_, random_, credentials_, hello, request); });
    if (coordinator.read(crypto_, credentials_, resuming, hello) != HandshakeStatus::kOk) {
      give_up("resume");
    }
    const ByteView accepted = coordinator.accept(crypto_, random_, welcome_, answer, session);
    count(library_, "resume_take", 1, [&] {
      if (node.on_accept(crypto_, accepted, session, welcome) != HandshakeStatus::kOk) {
        give_up("resume");
      }
    });
  }

  void agreement() {
    const Key secret = credentials_.key;
    count(library_, "x25519", 1, [&] { (void)crypto_.x25519_public_key(secret); });
  }

  const char* library_;
  Crypto& crypto_;
  SeededRandom random_;
  Credentials credentials_;
  wire::Welcome welcome_;
};

}  // namespace
}  // namespace espial::session

int main() {
  using namespace espial;
  session::check_counter();
  CryptoBearssl bearssl;
  session::Costs("bearssl", bearssl).run();
#ifdef ESPIAL_CHIP_MBEDTLS
  CryptoMbedtls mbedtls;
  session::Costs("mbedtls", mbedtls).run();
#endif
}
