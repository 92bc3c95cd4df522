#include "hub/http/shared_snapshot.hpp"

#include <string_view>
#include <utility>

namespace espial::http {
namespace {

/// A picture serves further streams until so many events have come after it.
constexpr std::uint64_t kEventsBehindMax = 64;

std::int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// Without the revision and the clock, which stand in front.
std::string_view what_it_shows(std::string_view json) {
  return json.substr(json.find("\"devices\""));
}

}  // namespace

std::string snapshot_json(const Snapshot& snapshot, std::uint64_t revision) {
  constexpr std::size_t kNamesBytes = 128;
  std::string text;
  // Once for all: the devices may be megabytes, and each growth would copy them.
  text.reserve(kNamesBytes + snapshot.devices.size() + snapshot.system.size() +
               snapshot.keys.size());
  text.append("{\"revision\":").append(std::to_string(revision));
  text.append(",\"now\":").append(std::to_string(wall_clock_ms()));
  text.append(",\"devices\":").append(snapshot.devices);
  text.append(",\"system\":").append(snapshot.system);
  text.append(",\"keys\":").append(snapshot.keys).append("}");
  return text;
}

SharedSnapshot::Picture SharedSnapshot::of_now() {
  std::string json = snapshot_json(dashboard_.snapshot(), events_.revision());
  if (is_young() && what_it_shows(*last_.json) == what_it_shows(json)) return last_;
  return keep(std::move(json));
}

SharedSnapshot::Picture SharedSnapshot::recent() {
  const bool serves = is_young() && events_.reaches(last_.revision) &&
                      events_.revision() - last_.revision < kEventsBehindMax;
  return serves ? last_ : keep(snapshot_json(dashboard_.snapshot(), events_.revision()));
}

SharedSnapshot::Picture SharedSnapshot::keep(std::string json) {
  last_ = {};  // makes room, if nobody reads it any more
  if (!under_way_.has_room_for(json.size())) return {};
  last_ = {under_way_.count(std::move(json)), events_.revision()};
  made_ = Clock::now();
  return last_;
}

}  // namespace espial::http
