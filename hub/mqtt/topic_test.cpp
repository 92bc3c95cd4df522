#include "hub/mqtt/topic.hpp"

#include <gtest/gtest.h>

#include <string>

namespace espial::mqtt {
namespace {

TEST(Topic, TextIsWellFormedUtf8WithoutNul) {
  EXPECT_TRUE(valid_text("salon/température/温度/🌡"));
  EXPECT_TRUE(valid_text(""));
  EXPECT_FALSE(valid_text(std::string_view("a\0b", 3)));
  EXPECT_FALSE(valid_text("\xC3"));              // cut short
  EXPECT_FALSE(valid_text("\xC0\xAF"));          // '/' in two bytes
  EXPECT_FALSE(valid_text("\xE0\x80\xAF"));      // and in three
  EXPECT_FALSE(valid_text("\xF0\x80\x80\xAF"));  // and in four
  EXPECT_FALSE(valid_text("\xED\xA0\x80"));      // half a surrogate pair
  EXPECT_FALSE(valid_text("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(valid_text("\x80"));
  EXPECT_TRUE(valid_text(std::string(65535, 'x')));
  EXPECT_FALSE(valid_text(std::string(65536, 'x')));
}

TEST(Topic, NamesHaveNoWildcards) {
  EXPECT_TRUE(valid_topic("/device/aa:bb:cc:dd:ee:ff"));
  EXPECT_TRUE(valid_topic("/"));
  EXPECT_FALSE(valid_topic(""));
  EXPECT_FALSE(valid_topic("a/+"));
  EXPECT_FALSE(valid_topic("a/#"));
}

TEST(Topic, WildcardsInFiltersFillWholeLevels) {
  EXPECT_TRUE(valid_filter("#"));
  EXPECT_TRUE(valid_filter("+/a/+/#"));
  EXPECT_TRUE(valid_filter("/"));
  EXPECT_FALSE(valid_filter(""));
  EXPECT_FALSE(valid_filter("a/#/b"));
  EXPECT_FALSE(valid_filter("a#"));
  EXPECT_FALSE(valid_filter("a/b+"));
}

TEST(Topic, FiltersMatchLevelByLevel) {
  EXPECT_TRUE(filter_matches("a/b", "a/b"));
  EXPECT_FALSE(filter_matches("a/b", "a/b/c"));
  EXPECT_FALSE(filter_matches("a/b/c", "a/b"));
  EXPECT_TRUE(filter_matches("a/+/c", "a/x/c"));
  EXPECT_FALSE(filter_matches("a/+", "a"));
  EXPECT_TRUE(filter_matches("a/+", "a/"));
  EXPECT_FALSE(filter_matches("+", "a/b"));
  EXPECT_TRUE(filter_matches("a/#", "a"));
  EXPECT_TRUE(filter_matches("a/#", "a/b/c"));
  EXPECT_FALSE(filter_matches("a/#", "ab"));
  EXPECT_TRUE(filter_matches("#", "a/b"));
  EXPECT_TRUE(filter_matches("+/b", "/b"));
  EXPECT_FALSE(filter_matches("#", "$SYS/uptime"));
  EXPECT_TRUE(filter_matches("$SYS/#", "$SYS/uptime"));
  EXPECT_TRUE(filter_matches("$share/hubs/a/+", "a/b"));
  EXPECT_FALSE(filter_matches("$share/hubs", "a"));
}

}  // namespace
}  // namespace espial::mqtt
