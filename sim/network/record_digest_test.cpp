#include "sim/network/record_digest.hpp"

#include <gtest/gtest.h>

#include <set>

namespace espial::sim {
namespace {

/// Every one of several records that differ in one thing each has a number of its own.
class Numbers {
 public:
  template <typename Record>
  void add_one(const Record& record) {
    Digest digest;
    add(digest, record);
    EXPECT_TRUE(numbers_.insert(digest.value()).second) << "number " << numbers_.size();
  }

 private:
  std::set<std::uint64_t> numbers_;
};

TEST(RecordDigestTest, TellsReportsApart) {
  Numbers numbers;
  const std::array<std::uint8_t, 3> readings{1, 2, 3};
  const std::array<std::uint8_t, 3> others{1, 2, 4};
  coordinator::ReportRecord report;
  report.readings = readings;
  report.sequence = 0;
  numbers.add_one(report);
  const auto with = [&](auto change) {
    coordinator::ReportRecord other = report;
    change(other);
    numbers.add_one(other);
  };
  with([](auto& other) { other.mac.octets[5] = 1; });
  with([](auto& other) { other.module.value = 1; });
  with([](auto& other) { other.stream_id = 1; });
  with([](auto& other) { other.events = true; });
  with([](auto& other) { other.sequence = 1; });
  with([](auto& other) { other.sequence.reset(); });
  with([](auto& other) { other.taken_at.ms = 1; });
  with([](auto& other) { other.received_at.ms = 1; });
  with([&](auto& other) { other.readings = others; });
  with([](auto& other) { other.progress.back() = 1; });
  with([](auto& other) { other.session = 1; });
  with([](auto& other) { other.highest_uplink_counter = 1; });
}

TEST(RecordDigestTest, TellsNodesApart) {
  Numbers numbers;
  coordinator::NodeRecord node;
  numbers.add_one(node);
  node.module.value = 1;
  numbers.add_one(node);
  node.revoked = true;
  numbers.add_one(node);
  node.key.emplace();
  numbers.add_one(node);
  node.key->key[31] = 1;
  numbers.add_one(node);
  node.key->generation = 1;
  numbers.add_one(node);
  node.key->network_generation = 1;
  numbers.add_one(node);
  std::swap(node.key, node.pending_key);
  numbers.add_one(node);
  std::swap(node.pending_key, node.former.key);
  numbers.add_one(node);
}

TEST(RecordDigestTest, TellsCommandsSessionsAndDescriptionsApart) {
  Numbers numbers;
  const std::array<std::uint8_t, 2> value{1, 2};
  const std::array<std::uint8_t, 2> another{1, 3};
  coordinator::CommandRecord command;
  numbers.add_one(command);
  command.value = value;
  numbers.add_one(command);
  command.value = another;
  numbers.add_one(command);
  command.state = coordinator::CommandState::kExecuted;
  numbers.add_one(command);
  command.expiry_s = 1;
  numbers.add_one(command);
  command.id = 1;
  numbers.add_one(command);
  coordinator::SessionRecord session;
  numbers.add_one(session);
  session.state.back() = 1;
  numbers.add_one(session);
  session.stream_id = 1;
  numbers.add_one(session);
  coordinator::DescriptionRecord description;
  numbers.add_one(description);
  description.properties = value;
  numbers.add_one(description);
  description.properties = another;
  numbers.add_one(description);
}

}  // namespace
}  // namespace espial::sim
