#include <gtest/gtest.h>

#include <vector>

#include "core/base/fixed_text.hpp"
#include "core/base/hash.hpp"
#include "core/base/static_vector.hpp"

namespace espial {
namespace {

TEST(StaticVector, RefusesWhatDoesNotFit) {
  StaticVector<int, 2> list;
  EXPECT_TRUE(list.push_back(1));
  EXPECT_TRUE(list.push_back(2));
  EXPECT_TRUE(list.full());
  EXPECT_FALSE(list.push_back(3));
  EXPECT_EQ(std::vector<int>(list.begin(), list.end()), (std::vector<int>{1, 2}));
}

TEST(StaticVector, KeepsTheOrderOfTheOthersWhenOneGoes) {
  StaticVector<int, 4> list;
  for (const int item : {1, 2, 3, 4}) ASSERT_TRUE(list.push_back(item));
  list.erase(1);
  EXPECT_EQ(std::vector<int>(list.begin(), list.end()), (std::vector<int>{1, 3, 4}));
  list.erase(2);
  EXPECT_EQ(list.back(), 3);
  EXPECT_EQ(list.size(), 2u);
}

TEST(FixedText, KeepsWhatItHadWhenTheNewOneIsTooLong) {
  FixedText<5> text;
  EXPECT_TRUE(text.assign("salon"));
  EXPECT_FALSE(text.assign("cuisine"));
  EXPECT_TRUE(text == "salon");
  EXPECT_TRUE(text.assign("abc"));
  EXPECT_TRUE(text == "abc") << "nothing of the longer one is left";
}

/// The published test vectors of FNV-1a, 64 bits.
TEST(Fnv1a, IsTheOneEverybodyKnows) {
  EXPECT_EQ(fnv1a(as_bytes("")), 0xcbf29ce484222325u);
  EXPECT_EQ(fnv1a(as_bytes("a")), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(fnv1a(as_bytes("foobar")), 0x85944171f73967e8u);
}

}  // namespace
}  // namespace espial
