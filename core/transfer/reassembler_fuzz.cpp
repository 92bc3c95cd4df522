// Parts that say whatever bytes say, of a few senders in fewer slots; and a sender that is told
// whatever bytes say. No byte is written twice or outside its packet, a complete packet has all of
// its bytes, nobody holds two slots, and timers move on.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "core/base/byte_reader.hpp"
#include "core/transfer/long_parts_test.hpp"

namespace espial::transfer {
namespace {

constexpr std::size_t kSlots = 2;
constexpr std::uint32_t kCapacity = 4096;

void require(bool condition) {
  if (!condition) std::abort();
}

class WatchedStore final : public LongStore {
 public:
  explicit WatchedStore(const std::array<LongSlot, kSlots>& slots) : slots_(slots) {}
  std::uint32_t capacity() const override { return kCapacity; }
  bool write(std::size_t slot, std::uint32_t offset, ByteView bytes) override {
    if (fails) return false;
    require(slot < kSlots && offset + bytes.size() <= slots_[slot].total);
    std::vector<bool>& covered = covered_[slot];
    if (slots_[slot].received == 0) covered.assign(kCapacity, false);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      require(!covered[offset + i]);
      covered[offset + i] = true;
    }
    return true;
  }
  bool whole(std::size_t slot, std::uint32_t size) const {
    return std::all_of(covered_[slot].begin(), covered_[slot].begin() + size,
                       [](bool one) { return one; });
  }

  bool fails = false;

 private:
  const std::array<LongSlot, kSlots>& slots_;
  std::array<std::vector<bool>, kSlots> covered_;
};

struct World {
  explicit World(BytesSource& the_source) : source(the_source) {}

  std::array<LongSlot, kSlots> slots;
  WatchedStore store{slots};
  Reassembler pool{slots, store};
  std::array<Incoming, 5> from;
  SeededRandom random{1};
  BytesSource& source;
  LongSender sender;
  std::uint32_t frame = 0;
  Instant now{1'000'000'000};

  void hear(ByteReader& input) {
    const std::uint8_t who = input.u8();
    const std::uint8_t shape = input.u8();
    // Mostly parts that could be right: a unit, and a place that is a multiple of it.
    const std::uint16_t unit = (shape & 1U) != 0 ? 64 : static_cast<std::uint16_t>(1 + input.u8());
    wire::Fragment part;
    part.message = input.u8();
    part.total = (shape & 2U) != 0 ? 640 : input.u16();
    part.offset = (shape & 4U) != 0 ? input.u16() : std::uint32_t{input.u8()} * unit;
    if (part.offset >= part.total) return;
    const std::size_t size = std::min<std::size_t>(unit, part.total - part.offset);
    part.bytes = {source.bytes.data(), size};
    const Arrival arrival = pool.on_fragment(now, now, from[who % from.size()], part);
    if (arrival.verdict == PartVerdict::kComplete) require(store.whole(arrival.slot, arrival.size));
  }
  void tell_sender(ByteReader& input) {
    wire::Fragack said;
    said.code = static_cast<wire::FragackCode>(input.u8() % 4);
    said.message = input.u8();
    said.unit = 100;
    said.floor = input.u16();
    said.bitmap = input.u32();
    (void)sender.on_fragack(now, random, said);
  }
  void send() {
    for (std::uint32_t sent = 0; const auto part = next_part(now, sender, random, source, ++frame);
         ++sent) {
      require(sent < kSendWindow);
      require(part->fragment.offset + part->bytes.size() <= sender.total());
    }
  }
  void pass(std::uint8_t quarter_seconds) {
    const Instant until = now + Duration::milliseconds(250) * quarter_seconds;
    for (int guard = 0;; ++guard) {
      require(guard < 1000);
      const Instant next = std::min(pool.next_timer(), sender.next_timer());
      if (next > until) break;
      now = std::max(now, next);
      while (pool.next_to_tell(now) != nullptr) {
      }
      while (pool.drop_silent(now)) {
      }
      (void)sender.on_timer(now);
    }
    now = until;
  }
  void check() const {
    std::size_t held = 0;
    for (const Incoming& one : from) {
      if (one.slot == Incoming::kNoSlot) continue;
      ++held;
      require(slots[one.slot].from == &one);
      (void)pool.fragack(one);
    }
    require(held == pool.in_use());
  }
};

}  // namespace
}  // namespace espial::transfer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial;
  using namespace espial::transfer;
  static BytesSource source(100'000);
  World world{source};
  ByteReader input({data, size});
  for (int steps = 0; !input.empty() && steps < 400; ++steps) {
    switch (input.u8() % 8) {
      case 0:
        world.pool.forget(world.from[input.u8() % world.from.size()]);
        break;
      case 1:
        world.pass(input.u8() % 100);
        break;
      case 2:
        world.store.fails = (input.u8() & 3U) == 3;
        break;
      case 3:
        world.sender.begin(world.now, input.u8(), 1 + input.u16(), 100);
        break;
      case 4:
        world.tell_sender(input);
        break;
      case 5:
        world.send();
        world.sender.failed(world.now, world.frame - input.u8() % 8);
        break;
      default:
        world.hear(input);
        break;
    }
    world.check();
  }
  return 0;
}
