// How nodes shall behave: said in acknowledgements until the node's description confirms it.

#include <algorithm>

#include "core/base/hash.hpp"
#include "core/coordinator/coordinator.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::coordinator {
namespace {

wire::Properties properties_of(const Configuration& configuration) {
  wire::Properties properties;
  properties.slots = configuration.slots;
  properties.max_airtime_permille = configuration.max_airtime_permille;
  properties.schedule = configuration.schedule;
  return properties;
}

/// Names a configuration by what it says; 0 when something of it is out of its range.
std::uint32_t id_of(const Configuration& configuration) {
  std::array<std::uint8_t, kMaxBodyV1> bytes;
  const std::size_t size = wire::encode(wire::Assignment{properties_of(configuration)}, bytes);
  if (size == 0) return 0;
  const std::uint64_t hash = fnv1a({bytes.data(), size});
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(hash ^ hash >> 32U));
}

}  // namespace

bool Coordinator::apply_configuration(NodeEntry& node, const Configuration& configuration) {
  const std::uint32_t id = id_of(configuration);
  if (id == 0) return false;
  node.config.configuration = configuration;
  node.config.configuration_id = id;
  return true;
}

bool Coordinator::configure(Instant now, const MacAddress& mac,
                            const Configuration& configuration) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr) return false;
  const std::uint32_t before = node->config.configuration_id;
  if (!apply_configuration(*node, configuration)) return false;
  // Of what was wanted in between it may have taken up something, and its word of that be lost:
  // that it has confirmed this one once before says nothing.
  if (node->config.configuration_id != before) node->confirmed_id = 0;
  node->config_sends = kConfigSends;
  if (node->session.valid() && node->has_gateway) schedule_ack(now, *node);
  return true;
}

bool Coordinator::restore_configuration(const MacAddress& mac, const Configuration& configuration) {
  NodeEntry* const node = nodes_.find(mac);
  return node != nullptr && apply_configuration(*node, configuration);
}

bool Coordinator::configured(const MacAddress& mac) const {
  const NodeEntry* const node = find(mac);
  return node != nullptr && node->confirmed_id == node->config.configuration_id;
}

/// The node keeps to configuration `id`. While that is another one, what it hears next says so.
void Coordinator::on_configuration_told(NodeEntry& node, std::uint32_t id) {
  node.confirmed_id = id;
  const bool other = node.config.configuration_id != 0 && id != node.config.configuration_id;
  if (other) node.config_sends = std::max<std::uint8_t>(node.config_sends, 1);
}

/// CONNACK: name, interval, and the configuration while the node has not confirmed it.
bool Coordinator::append_assignment(NodeEntry& node, wire::PacketsBuilder& packets) {
  const NodeConfig& config = node.config;
  wire::Assignment assignment;
  wire::Properties& properties = assignment.properties;
  if (config.configuration_id != 0 && node.confirmed_id != config.configuration_id) {
    properties = properties_of(config.configuration);
    properties.config_id = config.configuration_id;
  }
  if (!config.name.empty()) properties.name = config.name.view();
  if (config.report_interval_s != 0) properties.report_interval_s = config.report_interval_s;
  return packets.append(assignment);
}

}  // namespace espial::coordinator
