#include "hub/store/hex.hpp"

#include <gtest/gtest.h>

namespace espial::store {
namespace {

TEST(Hex, IsReadAsItWasWritten) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  const std::string text = to_hex({all.data(), all.size()});
  EXPECT_EQ(text.substr(0, 6), "000102");
  EXPECT_EQ(text.substr(506), "fdfeff");
  EXPECT_EQ(from_hex(text), all);
  EXPECT_EQ(from_hex("FDfE"), (Bytes{0xfd, 0xfe}));
  EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Hex, AnythingElseIsRefused) {
  for (const char* text : {"0", "123", "0g", "g0", " 0", "0x", "-1", "0\xff"}) {
    EXPECT_FALSE(from_hex(text)) << text;
  }
}

}  // namespace
}  // namespace espial::store
