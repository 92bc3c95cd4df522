#include "core/node/conduct.hpp"

#include "core/node/node.hpp"
#include "core/wire/reading.hpp"

namespace espial::node {

void Conduct::apply() {
  const std::uint16_t wanted = configuration_.max_airtime_permille;
  const std::uint16_t limit = wanted != 0 ? wanted : made_airtime_permille_;
  duty_.set(limit);
  room_duty_.set(limit);
}

void Conduct::load(Node& node) {
  configuration_ = Configuration::load(node.ports_.settings, node.config_.server);
  apply();
}

void Conduct::configure(Node& node, Instant now, const wire::Properties& properties) {
  const std::uint32_t id = properties.config_id.value_or(0);
  if (id == 0) return;
  if (id == configuration_.id) {
    // Said again by a coordinator that does not know.
    node.describe_.begin(now);
    return;
  }
  Configuration next;
  next.id = id;
  next.slots = properties.slots.value_or(next.slots);
  next.max_airtime_permille = properties.max_airtime_permille.value_or(next.max_airtime_permille);
  if (properties.schedule) next.schedule = *properties.schedule;
  if (!next.save(node.ports_.settings, node.config_.server)) {
    // Not confirmed, so it comes again.
    node.counters_.add(Count::kSettingsFailed);
    return;
  }
  configuration_ = next;
  apply();
  node.counters_.add(Count::kConfigured);
  node.ports_.application.on_configured(now, configuration_);
  node.describe_.begin(now);
}

ByteView Conduct::readings_in_use(ByteView readings, MutableByteView room) const {
  std::size_t size = 0;
  for (const wire::Reading& reading : *wire::parse_readings(readings)) {
    if (!configuration_.in_use(reading.slot)) continue;
    if (readings.size() > room.size()) return readings;
    size += wire::encode(reading, {room.data() + size, room.size() - size});
  }
  return {room.data(), size};
}

void Conduct::on_sent(Instant now, std::size_t size) { duty_.on_sent(now, size); }

std::optional<wire::SwitchingPoint> Conduct::scheduled(UnixTime utc,
                                                       std::int16_t zone_minutes) const {
  if (!utc.known()) return std::nullopt;
  return configuration_.schedule.at(wire::minute_of_week(utc.ms, zone_minutes));
}

}  // namespace espial::node
