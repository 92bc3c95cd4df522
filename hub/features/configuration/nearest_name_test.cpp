#include "hub/features/configuration/nearest_name.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace espial::configuration {
namespace {

constexpr std::array<std::string_view, 6> kKnown = {"PeerID", "ID",       "Type",
                                                    "Title",  "Interval", "Min"};

TEST(NearestName, IsTheOneThatWasMeant) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSlips{{
      {"Titel", "Title"},
      {"title", "Title"},
      {"Intervall", "Interval"},
      {"Interva", "Interval"},
      {"Tpye", "Type"},
      {"id", "ID"},
      {"Peer-ID", "PeerID"},
  }};
  for (const auto& [written, meant] : kSlips) EXPECT_EQ(nearest_name(written, kKnown), meant);
}

TEST(NearestName, IsNoneWhereNoneIsNear) {
  for (const std::string_view written : {"", "X", "IX", "Colour", "Max", "Hysteresis"}) {
    EXPECT_EQ(nearest_name(written, kKnown), "") << written;
  }
  EXPECT_EQ(nearest_name("Title", {}), "");
}

}  // namespace
}  // namespace espial::configuration
