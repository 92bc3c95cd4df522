#include "sim/network/fault_plan.hpp"

#include <algorithm>

#include "core/link/duty_limit.hpp"

namespace espial::sim {
namespace {

constexpr std::array<std::string_view, kFaults> kNames{"board_power_cut",
                                                       "board_cut_at_write",
                                                       "board_reset",
                                                       "flash_fails",
                                                       "board_reset_at_byte",
                                                       "gateway_power_cut",
                                                       "gateway_replaced",
                                                       "gateway_moved",
                                                       "gateway_move_announced",
                                                       "link_cut",
                                                       "broker_stopped",
                                                       "broker_killed",
                                                       "hub_power_cut",
                                                       "hub_cut_at_commit",
                                                       "owner_paused",
                                                       "store_stalled",
                                                       "commit_failed",
                                                       "configured",
                                                       "replayed",
                                                       "forged",
                                                       "flooded",
                                                       "look_alike",
                                                       "air_worse",
                                                       "other_versions",
                                                       "all_dead",
                                                       "module_revoked",
                                                       "network_key_changed",
                                                       "neighbour_troubled"};

Attack attack_of(Fault fault) {
  if (fault == Fault::kOtherVersions) return Attack::kOtherVersion;
  return static_cast<Attack>(static_cast<std::size_t>(fault) -
                             static_cast<std::size_t>(Fault::kReplayed));
}

constexpr Duration kShortestTrouble = Duration::milliseconds(200);
/// How soon a cut that waits for a commit looks again.
constexpr Duration kCommitWatch = Duration::microseconds(500);
constexpr std::uint32_t kMostWritesAhead = 4;
constexpr std::size_t kMostUnsaved = 20;
constexpr std::uint64_t kMostBytesAhead = 2000;
/// Less would not carry what a board has to say.
constexpr std::uint64_t kLeastAirtime_permille = 20;
/// Somebody who has too much to say feels these.
constexpr std::uint64_t kLeastForTalker_permille = 4;
constexpr std::uint64_t kMostForTalker_permille = 12;

}  // namespace

std::string_view to_text(Fault fault) { return kNames[static_cast<std::size_t>(fault)]; }

FaultPlan::FaultPlan(const FaultSettings& settings, std::uint64_t seed,
                     const AirSettings& usual_air, Network& network)
    : settings_(settings), random_(seed), usual_air_(usual_air), network_(network) {
  for (std::size_t i = 0; i < kFaults; ++i) next_[i] = draw_next(static_cast<Fault>(i));
}

Instant FaultPlan::draw_next(Fault fault) {
  const auto mean =
      static_cast<std::uint64_t>(settings_.mean_gap[static_cast<std::size_t>(fault)].us);
  if (mean == 0) return kNever;
  return network_.now() + Duration{static_cast<std::int64_t>(random_.below(2 * mean) + 1)};
}

Duration FaultPlan::draw_span() {
  const auto spread = static_cast<std::uint64_t>((settings_.most_trouble - kShortestTrouble).us);
  return kShortestTrouble + Duration{static_cast<std::int64_t>(random_.below(spread))};
}

Instant FaultPlan::next_at() const {
  Instant next = *std::min_element(next_.begin(), next_.end());
  for (const Trouble& trouble : troubles_) next = std::min(next, trouble.until);
  return std::min(next, commit_watch_);
}

void FaultPlan::act() {
  const Instant now = network_.now();
  for (std::size_t i = troubles_.size(); i-- > 0;) {
    if (troubles_[i].until > now) continue;
    const Trouble over = troubles_[i];
    troubles_.erase(troubles_.begin() + static_cast<std::ptrdiff_t>(i));
    mend(over);
  }
  if (commit_watch_ <= now) commit_watch_ = now + kCommitWatch;
  if (commit_watch_ != kNever && network_.hub().store().step() == StoreStep::kDurable) {
    commit_watch_ = kNever;
    ++counts_[static_cast<std::size_t>(Fault::kHubCutAtCommit)];
    network_.switch_hub(false);
    troubles_.push_back({Fault::kHubPowerCut, 0, now + draw_span()});
  }
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (next_[i] > now) continue;
    const auto fault = static_cast<Fault>(i);
    next_[i] = draw_next(fault);
    inflict(fault);
  }
}

void FaultPlan::inflict(Fault fault) {
  std::size_t devices = 1;
  switch (fault) {
    case Fault::kBoardPowerCut:
    case Fault::kBoardCutAtWrite:
    case Fault::kBoardReset:
    case Fault::kFlashFails:
    case Fault::kBoardResetAtByte:
    case Fault::kConfigured:
    case Fault::kModuleRevoked:
      devices = network_.board_count();
      break;
    case Fault::kGatewayPowerCut:
    case Fault::kGatewayReplaced:
    case Fault::kGatewayMoved:
    case Fault::kGatewayMoveAnnounced:
    case Fault::kLinkCut:
      devices = network_.gateway_count();
      break;
    default:
      break;
  }
  auto device = static_cast<std::uint32_t>(random_.below(devices));
  if (fault == Fault::kConfigured && settings_.talker) device = *settings_.talker;
  if (is_troubled(fault, device) || !befall(fault, device)) return;
  ++counts_[static_cast<std::size_t>(fault)];
}

/// @retval false  it did not happen, or has not happened yet.
bool FaultPlan::befall(Fault fault, std::uint32_t device) {
  const Instant until = network_.now() + draw_span();
  const bool done =
      befall_board(fault, device) || befall_gateway(fault, device) || befall_shared(fault, until);
  if (done && lasts(fault)) troubles_.push_back({fault, device, until});
  return done;
}

/// What ends only when it is mended.
bool FaultPlan::lasts(Fault fault) {
  switch (fault) {
    case Fault::kBoardPowerCut:
    case Fault::kBoardReset:
    case Fault::kFlashFails:
    case Fault::kGatewayPowerCut:
    case Fault::kLinkCut:
    case Fault::kBrokerStopped:
    case Fault::kBrokerKilled:
    case Fault::kHubPowerCut:
    case Fault::kAirWorse:
    case Fault::kAllDead:
    case Fault::kModuleRevoked:
    case Fault::kNeighbour:
      return true;
    default:
      return false;
  }
}

bool FaultPlan::befall_board(Fault fault, std::uint32_t device) {
  const bool runs = device < network_.board_count() && network_.board(device).on();
  switch (fault) {
    case Fault::kBoardPowerCut:
      if (runs) network_.switch_board_off(device);
      return runs;
    case Fault::kBoardCutAtWrite: {
      const auto writes = static_cast<std::uint32_t>(1 + random_.below(kMostWritesAhead));
      if (runs) network_.cut_board_at_write(device, writes, random_.chance(500));
      return runs;
    }
    case Fault::kBoardReset:
      if (runs) network_.reset_board(device);
      return runs;
    case Fault::kFlashFails:
      if (runs) network_.set_flash(device, false);
      return runs;
    case Fault::kBoardResetAtByte: {
      const bool retains = runs && network_.board(device).retains();
      const std::uint64_t bytes = 1 + random_.below(kMostBytesAhead);
      if (retains) network_.reset_board_at_byte(device, bytes);
      return retains;
    }
    case Fault::kConfigured: {
      const bool talker = settings_.talker.has_value();
      const std::uint64_t least = talker ? kLeastForTalker_permille : kLeastAirtime_permille;
      const std::uint64_t most = talker ? kMostForTalker_permille : link::kFullAirtime_permille;
      return network_.configure(device,
                                static_cast<std::uint16_t>(least + random_.below(most - least)));
    }
    case Fault::kModuleRevoked:
      return network_.set_revoked(device, true);
    default:
      return false;
  }
}

bool FaultPlan::befall_gateway(Fault fault, std::uint32_t device) {
  const bool runs = device < network_.gateway_count() && network_.gateway(device).on();
  switch (fault) {
    case Fault::kGatewayPowerCut:
      if (runs) network_.switch_gateway(device, false);
      return runs;
    case Fault::kGatewayReplaced:
      return runs && network_.replace_gateway(device);
    case Fault::kGatewayMoved:
    case Fault::kGatewayMoveAnnounced: {
      const auto channel = static_cast<std::uint8_t>(1 + random_.below(kChannelCount));
      if (runs) {
        network_.move_gateway(device, Channel{channel}, fault == Fault::kGatewayMoveAnnounced);
      }
      return runs;
    }
    case Fault::kLinkCut:
      network_.set_link(device, false);
      return true;
    default:
      return false;
  }
}

bool FaultPlan::befall_shared(Fault fault, Instant until) {
  const bool broker = network_.backbone().alive();
  switch (fault) {
    case Fault::kBrokerStopped:
      if (broker) network_.set_broker(false);
      return broker;
    case Fault::kBrokerKilled:
      if (broker) network_.kill_broker(random_.below(kMostUnsaved));
      return broker;
    case Fault::kHubPowerCut: {
      const bool on = network_.hub().on();
      if (on) network_.switch_hub(false);
      return on;
    }
    case Fault::kHubCutAtCommit:
      if (network_.hub().on()) commit_watch_ = network_.now() + kCommitWatch;
      return false;
    case Fault::kOwnerPaused:
      return network_.pause_owner(until - network_.now());
    case Fault::kStoreStalled:
      network_.stall_store(until - network_.now());
      return true;
    case Fault::kCommitFailed:
      network_.fail_commit();
      return true;
    case Fault::kReplayed:
    case Fault::kForged:
    case Fault::kFlooded:
    case Fault::kLookAlike:
    case Fault::kOtherVersions:
      network_.attack(attack_of(fault), until - network_.now());
      return true;
    case Fault::kAirWorse:
      network_.set_air(settings_.worse_air);
      return true;
    case Fault::kAllDead:
      switch_all(false);
      return true;
    case Fault::kNetworkKeyChanged:
      return network_.change_key(random_.next());
    case Fault::kNeighbour:
      return network_.trouble_neighbour(random_.next());
    default:
      return false;
  }
}

void FaultPlan::switch_all(bool on) {
  network_.switch_hub(on);
  network_.set_broker(on);
  for (std::uint32_t i = 0; i < network_.gateway_count(); ++i) network_.switch_gateway(i, on);
}

bool FaultPlan::is_troubled(Fault fault, std::uint32_t device) const {
  return std::any_of(troubles_.begin(), troubles_.end(), [&](const Trouble& trouble) {
    return trouble.fault == fault && trouble.device == device;
  });
}

void FaultPlan::mend(const Trouble& trouble) {
  switch (trouble.fault) {
    case Fault::kBoardPowerCut:
    case Fault::kBoardReset:
      network_.switch_board_on(trouble.device);
      return;
    case Fault::kFlashFails:
      network_.set_flash(trouble.device, true);
      return;
    case Fault::kGatewayPowerCut:
      network_.switch_gateway(trouble.device, true);
      return;
    case Fault::kLinkCut:
      network_.set_link(trouble.device, true);
      return;
    case Fault::kBrokerStopped:
    case Fault::kBrokerKilled:
      network_.set_broker(true);
      return;
    case Fault::kHubPowerCut:
      network_.switch_hub(true);
      return;
    case Fault::kAirWorse:
      network_.set_air(usual_air_);
      return;
    case Fault::kAllDead:
      switch_all(true);
      return;
    case Fault::kModuleRevoked:
      (void)network_.set_revoked(trouble.device, false);
      return;
    case Fault::kNeighbour:
      network_.mend_neighbour();
      return;
    default:
      return;
  }
}

void FaultPlan::heal() {
  next_.fill(kNever);
  commit_watch_ = kNever;
  network_.end_attacks();
  const std::vector<Trouble> troubles = std::exchange(troubles_, {});
  for (const Trouble& trouble : troubles) mend(trouble);
}

}  // namespace espial::sim
