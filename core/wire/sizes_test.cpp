#include <gtest/gtest.h>

#include <array>

#include "core/wire/packets.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/report.hpp"
#include "core/wire/sealed.hpp"
#include "core/wire/session_packets.hpp"
#include "core/wire/value.hpp"

namespace espial::wire {
namespace {

/// Appends the encoded reading of one number to `out`.
void append_reading(PacketsBuilder& out, std::uint8_t slot, std::string_view kind_name,
                    double number) {
  const KindInfo* kind = find_standard_kind(kind_name);
  ASSERT_NE(kind, nullptr);
  FieldValues values;
  ASSERT_TRUE(values.push_back(FieldValue::of(number)));
  std::array<std::uint8_t, kMaxValueSize> bytes{};
  const auto size = encode_value(*kind, values, bytes);
  ASSERT_TRUE(size);
  ASSERT_TRUE(out.append(Reading{slot, kind->number, {bytes.data(), *size}}));
}

/// What a battery pays for in every frame: airtime counts in bytes.
TEST(Sizes, TemperatureAndHumidityTakeAtMost36BytesUnderASeal) {
  std::array<std::uint8_t, kMaxReadingSize> bytes{};
  PacketsBuilder readings(bytes);
  append_reading(readings, 0, "temperature", 21.63);
  append_reading(readings, 1, "humidity", 44.68);

  Report report;
  report.sequence = 65535;
  report.held = 127;
  report.age_ms = 127;
  report.readings = readings.bytes();
  std::array<std::uint8_t, 64> out{};
  const std::size_t plaintext_size = encode(report, out);
  EXPECT_GT(plaintext_size, 0u);
  EXPECT_EQ(plaintext_size, report_size(report));
  EXPECT_LE(sealed_size(plaintext_size), 36u);
}

TEST(Sizes, SealedRoomIsTheInverseOfSealedSize) {
  for (std::size_t body_size = 0; body_size <= 1470; ++body_size) {
    const std::size_t room = sealed_room(body_size);
    if (room == 0) {
      EXPECT_GT(sealed_size(1), body_size);
      continue;
    }
    EXPECT_LE(sealed_size(room), body_size) << body_size;
    EXPECT_GT(sealed_size(room + 1), body_size) << body_size;
  }
}

TEST(PacketsBuilder, KeepsWhatItHadWhenTheNextDoesNotFit) {
  std::array<std::uint8_t, 15> out{};
  PacketsBuilder builder(out);
  ASSERT_TRUE(builder.append(PingRequest{}));
  ASSERT_TRUE(builder.append(PingResponse{{1}, 60}));
  EXPECT_EQ(builder.size(), 14u);
  EXPECT_EQ(builder.room(), 1u);
  EXPECT_FALSE(builder.append(PingRequest{}));
  EXPECT_EQ(builder.size(), 14u);

  const auto packets = parse_packets(builder.bytes());
  ASSERT_TRUE(packets);
  auto packet = packets->begin();
  EXPECT_EQ(packet->type, PacketType::kPingreq);
  ++packet;
  EXPECT_EQ(parse_ping_response(*packet)->zone_minutes, 60);
  ++packet;
  EXPECT_TRUE(packet == packets->end());
}

TEST(Header, OfAPacketPutTogetherFromPartsMayLeaveItsLengthToThem) {
  static std::array<std::uint8_t, 70000> bytes{};
  const std::size_t payload_size = bytes.size() - kMaxHeaderSize;
  ASSERT_EQ(encode_header(PacketType::kPublish, 0, payload_size, bytes), kMaxHeaderSize);
  EXPECT_EQ(bytes[2] | bytes[3], 0);
  const auto packet = parse_packet(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->payload.size(), payload_size);
  EXPECT_EQ(parse_first_packet(bytes).refusal(), Refusal::kNotCanonical)
      << "only where nothing can follow it";
  const ByteView shorter = ByteView(bytes).subview(0, kMaxHeaderSize + kMaxStatedLength);
  EXPECT_EQ(parse_packet(shorter).refusal(), Refusal::kNotCanonical)
      << "a length that can be stated is stated";
}

TEST(PeekType, KnowsWhatHasANumber) {
  const auto peek = [](std::uint8_t first) {
    return peek_type(std::array<std::uint8_t, 1>{first});
  };
  EXPECT_EQ(peek(0x5f), PacketType::kSealed);
  EXPECT_EQ(peek(0xf1), PacketType::kAuth);
  EXPECT_EQ(peek(0x00), std::nullopt);
  EXPECT_EQ(peek(0xa0), std::nullopt);
  EXPECT_EQ(peek(0xb0), std::nullopt);
  EXPECT_EQ(peek_type({}), std::nullopt);
}

TEST(SetMore, ChangesOneBitOfASealedFrameAndNothingElse) {
  std::array<std::uint8_t, 24> body{};
  ASSERT_EQ(encode_sealed_header({{7}, 3, 1, true, false, false, false}, 2, body), 6u);
  const auto before = parse_sealed(body);
  ASSERT_TRUE(before);
  EXPECT_TRUE(set_more(body, true));
  const auto with_more = parse_sealed(body);
  EXPECT_TRUE(with_more->header.more);
  EXPECT_TRUE(with_more->header.down);
  EXPECT_TRUE(equal(with_more->associated_data, before->associated_data));
  EXPECT_TRUE(set_more(body, false));
  EXPECT_EQ(body[0], 0x51);

  std::array<std::uint8_t, 2> ping{0xc0, 0x00};
  EXPECT_FALSE(set_more(ping, true));
  EXPECT_EQ(ping[0], 0xc0);
}

}  // namespace
}  // namespace espial::wire
