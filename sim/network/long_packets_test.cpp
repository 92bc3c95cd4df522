// Packets that are longer than a frame, up and down, over a poor air.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sim/network/frame_tap_test.hpp"
#include "sim/network/watched_network_test.hpp"

namespace espial::sim {
namespace {

/// A fifth of the frames does not arrive, whatever the radios say, and a tenth comes twice.
NetworkSettings poor_network(std::uint64_t seed) {
  NetworkSettings settings = small_network(seed, 3);
  settings.air.loss_permille = 200;
  settings.air.drop_permille = 200;
  settings.air.duplicate_permille = 100;
  for (BoardSettings& board : settings.boards) {
    board.long_packet_bytes = 2048;
    board.ring_slots = 64;
  }
  return settings;
}

TEST(LongPackets, ReceiversOfLongAndShortFramesMix) {
  for (const bool gateway : {false, true}) {
    for (const bool boards : {false, true}) {
      SCOPED_TRACE(std::string(gateway ? "long" : "short") + " gateway, " +
                   (boards ? "long" : "short") + " boards");
      NetworkSettings settings = poor_network(61);
      settings.gateways[0].max_body_size = gateway ? kMaxBodyV2 : kMaxBodyV1;
      for (BoardSettings& board : settings.boards) {
        board.max_body_size = boards ? kMaxBodyV2 : kMaxBodyV1;
        board.long_permille = 300;
      }
      Watched watched(settings);
      FrameTap tap;
      watched.network->add_tap(tap);
      watched.network->run_for(Duration::seconds(120));
      watched.settle();
      EXPECT_GT(watched.reports.stored_long(), 3U);
      EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
      const bool any_long =
          std::any_of(tap.frames.begin(), tap.frames.end(),
                      [](const FrameTap::Frame& frame) { return frame.size > kMaxBodyV1; });
      EXPECT_EQ(any_long, gateway && boards);
    }
  }
}

/// Sees reports that are stored before a long one which was taken earlier.
class Overtaking final : public Observer {
 public:
  void on_stored(Instant, const StoredReport& report) override {
    if (report.events) newest_event_ = report.taken_at;
    const bool long_one = report.numbered && report.numbered->padding > 0;
    if (long_one && report.taken_at < newest_event_) ++seen;
  }
  int seen = 0;

 private:
  UnixTime newest_event_;
};

TEST(LongPackets, EventsOvertakeALongReport) {
  NetworkSettings settings = poor_network(62);
  settings.boards.resize(1);
  settings.boards[0].report_interval = Duration::milliseconds(200);
  settings.boards[0].long_permille = 1000;
  settings.boards[0].event_permille = 500;
  Watched watched(settings);
  Overtaking overtaking;
  watched.watch.add(overtaking);
  watched.network->run_for(Duration::seconds(60));
  watched.settle();
  EXPECT_GT(overtaking.seen, 5);
}

/// An inner CONNACK with a name, and a property of a later day that is as long as it takes.
class LongAssignment final : public transfer::LongSource {
 public:
  LongAssignment(std::string_view name, std::size_t size) {
    bytes_ = {0x21, 255, 0, 0, 3, static_cast<std::uint8_t>(name.size())};
    bytes_.insert(bytes_.end(), name.begin(), name.end());
    for (std::uint8_t number = 100; bytes_.size() < size; ++number) {
      bytes_.insert(bytes_.end(), {number, 200});
      bytes_.insert(bytes_.end(), 200, number);
    }
    bytes_[2] = static_cast<std::uint8_t>(bytes_.size() - 4);
    bytes_[3] = static_cast<std::uint8_t>((bytes_.size() - 4) >> 8U);
  }
  void read(std::uint32_t offset, MutableByteView out) override {
    std::copy_n(bytes_.begin() + offset, out.size(), out.data());
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_.size()); }

 private:
  std::vector<std::uint8_t> bytes_;
};

TEST(LongPackets, ALongConfigurationReachesItsBoard) {
  for (std::uint64_t seed = 71; seed < 81; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    LongAssignment source("Conservatory", 1500);
    Watched watched(poor_network(seed));
    Network& network = *watched.network;
    network.run_for(Duration::seconds(60));
    ASSERT_EQ(network.send_long(1, source, source.size()), coordinator::LongStatus::kOk);
    EXPECT_EQ(network.send_long(1, source, source.size()), coordinator::LongStatus::kBusy);
    if (seed % 2 == 0) {
      network.run_for(Duration::milliseconds(100));
      network.switch_board_off(1);
      network.switch_board_on(1);
    }
    EXPECT_TRUE(network.run_until(Duration::seconds(120), [&] {
      return network.hub().long_ended(transfer::LongEnd::kComplete) == 1;
    }));
    EXPECT_EQ(network.board(1).node()->name(), "Conservatory");
    EXPECT_EQ(network.board(0).node()->name(), "");
    watched.settle();
  }
}

}  // namespace
}  // namespace espial::sim
