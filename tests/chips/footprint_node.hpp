#pragma once

#include "core/node/node.hpp"
#include "tests/chips/footprint.hpp"

namespace espial::footprint {

/// Reports kept while nobody answers, and the longest of them: two functions' readings or one text.
inline constexpr std::size_t kReports = 32;
inline constexpr std::size_t kReportSize = 24;
/// The longest packet that an ESP8266 takes from its coordinator.
inline constexpr std::size_t kLongPacket = 2048;

node::Application& application();
const node::Config& config();

/// What every board has; a program adds the optional parts that it is measured with.
inline node::Ports ports() { return {radio(), crypto(), random(), settings(), application()}; }

/// The node's role as an ESP8266 carries it, whose frames have 250 bytes at most: every door of it
/// is called once, so that the linker keeps what a firmware keeps. Never run.
inline void run(const node::Ports& ports) {
  static node::Storage<kReports, kReportSize, 0, kMaxBodyV1> memory;
  static node::Node node(config(), ports, memory.memory(), now());
  node.start(now());
  for (;;) {
    node.on_frame(now(), frame());
    node.on_sent(now(), true);
    node.on_timer(now());
    (void)node.report(now(), wire::Stream::kReadings, true, bytes());
    if (node.next_timer() < node.awake_until()) node.leave(now());
  }
}

}  // namespace espial::footprint
