#include "core/base/mac_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace espial {
namespace {

struct Entry : MacEntry {
  int value = 0;
};

MacAddress mac(std::uint32_t n) {
  return {{2, 0, static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
           static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)}};
}

TEST(MacTable, WithoutStorageIsFullAndEmpty) {
  MacTable<Entry> table{Span<Entry>()};
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.find(mac(1)), nullptr);
  EXPECT_EQ(table.add(mac(1)), nullptr);
  EXPECT_EQ(table.oldest(), nullptr);
}

TEST(MacTable, TouchingDecidesWhoIsOldest) {
  std::array<Entry, 3> storage;
  MacTable<Entry> table{Span<Entry>(storage)};
  for (std::uint32_t n = 1; n <= 3; ++n) ASSERT_NE(table.add(mac(n)), nullptr);
  EXPECT_EQ(table.add(mac(4)), nullptr);
  EXPECT_EQ(table.oldest()->mac, mac(1));
  table.touch(*table.find(mac(1)));
  EXPECT_EQ(table.oldest()->mac, mac(2));
  table.touch(*table.find(mac(3)));
  table.remove(*table.find(mac(2)));
  EXPECT_EQ(table.oldest()->mac, mac(1));
  EXPECT_EQ(table.newest()->mac, mac(3));
  EXPECT_EQ(table.older(*table.newest())->mac, mac(1));
  EXPECT_EQ(table.newer(*table.oldest())->mac, mac(3));
}

TEST(MacTable, AnEntryStartsInItsInitialState) {
  std::array<Entry, 1> storage;
  MacTable<Entry> table{Span<Entry>(storage)};
  table.add(mac(1))->value = 7;
  table.remove(*table.find(mac(1)));
  EXPECT_EQ(table.add(mac(2))->value, 0);
}

// Against std::map, through adds and removes in an order drawn from one seed.
TEST(MacTable, BehavesLikeAMap) {
  std::vector<Entry> storage(37);
  MacTable<Entry> table{Span<Entry>(storage.data(), storage.size())};
  std::map<std::uint32_t, int> model;
  std::mt19937 random(5);
  for (int step = 0; step < 20000; ++step) {
    const std::uint32_t n = random() % 64;
    Entry* const found = table.find(mac(n));
    ASSERT_EQ(found != nullptr, model.count(n) == 1);
    if (found != nullptr) {
      ASSERT_EQ(found->value, model[n]);
      table.remove(*found);
      model.erase(n);
    } else if (Entry* const added = table.add(mac(n))) {
      added->value = model[n] = step;
    } else {
      ASSERT_EQ(model.size(), storage.size());
    }
    ASSERT_EQ(table.size(), model.size());
  }
  std::size_t walked = 0;
  for (const Entry* entry = table.newest(); entry != nullptr; entry = table.older(*entry)) ++walked;
  EXPECT_EQ(walked, model.size());
}

}  // namespace
}  // namespace espial
