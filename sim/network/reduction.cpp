#include "sim/network/reduction.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace espial::sim {
namespace {

constexpr Duration kShortestSpan = Duration::seconds(1);
constexpr std::array<std::string_view, kHardships> kHardshipNames{
    "talker",        "many_commands", "few_frames",        "few_modules",
    "hasty_buttons", "slow_chips",    "sleeping_stations", "neighbour"};

template <typename Item>
bool contains(const std::vector<Item>& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

/// Keeps the devices at these places, in this order.
/// @retval false  there is no such place.
template <typename Settings>
bool keep(std::vector<Settings>& devices, const std::vector<std::uint32_t>& places) {
  std::vector<Settings> kept;
  for (const std::uint32_t place : places) {
    if (place >= devices.size()) return false;
    kept.push_back(devices[place]);
    kept.back().number = static_cast<std::uint32_t>(kept.size() - 1);
  }
  devices = std::move(kept);
  return true;
}

/// Buttons find their lamps under the numbers that these have now; without theirs, anybody's.
void rename_lamps(std::vector<BoardSettings>& boards, const std::vector<std::uint32_t>& places) {
  for (BoardSettings& board : boards) {
    if (!board.room || !board.room->works) continue;
    const auto lamp = std::find(places.begin(), places.end(), *board.room->works);
    board.room->works.reset();
    if (lamp == places.end()) continue;
    board.room->works = static_cast<std::uint32_t>(lamp - places.begin());
  }
}

/// Who is no button or lamp any more is an ordinary board; buttons of lamps that are gone work
/// anybody's.
void keep_rooms(std::vector<BoardSettings>& boards, const std::vector<std::uint32_t>& places) {
  for (std::uint32_t i = 0; i < boards.size(); ++i) {
    if (!contains(places, i)) boards[i].room.reset();
  }
  for (BoardSettings& board : boards) {
    if (board.room && board.room->works && !boards[*board.room->works].room) {
      board.room->works.reset();
    }
  }
}

void keep_s0(NetworkSettings& network) {
  network.hub.s0_modules = network.s0_modules.size();
  if (!network.s0_modules.empty()) return;
  for (GatewaySettings& gateway : network.gateways) gateway.s0 = false;
}

bool has(const Scenario& scenario, Hardship hardship) {
  const auto& gateways = scenario.network.gateways;
  const auto fewer = [&](std::size_t GatewaySettings::*places) {
    return std::any_of(gateways.begin(), gateways.end(), [&](const GatewaySettings& gateway) {
      return gateway.*places < GatewaySettings().*places;
    });
  };
  switch (hardship) {
    case Hardship::kTalker:
      return scenario.faults.talker.has_value();
    case Hardship::kManyCommands:
      return scenario.favourite_permille > 0;
    case Hardship::kFewFrames:
      return fewer(&GatewaySettings::down_frames);
    case Hardship::kFewModules:
      return fewer(&GatewaySettings::modules);
    case Hardship::kHastyButtons:
      return scenario.hasty_buttons;
    case Hardship::kSlowChips:
      return std::any_of(scenario.network.boards.begin(), scenario.network.boards.end(),
                         [](const BoardSettings& board) { return board.chip.seal > Duration{}; }) ||
             std::any_of(gateways.begin(), gateways.end(), [](const GatewaySettings& gateway) {
               return gateway.chip.seal > Duration{};
             });
    case Hardship::kSleepingStations:
      return std::any_of(gateways.begin(), gateways.end(),
                         [](const GatewaySettings& gateway) { return gateway.station_sleeps; });
    case Hardship::kNeighbour:
      return scenario.network.neighbour.has_value();
    default:
      return false;
  }
}

void relieve(Scenario& scenario, Hardship hardship) {
  auto& gateways = scenario.network.gateways;
  switch (hardship) {
    case Hardship::kTalker: {
      BoardSettings& talker = scenario.network.boards[*scenario.faults.talker];
      talker.report_interval = BoardSettings().report_interval;
      talker.long_permille = 0;
      scenario.faults.talker.reset();
      return;
    }
    case Hardship::kManyCommands:
      scenario.favourite_permille = 0;
      scenario.command_gap = Scenario().command_gap;
      return;
    case Hardship::kFewFrames:
      for (auto& gateway : gateways) gateway.down_frames = GatewaySettings().down_frames;
      return;
    case Hardship::kFewModules:
      for (auto& gateway : gateways) gateway.modules = GatewaySettings().modules;
      return;
    case Hardship::kHastyButtons:
      scenario.hasty_buttons = false;
      for (BoardSettings& board : scenario.network.boards) {
        if (board.room) board.room->press_interval = RoomSettings().press_interval;
      }
      return;
    case Hardship::kSlowChips:
      for (BoardSettings& board : scenario.network.boards) board.chip = {};
      for (auto& gateway : gateways) gateway.chip = {};
      return;
    case Hardship::kSleepingStations:
      for (auto& gateway : gateways) gateway.station_sleeps = false;
      return;
    case Hardship::kNeighbour:
      scenario.network.neighbour.reset();
      scenario.faults.mean_gap[static_cast<std::size_t>(Fault::kNeighbour)] = Duration{};
      return;
    default:
      return;
  }
}

bool one_works(const std::vector<GatewaySettings>& gateways) {
  return std::any_of(gateways.begin(), gateways.end(),
                     [](const GatewaySettings& gateway) { return !gateway.spare; });
}

std::vector<std::uint32_t> count_up(std::size_t end) {
  std::vector<std::uint32_t> numbers(end);
  for (std::uint32_t i = 0; i < end; ++i) numbers[i] = i;
  return numbers;
}

std::vector<std::uint32_t> rooms_of(const Scenario& scenario) {
  std::vector<std::uint32_t> numbers;
  for (const BoardSettings& board : scenario.network.boards) {
    if (board.room) numbers.push_back(board.number);
  }
  return numbers;
}

std::vector<Hardship> hardships_of(const Scenario& scenario) {
  std::vector<Hardship> hardships;
  for (std::size_t i = 0; i < kHardships; ++i) {
    const auto hardship = static_cast<Hardship>(i);
    if (has(scenario, hardship)) hardships.push_back(hardship);
  }
  return hardships;
}

std::vector<Fault> faults_of(const Scenario& scenario) {
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (scenario.faults.mean_gap[i] > Duration{}) faults.push_back(static_cast<Fault>(i));
  }
  return faults;
}

template <typename Item, typename Text>
std::string joined(const std::vector<Item>& items, Text text) {
  std::string result;
  for (const Item& item : items) {
    if (!result.empty()) result += ',';
    result += text(item);
  }
  return result.empty() ? "none" : result;
}

/// One attempt after the other to do with less.
class Shrinker {
 public:
  Shrinker(const Scenario& scenario, const StillBroken& broken, std::size_t most_runs,
           const std::function<void(const Reduction&)>& progress)
      : scenario_(scenario), broken_(broken), runs_left_(most_runs), progress_(progress) {}

  Reduction run() {
    bool smaller = true;
    while (smaller && runs_left_ > 0) {
      smaller = drop(&Reduction::cuts, scenario_.cuts.value_or(std::vector<CutPoint>()));
      smaller = drop(&Reduction::faults, faults_of(scenario_)) || smaller;
      smaller = drop(&Reduction::hardships, hardships_of(scenario_)) || smaller;
      smaller = drop(&Reduction::boards, count_up(scenario_.network.boards.size())) || smaller;
      smaller = drop(&Reduction::gateways, count_up(scenario_.network.gateways.size())) || smaller;
      const std::size_t s0_modules = scenario_.network.s0_modules.size();
      smaller = drop(&Reduction::s0_modules, count_up(s0_modules)) || smaller;
      smaller = drop(&Reduction::rooms, rooms_of(scenario_)) || smaller;
      // Last: in a short run fewer others may not be enough.
      smaller = shorten() || smaller;
      smaller = drop_commands() || smaller;
    }
    return best_;
  }

 private:
  bool attempt(const Reduction& smaller) {
    if (runs_left_ == 0) return false;
    const auto scenario = reduced(scenario_, smaller);
    if (!scenario) return false;
    --runs_left_;
    if (!broken_(*scenario)) return false;
    best_ = smaller;
    progress_(best_);
    return true;
  }

  /// Without halves, quarters and so on of a list, down to single items.
  template <typename Item>
  bool drop(std::optional<std::vector<Item>> Reduction::*list, const std::vector<Item>& all) {
    bool any = false;
    std::size_t now = (best_.*list).value_or(all).size();
    for (std::size_t step = std::max<std::size_t>(now, 1); step > 0; step /= 2) {
      for (std::size_t from = 0; from < now;) {
        Reduction smaller = best_;
        std::vector<Item> items = (best_.*list).value_or(all);
        const auto begin = items.begin() + static_cast<std::ptrdiff_t>(from);
        const auto left = static_cast<std::ptrdiff_t>(std::min(step, now - from));
        items.erase(begin, begin + left);
        smaller.*list = std::move(items);
        if (attempt(smaller)) {
          any = true;
          now = (best_.*list)->size();
        } else {
          from += step;
        }
      }
    }
    return any;
  }

  bool shorten() {
    for (const std::int64_t tenths : {1, 2, 4, 6, 8, 9}) {
      Reduction smaller = best_;
      const Duration span = best_.span.value_or(scenario_.span);
      smaller.span = Duration{span.us / 10 * tenths};
      if (*smaller.span < kShortestSpan || !attempt(smaller)) continue;
      shorten();
      return true;
    }
    return false;
  }

  bool drop_commands() {
    if (!best_.commands || scenario_.command_gap == Duration{}) return false;
    Reduction smaller = best_;
    smaller.commands = false;
    return attempt(smaller);
  }

  const Scenario& scenario_;
  const StillBroken& broken_;
  std::size_t runs_left_;
  const std::function<void(const Reduction&)>& progress_;
  Reduction best_;
};

}  // namespace

std::optional<Scenario> reduced(const Scenario& scenario, const Reduction& reduction) {
  Scenario result = scenario;
  NetworkSettings& network = result.network;
  for (const Hardship hardship : hardships_of(scenario)) {
    if (reduction.hardships && !contains(*reduction.hardships, hardship)) relieve(result, hardship);
  }
  if (reduction.rooms) keep_rooms(network.boards, *reduction.rooms);
  if (reduction.boards) {
    if (!keep(network.boards, *reduction.boards)) return std::nullopt;
    rename_lamps(network.boards, *reduction.boards);
    if (result.faults.talker) {
      const auto& kept = *reduction.boards;
      const auto place = std::find(kept.begin(), kept.end(), *result.faults.talker);
      result.faults.talker.reset();
      if (place != kept.end()) {
        result.faults.talker = static_cast<std::uint32_t>(place - kept.begin());
      }
    }
  }
  if (reduction.gateways && !keep(network.gateways, *reduction.gateways)) return std::nullopt;
  if (network.boards.empty() || !one_works(network.gateways)) return std::nullopt;
  if (reduction.s0_modules) {
    if (!keep(network.s0_modules, *reduction.s0_modules)) return std::nullopt;
    keep_s0(network);
  }
  network.hub.gateways = network.gateways.size();
  if (reduction.faults) {
    for (std::size_t i = 0; i < kFaults; ++i) {
      const bool stays = contains(*reduction.faults, static_cast<Fault>(i));
      if (!stays) result.faults.mean_gap[i] = Duration{};
    }
  }
  if (reduction.cuts) result.cuts = reduction.cuts;
  if (reduction.span) result.span = *reduction.span;
  if (!reduction.commands) result.command_gap = Duration{};
  return result;
}

Reduction shrink(const Scenario& scenario, const StillBroken& broken, std::size_t most_runs,
                 const std::function<void(const Reduction&)>& progress) {
  return Shrinker(scenario, broken, most_runs, progress).run();
}

std::string to_options(const Reduction& reduction) {
  const auto number = [](std::uint32_t value) { return std::to_string(value); };
  const auto name = [](auto value) { return std::string(to_text(value)); };
  std::string text;
  if (reduction.boards) text += " --only-boards " + joined(*reduction.boards, number);
  if (reduction.gateways) text += " --only-gateways " + joined(*reduction.gateways, number);
  if (reduction.s0_modules) text += " --only-s0 " + joined(*reduction.s0_modules, number);
  if (reduction.rooms) text += " --only-rooms " + joined(*reduction.rooms, number);
  if (reduction.faults) text += " --only-faults " + joined(*reduction.faults, name);
  if (reduction.hardships) text += " --only-hardships " + joined(*reduction.hardships, name);
  if (reduction.cuts) text += " --cut-at " + joined(*reduction.cuts, word_for);
  if (reduction.span) text += " --span-us " + std::to_string(reduction.span->us);
  if (!reduction.commands) text += " --no-commands";
  return text;
}

std::string_view to_text(Hardship hardship) {
  return kHardshipNames[static_cast<std::size_t>(hardship)];
}

std::optional<Hardship> hardship_named(std::string_view name) {
  for (std::size_t i = 0; i < kHardships; ++i) {
    if (kHardshipNames[i] == name) return static_cast<Hardship>(i);
  }
  return std::nullopt;
}

std::optional<Fault> fault_named(std::string_view name) {
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (to_text(static_cast<Fault>(i)) == name) return static_cast<Fault>(i);
  }
  return std::nullopt;
}

}  // namespace espial::sim
