// How the coordinator wants the node to behave: applied at once, kept, and told in the description.

#include "core/node/node.hpp"
#include "core/wire/reading.hpp"

namespace espial::node {

void Node::apply_configuration() {
  const std::uint16_t limit = configuration_.max_airtime_permille;
  duty_.set(limit != 0 ? limit : config_.max_airtime_permille);
}

void Node::configure(Instant now, const wire::Properties& properties) {
  const std::uint32_t id = properties.config_id.value_or(0);
  if (id == 0) return;
  if (id == configuration_.id) {
    // Said again by a coordinator that does not know.
    describe_.begin(now);
    return;
  }
  Configuration next;
  next.id = id;
  next.slots = properties.slots.value_or(next.slots);
  next.max_airtime_permille = properties.max_airtime_permille.value_or(next.max_airtime_permille);
  if (properties.schedule) next.schedule = *properties.schedule;
  if (!next.save(ports_.settings, config_.server)) {
    // Not confirmed, so it comes again.
    counters_.add(Count::kSettingsFailed);
    return;
  }
  configuration_ = next;
  apply_configuration();
  counters_.add(Count::kConfigured);
  ports_.application.on_configured(now, configuration_);
  describe_.begin(now);
}

/// A copy of `readings`, in `room`, without those of slots that are not in use. What is longer than
/// `room` stays as it is, for the sake of the one that is in use.
ByteView Node::readings_in_use(ByteView readings, MutableByteView room) const {
  std::size_t size = 0;
  for (const wire::Reading& reading : *wire::parse_readings(readings)) {
    if (!configuration_.in_use(reading.slot)) continue;
    if (readings.size() > room.size()) return readings;
    size += wire::encode(reading, {room.data() + size, room.size() - size});
  }
  return {room.data(), size};
}

std::optional<wire::SwitchingPoint> Node::scheduled(Instant now) const {
  if (!utc_known_) return std::nullopt;
  return configuration_.schedule.at(wire::minute_of_week(utc(now).ms, zone_minutes_));
}

}  // namespace espial::node
