#include "ports/linux/air_datagram.hpp"

#include <gtest/gtest.h>

#include "core/port/radio.hpp"

namespace espial::air_datagram {
namespace {

const MacAddress kNode{{0x02, 0, 0, 0, 0, 1}};
const MacAddress kGateway{{0x02, 0, 0, 0, 0, 2}};

std::vector<std::uint8_t> attach_bytes() {
  return encode(Attach{kNode, kGateway, Channel{6}, kMaxBodyV1});
}

TEST(AirDatagram, AttachReadsBack) {
  const auto bytes = attach_bytes();
  const auto message = parse({bytes.data(), bytes.size()});
  ASSERT_TRUE(message);
  const auto& attach = std::get<Attach>(*message);
  EXPECT_EQ(attach.address, kNode);
  EXPECT_EQ(attach.second_address, kGateway);
  EXPECT_EQ(attach.channel, Channel{6});
  EXPECT_EQ(attach.max_body_size, kMaxBodyV1);
}

TEST(AirDatagram, ReceivedReadsBack) {
  const std::array<std::uint8_t, 3> body{1, 2, 3};
  const auto bytes = encode(Received{kNode, kBroadcast, -61, Channel{11}, body});
  const auto message = parse({bytes.data(), bytes.size()});
  ASSERT_TRUE(message);
  const auto& received = std::get<Received>(*message);
  EXPECT_EQ(received.rssi_dbm, -61);
  EXPECT_EQ(received.destination, kBroadcast);
  EXPECT_TRUE(equal(received.body, body));
}

TEST(AirDatagram, EveryTruncationOfAttachIsRefused) {
  const auto bytes = attach_bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse({bytes.data(), size})) << size;
  }
}

TEST(AirDatagram, ValuesOutOfRangeAreRefused) {
  auto bytes = attach_bytes();
  bytes[13] = 14;
  EXPECT_FALSE(parse({bytes.data(), bytes.size()})) << "channel 14";
  bytes = attach_bytes();
  bytes[14] = 251;
  EXPECT_FALSE(parse({bytes.data(), bytes.size()})) << "a body size no radio has";
  std::vector<std::uint8_t> oversized(9 + kMaxBodyV2 + 1, 0);
  oversized[0] = 'S';
  EXPECT_FALSE(parse({oversized.data(), oversized.size()})) << "body of 1471 bytes";
}

}  // namespace
}  // namespace espial::air_datagram
