#include "hub/main/number_option.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace espial::main {
namespace {

double read(const std::string& text) {
  CLI::App app;
  double minutes = -1;
  app.add_option("--pair", minutes)->check(number_within(0, 1440));
  app.parse("--pair=" + text);
  return minutes;
}

TEST(NumberOption, TakesNumbersWithinItsLimits) {
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("2.5"), 2.5);
  EXPECT_EQ(read("1440"), 1440);
}

TEST(NumberOption, RefusesOthersAndWhatIsNoNumber) {
  for (const char* bad : {"-1", "1441", "inf", "-inf", "ten", "nan", "-nan", "NAN", "nan(1)"}) {
    EXPECT_THROW((void)read(bad), CLI::ValidationError) << bad;
  }
}

TEST(NumberOption, RefusesWhatIsNoPortWithTheRange) {
  for (const char* const bad : {"65536", "99999", "-1", "x", ""}) {
    EXPECT_EQ(port_number()(bad), std::string(bad) + " is no port; write one from 0 to 65535");
  }
  for (const char* const good : {"0", "8080", "65535"}) EXPECT_EQ(port_number()(good), "");
}

}  // namespace
}  // namespace espial::main
