#include "core/session/sequence_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>

namespace espial::session {
namespace {

using Arrival = SequenceWindow::Arrival;

/// A stream as its definition reads, with sets that forget nothing.
struct Model {
  std::set<std::uint32_t> received;
  std::set<std::uint32_t> stored;
  std::uint32_t oldest = 0;

  std::uint32_t floor() const {
    std::uint32_t floor = oldest;
    while (stored.count(floor) != 0) ++floor;
    return floor;
  }
  Arrival receive(std::uint32_t sequence, std::uint32_t oldest_held) {
    oldest = std::max(floor(), oldest_held);
    if (sequence < floor() || received.count(sequence) != 0) return Arrival::kDuplicate;
    if (sequence - floor() >= kSequenceWindowSize) return Arrival::kTooFar;
    received.insert(sequence);
    return Arrival::kNew;
  }
  void store(std::uint32_t sequence) {
    oldest = floor();
    if (sequence >= oldest && received.count(sequence) != 0) stored.insert(sequence);
  }
  void release(std::uint32_t sequence) {
    if (stored.count(sequence) == 0) received.erase(sequence);
  }
  Acknowledgement acknowledgement() const {
    Acknowledgement result{floor(), 0};
    for (std::uint32_t i = 0; i < 32; ++i) {
      if (stored.count(result.floor + 1 + i) != 0) result.bitmap |= std::uint32_t{1} << i;
    }
    return result;
  }
};

RC_GTEST_PROP(SequenceWindow, AnswersAsSetsDo, ()) {
  SequenceWindow window;
  Model model;
  const auto steps = *rc::gen::inRange(0, 300);
  for (int step = 0; step < steps; ++step) {
    const std::uint32_t floor = model.floor();
    const std::uint32_t lowest = floor < 20 ? 0 : floor - 20;
    const auto sequence = *rc::gen::inRange<std::uint32_t>(lowest, floor + kSequenceWindowSize + 9);
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        window.release(sequence);
        model.release(sequence);
        break;
      case 1:
      case 2:
      case 3:
        window.stored(sequence);
        model.store(sequence);
        break;
      default: {
        const auto back =
            *rc::gen::weightedElement<std::uint32_t>({{8, 500}, {2, 40}, {1, 2}, {1, 0}});
        const std::uint32_t oldest = sequence < back ? 0 : sequence - back;
        RC_ASSERT(window.receive(sequence, oldest) == model.receive(sequence, oldest));
      }
    }
    RC_ASSERT(window.acknowledgement() == model.acknowledgement());
    if (*rc::gen::inRange(0, 15) == 0) {
      std::array<std::uint8_t, SequenceWindow::kStateSize> state{};
      ByteWriter writer(state);
      window.save(writer);
      ByteReader reader(state);
      window = SequenceWindow();
      window.load(reader);
      model.received = model.stored;
      RC_ASSERT(window.acknowledgement() == model.acknowledgement());
    }
  }
}

RC_GTEST_PROP(SequenceWindow, RestoresTheNearestSequence,
              (std::uint32_t reference, std::uint16_t low)) {
  reference >>= *rc::gen::inRange(0, 32);
  const std::uint32_t restored = restore_sequence(reference, low);
  RC_ASSERT((restored & 0xffff) == low);
  const auto distance = [&](std::uint32_t value) {
    return value > reference ? value - reference : reference - value;
  };
  if (restored >= 0x10000) RC_ASSERT(distance(restored - 0x10000) >= distance(restored));
  if (restored <= UINT32_MAX - 0x10000) {
    RC_ASSERT(distance(restored + 0x10000) >= distance(restored));
  }
}

TEST(SequenceWindow, AcknowledgesOnlyWhatIsStored) {
  SequenceWindow window;
  EXPECT_EQ(window.receive(0, 0), Arrival::kNew);
  EXPECT_EQ(window.receive(1, 0), Arrival::kNew);
  EXPECT_EQ(window.receive(1, 0), Arrival::kDuplicate);
  EXPECT_EQ(window.acknowledgement(), (Acknowledgement{0, 0}));
  window.stored(1);
  EXPECT_EQ(window.acknowledgement(), (Acknowledgement{0, 1}));
  window.stored(0);
  EXPECT_EQ(window.acknowledgement(), (Acknowledgement{2, 0}));
  EXPECT_EQ(window.receive(0, 0), Arrival::kDuplicate);
}

TEST(SequenceWindow, LossesFromAFullRingDoNotBlockIt) {
  SequenceWindow window;
  EXPECT_EQ(window.receive(7, 5), Arrival::kNew);
  window.stored(7);
  EXPECT_EQ(window.acknowledgement(), (Acknowledgement{5, 2}));
  EXPECT_EQ(window.receive(8, 7), Arrival::kNew);
  EXPECT_EQ(window.acknowledgement(), (Acknowledgement{8, 0}));
}

TEST(SequenceWindow, WhatTheStoreDidNotTakeIsNewAgain) {
  SequenceWindow window;
  ASSERT_EQ(window.receive(3, 0), Arrival::kNew);
  window.release(3);
  EXPECT_EQ(window.receive(3, 0), Arrival::kNew);
  window.stored(3);
  window.release(3);
  EXPECT_EQ(window.receive(3, 0), Arrival::kDuplicate);
}

TEST(SequenceWindow, StoringWhatNeverCameDoesNothing) {
  SequenceWindow window;
  window.stored(0);
  window.stored(500);
  EXPECT_EQ(window.acknowledgement(), (Acknowledgement{0, 0}));
}

TEST(SequenceWindow, KeepsTheLastSequenceForNobody) {
  constexpr std::uint32_t kLast = UINT32_MAX - 1;
  SequenceWindow window;
  EXPECT_EQ(window.receive(kLast, kLast - 2), Arrival::kNew);
  window.stored(kLast);
  EXPECT_EQ(window.acknowledgement(), (Acknowledgement{kLast - 2, 2}));
  EXPECT_EQ(window.receive(kLast, kLast), Arrival::kDuplicate);
  EXPECT_EQ(window.acknowledgement(), (Acknowledgement{UINT32_MAX, 0}));
  EXPECT_EQ(window.receive(UINT32_MAX, UINT32_MAX), Arrival::kTooFar);
  EXPECT_EQ(window.receive(kLast, kLast), Arrival::kDuplicate);
}

TEST(SequenceWindow, WhatWasOnlyReceivedIsNewAgainAfterLoading) {
  SequenceWindow before;
  ASSERT_EQ(before.receive(1, 0), Arrival::kNew);
  ASSERT_EQ(before.receive(2, 0), Arrival::kNew);
  before.stored(2);
  std::array<std::uint8_t, SequenceWindow::kStateSize> state;
  ByteWriter writer(state);
  before.save(writer);
  ByteReader reader(state);
  SequenceWindow after;
  after.load(reader);
  EXPECT_EQ(after.receive(1, 0), Arrival::kNew);
  EXPECT_EQ(after.receive(2, 0), Arrival::kDuplicate);
  EXPECT_EQ(after.acknowledgement(), before.acknowledgement());
}

TEST(SequenceWindow, AFloorThatWasLoadedDoesNotWrapEither) {
  std::array<std::uint8_t, SequenceWindow::kStateSize> state;
  state.fill(0xff);
  state[0] = 0xf0;
  ByteReader reader(state);
  SequenceWindow window;
  window.load(reader);
  EXPECT_EQ(window.floor(), UINT32_MAX);
}

TEST(Acknowledgement, CoversFloorAndBitmap) {
  const Acknowledgement acknowledgement{100, 0x80000001};
  EXPECT_TRUE(acknowledgement.covers(99));
  EXPECT_FALSE(acknowledgement.covers(100));
  EXPECT_TRUE(acknowledgement.covers(101));
  EXPECT_FALSE(acknowledgement.covers(102));
  EXPECT_TRUE(acknowledgement.covers(132));
  EXPECT_FALSE(acknowledgement.covers(133));
}

}  // namespace
}  // namespace espial::session
