#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "hub/http/event_log.hpp"
#include "hub/http/fake_dashboard_test.hpp"
#include "hub/http/open_access_test.hpp"
#include "hub/http/router.hpp"

namespace {

/// Takes the next line off.
std::string next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string line(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

}  // namespace

/// method, target, host, origin, content type and last event ID, a line each; the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::http;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Request request;
  request.method = next_line(rest);
  request.target = next_line(rest);
  request.host = next_line(rest);
  request.origin = next_line(rest);
  request.content_type = next_line(rest);
  request.last_event_id = next_line(rest);
  // Most of the way in lies behind the guard.
  if (request.host.empty()) request.host = "localhost";
  if (request.content_type.empty()) request.content_type = "application/json";
  request.body = std::string(rest);

  FakeDashboard dashboard;
  Counters counters;
  EventLog events(4, 100);
  BytesUnderWay under_way(1024);
  SharedSnapshot snapshots(dashboard, events, under_way, std::chrono::seconds(1));
  events.add({Event::Kind::kSystem, "", "{}"});
  if (const auto seen = events.continues(request.last_event_id)) (void)events.since(*seen, 100);
  int answers = 0;
  TestAccess access(request.host.size() % 2 != 0);
  Router(dashboard, access.control, counters, snapshots)
      .handle(request, [&](const Response& response) {
        ++answers;
        if (response.status < 200 || response.status > 599) std::abort();
      });
  if (answers != 1) std::abort();
  return 0;
}
