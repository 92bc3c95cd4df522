#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

using nlohmann::json;

/// What happened to a report, by microseconds from its arrival at the hub.
struct Hop {
  std::int64_t at_us = 0;
  std::string what;
};

std::string length_text(std::int64_t us) {
  char text[32];
  if (us < 10'000) {
    std::snprintf(text, sizeof text, "%.2f ms", static_cast<double>(us) / 1000);
  } else if (us < 10'000'000) {
    std::snprintf(text, sizeof text, "%.0f ms", static_cast<double>(us) / 1000);
  } else {
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(us) / 1'000'000);
  }
  return text;
}

std::string clock_text(std::int64_t at_ms) {
  char milliseconds[8];
  std::snprintf(milliseconds, sizeof milliseconds, ".%03d", static_cast<int>(at_ms % 1000));
  return describe_moment(at_ms).substr(sizeof "2026-03-27") + milliseconds;
}

std::string place_text(const json& heard) {
  std::string text = "gateway " + heard.at("gateway").get<std::string>();
  if (heard.at("channel").is_number()) text += ", channel " + heard.at("channel").dump();
  return text + (heard.at("rssi").is_number() ? ", " + heard.at("rssi").dump() + " dBm"
                                              : ", strength not known");
}

/// How long it had been on its way when it came here, as far as gateway and broker say.
std::int64_t way_us(const json& heard) {
  return (heard.at("held_ms").get<std::int64_t>() + heard.at("waited_ms").get<std::int64_t>()) *
         1000;
}

void add_way(const json& report, std::vector<Hop>& hops) {
  const json& heard = report.at("heard");
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const json& one = heard[i];
    const std::int64_t arrived = one.at("arrived_us");
    const std::int64_t at = arrived - way_us(one);
    std::string what = "heard by " + place_text(one);
    if (one.at("held_ms") != 0)
      what += "; held there " + length_text(one.at("held_ms").get<int>() * 1000LL);
    if (one.at("waited_ms") != 0) {
      what +=
          "; waited at the broker " + length_text(one.at("waited_ms").get<std::int64_t>() * 1000);
    }
    if (i > 0) {
      hops.push_back(
          {std::max<std::int64_t>(at, 0),
           "also " + what + ", which came " + length_text(arrived) + " after the first"});
      continue;
    }
    if (report.at("age_ms").is_number()) {
      const std::int64_t age_us = report.at("age_ms").get<std::int64_t>() * 1000;
      const std::string sent = age_us == 0 ? "at once" : "after " + length_text(age_us);
      hops.push_back({at - age_us, "taken by the module, which sent it " + sent});
    }
    hops.push_back({at, what});
  }
}

std::vector<Hop> hops_of(const json& report) {
  std::vector<Hop> hops;
  add_way(report, hops);
  hops.push_back({0, "received from the broker"});
  const auto add = [&](const json& at, const std::string& what) {
    if (at.is_number()) hops.push_back({at, what});
  };
  if (!report.at("heard").empty()) add(report.at("opened_us"), "opened by the coordinator");
  const bool stored = report.at("state") == "stored";
  add(report.at("ended_us"),
      stored ? "committed to the store" : "turned away: the store had no room");
  add(report.at("announced_us"), "announced to the pages");
  const json& pages = report.at("pages");
  if (pages.at("state") == "written") {
    const std::int64_t count = pages.at("count");
    const std::string more = count == 1
                                 ? ""
                                 : ", the last " +
                                       length_text(pages.at("last_us").get<std::int64_t>() -
                                                   pages.at("first_us").get<std::int64_t>()) +
                                       " later";
    add(pages.at("first_us"),
        "written to " + std::to_string(count) + (count == 1 ? " page" : " pages") + more);
  }
  std::stable_sort(hops.begin(), hops.end(),
                   [](const Hop& a, const Hop& b) { return a.at_us < b.at_us; });
  return hops;
}

/// What can't be told of the report, and why.
std::vector<std::string> unknowns_of(const json& report) {
  std::vector<std::string> unknowns;
  if (report.at("heard").empty()) {
    unknowns.push_back("the way to the broker: a board that speaks MQTT itself says no times");
  } else {
    unknowns.push_back(
        "how long it took from the gateway to the hub beyond what is said above, up to two "
        "seconds: a gateway may have no clock, so earlier times count back from the arrival here");
    if (report.at("age_ms").is_null()) {
      unknowns.push_back("when it was taken: the module says no age, or the hub had no time");
    }
  }
  if (report.at("more_heard") != 0) {
    unknowns.push_back(report.at("more_heard").dump() + " more gateways: four are kept");
  }
  const json& pages = report.at("pages");
  if (report.at("state") == "waiting") {
    unknowns.push_back("when it is stored: it waits for the store, or comes again");
  } else if (pages.at("state") == "forgotten") {
    unknowns.push_back("which pages were told: older than what is kept of pages");
  } else if (pages.at("state") == "nobody") {
    unknowns.push_back("the browser: no page was open");
  } else if (pages.at("state") == "not_shown") {
    unknowns.push_back("the browser: what pages show was newer, or the same");
  } else if (pages.at("state") == "waiting" && report.at("state") == "stored") {
    unknowns.push_back("the browser: no page has taken it yet, or it was shown with a fresh start");
  }
  return unknowns;
}

struct TraceCommand {
  HubOption hub;
  std::string device;
  std::int64_t sequence = -1;
  bool events = false;
  int limit = 20;
  bool as_json = false;

  int run() const {
    const auto snapshot = fetch_snapshot(hub.address());
    if (!snapshot) return 1;
    const json* const found = find_device(*snapshot, device);
    if (found == nullptr) {
      std::fprintf(stderr, "espial: no device is called %s; `espial devices` lists them\n",
                   device.c_str());
      return 1;
    }
    const std::string place = "/api/trace/" + found->at("mac").get<std::string>();
    const std::string what =
        sequence < 0 ? "?limit=" + std::to_string(limit)
                     : "/" + std::to_string(sequence) + (events ? "?stream=events" : "");
    const auto answer = ask_json(hub, "GET", place + what, "");
    if (!answer) return 1;
    if (as_json) {
      std::printf("%s\n", answer->dump(2).c_str());
    } else if (sequence < 0) {
      list(*found, *answer);
    } else {
      show(*found, *answer);
    }
    return 0;
  }

  static void list(const json& device, const json& answer) {
    const json& reports = answer.at("reports");
    if (reports.empty()) {
      std::printf("Nothing of %s among the last %s reports that are kept.\n",
                  device.at("name").get<std::string>().c_str(), answer.at("kept").dump().c_str());
      return;
    }
    std::printf("%10s  %-8s  %-19s  %-7s  %9s  %s\n", "report", "stream", "received", "heard by",
                "stored in", "pages");
    for (auto one = reports.rbegin(); one != reports.rend(); ++one) {
      const json& ended = one->at("ended_us");
      const json& pages = one->at("pages");
      std::printf("%10s  %-8s  %-19s  %8zu  %9s  %s\n", one->at("sequence").dump().c_str(),
                  one->at("stream").get<std::string>().c_str(),
                  describe_moment(one->at("received_at")).c_str(), one->at("heard").size(),
                  ended.is_number() ? length_text(ended).c_str() : "-",
                  pages.at("state") == "written" ? pages.at("count").dump().c_str() : "-");
    }
  }

  static void show(const json& device, const json& report) {
    const bool by_hub = report.at("numbered_by") == "hub";
    std::printf("%s (%s), report %s of its %s%s\n\n", device.at("name").get<std::string>().c_str(),
                device.at("mac").get<std::string>().c_str(), report.at("sequence").dump().c_str(),
                report.at("stream").get<std::string>().c_str(),
                by_hub ? ", by the hub's count" : "");
    const std::int64_t received_ms = report.at("received_at");
    std::int64_t before_us = 0;
    bool first = true;
    for (const Hop& hop : hops_of(report)) {
      const std::string after = first ? "" : "+" + length_text(hop.at_us - before_us);
      std::printf("  %s  %10s  %s\n", clock_text(received_ms + hop.at_us / 1000).c_str(),
                  after.c_str(), hop.what.c_str());
      before_us = hop.at_us;
      first = false;
    }
    std::printf("\n");
    for (const std::string& unknown : unknowns_of(report)) {
      std::printf("  Not known: %s.\n", unknown.c_str());
    }
  }
};

}  // namespace

void add_trace_command(CLI::App& app, int& exit_code) {
  auto* const command =
      app.add_subcommand("trace", "The hops and times of one report, from module to browser");
  const auto options = std::make_shared<TraceCommand>();
  options->hub.add_to(*command);
  command->add_option("device", options->device, "Name or MAC of the device")->required();
  command
      ->add_option("sequence", options->sequence, "Number of the report; without it: the last ones")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{UINT32_MAX}));
  command->add_flag("--events", options->events, "Of the events' stream, which counts by itself");
  command->add_option("--limit", options->limit, "List at most so many")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  command->add_flag("--json", options->as_json, "As JSON, for scripts");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
