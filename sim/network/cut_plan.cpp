#include "sim/network/cut_plan.hpp"

#include <algorithm>
#include <utility>

namespace espial::sim {
namespace {

constexpr std::array<std::string_view, kCutPoints> kNames{
    "board: searching",
    "board: paused",
    "board: joining",
    "board: resuming",
    "board: confirming",
    "board: online",
    "board: leaving",
    "board: asleep",
    "board: key half written",
    "board: key written",
    "board: last gateway half written",
    "board: last gateway written",
    "board: command half written",
    "board: command written",
    "board: short name half written",
    "board: short name written",
    "board: configuration half written",
    "board: configuration written",
    "board: bonds half written",
    "board: bonds written",
    "board: retained memory half written",
    "gateway: idle",
    "gateway: holds frames for its uplink",
    "gateway: holds frames for modules",
    "gateway: about to move",
    "hub: idle",
    "hub: node asked",
    "hub: session asked",
    "hub: report asked",
    "hub: command asked",
    "hub: description asked",
    "hub: forgotten asked",
    "hub: node durable, not told",
    "hub: session durable, not told",
    "hub: report durable, not told",
    "hub: command durable, not told",
    "hub: description durable, not told",
    "hub: forgotten durable, not told",
};

/// A point that does not come in this time is left for another.
constexpr Duration kPatience = Duration::seconds(8);
constexpr std::uint64_t kLongestAway_ms = 400;
constexpr std::uint64_t kMostEventsAfter = 4;
constexpr std::uint64_t kMostBytes = 900;
/// So many of 1000 choices go to one of the points that were met the least; the others to any, for
/// the rare ones take long.
constexpr std::uint32_t kRare_permille = 150;
constexpr std::size_t kRarest = 6;
constexpr std::uint64_t kChoiceSeed = 0x54;

constexpr CutPoint next(CutPoint point, std::size_t by) {
  return static_cast<CutPoint>(static_cast<std::size_t>(point) + by);
}

bool within(CutPoint point, CutPoint first, CutPoint last) {
  return first <= point && point <= last;
}

bool is_write(CutPoint point) { return within(point, CutPoint::kKeyTorn, CutPoint::kBondsWritten); }

std::optional<SettingKey> written_once(CutPoint point) {
  if (within(point, CutPoint::kKeyTorn, CutPoint::kKeyWritten)) return SettingKey::kNodeKey;
  if (within(point, CutPoint::kModuleTorn, CutPoint::kModuleWritten)) return SettingKey::kModule;
  return std::nullopt;
}

/// Nobody leaves or is forgotten by itself.
bool comes_when_asked_for(CutPoint point) {
  return point == CutPoint::kBoardLeaving || point == CutPoint::kForgottenAsked ||
         point == CutPoint::kForgottenDurable;
}

node::NodeState state_of(CutPoint point) {
  switch (point) {
    case CutPoint::kBoardSearching:
      return node::NodeState::kSearching;
    case CutPoint::kBoardPaused:
      return node::NodeState::kPaused;
    case CutPoint::kBoardJoining:
      return node::NodeState::kJoining;
    case CutPoint::kBoardResuming:
      return node::NodeState::kResuming;
    case CutPoint::kBoardConfirming:
      return node::NodeState::kConfirming;
    case CutPoint::kBoardLeaving:
      return node::NodeState::kLeaving;
    default:
      return node::NodeState::kOnline;
  }
}

}  // namespace

std::string_view to_text(CutPoint point) { return kNames[static_cast<std::size_t>(point)]; }

std::string word_for(CutPoint point) {
  std::string word;
  for (const char letter : to_text(point)) {
    const bool in_word = letter != ' ' && letter != ':' && letter != ',';
    if (in_word) word += letter;
    if (letter == ' ') word += '_';
  }
  return word;
}

std::optional<CutPoint> cut_point_named(std::string_view word) {
  for (std::size_t i = 0; i < kCutPoints; ++i) {
    const auto point = static_cast<CutPoint>(i);
    if (word_for(point) == word) return point;
  }
  return std::nullopt;
}

CutPlan::CutPlan(std::uint64_t seed, Network& network, CutCoverage& coverage,
                 std::optional<std::vector<CutPoint>> told)
    : random_(seed),
      random_choice_(SplitMix(seed ^ kChoiceSeed).fork()),
      told_(std::move(told)),
      network_(network),
      coverage_(coverage) {
  choose();
}

void CutPlan::choose() {
  disarm();
  const std::optional<CutPoint> chosen = told_ ? choose_told() : choose_rare();
  over_ = !chosen;
  point_ = chosen.value_or(CutPoint::kNumber);
  if (over_) return;
  chosen_.push_back(point_);
  give_up_at_ = network_.now() + kPatience;
  events_to_wait_ = random_.below(kMostEventsAfter);
  arm();
}

/// In a network that was made smaller some can't come any more.
std::optional<CutPoint> CutPlan::choose_told() {
  while (told_done_ < told_->size()) {
    const CutPoint point = (*told_)[told_done_++];
    if (can_come(point)) return point;
  }
  return std::nullopt;
}

std::optional<CutPoint> CutPlan::choose_rare() {
  std::vector<CutPoint> points;
  for (std::size_t i = 0; i < kCutPoints; ++i) {
    const CutPoint point = next(CutPoint::kBoardSearching, i);
    if (can_come(point)) points.push_back(point);
  }
  std::stable_sort(points.begin(), points.end(), [this](CutPoint a, CutPoint b) {
    return coverage_.cuts[static_cast<std::size_t>(a)] <
           coverage_.cuts[static_cast<std::size_t>(b)];
  });
  const std::size_t choice = random_choice_.chance(kRare_permille) ? kRarest : points.size();
  return points[random_choice_.below(choice)];
}

/// Key and short name are written once in a board's life, bonds by those who are in a room.
bool CutPlan::can_come_to(const Board& board, CutPoint point) {
  if (comes_when_asked_for(point)) return true;
  if (within(point, CutPoint::kBondsTorn, CutPoint::kBondsWritten)) return board.room() != nullptr;
  const std::optional<SettingKey> once = written_once(point);
  return !once || !board.flash().has(*once);
}

bool CutPlan::can_come(CutPoint point) const {
  for (std::uint32_t i = 0; i < network_.board_count(); ++i) {
    if (can_come_to(network_.board(i), point)) return true;
  }
  return false;
}

/// A cut in the middle of a write waits for the write.
void CutPlan::arm() {
  armed_board_ = static_cast<std::uint32_t>(random_.below(network_.board_count()));
  while (!can_come_to(network_.board(armed_board_), point_)) {
    armed_board_ = (armed_board_ + 1) % static_cast<std::uint32_t>(network_.board_count());
  }
  if (is_write(point_)) {
    const std::size_t place =
        static_cast<std::size_t>(point_) - static_cast<std::size_t>(CutPoint::kKeyTorn);
    const auto key =
        static_cast<SettingKey>(static_cast<std::size_t>(SettingKey::kNodeKey) + place / 2);
    met_before_ = network_.board(armed_board_).flash().cuts();
    network_.cut_board_at_record(armed_board_, key, place % 2 == 1);
  } else if (point_ == CutPoint::kRetainedTorn) {
    met_before_ = network_.board(armed_board_).retained().resets();
    network_.reset_board_at_byte(armed_board_, 1 + random_.below(kMostBytes));
  }
}

bool CutPlan::is_asked_for() const { return comes_when_asked_for(point_); }

bool CutPlan::ask() {
  if (point_ == CutPoint::kBoardLeaving) return network_.leave(armed_board_);
  return network_.forget(armed_board_);
}

void CutPlan::disarm() {
  if (point_ == CutPoint::kBoardLeaving && asked_ && !is_off(Device::kBoard, armed_board_)) {
    // It has left before power could fail: somebody takes it out of its drawer again.
    network_.switch_board_off(armed_board_);
    off_.push_back({Device::kBoard, armed_board_, back_at()});
  }
  asked_ = false;
  if (is_write(point_)) network_.cut_board_at_record(armed_board_, std::nullopt, false);
  if (point_ == CutPoint::kRetainedTorn) network_.reset_board_at_byte(armed_board_, 0);
}

void CutPlan::count() {
  ++coverage_.cuts[static_cast<std::size_t>(point_)];
  ++coverage_.total;
}

Instant CutPlan::back_at() {
  const std::uint64_t away_ms = 1 + random_.below(kLongestAway_ms);
  return network_.now() + Duration::milliseconds(static_cast<std::int64_t>(away_ms));
}

bool CutPlan::is_off(Device device, std::uint32_t number) const {
  return std::any_of(off_.begin(), off_.end(),
                     [&](const Off& off) { return off.device == device && off.number == number; });
}

void CutPlan::come_back(const Off& off) {
  switch (off.device) {
    case Device::kBoard:
      return network_.switch_board_on(off.number);
    case Device::kGateway:
      return network_.switch_gateway(off.number, true);
    case Device::kHub:
      return network_.switch_hub(true);
  }
}

Instant CutPlan::next_at() const {
  Instant next = over_ ? kNever : give_up_at_;
  for (const Off& off : off_) next = std::min(next, off.until);
  return next;
}

void CutPlan::look() {
  for (std::size_t i = off_.size(); i-- > 0;) {
    if (off_[i].until > network_.now()) continue;
    const Off back = off_[i];
    off_.erase(off_.begin() + static_cast<std::ptrdiff_t>(i));
    come_back(back);
  }
  if (over_) return;
  if (is_asked_for() && !asked_) asked_ = ask();
  if (is_write(point_) || point_ == CutPoint::kRetainedTorn) {
    if (look_at_armed()) return choose();
  } else if (const auto board = board_there()) {
    if (events_to_wait_-- > 0) return;
    network_.switch_board_off(*board);
    off_.push_back({Device::kBoard, *board, back_at()});
    count();
    return choose();
  } else if (const auto gateway = gateway_there()) {
    if (events_to_wait_-- > 0) return;
    network_.switch_gateway(*gateway, false);
    off_.push_back({Device::kGateway, *gateway, back_at()});
    count();
    return choose();
  } else if (hub_there()) {
    network_.switch_hub(false);
    off_.push_back({Device::kHub, 0, back_at()});
    count();
    return choose();
  }
  if (give_up_at_ <= network_.now()) choose();
}

bool CutPlan::look_at_armed() {
  const Board& board = network_.board(armed_board_);
  const std::uint32_t met = is_write(point_) ? board.flash().cuts() : board.retained().resets();
  if (met == met_before_) return false;
  count();
  return true;
}

std::optional<std::uint32_t> CutPlan::board_there() const {
  if (!within(point_, CutPoint::kBoardSearching, CutPoint::kBoardAsleep)) return std::nullopt;
  for (std::uint32_t i = 0; i < network_.board_count(); ++i) {
    const Board& board = network_.board(i);
    const bool asleep = board.power() == BoardPower::kAsleep;
    if (point_ == CutPoint::kBoardAsleep) {
      if (asleep) return i;
    } else if (board.node() != nullptr && board.node()->state() == state_of(point_)) {
      return i;
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> CutPlan::gateway_there() const {
  for (std::uint32_t i = 0; i < network_.gateway_count(); ++i) {
    const gateway::Gateway* const role = network_.gateway(i).role();
    if (role == nullptr) continue;
    const bool holds = role->held_count() > 0;
    const bool queues = role->waiting_count() > 0;
    const bool there = (point_ == CutPoint::kGatewayHolds && holds) ||
                       (point_ == CutPoint::kGatewayQueues && queues) ||
                       (point_ == CutPoint::kGatewayMoves && role->moving()) ||
                       (point_ == CutPoint::kGatewayIdle && !holds && !queues && !role->moving());
    if (there) return i;
  }
  return std::nullopt;
}

bool CutPlan::hub_there() const {
  if (!network_.hub().on() || is_off(Device::kHub, 0)) return false;
  const HubStore& store = network_.hub().store();
  if (point_ == CutPoint::kHubIdle) return store.step() == StoreStep::kIdle;
  const bool asked = within(point_, CutPoint::kNodeAsked, CutPoint::kForgottenAsked);
  const bool durable = within(point_, CutPoint::kNodeDurable, CutPoint::kForgottenDurable);
  if (!asked && !durable) return false;
  if (store.step() != (asked ? StoreStep::kWaiting : StoreStep::kDurable)) return false;
  const CutPoint first = asked ? CutPoint::kNodeAsked : CutPoint::kNodeDurable;
  return store.holds(
      static_cast<RecordKind>(static_cast<std::size_t>(point_) - static_cast<std::size_t>(first)));
}

void CutPlan::heal() {
  disarm();
  over_ = true;
  point_ = CutPoint::kNumber;
  const std::vector<Off> off = std::exchange(off_, {});
  for (const Off& one : off) come_back(one);
}

}  // namespace espial::sim
