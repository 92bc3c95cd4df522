// What a node does when there are too many of them: it gets out of the way.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/node/node_fixture_test.hpp"

namespace espial::node {
namespace {

class CrowdTest : public NodeFixture {};

TEST_F(CrowdTest, FailedSendsMakeReportsTravelTogether) {
  go_online();
  report(1);
  sent(false);
  tick();
  sent(false);
  tick();
  sent();
  report(2);
  EXPECT_FALSE(radio_.busy) << "the pace is kept after a send that went well";
  report(3);
  tick();
  ASSERT_TRUE(radio_.busy);
  EXPECT_EQ(peer_.open(sent()).size(), 2U);
}

}  // namespace
}  // namespace espial::node
