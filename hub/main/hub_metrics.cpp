// The hub's figures for /metrics. The server adds those of HTTP.
#include <cstdlib>
#include <string>
#include <utility>

#include "hub/features/s2_message.hpp"
#include "hub/main/hub_dashboard.hpp"

namespace espial::main {
namespace {

using http::Metric;
using Labels = std::vector<std::pair<std::string, std::string>>;

class Collector {
 public:
  explicit Collector(std::vector<Metric>& metrics) : metrics_(metrics) {}

  void counter(std::string name, std::string help, std::uint64_t value, Labels labels = {}) {
    add(Metric::Kind::kCounter, std::move(name), std::move(help), value, std::move(labels));
  }
  void gauge(std::string name, std::string help, std::uint64_t value, Labels labels = {}) {
    add(Metric::Kind::kGauge, std::move(name), std::move(help), value, std::move(labels));
  }

 private:
  void add(Metric::Kind kind, std::string name, std::string help, std::uint64_t value,
           Labels labels) {
    Metric metric;
    metric.name = std::move(name);
    metric.help = std::move(help);
    metric.kind = kind;
    metric.value = static_cast<double>(value);
    metric.labels = std::move(labels);
    metrics_.push_back(std::move(metric));
  }
  std::vector<Metric>& metrics_;
};

void collect_store(Collector& out, const store::CommitterCounters& store) {
  out.counter("espial_store_units_total", "Units of changes committed", store.units_stored);
  out.counter("espial_store_commits_total", "Transactions committed", store.commits);
  out.counter("espial_store_failed_commits_total", "Transactions that failed and were tried again",
              store.commits_failed);
  out.counter("espial_store_refused_units_total", "Units that break a rule of the schema",
              store.units_refused);
  out.counter("espial_store_turned_away_units_total", "Units refused because the backlog was full",
              store.units_turned_away);
  out.counter("espial_store_sorted_readings_total", "Readings moved to the table of their day",
              store.readings_sorted);
  out.counter("espial_store_failed_sortings_total", "Pieces of sorting that failed",
              store.tidyings_failed);
  out.gauge("espial_store_recent_readings", "Readings stored and not yet sorted",
            store.recent_readings);
  out.gauge("espial_store_days_to_sum_up", "Days that are over and not yet summed up",
            store.days_to_roll_up);
  out.gauge("espial_store_days_to_clear", "Days from which old readings are to be removed",
            store.days_to_prune);
  out.gauge("espial_store_backlog_units", "Units waiting for a commit", store.backlog_units);
  out.gauge("espial_store_backlog_bytes", "Memory of the units waiting", store.backlog_bytes);
}

void collect_mqtt(Collector& out, const mqtt::Connection& connection) {
  const mqtt::Counters& mqtt = connection.counters();
  out.gauge("espial_mqtt_connected", "1 while the broker is reached", connection.up() ? 1 : 0);
  out.gauge("espial_mqtt_unacknowledged_in", "Messages received and not yet committed",
            connection.unacknowledged_in());
  out.gauge("espial_mqtt_unacknowledged_out", "Messages the broker has not acknowledged",
            connection.unacknowledged_out());
  out.counter("espial_mqtt_connections_total", "Connections the broker accepted", mqtt.connections);
  out.counter("espial_mqtt_received_total", "Messages received", mqtt.received);
  out.counter("espial_mqtt_received_again_total", "Messages received that were sent before",
              mqtt.received_again);
  out.counter("espial_mqtt_acknowledged_total", "PUBACK and PUBREC sent", mqtt.acknowledged);
  out.counter("espial_mqtt_given_back_total", "Messages there was no room for, to come again",
              mqtt.given_back);
  out.counter("espial_mqtt_published_total", "Messages published", mqtt.published);
  out.counter("espial_mqtt_publishes_refused_total", "Publishes the broker refused",
              mqtt.publishes_refused);
  out.counter("espial_mqtt_connects_refused_total", "Connections the broker refused",
              mqtt.connects_refused);
  out.counter("espial_mqtt_connection_failures_total",
              "Connections ended by silence, a violation, the broker or a break",
              mqtt.connection_failures);
  out.counter("espial_mqtt_subscriptions_refused_total", "Subscriptions the broker refused",
              mqtt.subscriptions_refused);
  out.counter("espial_mqtt_malformed_total", "Packets of the broker that are none", mqtt.malformed);
  out.counter("espial_mqtt_queue_full_total", "Publishes there was no room for", mqtt.queue_full);
}

void collect_s2(Collector& out, const features::S2Sessions::Counters& s2) {
  out.counter("espial_s2_messages_total", "Messages on the session protocol's topics", s2.messages);
  out.counter("espial_s2_joins_total", "Sessions given", s2.joins);
  out.counter("espial_s2_sessions_begun_total", "Sessions that came online", s2.begun);
  out.counter("espial_s2_readings_total", "Readings handed to the store", s2.readings);
  out.counter("espial_s2_stale_total", "Messages of another session than the current, discarded",
              s2.stale);
  out.counter("espial_s2_retained_total", "Retained messages, discarded", s2.retained);
  out.counter("espial_s2_silent_total", "Boards that went offline without a word", s2.silent);
  out.counter("espial_s2_not_stored_total", "Messages the store did not take", s2.not_stored);
  out.counter("espial_s2_boards_refused_total", "Boards that were not admitted", s2.boards_refused);
  for (std::size_t i = 0; i < s2::kRefusalCount; ++i) {
    out.counter("espial_s2_refused_total", "Messages that are not what the protocol says",
                s2.refused[i], {{"reason", std::string(s2::to_text(static_cast<s2::Refusal>(i)))}});
  }
}

void collect_s0(Collector& out, const features::S0Network& s0) {
  const auto& role = s0.role_counters();
  out.counter("espial_s0_searches_answered_total", "S0 modules that were told what they are",
              role.answered);
  out.counter("espial_s0_readings_total", "Readings of S0 modules", role.readings);
  out.counter("espial_s0_set_points_total", "Set points sent, repeats included", role.set_points);
  out.counter("espial_s0_pings_total", "Silent S0 modules asked whether they are there",
              role.pings);
  out.counter("espial_s0_echoes_total", "Pings of S0 modules sent back", role.echoes);
  out.counter("espial_s0_resets_total", "S0 modules told to start again", role.resets);
  for (std::size_t i = 0; i < role.refused.size(); ++i) {
    const auto reason = static_cast<coordinator::S0Refusal>(i);
    out.counter("espial_s0_refused_total", "Messages of S0 modules that were not taken",
                role.refused[i], {{"reason", std::string(coordinator::to_text(reason))}});
  }
  out.counter("espial_s0_malformed_total", "Messages that are not a gateway's",
              s0.counters().malformed);
  out.counter("espial_s0_not_published_total", "Downlinks there was no room for",
              s0.counters().not_published);
  out.counter("espial_s0_not_stored_total", "Messages the store did not take",
              s0.counters().not_stored);
  out.counter("espial_s0_bad_configurations_total", "Configurations that can't be read",
              s0.counters().bad_configuration);
}

void collect_network(Collector& out, const features::EspialNetwork& network) {
  const Labels server{{"server", std::to_string(network.server().value)}};
  const auto& role = network.role_counters();
  for (std::size_t i = 0; i < static_cast<std::size_t>(coordinator::Count::kNumber); ++i) {
    const auto count = static_cast<coordinator::Count>(i);
    Labels labels = server;
    labels.emplace_back("what", std::string(coordinator::to_text(count)));
    out.counter("espial_network_events_total", "What the coordinator counted", role[count],
                std::move(labels));
  }
  const auto& ledger = network.ledger_counters();
  out.counter("espial_network_readings_total", "Readings handed to the store", ledger.readings,
              server);
  out.counter("espial_network_bad_values_total", "Readings outside the limits of their kind",
              ledger.bad_values, server);
  out.counter("espial_network_unknown_kinds_total", "Readings of a kind this hub does not know",
              ledger.unknown_kinds, server);
  out.counter("espial_network_turned_away_total", "Records that the store had no room for",
              ledger.turned_away, server);
  out.counter("espial_network_malformed_total", "Messages that are not a gateway's",
              network.counters().malformed, server);
  out.counter("espial_network_not_published_total", "Downlinks there was no room for",
              network.counters().not_published, server);
  out.counter("espial_network_damaged_keys_total", "Stored keys that could not be unwrapped",
              ledger.damaged, server);
}

void collect_gateways(Collector& out, const features::EspialNetwork& network) {
  for (const auto& [mac, status] : network.gateways()) {
    const auto text = to_text(mac);
    const Labels gateway{{"gateway", std::string(text.begin(), text.end())}};
    out.gauge("espial_gateway_online", "1 while the gateway's uplink stands", status.online ? 1 : 0,
              gateway);
    if (status.clock_ahead_ms) {
      out.gauge("espial_gateway_clock_off_ms",
                "How far the gateway's clock and the hub's are apart, either way",
                static_cast<std::uint64_t>(std::llabs(*status.clock_ahead_ms)), gateway);
    }
    for (const auto& [name, value] : status.counters) {
      Labels labels = gateway;
      labels.emplace_back("what", name);
      out.gauge("espial_gateway_counts", "What the gateway says it has counted", value,
                std::move(labels));
    }
  }
}

}  // namespace

void HubDashboard::collect(std::vector<Metric>& metrics) {
  Collector out(metrics);
  std::size_t online = 0;
  parts_.live.for_each([&](const station::Device& device) { online += device.online ? 1 : 0; });
  out.gauge("espial_devices", "Devices known", parts_.live.size());
  out.gauge("espial_devices_online", "Devices online", online);
  out.gauge("espial_gateways", "Gateways known", parts_.network.gateways().size());
  collect_store(out, parts_.committer.counters());
  collect_mqtt(out, parts_.connection);
  collect_s2(out, parts_.s2.counters());
  if (parts_.s0 != nullptr) collect_s0(out, *parts_.s0);
  collect_network(out, parts_.network);
  collect_gateways(out, parts_.network);
  parts_.devices.collect(metrics);
}

}  // namespace espial::main
