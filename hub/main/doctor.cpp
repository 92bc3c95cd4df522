#include "hub/main/doctor.hpp"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace espial::main {
namespace {

using nlohmann::json;

constexpr std::int64_t kClockTolerance_ms = 30'000;
constexpr double kWeak_dBm = -82;
/// Who is heard like this is near: what is sent the other way is not lost to distance.
constexpr double kStrong_dBm = -70;
constexpr const char* kToStation = ",what=\"to_station\"}";
/// A share of frames that fail, from which on the air or the address is to be doubted.
constexpr double kManyFailed = 0.2;
constexpr double kEnoughToJudge = 50;
/// A connection to the broker that has lasted so long is no longer one that drops again and again.
constexpr std::int64_t kGoodConnection_ms = 3'600'000;
constexpr const char* kSetClock =
    "set the clock of whichever is wrong and keep it set, for example with `timedatectl set-ntp "
    "true`";

/// What helps a store, by the code of its error (station/problem.hpp).
const char* repair_of_store(std::string_view code) {
  if (code == "store_locked") return "end the other program that uses it: a second hub, an import";
  if (code == "store_full") return "make room on the disk of the data";
  if (code == "store_io") return "look whether the disk of the data is well, and its folder there";
  if (code == "store_read_only") return "give the hub the right to write to the data's folder";
  if (code == "store_corrupt") return "bring a backup back with `espial restore`";
  if (code == "store_too_new") return "start the version of the hub that wrote it";
  if (code == "store_away") {
    return "start the database's server, or mend the way to it; the hub then goes on by itself";
  }
  if (code == "store_denied") {
    return "let the hub in: its user, its password and the database must be the server's";
  }
  if (code == "store_untrusted") {
    return "give the server a certificate for the name by which --store calls it, of the authority "
           "in the file after tls_ca=; or write there which name and authority it has";
  }
  if (code == "network_stopped") return "mend that, and start the hub again";
  return "read the engine's own words in the hub's log";
}

/// Looks at one thing after the other.
class Doctor {
 public:
  Doctor(const json& snapshot, const Figures& figures, const Figures& earlier, std::int64_t now_ms)
      : snapshot_(snapshot),
        system_(snapshot.at("system")),
        figures_(figures),
        earlier_(earlier),
        now_ms_(now_ms) {}

  std::vector<Finding> examine() {
    clock();
    broker();
    store();
    gateways();
    keys();
    modules();
    certificate();
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
  static double sum(const Figures& figures, std::string_view name, std::string_view label) {
    double total = 0;
    for (auto at = figures.lower_bound(name); at != figures.end(); ++at) {
      if (at->first.compare(0, name.size(), name) != 0) break;
      if (at->first.find(label) != std::string::npos) total += at->second;
    }
    return total;
  }
  /// What the coordinators have counted between the two looks.
  double growth(std::string_view label) const {
    constexpr std::string_view kEvents = "espial_network_events_total";
    return sum(figures_, kEvents, label) - sum(earlier_, kEvents, label);
  }
  static std::string gateway_figure(const std::string& gateway, const std::string& what) {
    return "espial_gateway_counts{gateway=\"" + gateway + "\",what=\"" + what + "\"}";
  }
  double gateway_count(const std::string& gateway, const std::string& what) const {
    return figure(gateway_figure(gateway, what));
  }
  /// Whether its station is in modem sleep, if it says so.
  std::optional<bool> station_sleeps(const std::string& gateway) const {
    const auto said = figures_.find(gateway_figure(gateway, "station_sleeps"));
    return said == figures_.end() ? std::nullopt : std::optional<bool>(said->second > 0);
  }

  void clock() {
    const std::int64_t hub_ms = snapshot_.value("now", std::int64_t{0});
    const std::int64_t off_ms = hub_ms - now_ms_;
    if (std::llabs(off_ms) > kClockTolerance_ms) {
      urgent("the hub's clock is " + std::to_string(off_ms / 1000) + " s away from this machine's",
             kSetClock);
    }
    for (const auto& gateway : system_.at("gateways")) {
      const std::string mac = gateway.value("mac", "");
      const double apart_ms = figure("espial_gateway_clock_off_ms{gateway=\"" + mac + "\"}");
      if (!gateway.value("online", false) || apart_ms <= kClockTolerance_ms) continue;
      urgent("the clocks of the hub and of gateway " + mac + " are " +
                 std::to_string(static_cast<std::int64_t>(apart_ms / 1000)) + " s apart",
             kSetClock);
    }
    std::int64_t newest_ms = 0;
    for (const auto& device : snapshot_.at("devices")) {
      newest_ms = std::max(newest_ms, device.value("last_seen", std::int64_t{0}));
    }
    if (newest_ms - hub_ms > kClockTolerance_ms) {
      urgent("modules were heard " + std::to_string((newest_ms - hub_ms) / 1000) +
                 " s after the hub's present time: its clock was wrong then, or is now",
             kSetClock);
    }
  }

  void broker() {
    const json& broker = system_.at("broker");
    if (!broker.value("connected", false)) {
      urgent("the hub does not reach its broker " + broker.value("address", ""),
             "start that broker, or start the hub without --broker to have a private one");
      return;
    }
    const bool is_young =
        snapshot_.value("now", std::int64_t{0}) - broker.value("since", std::int64_t{0}) <
        kGoodConnection_ms;
    if (is_young && figure("espial_mqtt_connection_failures_total") >= 3) {
      urgent("the broker has dropped the hub's connection again and again",
             "look into the broker's log: if it was started again, all is well; if it names two "
             "programs with one client ID, give the second hub another --site or --server");
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
    const json& store = system_.at("store");
    if (store.value("ok", true)) return;
    urgent("nothing is stored: " + store.value("reason", ""),
           repair_of_store(store.value("code", "")));
  }

  void certificate() {
    const auto days = system_.find("certificate_days");
    if (days == system_.end() || !days->is_number_integer()) return;
    const int left = days->get<int>();
    const char* const repair =
        "run `espial tls renew`, or put newer files where --tls-cert and --tls-key point: the hub "
        "takes them by itself";
    if (left < 0) {
      urgent("the hub's certificate has ended: browsers and gateways refuse it", repair);
    } else {
      notice("the hub's certificate ends in " + std::to_string(left) + " days", repair);
    }
  }

  void gateways() {
    const json& gateways = system_.at("gateways");
    // Boards of S2 and boxes need none.
    const json& devices = snapshot_.at("devices");
    const bool needs_one =
        devices.empty() || std::any_of(devices.begin(), devices.end(), [](const json& device) {
          const std::string protocol = device.value("protocol", "");
          return protocol == "espial" || protocol == "s0";
        });
    if (gateways.empty() && needs_one) {
      urgent("no gateway has ever reported",
             "switch a gateway on and let it use this broker, the same --site and the same "
             "--server as the hub");
    }
    std::set<int> busy_channels;
    for (const auto& gateway : gateways) {
      const bool heard = gateway_count(gateway.value("mac", ""), "frames_heard") > 0;
      if (gateway.value("online", false) && heard) busy_channels.insert(channel_of(gateway));
    }
    for (const auto& gateway : gateways) {
      const std::string mac = gateway.value("mac", "");
      if (!gateway.value("online", false)) {
        urgent("gateway " + mac + " is offline", "give it power and Wi-Fi, and look at its log");
        continue;
      }
      places(mac);
      station(mac);
      if (gateway.value("devices", 0) > 0) continue;
      if (gateway_count(mac, "frames_heard") == 0) {
        silence(mac, channel_of(gateway), busy_channels);
      } else {
        search(mac);
      }
    }
  }

  static int channel_of(const json& gateway) { return gateway.value("channel", 0); }

  /// How a gateway carries what it carries.
  void places(const std::string& mac) {
    const double sent = gateway_count(mac, "sent");
    const double failed = gateway_count(mac, "send_failed");
    if (sent > kEnoughToJudge && failed > sent * kManyFailed) {
      const std::string share =
          std::to_string(static_cast<int>(100 * failed / sent)) + " % of its frames fail";
      const auto weakest = weakest_heard(mac);
      if (weakest && *weakest >= kStrong_dBm) {
        urgent("gateway " + mac + " hears its modules well, and they do not hear it: " + share,
               "they are near and do not listen: switch modem sleep off on those that are on Wi-Fi "
               "too (esp_wifi_set_ps(WIFI_PS_NONE)), and fix the channel of its access point");
      } else {
        urgent("gateway " + mac + " is heard by its modules badly: " + share,
               "put a gateway nearer; if they are near, switch modem sleep off on those that are "
               "on Wi-Fi too (esp_wifi_set_ps(WIFI_PS_NONE))");
      }
    }
    const double evicted = gateway_count(mac, "peers_evicted");
    if (sent > kEnoughToJudge && evicted > sent * kManyFailed) {
      urgent("gateway " + mac + " takes one module's place for another's with " +
                 std::to_string(static_cast<int>(100 * evicted / sent)) + " % of its frames",
             "add a second gateway: one radio serves 20 peers at a time");
    }
    if (gateway_count(mac, "down_evicted") + gateway_count(mac, "down_no_memory") > 0) {
      notice("gateway " + mac + " had no room for some of what it was to send",
             "send fewer commands at a time, or add a second gateway");
    }
    if (gateway_count(mac, "held_dropped") > 0) {
      notice("gateway " + mac + " has lost frames while the broker was away",
             "bring broker and gateway together by cable, or let modules report less often");
    }
  }

  /// How it hears the weakest of the modules that are online through it, in dBm.
  std::optional<double> weakest_heard(const std::string& mac) const {
    std::optional<double> weakest;
    for (const auto& device : snapshot_.at("devices")) {
      const auto gateway = device.find("gateway");
      const auto rssi = device.find("rssi");
      if (!device.value("online", false) || gateway == device.end() || *gateway != mac) continue;
      if (rssi == device.end() || !rssi->is_number()) continue;
      weakest = std::min(weakest.value_or(0), rssi->get<double>());
    }
    return weakest;
  }

  /// What comes to the address of a gateway's station, where it had better not.
  void station(const std::string& mac) {
    const std::string name = gateway_figure(mac, "to_station");
    const auto before = earlier_.find(name);
    const bool goes_on = figure(name) > (before == earlier_.end() ? 0 : before->second);
    const bool sleeps = station_sleeps(mac).value_or(false);
    const std::string stay_awake = "let its station stay awake (esp_wifi_set_ps(WIFI_PS_NONE))";
    if (goes_on && sleeps) {
      urgent("modules send to the station address of gateway " + mac +
                 ", whose station is in modem sleep: it misses what comes between two beacons",
             "let them send to " + mac + ", the softAP's address that it answers with, and " +
                 stay_awake);
    } else if (goes_on) {
      urgent("modules send to the station address of gateway " + mac,
             "let them send to " + mac +
                 ", the softAP's address that it answers with: in modem sleep the station misses "
                 "most of it");
    } else if (sleeps) {
      notice("the station of gateway " + mac + " is in modem sleep", stay_awake);
    }
  }

  /// A gateway that hears nobody.
  void silence(const std::string& mac, int channel, const std::set<int>& busy_channels) {
    if (channel == 0) {
      urgent("gateway " + mac + " names no channel from 1 to 13",
             "let its router use one of those: modules search no others");
    } else if (!busy_channels.empty() && busy_channels.count(channel) == 0) {
      const int busy = *busy_channels.begin();
      urgent("gateway " + mac + " is on channel " + std::to_string(channel) +
                 " and hears nobody; modules are heard on channel " + std::to_string(busy),
             "put it on channel " + std::to_string(busy) +
                 ", by fixing the channel of its router; if it waits there for modules of its own, "
                 "all is well");
    } else {
      // It may have started a moment ago.
      notice("gateway " + mac + " on channel " + std::to_string(channel) + " hears nobody",
             "switch a module on near it; from here a wrong channel, too far and switched off look "
             "the same");
    }
  }

  /// A gateway that is heard and leads nobody in: how far they come says why.
  void search(const std::string& mac) {
    if (gateway_count(mac, "not_served") > 0) {
      notice("gateway " + mac + " hears modules of another network",
             "if they are yours, give them the --server of this hub and its gateways");
    }
    if (gateway_count(mac, "connects_answered") <= kEnoughToJudge) return;
    if (gateway_count(mac, "relayed_up") == 0) {
      urgent("modules find gateway " + mac + " and then send it nothing", repair_of_lost(mac));
    } else if (growth("\"joins_refused\"") > 0) {
      urgent("modules come through gateway " + mac + " and the hub refuses them all",
             "give them this hub's network key and open a pairing window: `espial pair 120`");
    } else if (gateway_count(mac, "send_failed") > gateway_count(mac, "sent") * kManyFailed) {
      urgent("modules come through gateway " + mac + " and its answers do not reach them",
             "put it nearer, and switch modem sleep off on modules that are on Wi-Fi too "
             "(esp_wifi_set_ps(WIFI_PS_NONE))");
    } else {
      urgent("modules come through gateway " + mac +
                 " and stay without a session, though their radios acknowledge its answers",
             "look at their own logs: neither distance nor modem sleep explains it");
    }
  }

  /// Of modules that hear a gateway's answer, and which it then does not hear.
  std::string repair_of_lost(const std::string& mac) const {
    const auto sleeps = station_sleeps(mac);
    if (sleeps && !*sleeps) {
      return "let them send on the channel and to the address that its answer names; that they use "
             "its station's address is not it: that is awake and would hear them";
    }
    if (sleeps) {
      return "let them send to " + mac +
             ", the softAP's address that it answers with, and on the channel that the answer "
             "names: its station, which is in modem sleep, hears little at its own address";
    }
    return "let them send to the softAP address and on the channel that its answer names, not to "
           "its station address; which of the two it is can't be seen from here, as this gateway "
           "does not say whether its station is in modem sleep";
  }

  void keys() {
    const double foreign = growth("\"not_authentic\"");
    const double refused = growth("\"joins_refused\"");
    std::string missing;
    for (const auto& device : snapshot_.at("devices")) {
      if (device.value("protocol", "") != "espial" || device.value("online", false)) continue;
      missing += (missing.empty() ? "" : ", ") + device.value("name", "");
    }
    // Anybody can make noise under a module's address: only a module that is missing as well is
    // likely to have made it.
    if (foreign + refused > 0 && !missing.empty()) {
      urgent("frames come in that the keys here do not open or admit, and offline is: " + missing,
             "if that module is switched on, its key is wrong or lost: pair it again, with `espial "
             "forget NAME` and `espial pair 120`");
    } else if (foreign > 0) {
      notice("frames come in that no key here opens; they are refused",
             "a new module needs this hub's network key; if there is none, somebody makes noise");
    } else if (refused > 0) {
      notice("modules ask to join and are refused",
             "if they are yours, open a pairing window with `espial pair 120`");
    }
    if (sum(figures_, "espial_network_damaged_keys_total", "server") > 0) {
      urgent("stored keys can't be read",
             "put the keys/ folder back that belongs to this database, or let the modules join "
             "again");
    }
  }

  /// Whether the gateway that heard it last is away: what is to be done is said of that one.
  bool is_cut_off(const json& device) const {
    for (const auto& gateway : system_.at("gateways")) {
      if (gateway.value("online", false)) continue;
      if (device.contains("gateway") && device.at("gateway") == gateway.at("mac")) return true;
    }
    return false;
  }

  void modules() {
    std::string weak;
    std::string silent;
    for (const auto& device : snapshot_.at("devices")) {
      const std::string name = device.value("name", "");
      if (!device.value("online", false)) {
        if (!is_cut_off(device)) silent += (silent.empty() ? "" : ", ") + name;
      } else if (device.at("rssi").is_number() && device.at("rssi").get<double>() < kWeak_dBm) {
        weak += (weak.empty() ? "" : ", ") + name;
      }
    }
    if (!weak.empty()) {
      notice("barely heard: " + weak, "put a gateway nearer, or turn their antennas");
    }
    if (!silent.empty()) {
      notice("offline: " + silent,
             "give them power or a fresh battery, or put new boards in their place with `espial "
             "replace`");
    }
  }

  const json& snapshot_;
  const json& system_;
  const Figures& figures_;
  const Figures& earlier_;
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

bool needs_second_look(const Figures& figures) {
  for (const auto& [name, value] : figures) {
    const bool refusal = name.find("\"not_authentic\"") != std::string::npos ||
                         name.find("\"joins_refused\"") != std::string::npos;
    const bool to_station = name.find(kToStation) != std::string::npos;
    if ((refusal || to_station) && value > 0) return true;
  }
  return false;
}

std::vector<Finding> diagnose(const json& snapshot, const Figures& figures, const Figures& earlier,
                              std::int64_t now_ms) {
  return Doctor(snapshot, figures, earlier, now_ms).examine();
}

}  // namespace espial::main
