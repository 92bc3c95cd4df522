#include "sim/network/simulation.hpp"

#include <algorithm>
#include <cstdlib>

namespace espial::sim {
namespace {

constexpr std::uint64_t kOwnSeed = 0x51;
constexpr std::uint64_t kFaultSeed = 0x52;
constexpr std::uint64_t kCutSeed = 0x53;
constexpr std::uint64_t kLongestLifetime_s = 60;
/// How long it is watched that nothing happens, and how much may: a silent board says that it is
/// there, a sleeper wakes. Twice what the busiest of 600 drawn networks needs, which is 3.8 events
/// a second for each device; the usual one needs 0.8.
constexpr Duration kIdleSpan = Duration::seconds(20);
constexpr std::uint64_t kIdleEventsPerSecond = 8;
/// All are at rest also while a board is left on the channel its gateway has moved from: it has not
/// missed anybody yet, and looks for its gateway in the time that is watched. What spins or answers
/// itself goes on doing so.
constexpr std::uint32_t kMostIdleSpans = 3;
/// A report that is not stored is sent again under another counter after so long at the latest, and
/// what was held back is a duplicate then. While nobody is there to take it, for as long as a
/// trouble lasts and a lease more, it is not sent again.
constexpr Duration kMostReplayDelay = node::kMaxReportTimeout;

/// Two boards that are sure to hear each other: in one room, on one channel.
bool can_meet(const Board& a, const Board& b) {
  if (a.settings().position || b.settings().position) return false;
  return a.node() != nullptr && b.node() != nullptr && a.online() && b.online() &&
         a.node()->channel() == b.node()->channel();
}

/// Somebody is there who offers what the button wants.
bool has_lamp(const Network& network, const Board& button) {
  const auto wanted = button.room()->settings().works;
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    const Board& board = network.board(i);
    const bool lamp = board.room() != nullptr && board.room()->settings().lamp && board.online();
    if (lamp && wanted.value_or(i) == i) return true;
  }
  return false;
}

/// The button is bound, and the lamp can't be reached or went by its newest press; by any since
/// `hasty_since`, where there is hardly a moment without a press that its lamp has no air to
/// answer.
bool works(const Network& network, const Board& button, std::optional<Instant> hasty_since) {
  const auto lamp = button.room()->lamp();
  if (!lamp) return !has_lamp(network, button);
  if (!can_meet(button, network.board(*lamp))) return true;
  if (hasty_since) return button.room()->executed_at().value_or(Instant{}) >= *hasty_since;
  return button.room()->last_end() == node::PressEnd::kExecuted;
}

/// Ours and the neighbour's.
std::size_t s0_modules_of(const NetworkSettings& network) {
  return network.s0_modules.size() + (network.neighbour ? network.neighbour->boards.size() : 0);
}

/// Every button works its lamp.
bool rooms_settled(const Network& network, std::optional<Instant> hasty_since) {
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    const Board& board = network.board(i);
    if (!board.on() || board.room() == nullptr || board.room()->settings().lamp) continue;
    if (!works(network, board, hasty_since)) return false;
  }
  return true;
}

}  // namespace

Simulation::Simulation(const Scenario& scenario, Crypto& crypto)
    : scenario_(scenario),
      random_(SplitMix(scenario.network.seed ^ kOwnSeed).fork()),
      reports_(violations_, scenario.network.boards.size()),
      commands_(violations_, scenario.network.boards.size()),
      rooms_(violations_),
      s0_(violations_, s0_modules_of(scenario.network)),
      audits_(violations_),
      crypto_(crypto, violations_),
      network_(scenario.network, crypto_, watch_),
      channels_(violations_, network_),
      faults_(scenario.faults, SplitMix(scenario.network.seed ^ kFaultSeed).fork(),
              scenario.network.air, network_) {
  watch_.add(reports_);
  watch_.add(commands_);
  watch_.add(rooms_);
  watch_.add(s0_);
  watch_.add(audits_);
  watch_.add(crypto_);
  const auto asked_for = [this](Fault fault) {
    return scenario_.faults.mean_gap[static_cast<std::size_t>(fault)] > Duration{};
  };
  Duration delay;
  const Duration nobody_there = kLease + scenario_.faults.most_trouble;
  // Of the bits that a forger turns over MORE may be the only one, or one twice: no seal covers
  // that.
  const bool held_back = asked_for(Fault::kReplayed) || asked_for(Fault::kForged);
  if (held_back) delay = kMostReplayDelay + nobody_there;
  // Its board may sit out the longest time between two tries at a gateway that is none, and only
  // then look for one.
  if (held_back && asked_for(Fault::kLookAlike)) delay = delay + kMostReplayDelay;
  // A message in the socket of an owner who is paused ages, and nobody counts it.
  if (asked_for(Fault::kOwnerPaused)) delay = delay + nobody_there;
  reports_.expect_delays(delay);
  std::int32_t sleep_drift_ppm = 0;
  for (const BoardSettings& board : scenario_.network.boards) {
    sleep_drift_ppm = std::max(sleep_drift_ppm, std::abs(board.sleep_drift_ppm));
  }
  reports_.expect_sleep_drift(sleep_drift_ppm);
  keys_change_ = asked_for(Fault::kNetworkKeyChanged);
  const bool damaged =
      scenario_.network.air.corrupt_permille > 0 ||
      (asked_for(Fault::kAirWorse) && scenario_.faults.worse_air.corrupt_permille > 0);
  if (damaged || asked_for(Fault::kForged)) s0_.expect_forgeries();
  // A board that has no key yet believes an answer that names another channel, and may be heard
  // there.
  if (!damaged && !asked_for(Fault::kForged) && !asked_for(Fault::kLookAlike)) {
    watch_.add(channels_);
  }
  if (scenario_.cuts) {
    cuts_.emplace(scenario_.network.seed ^ kCutSeed, network_, told_cuts_, scenario_.cuts);
  }
  if (scenario_.command_gap > Duration{}) next_command_ = network_.now() + scenario_.command_gap;
}

void Simulation::cut_power(CutCoverage& coverage) {
  cuts_.emplace(scenario_.network.seed ^ kCutSeed, network_, coverage);
}

std::vector<CutPoint> Simulation::cuts() const {
  return cuts_ ? cuts_->chosen() : std::vector<CutPoint>();
}

void Simulation::run() {
  while (run_for(Duration::seconds(3600))) {
  }
}

bool Simulation::run_for(Duration span) {
  const Instant end = network_.now() + span;
  while (phase_ != Phase::kOver && network_.now() < end) go_to(end);
  return phase_ != Phase::kOver;
}

void Simulation::go_to(Instant end) {
  if (network_.stuck()) {
    violations_.add(network_.now(), "time stands still", network_.last_actor());
    phase_ = Phase::kOver;
    return;
  }
  if (phase_ == Phase::kRunning) {
    const Instant over = Instant{} + scenario_.span;
    step_to(std::min({end, over, faults_.next_at(), next_command_}));
    crypto_.set_now(network_.now());
    if (network_.now() >= over) return begin_healing();
    act();
    return;
  }
  if (phase_ == Phase::kIdle) {
    const Instant over = watched_since_ + kIdleSpan;
    while (network_.step(std::min(end, over))) {
    }
    if (network_.now() >= over) check_idle();
    return;
  }
  const Instant limit = healed_at_ + scenario_.heal_limit;
  const bool done =
      network_.run_until(std::min(end, limit) - network_.now(), [this] { return at_rest(); });
  if (done) return begin_idling();
  if (network_.now() >= limit) finish();
}

/// The same steps, in however many parts a run is asked for.
void Simulation::step_to(Instant end) {
  while (true) {
    const Instant cut_at = cuts_ ? std::max(cuts_->next_at(), network_.now()) : kNever;
    const bool stepped = network_.step(std::min(end, cut_at));
    if (!stepped && end <= cut_at) return;
    if (cuts_) cuts_->look();
  }
}

void Simulation::act() {
  if (faults_.next_at() <= network_.now()) faults_.act();
  if (next_command_ <= network_.now()) give_command();
}

void Simulation::give_command() {
  const auto gap = static_cast<std::uint64_t>(scenario_.command_gap.us);
  next_command_ = network_.now() + Duration{static_cast<std::int64_t>(random_.below(2 * gap) + 1)};
  const bool favourite =
      scenario_.favourite_permille > 0 && random_.chance(scenario_.favourite_permille);
  const auto board =
      favourite ? 0U : static_cast<std::uint32_t>(random_.below(network_.board_count()));
  const bool expires = random_.chance(scenario_.expiring_permille);
  const auto lifetime_s = static_cast<std::int64_t>(1 + random_.below(kLongestLifetime_s));
  (void)network_.command(board, next_number_++,
                         expires ? Duration::seconds(lifetime_s) : Duration{});
}

void Simulation::begin_healing() {
  phase_ = Phase::kHealing;
  healed_at_ = network_.now();
  faults_.heal();
  if (cuts_) cuts_->heal();
  network_.set_reporting(false);
}

bool Simulation::at_rest() const { return unrest().empty(); }

/// What is not at rest, for people; what passes by itself last, or it would hide what does not.
std::string_view Simulation::unrest() const {
  if (const std::string_view unsettled = network_.unsettled(); !unsettled.empty()) return unsettled;
  if (!network_.hub().all_configured()) return "a configuration is not confirmed";
  if (!network_.hub().revocations_stored()) return "a revocation is not stored";
  if (keys_change_ && !network_.all_keys_renewed()) return "a module has not renewed its key";
  if (commands_.open_commands() > 0) return "a command has no end";
  if (!rooms_settled(network_, hasty_since())) return "a button does not work its lamp";
  if (!s0_.heard_since(healed_at_)) return "a module of S0 was not heard";
  return network_.under_way();
}

void Simulation::check_configurations() {
  for (std::uint32_t board = 0; board < network_.board_count(); ++board) {
    const HubBox::Wanted* const told = network_.hub().confirmed_configuration(board);
    if (told == nullptr || !network_.board(board).on()) continue;
    const coordinator::Configuration& wanted = told->configuration;
    const node::Configuration& kept = network_.board(board).configuration();
    const bool same =
        kept.max_airtime_permille == *wanted.max_airtime_permille && kept.slots == *wanted.slots &&
        kept.schedule == *wanted.schedule &&
        network_.board(board).report_interval() == Duration::seconds(told->report_interval_s);
    if (!same) {
      violations_.add(network_.now(), "confirmed a configuration it does not keep",
                      "board " + std::to_string(board));
    }
  }
}

void Simulation::begin_idling() {
  phase_ = Phase::kIdle;
  settling_time_ = network_.now() - healed_at_;
  watch_idling();
  network_.set_pressing(false);
  if (keys_change_) network_.end_key_change();
}

void Simulation::watch_idling() {
  watched_since_ = network_.now();
  events_before_ = network_.events();
  ++idle_spans_;
}

std::optional<Instant> Simulation::hasty_since() const {
  return scenario_.hasty_buttons ? std::optional(healed_at_) : std::nullopt;
}

void Simulation::check_rooms() {
  for (std::uint32_t i = 0; i < network_.board_count(); ++i) {
    const RoomProgram* const room = network_.board(i).room();
    if (room == nullptr || room->settings().lamp) continue;
    if (settling_time_ && room->pending() > 0) {
      violations_.add(network_.now(), "a press has no end", "board " + std::to_string(i));
    }
    if (!settling_time_ && !works(network_, network_.board(i), hasty_since())) {
      violations_.add(network_.now(), "a button does not work its lamp though all is well",
                      "board " + std::to_string(i));
    }
  }
}

/// Without the former network key everybody comes back all the same, with what it has on record.
void Simulation::check_keys() {
  constexpr Duration kMostReturn = Duration::seconds(120);
  if (!keys_change_ || !settling_time_) return;
  for (std::uint32_t i = 0; i < network_.board_count(); ++i) {
    network_.switch_board_off(i);
    network_.switch_board_on(i);
  }
  (void)network_.run_until(kMostReturn, [this] { return network_.all_online(); });
  for (std::uint32_t i = 0; i < network_.board_count(); ++i) {
    if (network_.board(i).online()) continue;
    violations_.add(network_.now(), "a changed network key left a module behind",
                    "board " + std::to_string(i));
  }
}

/// Nothing spins, repeats itself or answers itself once there is nothing to do.
void Simulation::check_idle() {
  const auto devices = network_.board_count() + network_.gateway_count() +
                       s0_modules_of(scenario_.network) + (network_.neighbour() ? 2 : 1);
  const auto seconds = static_cast<std::uint64_t>(kIdleSpan.us / 1'000'000);
  const std::uint64_t events = network_.events() - events_before_;
  const bool busy = events > devices * seconds * kIdleEventsPerSecond;
  if (busy && idle_spans_ < kMostIdleSpans) return watch_idling();
  if (busy) {
    violations_.add(network_.now(), "busy though there is nothing to do",
                    std::to_string(events) + " events");
  }
  check_keys();
  finish();
}

void Simulation::finish() {
  phase_ = Phase::kOver;
  const Instant now = network_.now();
  if (!settling_time_) {
    violations_.add(now, "not at rest though all is well", std::string(unrest()));
  }
  check_configurations();
  check_rooms();
  if (network_.hub().restore_failed()) violations_.add(now, "a hub took a record back", "");
  if (network_.hub().deposed_acts() > 0) {
    violations_.add(now, "a deposed owner acted", "");
  }
  if (HeapWatch::requests() != heap_requests_) {
    violations_.add(now, "core asked the heap for memory", HeapWatch::first());
  }
  reports_.check_complete(now);
  commands_.check_complete(now);
}

std::uint32_t Simulation::progress_permille() const {
  const std::int64_t done = std::min((network_.now() - Instant{}).us, scenario_.span.us);
  return static_cast<std::uint32_t>(done * 1000 / std::max<std::int64_t>(scenario_.span.us, 1));
}

}  // namespace espial::sim
