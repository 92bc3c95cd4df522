#include "sim/pcapng.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "sim/air/air_log_test.hpp"

namespace espial::sim {
namespace {

struct Bytes : ByteSink {
  void write(ByteView bytes) override { all.insert(all.end(), bytes.begin(), bytes.end()); }
  std::vector<std::uint8_t> all;
};

// The head as tshark and tcpdump took it.
const std::vector<std::uint8_t> kHead{
    0x0a, 0x0d, 0x0d, 0x0a, 28,   0,    0,    0,                  // section header
    0x4d, 0x3c, 0x2b, 0x1a, 1,    0,    0,    0,                  //
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 28, 0, 0, 0,  //
    1,    0,    0,    0,    20,   0,    0,    0,                  // interface
    127,  0,    0,    0,    0,    0,    0,    0,    20, 0, 0, 0};

TEST(Pcapng, BeginsWithSectionAndInterface) {
  Bytes bytes;
  const PcapngWriter writer(bytes, PcapngWriter::kRadiotap);
  EXPECT_EQ(bytes.all, kHead);
}

TEST(Pcapng, APacketIsPaddedToFourBytes) {
  Bytes bytes;
  PcapngWriter writer(bytes, PcapngWriter::kRadiotap);
  bytes.all.clear();
  const std::array<std::uint8_t, 5> packet{1, 2, 3, 4, 5};
  writer.write(0x100000002, packet);
  const std::vector<std::uint8_t> golden{6, 0, 0, 0, 40, 0, 0, 0, 0,  0, 0, 0, 1, 0,
                                         0, 0, 2, 0, 0,  0, 5, 0, 0,  0, 5, 0, 0, 0,
                                         1, 2, 3, 4, 5,  0, 0, 0, 40, 0, 0, 0};
  EXPECT_EQ(bytes.all, golden);
}

TEST(Pcapng, ACaptureHoldsFrameAndAcknowledgement) {
  Bytes bytes;
  AirCapture capture(bytes, UnixTime{1'700'000'000'000});
  Air air({});
  AirLog log;
  air.set_tap(&capture);
  const RadioId node = *air.add_radio({}, test_radio(1, 11));
  (void)air.add_radio({}, test_radio(2, 11));
  ASSERT_EQ(air.transmit(Instant{1000}, node, test_mac(2), test_bytes(3)), Air::SendResult::kOk);
  const Instant start = air.next_event();
  run_all(air, log);
  const std::size_t frame = kHead.size() + 28;
  const std::size_t ack = frame + 22 + frame_size(3) + 4 + 28;
  ASSERT_EQ(bytes.all.size(), ack + 22 + kAckBytes + 4);
  // Channel 11 is 2462 MHz; 1 Mb/s; FCS at the end.
  const std::vector<std::uint8_t> radiotap{0,
                                           0,
                                           22,
                                           0,
                                           0x0f,
                                           0,
                                           0,
                                           0,
                                           static_cast<std::uint8_t>(start.us),
                                           static_cast<std::uint8_t>(start.us >> 8),
                                           0,
                                           0,
                                           0,
                                           0,
                                           0,
                                           0,
                                           0x10,
                                           2,
                                           0x9e,
                                           0x09,
                                           0xa0,
                                           0x00,
                                           0xd0};
  EXPECT_TRUE(std::equal(radiotap.begin(), radiotap.end(),
                         bytes.all.begin() + static_cast<std::ptrdiff_t>(frame)));
  EXPECT_EQ(bytes.all[ack + 22], 0xd4);
  const std::uint64_t at_us = 1'700'000'000'000'000ULL + static_cast<std::uint64_t>(start.us);
  EXPECT_EQ(bytes.all[kHead.size() + 16], static_cast<std::uint8_t>(at_us));
  EXPECT_EQ(bytes.all[kHead.size() + 12], static_cast<std::uint8_t>(at_us >> 32U));
}

}  // namespace
}  // namespace espial::sim
