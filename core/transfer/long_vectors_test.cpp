// protocol/vectors/long_exchange.json: every byte that a long packet's two ends say, in order.

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/crypto/vectors_test.hpp"
#include "core/transfer/long_parts_test.hpp"
#include "core/wire/report.hpp"

namespace espial::transfer {
namespace {

template <typename Packet>
Bytes encoded(const Packet& packet) {
  Bytes out(1500);
  out.resize(wire::encode(packet, {out.data(), out.size()}));
  return out;
}

TEST(LongVectorsTest, BothEndsSayWhatTheVectorSays) {
  for (const auto& vector : load_vectors("long_exchange.json")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    BytesSource source(0);
    source.bytes = bytes_of(vector.at("whole"), "hex");
    const auto size = static_cast<std::uint32_t>(source.bytes.size());
    const auto publish = wire::parse_packet({source.bytes.data(), source.bytes.size()});
    ASSERT_TRUE(publish);
    EXPECT_TRUE(wire::parse_report(*publish));

    Instant now{1'000'000};
    SeededRandom random(1);
    LongSender sender;
    sender.begin(now, vector.at("message"), size, vector.at("unit"));
    Bytes memory(size);
    LongBuffers buffers({memory.data(), memory.size()}, 1);
    std::array<LongSlot, 1> slots;
    Reassembler pool(slots, buffers);
    Incoming from;
    std::uint32_t frame = 0;
    std::optional<LongEnd> end;
    std::optional<Arrival> done;
    for (const auto& step : vector.at("steps")) {
      const Bytes expected = bytes_of(step, "hex");
      if (step.at("from") == "sender") {
        const auto part = next_part(now, sender, random, source, ++frame);
        ASSERT_TRUE(part);
        EXPECT_EQ(encoded(part->view()), expected);
        if (step.contains("lost")) continue;
        const Arrival arrival = pool.on_fragment(now, now, from, part->view());
        if (arrival.verdict == PartVerdict::kComplete) done = arrival;
      } else {
        if (!done) {
          now = now + kFragackDelay;
          EXPECT_EQ(pool.next_to_tell(now), &from);
        }
        const wire::Fragack said = pool.fragack(from);
        EXPECT_EQ(encoded(said), expected);
        end = sender.on_fragack(now, random, said);
      }
    }
    EXPECT_EQ(end, LongEnd::kComplete);
    ASSERT_TRUE(done);
    EXPECT_TRUE(
        equal(buffers.packet(done->slot, done->size), {source.bytes.data(), source.bytes.size()}));
  }
}

}  // namespace
}  // namespace espial::transfer
