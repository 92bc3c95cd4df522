#include "sim/network/opened_audit.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/wire/sealed.hpp"

namespace espial::sim {
namespace {

constexpr MacAddress kMac{{2, 0, 0, 0, 0, 1}};

class OpenedAuditTest : public testing::Test {
 protected:
  bool again(std::uint16_t counter, std::uint8_t session = 5) {
    wire::SealedHeader header;
    header.server = ServerId{7};
    header.session = session;
    header.counter = counter;
    std::vector<std::uint8_t> body(wire::sealed_size(10));
    EXPECT_NE(wire::encode_sealed_header(header, 10, {body.data(), body.size()}), 0U);
    return audit.note(kMac, {body.data(), body.size()}, durable).has_value();
  }

  OpenedAudit audit;
  OpenedAudit::Durable durable{5, {}, std::nullopt};
};

TEST_F(OpenedAuditTest, FindsAFrameOpenedTwiceByOneOwner) {
  EXPECT_FALSE(again(3));
  EXPECT_FALSE(again(1));
  EXPECT_TRUE(again(3));
  EXPECT_FALSE(again(3, 6)) << "another session";
}

TEST_F(OpenedAuditTest, FindsWhatTheStoreKnewToBeOpened) {
  durable.highest = 7;
  EXPECT_FALSE(again(8));
  EXPECT_TRUE(again(7));
  EXPECT_TRUE(again(0));
}

TEST_F(OpenedAuditTest, LetsAWindowSayWhatWasOpenedInIt) {
  durable.window.accept(4);
  durable.window.accept(7);
  durable.highest = 7;
  EXPECT_TRUE(again(4));
  EXPECT_FALSE(again(5));
  EXPECT_TRUE(again(7));
}

TEST_F(OpenedAuditTest, KnowsNothingOfASessionThatIsNotDurable) {
  durable.session = 4;
  durable.highest = 7;
  EXPECT_FALSE(again(7));
}

}  // namespace
}  // namespace espial::sim
