#include "hub/main/page_words.hpp"

#include <gtest/gtest.h>

namespace espial::main {
namespace {

TEST(PageWords, AreOfTheFirstLanguageThatPagesSpeak) {
  EXPECT_EQ(offline_word("fr-CA,fr;q=0.9,en;q=0.8"), "hors ligne");
  EXPECT_EQ(offline_word("de, RU ;q=0.7, en"), "не в сети");
  EXPECT_EQ(offline_word("en-GB,fr"), "offline");
  EXPECT_EQ(offline_word("frr"), "offline") << "Frisian is not French";
}

TEST(PageWords, AreEnglishWhereNobodySaysMore) {
  for (const char* header : {"", "*", "de", ",", ",,;-", "  ", "f"}) {
    EXPECT_EQ(offline_word(header), "offline") << header;
  }
}

}  // namespace
}  // namespace espial::main
