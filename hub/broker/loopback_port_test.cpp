#include "hub/broker/loopback_port.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace espial::broker {
namespace {

// Of some 28 000 ports the system picks one at random each time: of 500, two would be the same in
// all but one of fifty runs.
TEST(LoopbackPort, AFreeOneIsNoneOfThoseThatWereFoundBefore) {
  std::vector<std::uint16_t> found;
  for (int i = 0; i < 500; ++i) found.push_back(find_free_port(found));
  EXPECT_EQ(std::set<std::uint16_t>(found.begin(), found.end()).size(), found.size());
  for (const std::uint16_t port : found) ASSERT_GT(port, 0);
}

}  // namespace
}  // namespace espial::broker
