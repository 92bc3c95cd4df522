#include "core/node/retained_copies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sim/memory_retained.hpp"

namespace espial::node {
namespace {

std::string found(sim::MemoryRetained& memory) {
  RetainedCopies copies(&memory);
  std::string text(copies.find(), '\0');
  EXPECT_TRUE(copies.read(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  return text;
}

bool found_older(sim::MemoryRetained& memory) {
  RetainedCopies copies(&memory);
  EXPECT_GT(copies.find(), 0U);
  return copies.found_older();
}

void keep(RetainedCopies& copies, std::string_view text) {
  copies.begin();
  ASSERT_TRUE(copies.put(as_bytes(text.substr(0, 2))));
  ASSERT_TRUE(copies.put(as_bytes(text.substr(2))));
  copies.commit();
}

TEST(RetainedCopiesTest, FindsTheNewestOverManyLaps) {
  sim::MemoryRetained memory(64);
  EXPECT_EQ(found(memory), "");
  RetainedCopies copies(&memory);
  for (int i = 0; i < 600; ++i) {
    const std::string text = "record " + std::to_string(i);
    keep(copies, text);
    ASSERT_EQ(found(memory), text);
  }
}

TEST(RetainedCopiesTest, AResetAtAnyByteLeavesTheNewOneOrTheOneBefore) {
  for (std::size_t byte = 1; byte <= 32; ++byte) {
    sim::MemoryRetained memory(64);
    RetainedCopies copies(&memory);
    for (const char* text : {"first", "second", "third"}) keep(copies, text);
    memory.reset_at_byte(byte);
    memory.set_now(Instant{1'000'000});
    keep(copies, "the fourth");
    EXPECT_EQ(memory.written_at() == Instant{}, byte == 1) << "nothing was written";
    // The version is written twice: before all other bytes and behind them.
    const std::size_t last = 1 + 10 + RetainedCopies::kOverhead;
    EXPECT_EQ(found(memory), byte <= last ? "third" : "the fourth") << byte;
    EXPECT_EQ(found_older(memory), byte > 1 && byte <= last) << byte;
    EXPECT_EQ(memory.stopped(), byte <= last);
  }
}

TEST(RetainedCopiesTest, AChangedBitIsSeen) {
  sim::MemoryRetained memory(64);
  RetainedCopies copies(&memory);
  keep(copies, "older");
  keep(copies, "newer");
  // The first record went into the half that find() did not name, the second into the other.
  for (std::size_t bit = 0; bit < 8 * (RetainedCopies::kOverhead + 5); ++bit) {
    sim::MemoryRetained damaged = memory;
    std::array<std::uint8_t, 1> byte{};
    damaged.read(bit / 8, byte);
    byte[0] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    damaged.write(bit / 8, byte);
    EXPECT_EQ(found(damaged), "older") << bit;
  }
}

TEST(RetainedCopiesTest, MemoryOfAnyBytesHoldsNothing) {
  for (const int fill : {0x00, 0xff, 0x5a}) {
    sim::MemoryRetained memory(64);
    memory.lose_power(static_cast<std::uint8_t>(fill));
    EXPECT_EQ(found(memory), "");
  }
}

TEST(RetainedCopiesTest, WhatDoesNotFitIsNotWritten) {
  sim::MemoryRetained memory(64);
  RetainedCopies copies(&memory);
  EXPECT_EQ(copies.capacity(), 24U);
  copies.begin();
  EXPECT_TRUE(copies.put(as_bytes("twenty bytes of text")));
  EXPECT_FALSE(copies.put(as_bytes("five!")));
  EXPECT_TRUE(copies.put(as_bytes("four")));
  copies.commit();
  EXPECT_EQ(found(memory), "twenty bytes of textfour");
  std::array<std::uint8_t, 2> out{};
  EXPECT_FALSE(copies.read(23, out));
}

TEST(RetainedCopiesTest, ErasingTheOlderLeavesNothingOfIt) {
  sim::MemoryRetained memory(64);
  RetainedCopies copies(&memory);
  keep(copies, "secret");
  keep(copies, "public");
  copies.erase_older();
  const std::string all(memory.bytes().begin(), memory.bytes().end());
  EXPECT_EQ(all.find("secret"), std::string::npos);
  EXPECT_EQ(found(memory), "public");
}

TEST(RetainedCopiesTest, MemoryThatLostItsPowerIsNotTakenForHalfWritten) {
  for (int fill = 0; fill <= UINT8_MAX; ++fill) {
    sim::MemoryRetained memory(64);
    memory.lose_power(static_cast<std::uint8_t>(fill));
    RetainedCopies copies(&memory);
    ASSERT_EQ(copies.find(), 0U);
    keep(copies, "first");
    EXPECT_FALSE(found_older(memory)) << fill;
    keep(copies, "second");
    EXPECT_FALSE(found_older(memory)) << fill;
    copies.erase_older();
    EXPECT_FALSE(found_older(memory)) << fill;
  }
}

TEST(RetainedCopiesTest, WithoutMemoryThereIsNoRoom) {
  RetainedCopies copies(nullptr);
  EXPECT_EQ(copies.find(), 0U);
  copies.begin();
  EXPECT_FALSE(copies.put(as_bytes("x")));
  copies.commit();
}

}  // namespace
}  // namespace espial::node
