#include "hub/main/sim_timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/network/board.hpp"
#include "sim/network/scene.hpp"

namespace espial::main {
namespace {

constexpr std::size_t kBins = 120;
// The page's layout, in SVG units.
constexpr double kLeft = 70;
constexpr double kPanelWidth = 560;
constexpr double kPanelHeight = 190;
constexpr double kDelayTop = 70;
constexpr double kAirTop = 330;
constexpr double kMapLeft = 720;
constexpr double kMapTop = 70;
constexpr double kMapSide = 450;

constexpr double kLeastDelay_ms = 1;
constexpr double kMostDelay_ms = 600'000;

std::int64_t coarse(std::int64_t delay_ms) {
  std::int64_t step = 1;
  while (delay_ms / step >= 16) step *= 2;
  return delay_ms / step * step;
}

std::optional<double> share_of(const std::map<std::int64_t, std::uint64_t>& delays,
                               std::uint64_t permille) {
  std::uint64_t all = 0;
  for (const auto& [delay, count] : delays) all += count;
  std::uint64_t passed = 0;
  for (const auto& [delay, count] : delays) {
    passed += count;
    if (passed * 1000 >= all * permille) return static_cast<double>(delay);
  }
  return std::nullopt;
}

/// 0 for the least delay that is drawn, 1 for the most, by its logarithm.
double height_of(double delay_ms) {
  const double held = std::clamp(delay_ms, kLeastDelay_ms, kMostDelay_ms);
  return std::log(held / kLeastDelay_ms) / std::log(kMostDelay_ms / kLeastDelay_ms);
}

std::string words(double x, double y, std::string_view style, std::string_view what) {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" {}>{}</text>)"
                     "\n",
                     x, y, style, what);
}

std::string line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" {}/>)"
                     "\n",
                     x1, y1, x2, y2, style);
}

std::string polyline(const std::vector<std::pair<double, double>>& points,
                     std::string_view colour) {
  std::string list;
  for (const auto& [x, y] : points) list += fmt::format("{:.1f},{:.1f} ", x, y);
  return fmt::format(
      R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="1.8" stroke-linejoin="round"/>)"
      "\n",
      list, colour);
}

/// Green for quick, through yellow, to red for slow.
std::string colour_of(double delay_ms) {
  const double hue = 140 * (1 - std::min(1.0, height_of(delay_ms) * 1.3));
  return fmt::format("hsl({:.0f} 70% 42%)", hue);
}

std::string time_axis(double top, Duration span) {
  std::string text;
  const double hours = static_cast<double>(span.us) / 3.6e9;
  for (int i = 0; i <= 4; ++i) {
    const double x = kLeft + kPanelWidth * i / 4;
    const double at_h = hours * i / 4;
    const std::string label =
        hours >= 2 ? fmt::format("{:.1f} h", at_h) : fmt::format("{:.0f} min", at_h * 60);
    text += words(x, top + kPanelHeight + 18, R"(class="tick" text-anchor="middle")", label);
  }
  return text;
}

}  // namespace

SimTimeline::SimTimeline(const sim::Simulation& simulation)
    : simulation_(simulation),
      bin_span_{std::max<std::int64_t>(
          1, simulation.scenario().span.us / static_cast<std::int64_t>(kBins))},
      bins_(kBins),
      by_board_(simulation.network().board_count()) {}

SimTimeline::Bin& SimTimeline::bin_at(Instant at) {
  const auto index = static_cast<std::size_t>(at.us / bin_span_.us);
  return bins_[std::min(index, kBins - 1)];
}

void SimTimeline::on_stored(Instant at, const sim::StoredReport& report) {
  const auto board = sim::board_number(report.mac);
  if (!board || !report.numbered || *board >= by_board_.size()) return;
  const std::int64_t taken_ms = report.numbered->taken_at.ms;
  const std::int64_t delay_ms = sim::kSimEpoch.ms + at.us / 1000 - taken_ms;
  const Instant taken_at{(taken_ms - sim::kSimEpoch.ms) * 1000};
  ++bin_at(taken_at).delays[coarse(delay_ms)];
  ++by_board_[*board][coarse(delay_ms)];
}

void SimTimeline::look() {
  Duration all;
  for (const Duration on_air : simulation_.network().air().counters().airtime) all = all + on_air;
  const Instant middle = simulation_.network().now() - Duration{bin_span_.us / 2};
  if (middle - Instant{} > simulation_.scenario().span) return;
  Bin& bin = bin_at(middle);
  bin.airtime = bin.airtime + (all - airtime_);
  airtime_ = all;
}

std::string SimTimeline::delay_panel() const {
  std::string text = words(kLeft, kDelayTop - 14, R"(class="title")", "From taken to stored");
  for (const double delay_ms : {1.0, 10.0, 100.0, 1000.0, 10'000.0, 100'000.0}) {
    const double y = kDelayTop + kPanelHeight * (1 - height_of(delay_ms));
    const std::string label = delay_ms < 1000 ? fmt::format("{:.0f} ms", delay_ms)
                                              : fmt::format("{:.0f} s", delay_ms / 1000);
    text += line(kLeft, y, kLeft + kPanelWidth, y, R"(class="grid")");
    text += words(kLeft - 8, y + 4, R"(class="tick" text-anchor="end")", label);
  }
  double legend_x = kLeft + kPanelWidth - 150;
  for (const auto& [permille, name, colour] :
       {std::tuple{500U, "median", "#2563a8"}, std::tuple{990U, "99 %", "#c2571a"}}) {
    std::vector<std::pair<double, double>> points;
    for (std::size_t i = 0; i < kBins; ++i) {
      const auto delay_ms = share_of(bins_[i].delays, permille);
      if (!delay_ms) continue;
      points.emplace_back(kLeft + kPanelWidth * (static_cast<double>(i) + 0.5) / kBins,
                          kDelayTop + kPanelHeight * (1 - height_of(*delay_ms)));
    }
    text += polyline(points, colour);
    text += line(legend_x, kDelayTop - 18, legend_x + 16, kDelayTop - 18,
                 fmt::format(R"(stroke="{}" stroke-width="2")", colour));
    text += words(legend_x + 21, kDelayTop - 14, R"(class="tick")", name);
    legend_x += 80;
  }
  return text + time_axis(kDelayTop, simulation_.scenario().span);
}

std::string SimTimeline::airtime_panel() const {
  std::string text = words(kLeft, kAirTop - 14, R"(class="title")",
                           "Air taken by our own frames, all channels together");
  std::vector<double> shares;
  for (const Bin& bin : bins_) {
    shares.push_back(100 * static_cast<double>(bin.airtime.us) / static_cast<double>(bin_span_.us));
  }
  const double most = std::max(1.0, *std::max_element(shares.begin(), shares.end()) * 1.15);
  for (int i = 0; i <= 4; ++i) {
    const double y = kAirTop + kPanelHeight * (1 - i / 4.0);
    text += line(kLeft, y, kLeft + kPanelWidth, y, R"(class="grid")");
    text += words(kLeft - 8, y + 4, R"(class="tick" text-anchor="end")",
                  fmt::format("{:.1f} %", most * i / 4));
  }
  const double width = kPanelWidth / kBins;
  for (std::size_t i = 0; i < kBins; ++i) {
    const double height = kPanelHeight * shares[i] / most;
    text +=
        fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="#6b9a5b"/>)"
                    "\n",
                    kLeft + width * static_cast<double>(i), kAirTop + kPanelHeight - height,
                    width - 0.7, height);
  }
  return text + time_axis(kAirTop, simulation_.scenario().span);
}

std::string SimTimeline::map_panel() const {
  const sim::NetworkSettings& network = simulation_.scenario().network;
  std::string text = words(kMapLeft, kMapTop - 14, R"(class="title")",
                           "Boards by their median delay; squares are gateways");
  text += fmt::format(R"(<rect x="{}" y="{}" width="{}" height="{}" rx="6" class="field"/>)"
                      "\n",
                      kMapLeft, kMapTop, kMapSide, kMapSide);
  double side_cm = 100;
  for (const auto& board : network.boards) {
    if (!board.position) continue;
    side_cm = std::max({side_cm, static_cast<double>(board.position->x_cm),
                        static_cast<double>(board.position->y_cm)});
  }
  for (const auto& gateway : network.gateways) {
    if (!gateway.position) continue;
    side_cm = std::max({side_cm, static_cast<double>(gateway.position->x_cm),
                        static_cast<double>(gateway.position->y_cm)});
  }
  const double scale = (kMapSide - 30) / side_cm;
  const auto place = [&](const std::optional<sim::Position>& position) {
    const sim::Position at = position.value_or(sim::Position{});
    return std::pair{kMapLeft + 15 + scale * at.x_cm, kMapTop + 15 + scale * at.y_cm};
  };
  for (std::size_t i = 0; i < network.boards.size(); ++i) {
    if (!network.boards[i].position) continue;
    const auto [x, y] = place(network.boards[i].position);
    const auto delay_ms = share_of(by_board_[i], 500);
    text += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="4.5" fill="{}"/>)"
                        "\n",
                        x, y, delay_ms ? colour_of(*delay_ms) : "#bbbbbb");
  }
  for (const auto& gateway : network.gateways) {
    if (!gateway.position) continue;
    const auto [x, y] = place(gateway.position);
    text +=
        fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="14" height="14" rx="2" fill="#1f2937"/>)"
                    "\n",
                    x - 7, y - 7);
  }
  return text + words(kMapLeft + kMapSide, kMapTop + kMapSide + 18,
                      R"(class="tick" text-anchor="end")",
                      fmt::format("{:.0f} m across", side_cm / 100));
}

std::string SimTimeline::svg() const {
  const auto totals = simulation_.reports().totals();
  const std::string title =
      fmt::format("{} boards, {} gateways: {} of {} reports stored, digest {:016x}",
                  simulation_.network().board_count(), simulation_.network().gateway_count(),
                  totals.stored, totals.submitted, simulation_.network().digest());
  return fmt::format(
             R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 570" width="1200" height="570">
<style>
svg {{ font-family: system-ui, sans-serif; background: #ffffff; }}
.head {{ font-size: 16px; font-weight: 600; fill: #111827; }}
.title {{ font-size: 13px; font-weight: 600; fill: #374151; }}
.tick {{ font-size: 11px; fill: #6b7280; }}
.grid {{ stroke: #e5e7eb; }}
.field {{ fill: #f8fafc; stroke: #e5e7eb; }}
</style>
<rect width="1200" height="570" fill="#ffffff"/>
)") + words(kLeft, 30, R"(class="head")", title) +
         delay_panel() + airtime_panel() + map_panel() + "</svg>\n";
}

}  // namespace espial::main
