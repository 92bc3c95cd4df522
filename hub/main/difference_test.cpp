#include "hub/main/difference.hpp"

#include <gtest/gtest.h>

#include "hub/store/changes.hpp"

namespace espial::main {
namespace {

TEST(Difference, NamesWhatIsAnotherNow) {
  EXPECT_EQ(difference(R"({"above":-12,"below":3})", R"({"above":-10,"hold_s":60})"),
            "above -12 -> -10, -below, +hold_s 60");
  EXPECT_EQ(difference(R"({"a":1})", R"({"a":1})"), "");
}

TEST(Difference, KnowsNothingAndWhatIsNoJson) {
  EXPECT_EQ(difference("", R"({"a":1})"), "+a 1");
  EXPECT_EQ(difference(R"({"a":1})", ""), "-a");
  EXPECT_EQ(difference("{", "{"), "");
}

TEST(Difference, TellsNoAddressThatMayHoldASecret) {
  EXPECT_EQ(difference(R"({"webhook":""})", R"({"webhook":"https://x/?token=s3cret"})"),
            "webhook changed");
}

TEST(Difference, IsShortWhateverChanged) {
  std::string after = "{";
  for (int i = 0; i < 300; ++i) {
    after += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":\"" + std::string(100, 'x') + '"';
  }
  const std::string text = difference("{}", after + "}");
  EXPECT_LT(text.size(), store::kMaxAuditTextBytes);
  EXPECT_NE(text.find(" more"), std::string::npos) << text;
  const std::string umlauts = difference("{}", R"({"a":"öööööööööööööööööööööööööööööö"})");
  EXPECT_EQ(umlauts, "+a \"ööööööööööööööö...");
}

}  // namespace
}  // namespace espial::main
