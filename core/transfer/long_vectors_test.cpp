// protocol/vectors/long_exchange.json: every byte that a long packet's two ends say, in order.

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/transfer/long_parts_test.hpp"
#include "core/wire/report.hpp"

namespace espial::transfer {
namespace {

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

template <typename Packet>
Bytes encoded(const Packet& packet) {
  Bytes out(1500);
  out.resize(wire::encode(packet, {out.data(), out.size()}));
  return out;
}

TEST(LongVectorsTest, BothEndsSayWhatTheVectorSays) {
  std::ifstream file("protocol/vectors/long_exchange.json");
  for (const auto& vector : nlohmann::json::parse(file)) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    BytesSource source(0);
    source.bytes = from_hex(vector.at("whole").at("hex"));
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
      const Bytes expected = from_hex(step.at("hex"));
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
