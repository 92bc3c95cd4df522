#include "sim/network/timings.hpp"

#include <algorithm>

#include "sim/network/simulation.hpp"

namespace espial::sim {
namespace {

constexpr std::uint32_t kLoss_permille = 100;
constexpr Duration kMostJoin = Duration::seconds(60);
/// So long everybody has for joining, before the hub is killed.
constexpr Duration kJoining = Duration::seconds(180);
constexpr Duration kMostReturn = Duration::seconds(300);
constexpr Duration kMostWake = Duration::seconds(20);
constexpr Duration kWakeEvery = Duration::seconds(60);
constexpr std::uint32_t kFunctions = 3;

/// Who has had a report stored that was taken since: the hub's own view, for a board learns late
/// that a hub was away, and a broker keeps what was said meanwhile.
class HeardFrom final : public Observer {
 public:
  explicit HeardFrom(std::size_t boards) : heard_(boards) {}

  void begin(UnixTime since) {
    since_ = since;
    heard_.assign(heard_.size(), false);
    missing_ = heard_.size();
  }
  bool all() const { return missing_ == 0; }
  void on_stored(Instant at, const StoredReport& report) override {
    (void)at;
    const auto board = board_number(report.mac);
    if (!board || !report.numbered || report.numbered->taken_at.ms < since_.ms) return;
    if (heard_[*board]) return;
    heard_[*board] = true;
    --missing_;
  }

 private:
  std::vector<bool> heard_;
  std::size_t missing_ = 0;
  UnixTime since_;
};

Duration airtime(const Network& network) {
  const auto& by_channel = network.air().counters().airtime;
  return *std::max_element(by_channel.begin(), by_channel.end());
}

}  // namespace

JoinTimes time_join(std::uint64_t seed, const ChipSpeed& chip, Crypto& crypto) {
  PlainNetwork plain;
  plain.seed = seed;
  plain.boards = 1;
  plain.loss_permille = kLoss_permille;
  plain.square_m = 0;
  NetworkSettings settings = plain_scenario(plain).network;
  settings.switch_on_over = Duration{};
  settings.boards[0].chip = chip;
  settings.gateways[0].channel = Channel{static_cast<std::uint8_t>(seed % kChannelCount + 1)};
  Watch watch;
  Network network(settings, crypto, watch);
  const auto online = [&] { return network.board(0).online(); };
  JoinTimes times;
  (void)network.run_until(kMostJoin, online);
  times.cold = network.now() - Instant{};
  network.run_for(Duration::seconds(5));
  network.switch_board_off(0);
  network.run_for(Duration::seconds(5));
  const Instant began = network.now();
  network.switch_board_on(0);
  (void)network.run_until(kMostJoin, online);
  times.resume = network.now() - began;
  return times;
}

ReturnTimes time_return(std::uint64_t seed, std::uint32_t boards, Duration away, Crypto& crypto) {
  PlainNetwork plain;
  plain.seed = seed;
  plain.boards = boards;
  plain.loss_permille = kLoss_permille;
  Watch watch;
  HeardFrom heard(boards);
  watch.add(heard);
  Network network(plain_scenario(plain).network, crypto, watch);
  network.run_for(kJoining);
  network.switch_hub(false);
  network.run_for(away);
  const Instant back = network.now();
  const Duration before = airtime(network);
  network.switch_hub(true);
  heard.begin(network.utc());
  const bool all = network.run_until(kMostReturn, [&] { return heard.all(); });
  ReturnTimes times;
  if (all) times.all_stored = network.now() - back;
  times.airtime = airtime(network) - before;
  return times;
}

std::vector<Duration> time_wakes(std::size_t wakes, Crypto& crypto) {
  PlainNetwork plain;
  plain.boards = 1;
  plain.square_m = 0;
  plain.sleeper_percent = 100;
  plain.report_interval = kWakeEvery;
  NetworkSettings settings = plain_scenario(plain).network;
  settings.boards[0].reports_at_once = kFunctions;
  settings.boards[0].event_permille = 0;
  Watch watch;
  Network network(settings, crypto, watch);
  const Board& board = network.board(0);
  const auto asleep = [&] { return board.power() == BoardPower::kAsleep; };
  const auto done = [&] {
    return board.node() == nullptr || board.node()->awake_until() <= board.local_now();
  };
  (void)network.run_until(kMostJoin, asleep);
  std::vector<Duration> spans;
  for (std::size_t i = 0; i < wakes; ++i) {
    (void)network.run_until(kWakeEvery * 2, [&] { return !asleep(); });
    const Instant began = network.now();
    (void)network.run_until(kMostWake, done);
    spans.push_back(network.now() - began);
    (void)network.run_until(kMostWake, asleep);
  }
  std::sort(spans.begin(), spans.end());
  return spans;
}

Duration quantile(const std::vector<Duration>& sorted, std::uint32_t permille) {
  return sorted[std::min(sorted.size() * permille / 1000, sorted.size() - 1)];
}

}  // namespace espial::sim
