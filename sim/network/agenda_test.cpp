#include "sim/network/agenda.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/splitmix.hpp"

namespace espial::sim {
namespace {

TEST(Agenda, WithoutAnyDateNobodyIsDue) {
  const Agenda agenda(3);
  EXPECT_EQ(agenda.next_at(), kNever);
}

TEST(Agenda, OfSeveralAtOneInstantTheLowestGoesFirst) {
  Agenda agenda(5);
  for (const std::uint32_t actor : {4U, 2U, 3U}) agenda.set(actor, Instant{10});
  EXPECT_EQ(agenda.next(), 2U);
  agenda.set(2, kNever);
  EXPECT_EQ(agenda.next(), 3U);
}

TEST(Agenda, AlwaysNamesTheEarliest) {
  constexpr std::size_t kActors = 37;
  Agenda agenda(kActors);
  std::vector<Instant> dates(kActors, kNever);
  SplitMix random(7);
  for (int step = 0; step < 20'000; ++step) {
    const auto actor = static_cast<std::uint32_t>(random.below(kActors));
    const Instant at =
        random.chance(100) ? kNever : Instant{static_cast<std::int64_t>(random.below(50))};
    agenda.set(actor, at);
    dates[actor] = at;
    const auto earliest = std::min_element(dates.begin(), dates.end());
    ASSERT_EQ(agenda.next_at(), *earliest);
    if (*earliest != kNever) {
      ASSERT_EQ(agenda.next(), static_cast<std::uint32_t>(earliest - dates.begin()));
    }
  }
}

TEST(Agenda, KnowsWhoComesAfterTheFirst) {
  SplitMix random(8);
  for (const std::size_t actors : {1U, 2U, 3U, 37U}) {
    Agenda agenda(actors);
    std::vector<std::pair<Instant, std::uint32_t>> dates(actors);
    for (std::uint32_t actor = 0; actor < actors; ++actor) dates[actor] = {kNever, actor};
    for (int step = 0; step < 2'000; ++step) {
      const auto actor = static_cast<std::uint32_t>(random.below(actors));
      dates[actor].first = Instant{static_cast<std::int64_t>(random.below(50))};
      agenda.set(actor, dates[actor].first);
      auto sorted = dates;
      std::sort(sorted.begin(), sorted.end());
      ASSERT_EQ(agenda.second(), sorted[std::min<std::size_t>(1, actors - 1)].second) << actors;
    }
  }
}

}  // namespace
}  // namespace espial::sim
