// Reports as long as a sender's ring can hold, from their parts to the database.
#include "core/wire/fragment.hpp"
#include "core/wire/report.hpp"
#include "hub/features/network_fixture_test.hpp"

namespace espial::features {
namespace {

using coordinator::Bytes;

class NetworkLongReports : public EspialNetworkTest {
 protected:
  static constexpr std::size_t kPart = 1300;
  static constexpr std::size_t kReadingSize = 4;

  /// A whole PUBLISH of temperatures, each higher by 0.01 degrees than the one before.
  static Bytes report(std::size_t readings) {
    Bytes bytes;
    for (std::size_t i = 0; i < readings; ++i) {
      const auto value = static_cast<std::uint16_t>(i % 8'000);
      const std::array<std::uint8_t, kReadingSize> reading{
          0x02, static_cast<std::uint8_t>(wire::Kind::kTemperature),
          static_cast<std::uint8_t>(value & 0xff), static_cast<std::uint8_t>(value >> 8)};
      bytes.insert(bytes.end(), reading.begin(), reading.end());
    }
    wire::Report report;
    report.readings = {bytes.data(), bytes.size()};
    Bytes whole(bytes.size() + wire::kMaxReportHead);
    whole.resize(wire::encode(report, {whole.data(), whole.size()}));
    return whole;
  }

  wire::Fragment part_of(const Bytes& whole, std::size_t offset) const {
    wire::Fragment part;
    part.message = 1;
    part.offset = static_cast<std::uint32_t>(offset);
    part.total = static_cast<std::uint32_t>(whole.size());
    part.bytes = {whole.data() + offset, std::min(kPart, whole.size() - offset)};
    return part;
  }

  /// Hands over all parts, until the last is acknowledged to the broker.
  void bring(const Bytes& whole) {
    int expected = acknowledged_;
    for (std::size_t offset = 0; offset < whole.size(); offset += kPart) {
      const Bytes body = node_.frame(part_of(whole, offset));
      hand_over(kUp, {body.data(), body.size()});
      ++expected;
    }
    ASSERT_TRUE(settle([&] { return acknowledged_ >= expected; }));
  }

  /// What the node hears of its long packet next.
  std::optional<wire::Fragack> told() {
    for (int i = 0; i < 8; ++i) {
      const auto received = node_.open(downlink());
      for (const Bytes& bytes : received.packets) {
        const auto packet = wire::parse_packet({bytes.data(), bytes.size()});
        if (const auto said = wire::parse_fragack(*packet)) return *said;
      }
    }
    return std::nullopt;
  }
};

TEST_F(NetworkLongReports, AReportOfSixtyThousandBytesIsStoredWholeAndOnce) {
  join();
  const Bytes whole = report(15'000);
  ASSERT_GT(whole.size(), 60'000U);
  bring(whole);
  EXPECT_EQ(stored_readings(), 15'000U);
  EXPECT_EQ(shown(), (15'000 % 8'000 - 1) / 100.0);
  EXPECT_EQ(network_->role_counters()[coordinator::Count::kReportsStored], 1U);
  bring(whole);
  EXPECT_EQ(stored_readings(), 15'000U);
}

TEST_F(NetworkLongReports, ALongestReportOfARingFits) {
  join();
  const std::size_t most = std::numeric_limits<decltype(transfer::ReportSlot::size)>::max();
  const std::size_t readings = most / kReadingSize;
  bring(report(readings));
  EXPECT_EQ(stored_readings(), readings);
}

TEST_F(NetworkLongReports, OneThatIsLongerIsRefusedWithWordsAndCounted) {
  join();
  const Bytes whole(EspialNetwork::kMaxLongPacket + 1, 0x30);
  const Bytes body = node_.frame(part_of(whole, 0));
  published_.clear();
  hear(body);
  const auto said = told();
  ASSERT_TRUE(said);
  EXPECT_EQ(said->code, wire::FragackCode::kTooLong);
  EXPECT_EQ(network_->role_counters()[coordinator::Count::kLongTooLong], 1U);
  EXPECT_EQ(stored_readings(), 0U);
}

}  // namespace
}  // namespace espial::features
