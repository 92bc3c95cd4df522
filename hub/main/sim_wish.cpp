#include "hub/main/sim_wish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "hub/main/number_option.hpp"

namespace espial::main {
namespace {

std::optional<std::uint32_t> number_of(const std::string& text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::vector<std::string> chip_names() {
  std::vector<std::string> names;
  for (const sim::Chip& chip : sim::kChips) names.emplace_back(chip.name);
  return names;
}

/// What the words of an option name, or nobody where it says "none".
template <typename Item, typename Named>
std::optional<std::vector<Item>> listed(const std::vector<std::string>& words, Named named,
                                        const std::string& option, const std::string& what) {
  if (words.empty()) return std::nullopt;
  std::vector<Item> items;
  for (const std::string& word : words) {
    if (word == "none") continue;
    const std::optional<Item> item = named(word);
    if (!item) throw CLI::ValidationError(option, "\"" + word + "\" is " + what);
    items.push_back(*item);
  }
  return items;
}

}  // namespace

sim::Reduction SimWish::reduction() const {
  sim::Reduction reduction;
  if (!only_boards.empty()) reduction.boards = only_boards;
  if (!only_gateways.empty()) reduction.gateways = only_gateways;
  constexpr const char* kNoNumber = "no number; count from 0, or say none";
  reduction.s0_modules = listed<std::uint32_t>(only_s0, number_of, "--only-s0", kNoNumber);
  reduction.rooms = listed<std::uint32_t>(only_rooms, number_of, "--only-rooms", kNoNumber);
  reduction.faults = listed<sim::Fault>(only_faults, sim::fault_named, "--only-faults",
                                        "no trouble; `espial sim --faults` lists them");
  reduction.hardships = listed<sim::Hardship>(
      only_hardships, sim::hardship_named, "--only-hardships",
      "no hardship; there are talker, many_commands, few_frames, few_modules, hasty_buttons, "
      "slow_chips, sleeping_stations and neighbour");
  reduction.cuts = listed<sim::CutPoint>(cut_at, sim::cut_point_named, "--cut-at",
                                         "no place to cut power at; `espial sim --power-cuts` "
                                         "counts them, with _ for blanks here");
  if (span_us > 0) reduction.span = Duration::microseconds(span_us);
  reduction.commands = !no_commands;
  return reduction;
}

sim::Scenario SimWish::whole(std::uint64_t this_seed) const {
  if (cut()) return sim::draw_cut_scenario(this_seed);
  if (!plain()) return sim::draw_scenario(this_seed);
  sim::PlainNetwork network;
  network.seed = this_seed;
  network.boards = nodes;
  network.gateways = gateways;
  network.span = Duration::milliseconds(static_cast<std::int64_t>(hours * 3'600'000));
  network.report_interval = Duration::milliseconds(static_cast<std::int64_t>(interval_s * 1000));
  network.square_m = square_m;
  network.loss_permille = static_cast<std::uint32_t>(loss_percent * 10);
  network.sleeper_percent = sleepers_percent;
  const auto* const named = std::find_if(sim::kChips.begin(), sim::kChips.end(),
                                         [&](const sim::Chip& each) { return each.name == chip; });
  if (named != sim::kChips.end()) network.chip = named->speed;
  return sim::plain_scenario(network);
}

sim::Scenario SimWish::scenario(std::uint64_t this_seed) const {
  const auto left = sim::reduced(whole(this_seed), reduction());
  if (!left) {
    throw CLI::ValidationError("--only-boards, --only-gateways, --only-s0",
                               "name what there is under this seed, counted from 0, and at "
                               "least one gateway that is no spare");
  }
  sim::Scenario scenario = *left;
  scenario.network.hub.store.answers_early = early_answers;
  return scenario;
}

std::string SimWish::command_line(std::uint64_t this_seed, const sim::Reduction& left) const {
  std::string text = fmt::format("espial sim --seed {}", this_seed);
  if (plain()) {
    text += fmt::format(" --nodes {} --gateways {} --loss {} --interval {} --square {} --chip {}",
                        nodes, gateways, loss_percent, interval_s, square_m, chip);
    if (!left.span) text += fmt::format(" --hours {}", hours);
    if (sleepers_percent > 0) text += fmt::format(" --sleepers {}", sleepers_percent);
  }
  if (early_answers) text += " --early-answers";
  return text + sim::to_options(left);
}

void SimWish::add_options(CLI::App& command) {
  command.add_option("--nodes", nodes, "A plain network of so many boards")
      ->check(CLI::Range(1, 4000));
  command.add_option("--gateways", gateways, "With --nodes: how many gateways, all on one channel")
      ->check(CLI::Range(1, 50))
      ->capture_default_str();
  command.add_option("--hours", hours, "With --nodes: how long, in its own time")
      ->check(number_within(0.01, 100'000))
      ->capture_default_str();
  command.add_option("--interval", interval_s, "With --nodes: seconds between reports")
      ->check(number_within(0.1, 86'400))
      ->capture_default_str();
  command.add_option("--loss", loss_percent, "With --nodes: transmissions lost, percent")
      ->check(number_within(0, 100))
      ->capture_default_str();
  command
      .add_option("--square", square_m,
                  "With --nodes: side in metres of the square around each gateway; 0: one room")
      ->check(CLI::Range(0, 150))
      ->capture_default_str();
  command
      .add_option("--sleepers", sleepers_percent,
                  "With --nodes: so many boards, in percent, sleep between their reports")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command
      .add_option("--chip", chip,
                  "With --nodes: boards take this chip's time for their cryptography; none takes "
                  "no time, and without --nodes the seed decides")
      ->check(CLI::IsMember(chip_names()))
      ->capture_default_str();
  command.add_option("--only-boards", only_boards, "Only these boards, counted from 0: 0,3,4")
      ->delimiter(',');
  command.add_option("--only-gateways", only_gateways, "Only these gateways, counted from 0")
      ->delimiter(',');
  command.add_option("--only-faults", only_faults, "Only these kinds of trouble, or none")
      ->delimiter(',');
  command.add_option("--only-s0", only_s0, "Only these modules of S0's, counted from 0, or none")
      ->delimiter(',');
  command
      .add_option("--only-rooms", only_rooms,
                  "Only these boards are buttons or lamps, counted from 0, or none")
      ->delimiter(',');
  command
      .add_option("--only-hardships", only_hardships,
                  "Short only of what these are: talker, many_commands, few_frames, few_modules, "
                  "hasty_buttons, slow_chips, sleeping_stations, neighbour, or none")
      ->delimiter(',');
  command
      .add_option("--cut-at", cut_at,
                  "A small network of --power-cuts, with power cut at these points one after the "
                  "other: board_joining,hub_report_asked")
      ->delimiter(',');
  command.add_option("--span-us", span_us, "Trouble and reports end after so many microseconds")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 50));
  command
      .add_flag("--early-answers", early_answers,
                "A control: the simulated store says that it has stored before it has")
      ->group("");
  command.add_flag("--no-commands", no_commands, "Nobody commands anything");
}

}  // namespace espial::main
