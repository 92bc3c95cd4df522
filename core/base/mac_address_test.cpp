#include "core/base/mac_address.hpp"

#include <gtest/gtest.h>

namespace espial {
namespace {

TEST(MacAddress, IsWrittenInLowerCase) {
  const auto text = to_text(MacAddress{{0x24, 0x6f, 0x28, 0xAA, 0x0b, 0xff}});
  EXPECT_EQ(std::string_view(text.data(), text.size()), "24:6f:28:aa:0b:ff");
}

TEST(MacAddress, IsReadInEitherCase) {
  const MacAddress mac{{0x24, 0x6f, 0x28, 0xaa, 0x0b, 0xff}};
  EXPECT_EQ(parse_mac("24:6f:28:aa:0b:ff"), mac);
  EXPECT_EQ(parse_mac("24:6F:28:AA:0B:FF"), mac);
}

TEST(MacAddress, IsNothingElse) {
  EXPECT_EQ(parse_mac(""), std::nullopt);
  EXPECT_EQ(parse_mac("24:6f:28:aa:0b:f"), std::nullopt);
  EXPECT_EQ(parse_mac("24:6f:28:aa:0b:fff"), std::nullopt);
  EXPECT_EQ(parse_mac("24-6f-28-aa-0b-ff"), std::nullopt);
  EXPECT_EQ(parse_mac("24:6f:28:aa:0b:fg"), std::nullopt);
  EXPECT_EQ(parse_mac("246f28aa0bff00000"), std::nullopt);
}

}  // namespace
}  // namespace espial
