#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/features/feature_fixture_test.hpp"
#include "hub/features/s2_sessions.hpp"
#include "station/mac_text.hpp"
#include "station/registry.hpp"

namespace espial::features {

inline constexpr std::int64_t kStart_us = 1'743'946'777'603'371;
inline constexpr const char* kMac = "61:EC:ED:3B:25:B1";
inline constexpr const char* kOtherMac = "61:EC:ED:3B:25:B2";

/// The feature over a real database, without a broker: messages go in, publishes come out.
class S2Fixture : public FeatureFixture {
 protected:
  void SetUp() override { boot(); }
  void TearDown() override { shut_down(); }

  /// Starts as a hub does: from what the database holds.
  void boot() {
    const store::Snapshot snapshot = open();
    sessions_.emplace(S2Sessions::Ports{
        *live_, *committer_, trace_,
        [this](const mqtt::Message& message) { return publish(message); },
        [this](mqtt::Ticket) { ++acknowledged_; }, [this](mqtt::Ticket) { ++given_back_; },
        [this] { return now_us_; },
        [this](const CommandChange& change) { commands_.push_back(change); },
        S2Sessions::kUsualSilence.ms(), max_boards_, new_boards_at_once_, max_addresses_,
        [this](const station::Device& device) { forgotten_.push_back(text_of(device.mac)); }});
    sessions_->restore(snapshot);
  }

  void shut_down() {
    close();
    sessions_.reset();
  }

  void hand_over(std::string_view topic, std::string_view payload, bool retain = false) {
    mqtt::Publish message;
    message.topic = topic;
    message.payload = as_bytes(payload);
    message.qos = mqtt::Qos::kAtLeastOnce;
    message.retain = retain;
    sessions_->on_message(message, mqtt::Ticket{});
  }

  /// A message from a board, and everything that follows from it.
  void hear(std::string_view topic, std::string_view payload, bool retain = false) {
    const int expected = acknowledged_ + 1;
    hand_over(topic, payload, retain);
    ASSERT_TRUE(settle([&] { return acknowledged_ >= expected; })) << topic << " " << payload;
    ASSERT_EQ(acknowledged_, expected) << topic << " " << payload;
  }

  /// Joins and returns "<name>;<session>" as the board was told.
  std::string join(std::string_view mac) {
    published_.clear();
    hear("state/join", mac);
    EXPECT_EQ(published_.size(), 1U);
    const std::string text = published_.empty() ? std::string() : published_.back().payload;
    EXPECT_EQ(text.substr(0, mac.size() + 1), std::string(mac) + ";");
    return text.size() > mac.size() ? text.substr(mac.size() + 1) : text;
  }

  /// A module of another protocol at the address of the first board.
  station::Device espial_module() const {
    station::Device module;
    module.id = live_->next_id();
    module.mac = *parse_mac(kMac);
    module.name = "Cellar";
    module.protocol = station::Protocol::espial;
    return module;
  }

  const station::Device& board(const char* mac = kMac) { return *live_->find(*parse_mac(mac)); }
  std::optional<double> shown(std::uint8_t slot) {
    const auto* const function = board().function(slot);
    const auto* const value = function == nullptr ? nullptr : function->value(0);
    return value == nullptr ? std::nullopt : std::optional<double>(value->number);
  }

  /// The board is called "Last" now, and was told "Middle" in between.
  void rename_twice() {
    std::string name = board().name;
    for (const char* const next : {"Middle", "Last"}) {
      (void)station::rename(*live_, board().id, next);
      ASSERT_TRUE(sessions_->renamed(board().id, std::exchange(name, next)));
    }
  }

  std::int64_t now_us_ = kStart_us;
  std::size_t max_boards_ = S2Sessions::kMaxBoards;
  std::size_t max_addresses_ = S2Sessions::kMaxAddresses;
  std::vector<std::string> forgotten_;
  int new_boards_at_once_ = S2Sessions::kNewBoardsAtOnce;
  std::optional<S2Sessions> sessions_;
  std::vector<CommandChange> commands_;
};

}  // namespace espial::features
