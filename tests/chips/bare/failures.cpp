// Every one of these checks must fail: shows that tests on bare metal would notice.

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

namespace {

class Fails : public testing::Test {};

TEST(Fails, ByTruth) { EXPECT_TRUE(1 > 2) << "said"; }
TEST(Fails, ByFalsehood) { EXPECT_FALSE(2 > 1); }
TEST(Fails, ByComparison) { EXPECT_EQ(std::string("left"), "right"); }
TEST(Fails, ByOrder) { EXPECT_LT(2, 2); }
TEST(Fails, ByMatcher) { EXPECT_THAT((std::vector{1, 2}), testing::ElementsAre(1, 2, 3)); }
TEST_F(Fails, ByAssertionAndGoesNoFurther) {
  ASSERT_NE(1, 1);
  std::map<int, int>().at(1);  // would end the program
}
TEST(Fails, ByWord) { FAIL() << "in so many words"; }
RC_GTEST_PROP(Fails, ByProperty, (std::uint8_t number)) { RC_ASSERT(number < 100); }

class FailsEach : public testing::TestWithParam<int> {};
TEST_P(FailsEach, ByParameter) { EXPECT_EQ(GetParam(), 0); }
std::string number_name(const testing::TestParamInfo<int>& info) {
  return std::to_string(info.param);
}
INSTANTIATE_TEST_SUITE_P(Some, FailsEach, testing::Values(0, 1, 2), number_name);

template <typename T>
class FailsTyped : public testing::Test {};
using Sizes = testing::Types<std::uint8_t, std::uint16_t>;
TYPED_TEST_SUITE(FailsTyped, Sizes);
TYPED_TEST(FailsTyped, BySize) { EXPECT_EQ(sizeof(TypeParam), 1u); }

}  // namespace
