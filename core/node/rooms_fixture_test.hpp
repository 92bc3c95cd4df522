#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "core/node/room_end_test.hpp"

namespace espial::node {

/// A button, a lamp, and the air between them.
class RoomsFixture : public testing::Test {
 protected:
  struct OnAir {
    MacAddress source;
    MacAddress destination;
    Bytes body;
  };

  void bind() {
    ASSERT_TRUE(button.rooms->bind(now, kButtonSlot, kLampKind));
    const auto asked = button.asks(now);
    ASSERT_EQ(asked.size(), 1U);
    told(asked[0].request);
  }
  /// The coordinator tells both.
  void told(std::uint8_t request, std::uint8_t key = 9) {
    wire::Suback suback;
    suback.success = true;
    suback.request = request;
    suback.slot = kButtonSlot;
    suback.peer_slot = kLampSlot;
    suback.kind = kLampKind;
    suback.peer = lamp.mac;
    suback.peer_session = kButtonSlot << 4 | kLampSlot;
    suback.pair_key.fill(key);
    EXPECT_TRUE(button.hear(now, suback));
    suback.request = 0;
    suback.role = wire::Role::kProvider;
    suback.slot = kLampSlot;
    suback.peer_slot = kButtonSlot;
    suback.peer = button.mac;
    EXPECT_TRUE(lamp.hear(now, suback));
  }
  static ReceivedFrame frame_of(const OnAir& sent) {
    ReceivedFrame frame;
    frame.source = sent.source;
    frame.body = view(sent.body);
    return frame;
  }
  void deliver(const OnAir& sent) {
    RoomEnd& end = sent.destination == lamp.mac ? lamp : button;
    (void)end.rooms->on_frame(now, frame_of(sent));
  }
  /// Everything that is due now goes over the air; `lose` says which frames don't arrive.
  void exchange() {
    for (bool again = true; again;) {
      again = false;
      for (RoomEnd* end : {&button, &lamp}) {
        if (end->rooms->frame_at() > now) continue;
        std::array<std::uint8_t, kMaxBodyV1> room{};
        const PartFrame frame = end->rooms->next_frame(now, room);
        if (frame.body.empty()) continue;
        again = true;
        air.push_back({end->mac, frame.destination, Bytes(frame.body.begin(), frame.body.end())});
        const bool lost = lose && lose(air.back());
        if (!lost) deliver(air.back());
      }
    }
  }
  void pass(Duration span) {
    const Instant end = now + span;
    exchange();
    for (;;) {
      const Instant next = std::min(button.rooms->frame_at(), lamp.rooms->frame_at());
      if (next > end) break;
      now = std::max(now, next);
      exchange();
    }
    now = end;
  }
  void press(std::uint8_t value) {
    const std::array<std::uint8_t, 1> bytes{value};
    EXPECT_EQ(button.rooms->press(now, kButtonSlot, bytes), 1U);
  }

  ScriptedCoordinator peer_;
  CountingRandom random_;
  Instant now{1'000'000};
  RoomEnd button{peer_.crypto, random_, 1};
  RoomEnd lamp{peer_.crypto, random_, 2};
  std::deque<OnAir> air;
  std::function<bool(const OnAir&)> lose;
};

}  // namespace espial::node
