#include "core/session/replay_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>

namespace espial::session {
namespace {

using Verdict = ReplayWindow::Verdict;

/// The window as its definition reads, with a set that forgets nothing.
class Model {
 public:
  Verdict check(std::uint64_t counter) const {
    if (seen_.count(counter) != 0) return too_old(counter) ? Verdict::kTooOld : Verdict::kSeen;
    return too_old(counter) ? Verdict::kTooOld : Verdict::kAcceptable;
  }
  void accept(std::uint64_t counter) {
    if (check(counter) == Verdict::kAcceptable) seen_.insert(counter);
  }

 private:
  bool too_old(std::uint64_t counter) const {
    return !seen_.empty() && *seen_.rbegin() >= counter &&
           *seen_.rbegin() - counter >= kReplayWindowSize;
  }
  std::set<std::uint64_t> seen_;
};

/// A counter as the air brings them: mostly near the last ones, now and then far off.
std::uint64_t draw_counter(std::uint64_t highest) {
  const auto near = *rc::gen::inRange<std::uint64_t>(0, 2 * kReplayWindowSize + 64);
  const auto kind = *rc::gen::inRange(0, 10);
  if (kind == 0) return highest + *rc::gen::inRange<std::uint64_t>(0, 5000);
  if (kind < 4) return highest + *rc::gen::inRange<std::uint64_t>(0, 4);
  return highest > near ? highest - near : near;
}

RC_GTEST_PROP(ReplayWindow, AnswersAsASetDoes, ()) {
  ReplayWindow window;
  Model model;
  const auto steps = *rc::gen::inRange(0, 400);
  for (int step = 0; step < steps; ++step) {
    const std::uint64_t counter = draw_counter(window.highest());
    RC_ASSERT(window.check(counter) == model.check(counter));
    if (*rc::gen::inRange(0, 8) != 0) {  // a frame that is not authentic only asks
      window.accept(counter);
      model.accept(counter);
    }
    if (*rc::gen::inRange(0, 50) == 0) {
      std::array<std::uint8_t, ReplayWindow::kStateSize> state{};
      ByteWriter writer(state);
      window.save(writer);
      ByteReader reader(state);
      window = ReplayWindow();
      window.load(reader);
    }
  }
}

RC_GTEST_PROP(ReplayWindow, RestoresTheNearestCounter, (std::uint64_t highest, std::uint16_t low)) {
  // Small, middling and huge: 64-bit numbers drawn evenly are all huge.
  highest >>= *rc::gen::inRange(0, 64);
  const std::uint64_t restored = restore_counter(highest, low);
  RC_ASSERT((restored & 0xffff) == low);
  const auto distance = [&](std::uint64_t counter) {
    return counter > highest ? counter - highest : highest - counter;
  };
  if (restored >= 0x10000) RC_ASSERT(distance(restored - 0x10000) >= distance(restored));
  if (restored <= UINT64_MAX - 0x10000) {
    RC_ASSERT(distance(restored + 0x10000) >= distance(restored));
  }
}

TEST(ReplayWindow, RestoresAroundTheEnds) {
  EXPECT_EQ(restore_counter(0, 0), 0u);
  EXPECT_EQ(restore_counter(0, 0xffff), 0xffffu);
  EXPECT_EQ(restore_counter(0xffff, 0), 0x10000u);
  EXPECT_EQ(restore_counter(0x10000, 0xffff), 0xffffu);
  EXPECT_EQ(restore_counter(0x18000, 0), 0x10000u);  // equally near: the lower
  EXPECT_EQ(restore_counter(UINT64_MAX, 5), UINT64_MAX - 0xffff + 5);
}

TEST(ReplayWindow, RemembersExactlyItsSize) {
  ReplayWindow window;
  window.accept(0);
  window.accept(kReplayWindowSize - 1);
  EXPECT_EQ(window.check(0), Verdict::kSeen);
  window.accept(kReplayWindowSize);
  EXPECT_EQ(window.check(0), Verdict::kTooOld);
  EXPECT_EQ(window.check(1), Verdict::kAcceptable);
}

TEST(ReplayWindow, RestartsAfterTheHighestCommitted) {
  ReplayWindow window;
  window.restart_after(5000);
  EXPECT_EQ(window.highest(), 5000u);
  EXPECT_EQ(window.check(5000), Verdict::kSeen);
  EXPECT_EQ(window.check(4900), Verdict::kSeen);
  EXPECT_EQ(window.check(5000 - kReplayWindowSize), Verdict::kTooOld);
  EXPECT_EQ(window.check(5001), Verdict::kAcceptable);
}

TEST(ReplayWindow, KeepsTheLastCounterForNobody) {
  ReplayWindow window;
  window.accept(UINT64_MAX);
  EXPECT_TRUE(window.empty());
  window.restart_after(UINT64_MAX);
  EXPECT_EQ(window.check(UINT64_MAX), Verdict::kTooOld);
}

}  // namespace
}  // namespace espial::session
