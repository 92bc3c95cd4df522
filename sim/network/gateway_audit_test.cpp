#include "sim/network/gateway_audit.hpp"

#include "core/gateway/gateway_fixture_test.hpp"

namespace espial::sim {
namespace {

using gateway::at_ms;
using gateway::Bytes;
using gateway::mac_of;

/// A gateway and its books, of which a test leaves out a line.
class GatewayAuditTest : public gateway::GatewayTest {
 protected:
  GatewayAuditTest() {
    watch.add(log);
    bring_up();
    audit.begin(*gateway);
  }

  static Backbone::Down down_of(DownClass down_class, std::uint32_t command,
                                std::uint8_t counter = 0) {
    Backbone::Down down;
    down.mac = mac_of(1);
    down.down_class = down_class;
    down.command = command;
    if (down_class == DownClass::kCommand) {
      wire::SealedHeader header;
      header.server = kServer;
      header.session = 1;
      header.counter = counter;
      header.down = true;
      down.body = sealed(true, counter);
      EXPECT_NE(wire::encode_sealed_header(header, 10, {down.body.data(), down.body.size()}), 0U);
    }
    return down;
  }
  /// What the books say that came down, and what the gateway was told.
  void bring_down(const Backbone::Down& told, const Backbone::Down& meant) {
    audit.before_down(*gateway, told.mac);
    down(at_ms(1), meant.mac, meant.down_class, meant.body, meant.command);
    audit.after_down(at_ms(1), *gateway, told);
  }
  void bring_down(const Backbone::Down& both) { bring_down(both, both); }
  void fill_with_commands() {
    for (std::uint8_t i = 1; i <= gateway::kMaxCommandsPerModule; ++i) {
      bring_down(down_of(DownClass::kCommand, i, i));
    }
  }
  std::string broken() const {
    std::string all;
    for (const auto& [what, entry] : violations.entries()) all += what + ";";
    return all;
  }

  Violations violations;
  AuditLog log{violations};
  Watch watch;
  GatewayAudit audit{watch, 0};
};

TEST_F(GatewayAuditTest, FindsNothingWhereAllIsInOrder) {
  gateway->on_uplink_ready(at_ms(0), false);
  for (std::uint8_t i = 1; i <= 6; ++i) {
    hear(at_ms(i), mac_of(i), sealed(false, i));
    audit.after(at_ms(i), *gateway, true);
  }
  hear(at_ms(7), mac_of(7), {0x50, 4, 7, 1});
  audit.after(at_ms(7), *gateway, true);
  fill_with_commands();
  bring_down(down_of(DownClass::kCommand, 9, 9));
  bring_down(down_of(DownClass::kClear, 3));
  bring_down(down_of(DownClass::kClear, 77));
  audit.count_places(at_ms(9), *gateway);
  EXPECT_EQ(broken(), "");
}

TEST_F(GatewayAuditTest, FindsAHeldFrameThatGoesUncounted) {
  gateway->on_uplink_ready(at_ms(0), false);
  hear(at_ms(1), mac_of(1), sealed(false, 1));
  audit.after(at_ms(1), *gateway, true);
  // The frame leaves, and no uplink says that it took one.
  gateway->on_uplink_ready(at_ms(2), true);
  audit.after(at_ms(2), *gateway, false);
  EXPECT_EQ(broken(), "a gateway lost a frame without counting it;");
}

TEST_F(GatewayAuditTest, FindsAFrameThatWasNotCountedAsHeard) {
  audit.after(at_ms(1), *gateway, true);
  EXPECT_EQ(broken(),
            "a gateway lost a frame without counting it;a gateway miscounts what it hears;");
}

TEST_F(GatewayAuditTest, FindsTheWrongCommandCleared) {
  fill_with_commands();
  bring_down(down_of(DownClass::kClear, 3), down_of(DownClass::kClear, 1));
  EXPECT_EQ(broken(),
            "a gateway forgot a command that nobody cleared;"
            "a gateway keeps a command that was cleared;");
}

TEST_F(GatewayAuditTest, FindsACommandThatNeitherWaitsNorIsCounted) {
  bring_down(down_of(DownClass::kCommand, 1, 1), down_of(DownClass::kClear, 1));
  EXPECT_EQ(broken(), "a command neither waits nor is counted as dropped;");
}

TEST_F(GatewayAuditTest, FindsACommandTurnedAwayForOneThatWasBrought) {
  fill_with_commands();
  // The module has the fifth, as far as the books know, and the gateway was not told.
  const Backbone::Down brought = down_of(DownClass::kCommand, 5, 5);
  audit.sent(brought.mac, {brought.body.data(), brought.body.size()});
  audit.brought(true);
  bring_down(down_of(DownClass::kCommand, 9, 9));
  EXPECT_EQ(broken(), "a command was turned away for one that had been brought;");
}

}  // namespace
}  // namespace espial::sim
