#include "sim/espnow_frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/base/byte_reader.hpp"

namespace espial::sim {
namespace {

constexpr MacAddress kNode{{0x84, 0xf3, 0xeb, 1, 2, 3}};
constexpr MacAddress kGateway{{0x86, 0xf3, 0xeb, 4, 5, 6}};

Transmission unicast(ByteView body) {
  Transmission transmission;
  transmission.source = kNode;
  transmission.destination = kGateway;
  transmission.sequence = 0x9a0;
  transmission.random = 0x8c477117;
  transmission.body = body;
  return transmission;
}

std::vector<std::uint8_t> written(const Transmission& transmission) {
  std::vector<std::uint8_t> bytes(kMaxMpdu);
  bytes.resize(write_mpdu(transmission, {bytes.data(), bytes.size()}));
  return bytes;
}

TEST(EspNowFrame, TheFcsIsEthernets) { EXPECT_EQ(fcs_of(as_bytes("123456789")), 0xcbf43926U); }

TEST(EspNowFrame, AShortBodyIsOneElementOfVersionOne) {
  const std::array<std::uint8_t, 2> body{0xaa, 0xbb};
  const auto frame = written(unicast(body));
  const std::vector<std::uint8_t> golden{
      0xd0, 0x00, 0x3a, 0x01,                          // action, 314 us until the ACK has ended
      0x86, 0xf3, 0xeb, 4,    5,    6,                 // to
      0x84, 0xf3, 0xeb, 1,    2,    3,                 // from
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff,              //
      0x00, 0x9a,                                      // sequence 0x9a0
      0x7f, 0x18, 0xfe, 0x34, 0x17, 0x71, 0x47, 0x8c,  // vendor, random
      0xdd, 0x07, 0x18, 0xfe, 0x34, 0x04, 0x01, 0xaa, 0xbb};
  ASSERT_EQ(frame.size(), golden.size() + 4);
  EXPECT_TRUE(std::equal(golden.begin(), golden.end(), frame.begin()));
  EXPECT_EQ(ByteReader({frame.data() + golden.size(), 4}).u32(),
            fcs_of({golden.data(), golden.size()}));
  EXPECT_EQ(frame.size(), frame_size(body.size()));
}

TEST(EspNowFrame, ARepeatDiffersInOneBit) {
  const std::array<std::uint8_t, 2> body{0xaa, 0xbb};
  auto first = written(unicast(body));
  Transmission again = unicast(body);
  again.retry = true;
  auto repeat = written(again);
  EXPECT_EQ(repeat[1], 0x08);
  repeat[1] = 0;
  first.resize(first.size() - 4);
  repeat.resize(repeat.size() - 4);
  EXPECT_EQ(first, repeat);
}

TEST(EspNowFrame, ABroadcastReservesNothing) {
  Transmission transmission = unicast({});
  transmission.destination = kBroadcast;
  const auto frame = written(transmission);
  EXPECT_EQ(frame[2], 0);
  EXPECT_EQ(frame[3], 0);
  EXPECT_EQ(frame.size(), frame_size(0));
}

/// (version, bytes of body) of each element.
std::vector<std::pair<int, int>> elements(const std::vector<std::uint8_t>& frame) {
  std::vector<std::pair<int, int>> found;
  for (std::size_t at = 32; at + 4 < frame.size(); at += frame[at + 1] + 2U) {
    EXPECT_EQ(frame[at], 0xdd);
    found.emplace_back(frame[at + 6], frame[at + 1] - 5);
  }
  return found;
}

TEST(EspNowFrame, ALongBodyIsUpToSixElementsOfVersionTwo) {
  using testing::ElementsAre;
  using testing::Pair;
  const std::vector<std::uint8_t> bytes(1470, 7);
  const auto of = [&](std::size_t size) {
    return elements(written(unicast({bytes.data(), size})));
  };
  EXPECT_THAT(of(250), ElementsAre(Pair(0x01, 250)));
  EXPECT_THAT(of(251), ElementsAre(Pair(0x12, 250), Pair(0x02, 1)));
  EXPECT_THAT(of(500), ElementsAre(Pair(0x12, 250), Pair(0x02, 250)));
  EXPECT_THAT(of(1470), ElementsAre(Pair(0x12, 250), Pair(0x12, 250), Pair(0x12, 250),
                                    Pair(0x12, 250), Pair(0x12, 250), Pair(0x02, 220)));
  for (const std::size_t size : {0U, 250U, 251U, 500U, 1470U}) {
    EXPECT_EQ(written(unicast({bytes.data(), size})).size(), frame_size(size));
  }
}

TEST(EspNowFrame, AnAcknowledgementNamesItsReceiverOnly) {
  Transmission transmission;
  transmission.acknowledgement = true;
  transmission.destination = kNode;
  const auto frame = written(transmission);
  ASSERT_EQ(frame.size(), kAckBytes);
  const std::vector<std::uint8_t> golden{0xd4, 0, 0, 0, 0x84, 0xf3, 0xeb, 1, 2, 3};
  EXPECT_TRUE(std::equal(golden.begin(), golden.end(), frame.begin()));
}

TEST(EspNowFrame, TooSmallABufferIsRefused) {
  std::array<std::uint8_t, 40> small{};
  EXPECT_EQ(write_mpdu(unicast({}), small), 0U);
}

}  // namespace
}  // namespace espial::sim
