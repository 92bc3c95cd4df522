#include "hub/http/event_log.hpp"

#include <gtest/gtest.h>

namespace espial::http {
namespace {

constexpr std::size_t kPlenty = 1'000'000;

Event reading(std::string key, std::string json = "{}") {
  return {Event::Kind::kReading, std::move(key), std::move(json)};
}

/// The revisions in a batch, in its order.
std::vector<std::uint64_t> ids_of(const EventBatch& batch) {
  std::vector<std::uint64_t> ids;
  const std::string mark = "\nid: ";
  for (std::size_t at = batch.text.find(mark); at != std::string::npos;
       at = batch.text.find(mark, at + 1)) {
    ids.push_back(std::stoull(batch.text.substr(at + mark.size())));
  }
  return ids;
}

using Revisions = std::vector<std::uint64_t>;

class EventLogTest : public testing::Test {
 protected:
  void add(std::initializer_list<const char*> keys) {
    for (const char* key : keys) log_.add(reading(key));
  }
  Revisions since(std::uint64_t from, std::size_t max_bytes = kPlenty) {
    const auto batch = log_.since(from, max_bytes);
    return batch ? ids_of(*batch) : Revisions{};
  }

  EventLog log_{4, 100};
};

TEST_F(EventLogTest, TellsWhatCameAfter) {
  add({"a", "b", "c"});
  EXPECT_EQ(log_.revision(), 103U);
  EXPECT_EQ(since(101), (Revisions{102, 103}));
  EXPECT_EQ(log_.since(101, kPlenty)->to, 103U);
  EXPECT_EQ(log_.since(103, kPlenty), nullptr);
}

TEST_F(EventLogTest, TellsOnlyTheNewestOfAKey) {
  add({"a", "b", "a"});
  const auto batch = log_.since(100, kPlenty);
  EXPECT_EQ(ids_of(*batch), (Revisions{102, 103}));
  EXPECT_EQ(batch->events, 2U);
  EXPECT_EQ(batch->coalesced, 1U);
}

TEST_F(EventLogTest, KeepsKindsOfOneKeyApart) {
  add({"a"});
  log_.add({Event::Kind::kDevice, "a", "{}"});
  EXPECT_EQ(since(100), (Revisions{101, 102}));
}

TEST_F(EventLogTest, StopsAtTheSizeWantedAndGoesOnFromThere) {
  add({"a", "b", "c", "a"});
  const auto first = log_.since(100, 1);
  EXPECT_EQ(ids_of(*first), (Revisions{102})) << "a newer a comes later";
  EXPECT_EQ(first->to, 102U);
  EXPECT_EQ(first->coalesced, 1U);
  EXPECT_EQ(since(first->to), (Revisions{103, 104}));
}

TEST_F(EventLogTest, MakesABatchOnceForAllPagesAtOnePlace) {
  add({"a", "b"});
  const auto batch = log_.since(100, kPlenty);
  EXPECT_EQ(log_.since(100, kPlenty), batch);
  EXPECT_EQ(since(101), (Revisions{102}));
  add({"c"});
  EXPECT_EQ(since(100), (Revisions{101, 102, 103})) << "not the one from before";
}

TEST_F(EventLogTest, ReachesOnlyWhatIsKept) {
  add({"a", "b", "c", "d", "e"});
  EXPECT_FALSE(log_.reaches(100));
  EXPECT_TRUE(log_.reaches(101));
  EXPECT_EQ(since(101), (Revisions{102, 103, 104, 105}));
  EXPECT_TRUE(log_.reaches(105));
  EXPECT_FALSE(log_.reaches(106));
}

TEST_F(EventLogTest, ContinuesNothingFromBeforeAGap) {
  add({"a"});
  log_.forget();
  add({"b"});
  EXPECT_FALSE(log_.continues("101"));
  EXPECT_EQ(log_.continues("102"), 102U);
  EXPECT_EQ(since(102), (Revisions{103}));
}

TEST_F(EventLogTest, RefusesIdsItCannotContinue) {
  add({"a", "b", "c", "d", "e"});
  for (const char* id : {"", "x", "-1", "100", "106", "103x", "18446744073709551717"}) {
    EXPECT_FALSE(log_.continues(id)) << id;
  }
  EXPECT_EQ(log_.continues("101"), 101U);
}

TEST(EventText, IsAServerSentEvent) {
  EXPECT_EQ(event_text({Event::Kind::kCommand, "5", R"({"x":1})"}, 118),
            "event: command\nid: 118\ndata: {\"x\":1}\n\n");
}

}  // namespace
}  // namespace espial::http
