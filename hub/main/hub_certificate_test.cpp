#include "hub/main/hub_certificate.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "hub/store/store_test_support.hpp"
#include "hub/tls/authority.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {
namespace {

constexpr std::int64_t kDay_ms = 86'400'000;

class HubCertificateTest : public testing::Test {
 protected:
  HubCertificateTest() {
    EXPECT_FALSE(house_.create());
    EXPECT_FALSE(house_.certify({"localhost"}));
    certificate_.use({house_.certificate().string(), house_.key().string()});
  }
  static UnixTime in_days(int days) { return {unix_now().ms + days * kDay_ms}; }

  store::TemporaryFolder folder_;
  tls::Authority house_{std::filesystem::path(folder_.file()).parent_path() / "tls"};
  HubCertificate certificate_;
};

TEST_F(HubCertificateTest, TheDaysUntilItsEndAreCounted) {
  const int days = certificate_.days_left(unix_now()).value_or(0);
  EXPECT_NEAR(days, house_.days_left().value_or(0), 1) << "part of a day may have gone meanwhile";
  EXPECT_EQ(certificate_.days_left(in_days(days)), 0);
  EXPECT_EQ(certificate_.days_left(in_days(days + 1)), -1);
  EXPECT_EQ(certificate_.days_left(in_days(days + 11)), -11);
  EXPECT_EQ(HubCertificate().days_left(unix_now()), std::nullopt);
}

TEST_F(HubCertificateTest, AHubThatRunsOnAsksForAnotherOneOnceADay) {
  const int days = certificate_.days_left(unix_now()).value_or(0);
  for (int day = 0; day <= days - HubCertificate::kWarnDays; ++day) certificate_.tick(in_days(day));
  EXPECT_EQ(certificate_.asked(), 0U);
  for (int tick = 0; tick < 100; ++tick) certificate_.tick(in_days(days - 20));
  EXPECT_EQ(certificate_.asked(), 1U);
  certificate_.tick(in_days(days - 19));
  certificate_.tick(in_days(days + 5));
  EXPECT_EQ(certificate_.asked(), 3U);
}

}  // namespace
}  // namespace espial::main
