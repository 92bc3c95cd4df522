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

/// Names a configuration by what it says, the interval included; 0 when something of it is out of
/// its range.
std::uint32_t id_of(const Configuration& configuration, std::uint16_t report_interval_s) {
  wire::Assignment named;
  named.properties = properties_of(configuration);
  named.properties.report_interval_s = report_interval_s;
  std::array<std::uint8_t, kMaxBodyV1> bytes;
  const std::size_t size = wire::encode(named, bytes);
  if (size == 0) return 0;
  const std::uint64_t hash = fnv1a({bytes.data(), size});
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(hash ^ hash >> 32U));
}

bool confirmed(const NodeEntry& node) { return node.confirmed_id == node.config.configuration_id; }

}  // namespace

bool Coordinator::apply_configuration(NodeEntry& node, const Configuration& configuration) {
  const std::uint32_t id = id_of(configuration, node.config.report_interval_s);
  if (id == 0) return false;
  // Of what was wanted in between it may have taken up something, and its word of that be lost:
  // that it has confirmed this one once before says nothing.
  if (id != node.config.configuration_id) {
    node.confirmed_id = 0;
    node.confirmable_from = kNever;
  }
  node.config.configuration = configuration;
  node.config.configuration_id = id;
  return true;
}

bool Coordinator::configure(Instant now, const MacAddress& mac,
                            const Configuration& configuration) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr || !apply_configuration(*node, configuration)) return false;
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
  return node != nullptr && confirmed(*node);
}

/// The node kept to configuration `id` at `since`. While that is another one, what it hears next
/// says so. A gateway may have held its word since before this one was wanted, even while the hub
/// was away: what was said in between, nobody knows any more, so only an answer to what was told
/// counts.
void Coordinator::on_configuration_told(NodeEntry& node, Instant since, std::uint32_t id) {
  if (since < node.confirmable_from) return;
  node.confirmed_id = id;
  const bool other = node.config.configuration_id != 0 && !confirmed(node);
  if (other) node.config_sends = std::max<std::uint8_t>(node.config_sends, 1);
}

bool Coordinator::wants_assignment(Instant now, const NodeEntry& node) const {
  if (node.config_sends != 0) return true;
  const bool open = node.config.configuration_id != 0 && !confirmed(node);
  return open && now - node.config_said_at >= kConfigAgainAfter;
}

/// CONNACK: name, interval, and the configuration while the node has not confirmed it.
bool Coordinator::append_assignment(NodeEntry& node, wire::PacketsBuilder& packets) {
  const NodeConfig& config = node.config;
  wire::Assignment assignment;
  assignment.described =
      node.heard_description_hash != 0 && node.heard_description_hash == node.description_hash;
  wire::Properties& properties = assignment.properties;
  const bool configures = config.configuration_id != 0 && !confirmed(node);
  if (configures) {
    properties = properties_of(config.configuration);
    properties.config_id = config.configuration_id;
  }
  if (!config.name.empty()) properties.name = config.name.view();
  if (configures || config.report_interval_s != 0) {
    properties.report_interval_s = config.report_interval_s;
  }
  return packets.append(assignment);
}

}  // namespace espial::coordinator
