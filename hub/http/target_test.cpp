#include "hub/http/target.hpp"

#include <gtest/gtest.h>

namespace espial::http {
namespace {

using Parts = std::vector<std::string>;

TEST(Target, TakesPathAndQueryApart) {
  const auto target = parse_target("/api/devices/aa%3Abb?slot=2&field=a%20b&&empty");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (Parts{"api", "devices", "aa:bb"}));
  EXPECT_EQ(target->value("slot"), "2");
  EXPECT_EQ(target->value("field"), "a b");
  EXPECT_EQ(target->value("empty"), "");
  EXPECT_FALSE(target->value("none"));
}

TEST(Target, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "api", "http://elsewhere/", "/a%2", "/a%zz", "/a%00", "/a%2fb",
                           "/../etc/passwd", "/a/%2e%2e/b", "/x?a=%"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Target, RefusesTooManyParts) {
  std::string path;
  for (std::size_t i = 0; i < kTargetPartsMax; ++i) path += "/a";
  EXPECT_TRUE(parse_target(path));
  EXPECT_FALSE(parse_target(path + "/a"));
}

TEST(Target, ReadsWholeNumbersOnly) {
  EXPECT_EQ(parse_number("1700000000000"), 1700000000000);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.5", "0x10", "99999999999999999999"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

}  // namespace
}  // namespace espial::http
