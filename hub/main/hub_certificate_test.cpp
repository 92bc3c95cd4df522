#include "hub/main/hub_certificate.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

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

TEST_F(HubCertificateTest, NewFilesAreTakenOnceAndOnlyWhenTheyAreWritten) {
  unsigned taken = 0;
  const auto look = [&](std::optional<std::string> problem = std::nullopt) {
    certificate_.look_again([&](const http::TlsFiles& files) {
      EXPECT_EQ(files.certificate, house_.certificate().string());
      ++taken;
      return problem;
    });
    return taken;
  };
  EXPECT_EQ(look(), 0U);
  EXPECT_EQ(look(), 0U);
  ASSERT_FALSE(house_.certify({"localhost"}));
  EXPECT_EQ(look(), 0U) << "somebody may be writing still";
  EXPECT_EQ(look("half of it is missing"), 1U);
  EXPECT_EQ(look(), 1U) << "it would be refused again";
  std::filesystem::remove(house_.key());
  EXPECT_EQ(look(), 1U);
  EXPECT_EQ(look(), 1U);
  ASSERT_FALSE(house_.certify({"localhost"}));
  EXPECT_EQ(look(), 1U);
  EXPECT_EQ(look(), 2U);
  EXPECT_EQ(look(), 2U);
}

TEST_F(HubCertificateTest, TheDaysAreThoseOfTheCertificateInUse) {
  std::ofstream(house_.certificate()) << "no certificate";
  for (int i = 0; i < 2; ++i) {
    certificate_.look_again([](const http::TlsFiles&) { return "it is none"; });
  }
  EXPECT_GT(certificate_.days_left(unix_now()), HubCertificate::kWarnDays);
}

}  // namespace
}  // namespace espial::main
