#include "sim/network/gateway_audit.hpp"

#include <algorithm>
#include <string>

#include "core/wire/sealed.hpp"
#include "sim/network/scene.hpp"

namespace espial::sim {
namespace {

using gateway::Count;

/// Counting the places takes as long as there are modules.
constexpr std::uint32_t kCallsPerCount = 256;

/// Each frame that is heard and not handed up adds to exactly one of these.
constexpr std::array<Count, 10> kEnds{
    Count::kConnectsAnswered, Count::kTooShort,   Count::kBadLength,
    Count::kUnknownType,      Count::kNotServed,  Count::kWrongWay,
    Count::kSearchLimited,    Count::kKeyedPlain, Count::kS0Off,
    Count::kOtherVersion};

template <typename Items>
bool contains(const Items& items, std::uint32_t id) {
  return std::find(items.begin(), items.end(), id) != items.end();
}

}  // namespace

GatewayAudit::Books GatewayAudit::read(const gateway::Gateway& role) const {
  const gateway::Counters& counters = role.counters();
  Books books;
  books.heard = counters[Count::kFramesHeard];
  for (const Count end : kEnds) books.ended += counters[end];
  books.published = published_;
  books.held = static_cast<std::uint32_t>(role.held_count());
  books.held_dropped = counters[Count::kHeldDropped];
  books.commands_gone = counters[Count::kDownExpired] + counters[Count::kDownStale];
  books.down_refused = counters[Count::kDownNoMemory] + counters[Count::kDownBadBody] +
                       counters[Count::kDownNotServed];
  return books;
}

GatewayAudit::Ids GatewayAudit::waiting(const gateway::Gateway& role, const MacAddress& mac) {
  std::array<std::uint32_t, kMostSeen> found{};
  const std::size_t count = role.waiting_commands(kSimServer, mac, found);
  Ids ids;
  for (std::size_t i = 0; i < count; ++i) (void)ids.push_back(found[i]);
  return ids;
}

void GatewayAudit::begin(const gateway::Gateway& role) {
  published_ = 0;
  in_air_.reset();
  commands_.clear();
  books_ = read(role);
}

void GatewayAudit::sent(const MacAddress& destination, ByteView body) {
  const auto sealed = wire::parse_sealed(body);
  in_air_.reset();
  if (sealed) in_air_ = {destination, sealed->header.counter};
}

void GatewayAudit::brought(bool acknowledged) {
  if (!in_air_ || !acknowledged) return;
  const auto found = commands_.find(in_air_->mac);
  if (found == commands_.end()) return;
  for (Command& command : found->second) {
    if (command.counter == in_air_->counter) command.brought = true;
  }
}

void GatewayAudit::after(Instant at, const gateway::Gateway& role, bool heard) {
  const Books now = read(role);
  const std::uint32_t frames = heard ? 1 : 0;
  if (now.heard - books_.heard != frames) broken(at, "a gateway miscounts what it hears");
  const std::uint32_t accounted = (now.ended - books_.ended) + (now.published - books_.published) +
                                  (now.held - books_.held) +
                                  (now.held_dropped - books_.held_dropped);
  if (accounted != frames) broken(at, "a gateway lost a frame without counting it");
  books_ = now;
  if (++calls_ % kCallsPerCount == 0) count_places(at, role);
}

void GatewayAudit::count_places(Instant at, const gateway::Gateway& role) {
  if (role.claimed_count() != role.waiting_count()) {
    broken(at, "a gateway's place for a frame is nobody's");
  }
}

void GatewayAudit::before_down(const gateway::Gateway& role, const MacAddress& mac) {
  waited_ = waiting(role, mac);
}

void GatewayAudit::after_down(Instant at, const gateway::Gateway& role,
                              const Backbone::Down& down) {
  const Ids now_waiting = waiting(role, down.mac);
  const Books before = books_;
  after(at, role, false);
  if (now_waiting.size() > gateway::kMaxCommandsPerModule) {
    broken(at, "more commands wait for a module than may");
  }
  if (down.down_class == DownClass::kCommand) {
    check_command(at, down, now_waiting, books_.down_refused != before.down_refused);
  } else if (down.down_class == DownClass::kClear && contains(now_waiting, down.command)) {
    broken(at, "a gateway keeps a command that was cleared");
  }
  check_lost(at, down, now_waiting, books_.commands_gone - before.commands_gone);
}

void GatewayAudit::check_command(Instant at, const Backbone::Down& down, const Ids& now_waiting,
                                 bool refused) {
  if (contains(now_waiting, down.command) == refused) {
    broken(at, "a command neither waits nor is counted as dropped");
  }
  if (!refused) return note_command(down);
  const bool full = now_waiting.size() == gateway::kMaxCommandsPerModule;
  const bool any_brought = std::any_of(now_waiting.begin(), now_waiting.end(),
                                       [&](std::uint32_t id) { return was_brought(down.mac, id); });
  if (full && any_brought) broken(at, "a command was turned away for one that had been brought");
}

void GatewayAudit::check_lost(Instant at, const Backbone::Down& down, const Ids& now_waiting,
                              std::uint32_t gone) {
  const bool clears = down.down_class == DownClass::kClear;
  std::uint32_t lost = 0;
  for (const std::uint32_t id : waited_) {
    const bool told = clears && id == down.command;
    if (!told && !contains(now_waiting, id)) ++lost;
  }
  if (lost > gone) broken(at, "a gateway forgot a command that nobody cleared");
}

void GatewayAudit::note_command(const Backbone::Down& down) {
  const auto sealed = wire::parse_sealed({down.body.data(), down.body.size()});
  if (!sealed) return;
  auto& commands = commands_[down.mac];
  const auto old = std::find_if(commands.begin(), commands.end(),
                                [&](const Command& command) { return command.id == down.command; });
  const Command command{down.command, sealed->header.counter, false};
  if (old != commands.end()) {
    *old = command;
    return;
  }
  // What was turned away for it, cleared or expired is of no use any more.
  const auto over = [this](const Command& one) { return !contains(waited_, one.id); };
  commands.erase(std::remove_if(commands.begin(), commands.end(), over), commands.end());
  commands.push_back(command);
}

bool GatewayAudit::was_brought(const MacAddress& mac, std::uint32_t id) const {
  const auto found = commands_.find(mac);
  if (found == commands_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(),
                     [id](const Command& command) { return command.id == id && command.brought; });
}

void GatewayAudit::broken(Instant at, const char* what) const {
  watch_.on_broken(at, what, "gateway " + std::to_string(gateway_));
}

}  // namespace espial::sim
