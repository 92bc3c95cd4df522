#include "core/base/utf8.hpp"

#include <gtest/gtest.h>

namespace espial {
namespace {

TEST(Utf8, TakesEveryLengthOfCharacter) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("salon"));
  EXPECT_TRUE(is_utf8("Кухня"));
  EXPECT_TRUE(is_utf8("21.63 °C"));
  EXPECT_TRUE(is_utf8("\xe2\x82\xac"));
  EXPECT_TRUE(is_utf8("\xf0\x9f\x92\xa1"));
  EXPECT_TRUE(is_utf8("\xef\xbf\xbf"));      // U+FFFF
  EXPECT_TRUE(is_utf8("\xf4\x8f\xbf\xbf"));  // U+10FFFF, the last
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  EXPECT_FALSE(is_utf8("\x80"));              // begins in the middle
  EXPECT_FALSE(is_utf8("\xc3"));              // cut
  EXPECT_FALSE(is_utf8("\xe2\x82"));          // cut
  EXPECT_FALSE(is_utf8("\xc3("));             // no continuation
  EXPECT_FALSE(is_utf8("\xc0\x80"));          // overlong
  EXPECT_FALSE(is_utf8("\xe0\x9f\xbf"));      // overlong
  EXPECT_FALSE(is_utf8("\xf0\x8f\xbf\xbf"));  // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // past U+10FFFF
  EXPECT_FALSE(is_utf8("\xff"));
}

TEST(Utf8, KnowsControlCharacters) {
  for (const std::string_view text :
       {std::string_view("\0", 1), std::string_view("a\nb"), std::string_view("\x1f"),
        std::string_view("\x7f"), std::string_view("\xc2\x80"), std::string_view("\xc2\x9f")}) {
    EXPECT_TRUE(has_control(text));
  }
  for (const std::string_view text : {"", " ~", "\xc2\xa0", "été", "Кухня"}) {
    EXPECT_FALSE(has_control(text)) << text;
  }
}

TEST(Utf8, CutsBetweenCharacters) {
  EXPECT_EQ(utf8_prefix("Кухня", 10), "Кухня");
  EXPECT_EQ(utf8_prefix("Кухня", 9), "Кухн");
  EXPECT_EQ(utf8_prefix("Кухня", 1), "");
  EXPECT_EQ(utf8_prefix("salon", 3), "sal");
}

}  // namespace
}  // namespace espial
