#include "hub/main/doctor.hpp"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace espial::main {
namespace {

using nlohmann::json;

constexpr std::int64_t kClockTolerance_ms = 30'000;
constexpr double kWeak_dBm = -82;
/// A share of frames that fail, from which on the air or the address is to be doubted.
constexpr double kManyFailed = 0.2;
constexpr double kEnoughToJudge = 50;

/// Looks at one thing after the other.
class Doctor {
 public:
  Doctor(const json& snapshot, const Figures& figures, std::int64_t now_ms)
      : snapshot_(snapshot), system_(snapshot["system"]), figures_(figures), now_ms_(now_ms) {}

  std::vector<Finding> examine() {
    clock();
    broker();
    store();
    gateways();
    keys();
    modules();
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.urgent > b.urgent; });
    return std::move(findings_);
  }

 private:
  void urgent(std::string what, std::string repair) {
    findings_.push_back({true, std::move(what), std::move(repair)});
  }
  void notice(std::string what, std::string repair) {
    findings_.push_back({false, std::move(what), std::move(repair)});
  }

  double figure(std::string_view name) const {
    const auto found = figures_.find(name);
    return found == figures_.end() ? 0 : found->second;
  }
  /// The sum over all other labels.
  double sum(std::string_view name, std::string_view label) const {
    double total = 0;
    for (auto at = figures_.lower_bound(name); at != figures_.end(); ++at) {
      if (at->first.compare(0, name.size(), name) != 0) break;
      if (at->first.find(label) != std::string::npos) total += at->second;
    }
    return total;
  }
  double gateway_count(const std::string& gateway, const std::string& what) const {
    return figure("espial_gateway_counts{gateway=\"" + gateway + "\",what=\"" + what + "\"}");
  }

  void clock() {
    const std::int64_t hub_ms = snapshot_.value("now", std::int64_t{0});
    const std::int64_t off_ms = hub_ms - now_ms_;
    if (std::llabs(off_ms) <= kClockTolerance_ms) return;
    urgent("the hub's clock is " + std::to_string(off_ms / 1000) + " s away from this machine's",
           "set the clock of whichever is wrong and keep it set, for example with "
           "`timedatectl set-ntp true`");
  }

  void broker() {
    const json& broker = system_["broker"];
    if (!broker.value("connected", false)) {
      urgent("the hub does not reach its broker " + broker.value("address", ""),
             "start that broker, or start the hub without --broker to have a private one");
      return;
    }
    if (figure("espial_mqtt_connection_failures_total") >= 3) {
      urgent("the broker has dropped the hub's connection again and again",
             "look into the broker's log for two programs with one client ID, and give the second "
             "hub another --site or --server");
    }
    if (figure("espial_mqtt_publishes_refused_total") > 0) {
      urgent("the broker refuses some of the hub's messages",
             "allow the hub's user to publish below espial/ and /device/ in the broker's ACL");
    }
    if (figure("espial_mqtt_subscriptions_refused_total") > 0) {
      urgent("the broker refuses some of the hub's subscriptions",
             "allow the hub's user to read below espial/ and /device/ in the broker's ACL");
    }
    if (figure("espial_mqtt_given_back_total") > 0) {
      notice("more has come in than the database takes",
             "put the data on a faster disk, or let modules report less often");
    }
  }

  void store() {
    const json& store = system_["store"];
    if (store.value("ok", true)) return;
    urgent("nothing is stored: " + store.value("reason", ""),
           "make room on the disk of the data or give the hub the right to write there");
  }

  void gateways() {
    const json& gateways = system_["gateways"];
    if (gateways.empty()) {
      urgent("no gateway has ever reported",
             "switch a gateway on and let it use this broker, the same --site and the same "
             "--server as the hub");
    }
    std::vector<int> channels;
    for (const auto& gateway : gateways) {
      const std::string mac = gateway.value("mac", "");
      if (!gateway.value("online", false)) {
        urgent("gateway " + mac + " is offline", "give it power and Wi-Fi, and look at its log");
        continue;
      }
      channels.push_back(gateway.value("channel", 0));
      one_gateway(mac, gateway.value("devices", 0));
    }
  }

  void one_gateway(const std::string& mac, int devices) {
    const double sent = gateway_count(mac, "sent");
    const double failed = gateway_count(mac, "send_failed");
    if (sent > kEnoughToJudge && failed > sent * kManyFailed) {
      urgent("gateway " + mac + " is heard by its modules badly: " +
                 std::to_string(static_cast<int>(100 * failed / sent)) + " % of its frames fail",
             "switch modem sleep off on boards that listen (esp_wifi_set_ps(WIFI_PS_NONE)) and fix "
             "the channel of its access point");
    }
    if (gateway_count(mac, "down_evicted") + gateway_count(mac, "down_no_memory") > 0) {
      urgent("gateway " + mac + " had no free place for a module",
             "add a second gateway: one radio serves 20 peers at a time");
    }
    if (gateway_count(mac, "held_dropped") > 0) {
      notice("gateway " + mac + " has lost frames while the broker was away",
             "bring broker and gateway together by cable, or let modules report less often");
    }
    const bool searching = gateway_count(mac, "connects_answered") > kEnoughToJudge;
    if (devices == 0 && searching) {
      urgent("modules find gateway " + mac + " and never come in through it",
             "let modules send to the softAP address that the gateway's answer names (not to its "
             "station address), on its channel and with this hub's network key");
    }
    if (devices == 0 && gateway_count(mac, "frames_heard") == 0) {
      // It may have started a moment ago.
      notice("gateway " + mac + " hears nobody",
             "put it and its router on a channel from 1 to 13 that modules search, and nearer");
    }
  }

  void keys() {
    if (sum("espial_network_events_total", "\"not_authentic\"") > 0) {
      urgent("frames come in that the keys of their modules do not open",
             "forget the module and let it join again in a pairing window: it has a wrong key");
    }
    if (sum("espial_network_damaged_keys_total", "server") > 0) {
      urgent("stored keys can't be read",
             "put the keys/ folder back that belongs to this database, or let the modules join "
             "again");
    }
    if (sum("espial_network_events_total", "\"joins_refused\"") > 0) {
      notice("modules have asked to join and were refused",
             "if they are yours, open a pairing window with `espial hub --pair 10`");
    }
  }

  void modules() {
    std::string weak;
    std::string silent;
    for (const auto& device : snapshot_["devices"]) {
      const std::string name = device.value("name", "");
      if (!device.value("online", false)) {
        silent += (silent.empty() ? "" : ", ") + name;
      } else if (device["rssi"].is_number() && device["rssi"].get<double>() < kWeak_dBm) {
        weak += (weak.empty() ? "" : ", ") + name;
      }
    }
    if (!weak.empty()) {
      notice("barely heard: " + weak, "put a gateway nearer, or turn their antennas");
    }
    if (!silent.empty()) {
      notice("offline: " + silent, "give them power or a fresh battery, or `espial replace` them");
    }
  }

  const json& snapshot_;
  const json& system_;
  const Figures& figures_;
  const std::int64_t now_ms_;
  std::vector<Finding> findings_;
};

}  // namespace

Figures read_figures(std::string_view metrics) {
  Figures figures;
  while (!metrics.empty()) {
    const std::size_t end = metrics.find('\n');
    const std::string line(metrics.substr(0, end));
    metrics = end == std::string_view::npos ? std::string_view() : metrics.substr(end + 1);
    const std::size_t blank = line.rfind(' ');
    if (line.empty() || line[0] == '#' || blank == std::string::npos) continue;
    figures[line.substr(0, blank)] = std::strtod(line.c_str() + blank + 1, nullptr);
  }
  return figures;
}

std::vector<Finding> diagnose(const json& snapshot, const Figures& figures, std::int64_t now_ms) {
  return Doctor(snapshot, figures, now_ms).examine();
}

}  // namespace espial::main
