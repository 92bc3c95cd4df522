#include "hub/main/sim_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/network/happenings.hpp"
#include "sim/network/hidden_pairs.hpp"

namespace espial::main {
namespace {

using nlohmann::json;

/// What a battery's life is reckoned with: an ESP32 that listens or sends all the time it is awake,
/// a board made for sleeping, two AA cells. Starting takes time that a simulated board does not.
constexpr double kAwake_mA = 100;
constexpr double kAsleep_mA = 0.015;
constexpr double kBoot_mA = 40;
constexpr double kBoot_s = 0.15;
constexpr double kBattery_mAh = 2500;

json violations_of(const sim::Simulation& simulation) {
  json list = json::array();
  for (const auto& [what, entry] : simulation.violations().entries()) {
    list.push_back({{"what", what},
                    {"count", entry.count},
                    {"first_at_ms", entry.first_at.us / 1000},
                    {"first", entry.first}});
  }
  return list;
}

/// How much of the time our own frames were on the channel that has most of them.
std::int64_t busiest_channel_permille(const sim::Network& network) {
  Duration most;
  for (const Duration on_air : network.air().counters().airtime) most = std::max(most, on_air);
  return most.us * 1000 / std::max<std::int64_t>(network.now().us, 1);
}

json air_of(const sim::Network& network) {
  const sim::AirCounters& air = network.air().counters();
  return {{"frames", air.transmissions},
          {"attempts", air.attempts},
          {"collisions", air.collisions},
          {"captures", air.captures},
          {"not_decoded", air.undecoded()},
          {"acks_lost", air.acks_lost},
          {"unanswered", air.unanswered},
          {"busiest_channel_permille", busiest_channel_permille(network)}};
}

/// What the radios of all boards cost for what came of it, and what a battery would say to a board
/// that listens all the time.
json radio_of(const sim::Simulation& simulation) {
  const sim::Network& network = simulation.network();
  Duration radio_on;
  std::uint64_t listeners = 0;
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    radio_on = radio_on + network.board(i).radio_on();
    if (!network.board(i).settings().sleeper) ++listeners;
  }
  const double stored =
      std::max(1.0, static_cast<double>(simulation.reports().totals().stored +
                                        simulation.reports().totals().stored_once));
  return {{"on_ms_per_stored_report", static_cast<double>(radio_on.us) / 1e3 / stored},
          {"listeners", listeners},
          {"listener_battery_days", kBattery_mAh / kAwake_mA / 24}};
}

/// How long the radios of sleepers are on for a reading, and what that makes of a battery.
json sleepers_of(const sim::Network& network) {
  std::uint64_t boards = 0;
  std::uint64_t wakes = 0;
  Duration radio_on;
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    const sim::Board& board = network.board(i);
    if (!board.settings().sleeper) continue;
    ++boards;
    wakes += board.sleeps();
    radio_on = radio_on + board.radio_on();
  }
  if (boards == 0 || wakes == 0) return nullptr;
  const double on_s = static_cast<double>(radio_on.us) / 1e6;
  const double all_s = static_cast<double>(network.now().us) / 1e6 * static_cast<double>(boards);
  const double boot_s = kBoot_s * static_cast<double>(wakes);
  const double asleep_s = std::max(0.0, all_s - on_s - boot_s);
  const double mean_mA = (on_s * kAwake_mA + boot_s * kBoot_mA + asleep_s * kAsleep_mA) / all_s;
  return {{"boards", boards},
          {"wakes", wakes},
          {"radio_on_ms_per_wake", on_s * 1000 / static_cast<double>(wakes)},
          {"battery_days", kBattery_mAh / mean_mA / 24},
          {"assumed",
           {{"awake_mA", kAwake_mA},
            {"asleep_mA", kAsleep_mA},
            {"boot_mA", kBoot_mA},
            {"boot_s", kBoot_s},
            {"battery_mAh", kBattery_mAh}}}};
}

template <typename Number>
Number at(const json& report, const char* part, const char* name) {
  return report[part][name].get<Number>();
}

void print_delivery(const json& report) {
  const double submitted = std::max(at<double>(report, "reports", "submitted"), 1.0);
  fmt::print("  stored      {} of {} reports, {:.3f} %\n", at<long>(report, "reports", "stored"),
             at<long>(report, "reports", "submitted"),
             100 * at<double>(report, "reports", "stored") / submitted);
  fmt::print("  not stored  {} held, {} dropped from full rings, {} gone with a board's power\n",
             at<long>(report, "reports", "held"), at<long>(report, "reports", "dropped"),
             at<long>(report, "reports", "gone_with_ring"));
  fmt::print("  delay       p50 {} ms, p99 {} ms, p99.9 {} ms; {} stored later than 60 s\n",
             at<long>(report, "delay_ms", "p50"), at<long>(report, "delay_ms", "p99"),
             at<long>(report, "delay_ms", "p999"), at<long>(report, "delay_ms", "later_than_60_s"));
  fmt::print("  in time     {:.4f} % stored within 60 s of being taken\n",
             100 * at<double>(report, "reports", "stored_within_60_s") / submitted);
}

void print_radio(const json& report) {
  fmt::print("  air         {} frames, {} attempts, {:.1f} % of the time on the busiest channel\n",
             at<long>(report, "air", "frames"), at<long>(report, "air", "attempts"),
             at<double>(report, "air", "busiest_channel_permille") / 10);
  fmt::print(
      "  not decoded {}, {} of them by collisions; {} acknowledgements lost, {} unanswered\n",
      at<long>(report, "air", "not_decoded"), at<long>(report, "air", "collisions"),
      at<long>(report, "air", "acks_lost"), at<long>(report, "air", "unanswered"));
  fmt::print("  hidden      {:.0f} % of the pairs of boards at one gateway don't hear each other\n",
             report["hidden_pairs_percent"].get<double>());
  fmt::print("  radio       on for {:.1f} ms a stored report, of all boards together\n",
             at<double>(report, "radio", "on_ms_per_stored_report"));
  if (const long listeners = at<long>(report, "radio", "listeners"); listeners > 0) {
    fmt::print("  listeners   {}, for a socket: two AA cells would last one {:.1f} days\n",
               listeners, at<double>(report, "radio", "listener_battery_days"));
  }
  const json& sleepers = report["sleepers"];
  if (sleepers.is_null()) return;
  fmt::print(
      "  sleepers    {}, radio on for {:.1f} ms a wake; two AA cells last about {:.0f} days\n",
      sleepers["boards"].get<long>(), sleepers["radio_on_ms_per_wake"].get<double>(),
      sleepers["battery_days"].get<double>());
  fmt::print("              (assumed: {} mA awake, {} mA asleep, {} s at {} mA to start, {} mAh)\n",
             kAwake_mA, kAsleep_mA, kBoot_s, kBoot_mA, kBattery_mAh);
}

}  // namespace

json sim_report(const sim::Simulation& simulation, double cpu_s) {
  const auto reports = simulation.reports().totals();
  const auto commands = simulation.commands().totals();
  const sim::Network& network = simulation.network();
  json happened = json::object();
  for (const sim::Happening& happening : happenings_of(simulation)) {
    if (happening.count > 0) happened[std::string(happening.name)] = happening.count;
  }
  const auto settling = simulation.settling_time();
  const std::uint64_t in_time = simulation.reports().stored_within(Duration::seconds(60));
  return {{"boards", network.board_count()},
          {"gateways", network.gateway_count()},
          {"simulated_s", network.now().us / 1'000'000},
          {"reports",
           {{"submitted", reports.submitted},
            {"stored", reports.stored},
            {"stored_within_60_s", in_time},
            {"held", reports.held},
            {"dropped", reports.dropped},
            {"refused", reports.refused},
            {"gone_with_ring", reports.gone_with_ring}}},
          {"delay_ms",
           {{"p50", simulation.reports().delay_ms(500)},
            {"p99", simulation.reports().delay_ms(990)},
            {"p999", simulation.reports().delay_ms(999)},
            {"later_than_60_s", reports.stored - in_time}}},
          {"commands",
           {{"given", commands.given},
            {"executed", commands.ended_executed},
            {"refused", commands.ended_refused},
            {"expired", commands.ended_expired}}},
          {"air", air_of(network)},
          {"hidden_pairs_percent", sim::hidden_pairs(simulation.scenario().network).percent()},
          {"radio", radio_of(simulation)},
          {"sleepers", sleepers_of(network)},
          {"faults", happened},
          {"settled_after_ms", settling ? json(settling->ms()) : json()},
          {"events", network.events()},
          {"cpu_us_per_stored_report",
           cpu_s * 1e6 / std::max(1.0, static_cast<double>(reports.stored))},
          {"digest", fmt::format("{:016x}", network.digest())},
          {"violations", violations_of(simulation)}};
}

void print_sim_report(const json& report) {
  fmt::print("{} boards, {} gateways, {:.1f} h\n", report["boards"].get<int>(),
             report["gateways"].get<int>(), report["simulated_s"].get<double>() / 3600);
  print_delivery(report);
  print_radio(report);
  if (at<long>(report, "commands", "given") != 0) {
    fmt::print("  commands    {} given: {} executed, {} refused, {} expired\n",
               at<long>(report, "commands", "given"), at<long>(report, "commands", "executed"),
               at<long>(report, "commands", "refused"), at<long>(report, "commands", "expired"));
  }
  for (const auto& [fault, count] : report["faults"].items()) {
    fmt::print("  happened    {} {}\n", count.get<long>(), fault);
  }
  fmt::print("  cost        {} events, {:.1f} us a stored report\n", report["events"].get<long>(),
             report["cpu_us_per_stored_report"].get<double>());
  fmt::print("  digest      {}\n", report["digest"].get<std::string>());
  for (const auto& violation : report["violations"]) {
    fmt::print("  BROKEN      {}, {} times, first at {} ms: {}\n",
               violation["what"].get<std::string>(), violation["count"].get<long>(),
               violation["first_at_ms"].get<long>(), violation["first"].get<std::string>());
  }
}

}  // namespace espial::main
