#include "core/wire/label_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace espial::wire {
namespace {

constexpr std::string_view kText =
    "ESPIAL:7:5E501A020001:AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";

Label example() {
  Label label;
  label.server = {7};
  label.mac = {{0x5e, 0x50, 0x1a, 0x02, 0x00, 0x01}};
  for (std::size_t i = 0; i < label.key.size(); ++i) label.key[i] = static_cast<std::uint8_t>(i);
  return label;
}

TEST(LabelText, SaysWhatThePageSaysAndIsReadBack) {
  EXPECT_EQ(LabelText(example()).view(), kText);
  const auto read = parse_label(kText);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->server, ServerId{7});
  EXPECT_EQ(read->mac, example().mac);
  EXPECT_EQ(read->key, example().key);
}

TEST(LabelText, EveryServerAndTheLongestKeyFit) {
  Label label = example();
  label.key.fill(0xff);
  for (unsigned server = 1; server <= 255; ++server) {
    label.server = {static_cast<std::uint8_t>(server)};
    const LabelText text(label);
    const auto read = parse_label(text.view());
    ASSERT_TRUE(read) << text.view();
    EXPECT_EQ(read->server, label.server);
    EXPECT_EQ(read->key, label.key);
  }
}

TEST(LabelText, IsReadAsPeopleTypeIt) {
  std::string typed = "  " + std::string(kText) + "\n";
  for (char& c : typed) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  ASSERT_TRUE(parse_label(typed));
  EXPECT_EQ(parse_label(typed)->key, example().key);
}

TEST(LabelText, AnythingElseIsRefused) {
  for (std::size_t size = 0; size < kText.size(); ++size) {
    EXPECT_FALSE(parse_label(kText.substr(0, size))) << size;
  }
  for (std::size_t i = 0; i < kText.size(); ++i) {
    std::string changed(kText);
    changed[i] = '!';
    EXPECT_FALSE(parse_label(changed)) << i;
  }
  EXPECT_FALSE(parse_label(std::string(kText) + "A"));
  std::string text(kText);
  text.back() = 'R';  // 256 bits are 51 digits and one bit: the rest is zeros
  EXPECT_FALSE(parse_label(text));
  for (const char* server : {"0", "00", "07", "256", "1000", "-1", ""}) {
    EXPECT_FALSE(parse_label("ESPIAL:" + std::string(server) + std::string(kText.substr(8))));
  }
}

}  // namespace
}  // namespace espial::wire
