#include "hub/http/event_queue.hpp"

#include <gtest/gtest.h>

namespace espial::http {
namespace {

NumberedEvent event(std::uint64_t revision, std::string key) {
  return {revision, {Event::Kind::kReading, std::move(key), "{}"}};
}

/// The revisions that wait, oldest first.
std::vector<std::uint64_t> drain(EventQueue& queue) {
  std::vector<std::uint64_t> revisions;
  while (const auto next = queue.pop()) revisions.push_back(next->revision);
  return revisions;
}

using Revisions = std::vector<std::uint64_t>;

TEST(EventQueue, BeginsWithTheNeedForASnapshot) {
  EventQueue queue(4);
  EXPECT_TRUE(queue.needs_snapshot());
  EXPECT_EQ(queue.push(event(1, "a")), EventQueue::Outcome::kCoalesced);
  queue.snapshot_taken();
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, KeepsOnlyTheNewestOfAKey) {
  EventQueue queue(4);
  queue.snapshot_taken();
  EXPECT_EQ(queue.push(event(1, "a")), EventQueue::Outcome::kQueued);
  EXPECT_EQ(queue.push(event(2, "b")), EventQueue::Outcome::kQueued);
  EXPECT_EQ(queue.push(event(3, "a")), EventQueue::Outcome::kCoalesced);
  EXPECT_EQ(drain(queue), (Revisions{2, 3}));
}

TEST(EventQueue, KeepsKindsOfOneKeyApart) {
  EventQueue queue(4);
  queue.snapshot_taken();
  (void)queue.push(event(1, "a"));
  EXPECT_EQ(queue.push({2, {Event::Kind::kDevice, "a", "{}"}}), EventQueue::Outcome::kQueued);
}

TEST(EventQueue, ForgetsEverythingWhenFullAndAsksForASnapshot) {
  EventQueue queue(2);
  queue.snapshot_taken();
  (void)queue.push(event(1, "a"));
  (void)queue.push(event(2, "b"));
  EXPECT_EQ(queue.push(event(3, "c")), EventQueue::Outcome::kOverflowed);
  EXPECT_TRUE(queue.needs_snapshot());
  EXPECT_FALSE(queue.pop());
}

TEST(EventHistory, ReplaysWhatCameAfter) {
  EventHistory history(8, 100);
  for (const char* key : {"a", "b", "c"}) history.add({Event::Kind::kReading, key, "{}"});
  EXPECT_EQ(history.revision(), 103U);
  EventQueue queue(8);
  ASSERT_TRUE(history.replay("101", queue));
  EXPECT_FALSE(queue.needs_snapshot());
  EXPECT_EQ(drain(queue), (Revisions{102, 103}));
}

TEST(EventHistory, ReplaysNothingFromBeforeAGap) {
  EventHistory history(8, 100);
  history.add({Event::Kind::kReading, "a", "{}"});
  history.forget();
  history.add({Event::Kind::kReading, "b", "{}"});
  EventQueue queue(8);
  EXPECT_FALSE(history.replay("101", queue));
  ASSERT_TRUE(history.replay("102", queue));
  EXPECT_EQ(drain(queue), (Revisions{103}));
}

TEST(EventHistory, RefusesIdsItCannotContinue) {
  EventHistory history(2, 100);
  for (const char* key : {"a", "b", "c", "d"}) history.add({Event::Kind::kReading, key, "{}"});
  EventQueue queue(8);
  for (const char* id : {"", "x", "-1", "99", "101", "105", "103x"}) {
    EXPECT_FALSE(history.replay(id, queue)) << id;
    EXPECT_TRUE(queue.needs_snapshot());
  }
  EXPECT_TRUE(history.replay("102", queue));
}

TEST(EventText, IsAServerSentEvent) {
  EXPECT_EQ(event_text({Event::Kind::kCommand, "5", R"({"x":1})"}, 118),
            "event: command\nid: 118\ndata: {\"x\":1}\n\n");
}

}  // namespace
}  // namespace espial::http
