// The node's role as an ESP8266 carries it: every door of it is called once, so that the linker
// keeps what a firmware keeps. Never run.

#include "core/node/node.hpp"
#include "tests/chips/footprint.hpp"

namespace espial::footprint {
namespace {

/// Reports kept while nobody answers, and the longest of them: two functions' readings or one text.
constexpr std::size_t kReports = 32;
constexpr std::size_t kReportSize = 24;

}  // namespace

node::Application& application();
const node::Config& config();

extern "C" void espial_footprint() {
  static transfer::ReportStorage<kReports, kReportSize> reports;
  static node::Node node(
      config(), {radio(), crypto(), random(), settings(), application(), nullptr, &retained()},
      reports.memory(), now());
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
