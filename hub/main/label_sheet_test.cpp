#include "hub/main/label_sheet.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace espial::main {
namespace {

constexpr std::string_view kText =
    "ESPIAL:255:5E501A020001:AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";

TEST(LabelSheet, ALabelIsASmallCode) {
  const auto code = make_qr(kText);
  ASSERT_TRUE(code);
  EXPECT_EQ(code->width, 33U) << "version 4: the text is in the alphanumeric mode";
  EXPECT_EQ(code->dark.size(), 33U * 33U);
  // The finder in the corner: dark, light inside, dark in the middle.
  EXPECT_TRUE(code->dark[0]);
  EXPECT_FALSE(code->dark[33 + 1]);
  EXPECT_TRUE(code->dark[3 * 33 + 3]);
}

TEST(LabelSheet, ATerminalShowsTwoRowsALineWithAMargin) {
  const std::string text = qr_as_text(*make_qr(kText));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), (33 + 8 + 1) / 2);
}

TEST(LabelSheet, APathCoversTheDarkSquaresAndNoOthers) {
  const QrCode code{3, {true, true, false, false, false, false, true, false, true}};
  EXPECT_EQ(qr_as_path(code), "M0 0h2v1h-2zM0 2h1v1h-1zM2 2h1v1h-1z");
}

TEST(LabelSheet, TheSheetHasACodeAndTheAddressOfEachLabel) {
  const std::string svg = label_sheet(
      {{"5e:50:1a:02:00:01", std::string(kText)}, {"5e:50:1a:02:00:02", std::string(kText)}});
  EXPECT_NE(svg.find("5e:50:1a:02:00:01</text>"), std::string::npos);
  EXPECT_NE(svg.find("translate(48 10)"), std::string::npos) << "beside the first one";
  EXPECT_NE(svg.find("<path d=\"M0 0h7v1h-7z"), std::string::npos);
  EXPECT_EQ(svg.find("ESPIAL"), std::string::npos) << "the key is in the code only";
}

}  // namespace
}  // namespace espial::main
