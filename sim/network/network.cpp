#include "sim/network/network.hpp"

#include <algorithm>

#include "sim/seeded_random.hpp"

namespace espial::sim {
namespace {

/// More events than this at one instant mean that somebody's timer never moves on.
constexpr std::uint32_t kEventsPerInstant = 20'000;
constexpr std::uint32_t kNobody = UINT32_MAX;

enum What : std::uint64_t { kDelivered = 1, kSent, kDown, kRan };

AirSettings seeded(AirSettings settings, std::uint64_t seed) {
  settings.seed = seed;
  return settings;
}

Backbone::Settings seeded(Backbone::Settings settings, std::uint64_t seed) {
  settings.seed = seed;
  return settings;
}

HubSettings hub_settings(const NetworkSettings& network, std::uint64_t seed) {
  HubSettings settings = network.hub;
  settings.labelled.clear();
  for (const BoardSettings& board : network.boards) {
    if (board.labelled) settings.labelled.push_back(board.number);
  }
  SplitMix random(seed);
  settings.seed = random.fork();
  settings.store.seed = random.fork();
  return settings;
}

Key drawn_key(std::uint64_t seed) {
  Key key{};
  SeededRandom(seed).fill(key);
  return key;
}

/// Not every board takes frames as long as every gateway.
bool sizes_differ(const NetworkSettings& network) {
  for (const BoardSettings& board : network.boards) {
    for (const GatewaySettings& gateway : network.gateways) {
      if (board.max_body_size != gateway.max_body_size) return true;
    }
  }
  return false;
}

/// One seed for each part, so that one part's draws don't shift another's.
enum class Part : std::uint64_t { kAir = 1, kBackbone, kHub, kKey, kStart, kAdversary };
std::uint64_t seed_of(std::uint64_t seed, Part part) {
  return SplitMix(seed ^ static_cast<std::uint64_t>(part) * 0x9e3779b97f4a7c15U).fork();
}

}  // namespace

Network::Network(const NetworkSettings& settings, Crypto& crypto, Watch& watch)
    : air_(seeded(settings.air, seed_of(settings.seed, Part::kAir))),
      backbone_(seeded(settings.backbone, seed_of(settings.seed, Part::kBackbone)),
                settings.gateways.size()),
      scene_{crypto, watch, air_, backbone_, drawn_key(seed_of(settings.seed, Part::kKey)), {}},
      hub_(scene_, hub_settings(settings, seed_of(settings.seed, Part::kHub))),
      adversary_(scene_, seed_of(settings.seed, Part::kAdversary)),
      mixes_sizes_(sizes_differ(settings)),
      agenda_(kFirstGateway + settings.gateways.size() + settings.boards.size() +
              settings.s0_modules.size() + (settings.neighbour ? 1U : 0U)) {
  for (const GatewaySettings& gateway : settings.gateways) gateways_.emplace_back(scene_, gateway);
  for (const BoardSettings& board : settings.boards) boards_.emplace_back(scene_, board);
  for (const S0Settings& module : settings.s0_modules) s0_modules_.emplace_back(scene_, module);
  if (settings.neighbour) {
    neighbour_.emplace(scene_, *settings.neighbour, static_cast<std::uint32_t>(s0_modules_.size()));
  }
  const auto own = [this](RadioId radio, std::uint32_t actor) {
    if (owner_of_radio_.size() <= radio.value) owner_of_radio_.resize(radio.value + 1, kNobody);
    owner_of_radio_[radio.value] = actor;
  };
  for (const GatewayBox& gateway : gateways_) own(gateway.radio(), actor_of(gateway));
  for (const Board& board : boards_) own(board.radio(), actor_of(board));
  for (const S0Box& module : s0_modules_) own(module.radio(), actor_of(module));
  if (neighbour_) {
    for (const RadioId radio : neighbour_->radios()) own(radio, actor_of_neighbour());
    refresh_neighbour();
  }

  taps_.add(adversary_);
  air_.set_tap(&taps_);
  hub_.switch_on();
  for (GatewayBox& gateway : gateways_) {
    retired_.push_back(gateway.settings().spare);
    if (!retired_.back()) gateway.switch_on();
    tell(gateway);
    refresh(gateway);
  }
  SplitMix random(seed_of(settings.seed, Part::kStart));
  const auto spread = static_cast<std::uint64_t>(settings.switch_on_over.us) + 1;
  for (const Board& board : boards_) {
    switch_on_at_.push_back(Instant{static_cast<std::int64_t>(random.below(spread))});
    agenda_.set(actor_of(board), switch_on_at_.back());
  }
  for (S0Box& module : s0_modules_) {
    module.switch_on();
    refresh(module);
  }
  refresh_shared();
}

bool Network::step(Instant end) {
  const Instant next = agenda_.next_at();
  if (next > end || stuck_) {
    scene_.now = std::max(scene_.now, end);
    return false;
  }
  at_this_instant_ = next == scene_.now ? at_this_instant_ + 1 : 0;
  stuck_ = at_this_instant_ > kEventsPerInstant;
  scene_.now = next;
  ++events_;
  last_actor_ = agenda_.next();
  run(last_actor_);
  refresh_shared();
  fetch_for(agenda_.second());
  return true;
}

/// Its turn comes soon. The rest has been in the cache a moment ago.
void Network::fetch_for(std::uint32_t actor) const {
  const std::size_t board = actor - kFirstGateway - gateways_.size();
  if (board < boards_.size()) boards_[board].approach_turn();
}

std::string Network::last_actor() const {
  constexpr std::array<const char*, kFirstGateway> kShared{"the air", "the hub", "the backbone",
                                                           "the adversary"};
  if (last_actor_ < kFirstGateway) return kShared[last_actor_];
  if (neighbour_ && last_actor_ == actor_of_neighbour()) return "the house of S0's next door";
  const std::size_t device = last_actor_ - kFirstGateway;
  if (device < gateways_.size()) return "gateway " + std::to_string(device);
  const std::size_t board = device - gateways_.size();
  if (board < boards_.size()) return "board " + std::to_string(board);
  return "module " + std::to_string(board - boards_.size()) + " of S0's";
}

void Network::run_for(Duration span) {
  const Instant end = now() + span;
  while (step(end)) {
  }
}

void Network::run(std::uint32_t actor) {
  note(kRan, actor);
  if (actor == kAir) return air_.advance(scene_.now, *this);
  if (actor == kHub) return hub_.on_timer();
  if (actor == kBackbone) return take_down();
  if (actor == kAdversary) return adversary_.on_timer();
  if (neighbour_ && actor == actor_of_neighbour()) {
    neighbour_->on_timer();
    return refresh_neighbour();
  }
  const std::uint32_t device = actor - kFirstGateway;
  if (device < gateways_.size()) {
    gateways_[device].on_timer();
    refresh(gateways_[device]);
    return;
  }
  if (S0Box* const module = s0_module(device)) {
    module->on_timer();
    refresh(*module);
    return;
  }
  Board& board = boards_[device - gateways_.size()];
  Instant& switch_on_at = switch_on_at_[board.settings().number];
  if (switch_on_at <= scene_.now) {
    switch_on_at = kNever;
    board.switch_on();
  } else {
    board.on_timer();
  }
  refresh(board);
}

void Network::take_down() {
  while (const auto delivery = backbone_.take_down(scene_.now)) {
    note(kDown, delivery->gateway, {delivery->down.body.data(), delivery->down.body.size()});
    GatewayBox& gateway = gateways_[delivery->gateway];
    gateway.on_down(delivery->down);
    refresh(gateway);
  }
}

std::uint32_t Network::owner_of(RadioId radio) const {
  return radio.value < owner_of_radio_.size() ? owner_of_radio_[radio.value] : kNobody;
}

void Network::on_delivery_near(RadioId receiver) {
  const std::size_t board = owner_of(receiver) - kFirstGateway - gateways_.size();
  if (board < boards_.size()) boards_[board].approach();
}

/// A frame from one to the other, of whom one takes longer frames.
bool Network::is_mixed(const GatewayBox& gateway, const ReceivedFrame& frame) const {
  const auto board = mixes_sizes_ ? board_number(frame.source) : std::nullopt;
  if (!board || *board >= boards_.size() || frame.destination == kBroadcast) return false;
  return boards_[*board].settings().max_body_size != gateway.settings().max_body_size;
}

void Network::on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) {
  (void)at;
  note(kDelivered, receiver.value, frame.body);
  const std::uint32_t owner = owner_of(receiver);
  if (owner == kNobody) return;
  if (neighbour_ && owner == actor_of_neighbour()) {
    neighbour_->on_frame(receiver, frame);
    return refresh_neighbour();
  }
  const std::uint32_t device = owner - kFirstGateway;
  if (device < gateways_.size()) {
    if (is_mixed(gateways_[device], frame)) ++mixed_frames_;
    gateways_[device].on_frame(frame);
    refresh(gateways_[device]);
  } else if (S0Box* const module = s0_module(device)) {
    module->on_frame(frame);
    refresh(*module);
  } else {
    Board& board = boards_[device - gateways_.size()];
    board.on_frame(frame);
    refresh(board);
  }
}

void Network::on_sent(Instant at, RadioId sender, bool acknowledged) {
  (void)at;
  note(kSent, sender.value * 2U + (acknowledged ? 1U : 0U));
  const std::uint32_t owner = owner_of(sender);
  if (owner == kNobody) return;
  if (neighbour_ && owner == actor_of_neighbour()) {
    neighbour_->on_sent(sender, acknowledged);
    return refresh_neighbour();
  }
  const std::uint32_t device = owner - kFirstGateway;
  if (device < gateways_.size()) {
    gateways_[device].on_sent(acknowledged);
    refresh(gateways_[device]);
  } else if (S0Box* const module = s0_module(device)) {
    module->on_sent(acknowledged);
    refresh(*module);
  } else {
    Board& board = boards_[device - gateways_.size()];
    board.on_sent(acknowledged);
    refresh(board);
  }
}

void Network::refresh(Board& board) {
  constexpr Duration kAwayAfterCut = Duration::seconds(1);
  const std::uint32_t number = board.settings().number;
  if (board.on() && board.dark()) {
    board.go_dark();
    switch_on_at_[number] = scene_.now + kAwayAfterCut;
  }
  agenda_.set(actor_of(board), std::min(board.next_timer(), switch_on_at_[number]));
}

S0Box* Network::s0_module(std::uint32_t device) {
  const std::size_t others = gateways_.size() + boards_.size();
  return device < others ? nullptr : &s0_modules_[device - others];
}

void Network::refresh(S0Box& module) { agenda_.set(actor_of(module), module.next_timer()); }

void Network::refresh_neighbour() { agenda_.set(actor_of_neighbour(), neighbour_->next_timer()); }

void Network::refresh(GatewayBox& gateway) { agenda_.set(actor_of(gateway), gateway.next_timer()); }

void Network::refresh_shared() {
  if (hub_.take_keyed_changed()) tell_gateways();
  agenda_.set(kAir, std::max(air_.next_event(), scene_.now));
  agenda_.set(kHub, hub_.next_timer());
  agenda_.set(kAdversary, adversary_.next_timer());
  agenda_.set(kBackbone, std::max(backbone_.next_down(), scene_.now));
}

void Network::tell(GatewayBox& gateway) {
  gateway.tell(hub_.on(), {hub_.keyed().data(), hub_.keyed().size()});
}

void Network::tell_gateways() {
  for (GatewayBox& gateway : gateways_) {
    tell(gateway);
    refresh(gateway);
  }
}

void Network::switch_board_on(std::uint32_t board) {
  switch_on_at_[board] = kNever;
  boards_[board].switch_on();
  refresh(boards_[board]);
  refresh_shared();
}

void Network::switch_board_off(std::uint32_t board) {
  switch_on_at_[board] = kNever;
  boards_[board].switch_off();
  refresh(boards_[board]);
  refresh_shared();
}

void Network::cut_board_at_write(std::uint32_t board, std::uint32_t writes, bool whole) {
  boards_[board].flash().cut_at(writes, whole);
}

void Network::cut_board_at_record(std::uint32_t board, std::optional<SettingKey> key, bool whole) {
  boards_[board].flash().cut_at_record(key, whole);
}

void Network::reset_board(std::uint32_t board) {
  boards_[board].reset();
  refresh(boards_[board]);
  refresh_shared();
}

void Network::reset_board_at_byte(std::uint32_t board, std::size_t bytes) {
  boards_[board].retained().reset_at_byte(bytes);
}

void Network::set_flash(std::uint32_t board, bool works) {
  boards_[board].flash().set_worn_out(!works);
}

void Network::switch_gateway(std::uint32_t number, bool on) {
  GatewayBox& gateway = gateways_[number];
  if (gateway.on() == on || (on && retired_[number])) return;
  if (on) {
    gateway.switch_on();
    tell(gateway);
  } else {
    gateway.switch_off();
    hub_.on_gateway_lost(number);
  }
  refresh(gateway);
  refresh_shared();
}

bool Network::replace_gateway(std::uint32_t number) {
  for (std::uint32_t spare = 0; spare < gateways_.size(); ++spare) {
    if (!gateways_[spare].settings().spare || !retired_[spare]) continue;
    if (spare == number || gateways_[spare].was_on()) continue;
    retired_[number] = true;
    retired_[spare] = false;
    switch_gateway(number, false);
    switch_gateway(spare, true);
    return true;
  }
  return false;
}

void Network::move_gateway(std::uint32_t number, Channel channel, bool announced) {
  GatewayBox& gateway = gateways_[number];
  announced ? gateway.announce_move(channel) : gateway.move(channel);
  refresh(gateway);
  refresh_shared();
}

void Network::set_link(std::uint32_t number, bool up) {
  backbone_.set_link(number, up);
  tell(gateways_[number]);
  // A broker speaks the last will of a gateway it has lost.
  if (!up) hub_.on_gateway_lost(number);
  refresh(gateways_[number]);
  refresh_shared();
}

void Network::set_broker(bool alive) {
  backbone_.set_alive(alive);
  tell_gateways();
  refresh_shared();
}

void Network::kill_broker(std::size_t unsaved_messages) {
  backbone_.forget_newest(unsaved_messages);
  set_broker(false);
}

void Network::switch_hub(bool on) {
  on ? hub_.switch_on() : hub_.switch_off();
  tell_gateways();
  refresh_shared();
}

bool Network::pause_owner(Duration span) {
  const bool paused = hub_.pause(span);
  refresh_shared();
  return paused;
}

void Network::stall_store(Duration span) {
  hub_.store().stall(scene_.now + span);
  refresh_shared();
}

void Network::fail_commit() { hub_.store().fail_next(); }

void Network::set_air(const AirSettings& quality) { air_.set_quality(quality); }

void Network::set_reporting(bool reporting) {
  for (Board& board : boards_) {
    board.set_reporting(reporting);
    refresh(board);
  }
}

void Network::set_pressing(bool pressing) {
  for (Board& board : boards_) {
    board.set_pressing(pressing);
    refresh(board);
  }
}

bool Network::trouble_neighbour(std::uint64_t draw) {
  if (!neighbour_) return false;
  neighbour_->trouble(draw);
  refresh_neighbour();
  refresh_shared();
  return true;
}

void Network::mend_neighbour() {
  if (!neighbour_) return;
  neighbour_->mend();
  refresh_neighbour();
  refresh_shared();
}

void Network::attack(Attack attack, Duration span) {
  adversary_.attack(attack, scene_.now + span);
  refresh_shared();
}

void Network::adversary_says(const MacAddress& source, const MacAddress& destination,
                             Channel channel, ByteView body) {
  adversary_.say(source, destination, channel, body);
  refresh_shared();
}

void Network::end_attacks() {
  adversary_.rest();
  refresh_shared();
}

bool Network::command(std::uint32_t board, std::uint32_t number, Duration lifetime) {
  const bool taken = hub_.command(board, number, lifetime);
  refresh_shared();
  return taken;
}

bool Network::forget(std::uint32_t board) {
  const bool taken = hub_.forget(board);
  refresh_shared();
  return taken;
}

bool Network::set_revoked(std::uint32_t board, bool revoked) {
  const bool known = hub_.set_revoked(board, revoked);
  refresh_shared();
  return known;
}

bool Network::change_key(std::uint64_t seed) {
  const auto before = hub_.key_change();
  if (!before || (before->under_way && !all_keys_renewed())) return false;
  hub_.end_key_change();
  const Key fresh = drawn_key(seed);
  const bool begun = hub_.begin_key_change(fresh);
  for (GatewayBox& gateway : gateways_) gateway.set_network_key(fresh);
  refresh_shared();
  return begun;
}

void Network::end_key_change() {
  hub_.end_key_change();
  refresh_shared();
}

/// A module that was revoked before it proved a key counts here, though the hub does not wait for
/// it: found again, it has nothing but the network key to come back with.
bool Network::all_keys_renewed() const {
  const auto change = hub_.key_change();
  const coordinator::Coordinator* const role = hub_.role();
  const bool all_joined = std::all_of(boards_.begin(), boards_.end(), [role](const Board& board) {
    const auto* const node = role == nullptr ? nullptr : role->find(board.address());
    return node != nullptr && node->key;
  });
  return change && all_joined && change->renewed == change->modules;
}

bool Network::leave(std::uint32_t board) {
  const bool leaves = boards_[board].leave();
  refresh(boards_[board]);
  refresh_shared();
  return leaves;
}

coordinator::LongStatus Network::send_long(std::uint32_t board, transfer::LongSource& source,
                                           std::uint32_t size) {
  const auto status = hub_.send_long(board, source, size);
  refresh_shared();
  return status;
}

bool Network::configure(std::uint32_t board, std::uint16_t max_airtime_permille) {
  const bool taken = hub_.configure(board, max_airtime_permille);
  refresh_shared();
  return taken;
}

/// A channel beside the right one may carry frames too, some of them.
bool Network::beside_gateway(const Board& board) const {
  if (board.node() == nullptr) return false;
  const auto number = gateway_number(board.node()->gateway());
  return number && *number < gateways_.size() && gateways_[*number].on() &&
         gateways_[*number].channel() != board.node()->channel();
}

std::string_view Network::unsettled() const {
  if (!hub_.on()) return "the hub is off";
  for (const Board& board : boards_) {
    if (!board.on()) {
      // One that comes back in a moment is not at rest.
      if (switch_on_at_[board.settings().number] != kNever) return "a board is about to start";
    } else if (!board.online()) {
      return "a board is not online";
    } else if (!board.holds_nothing()) {
      return "a board holds a report";
    } else if (beside_gateway(board)) {
      return "a board is on another channel than its gateway";
    }
  }
  for (const GatewayBox& gateway : gateways_) {
    if (!gateway.on() || !backbone_.link(gateway.settings().number)) continue;
    if (gateway.role()->held_count() > 0) return "a gateway holds a frame";
  }
  if (neighbour_ && !neighbour_->settled()) return "a board at an S0 server is not as it was told";
  return {};
}

bool Network::all_online() const {
  return std::all_of(boards_.begin(), boards_.end(),
                     [](const Board& board) { return board.online(); });
}

std::string_view Network::under_way() const {
  if (hub_.store().step() != StoreStep::kIdle) return "the store writes";
  if (backbone_.unfinished() > 0) return "the hub has not finished with a frame";
  if (backbone_.waiting_down() > 0) return "a frame waits for its gateway";
  return {};
}

std::uint64_t Network::digest() const {
  Digest all = digest_;
  all.add(hub_.store().digest());
  return all.value();
}

void Network::note(std::uint64_t what, std::uint64_t value, ByteView body) {
  digest_.add(static_cast<std::uint64_t>(scene_.now.us));
  digest_.add(what);
  digest_.add(value);
  if (!body.empty()) digest_.add(body);
}

}  // namespace espial::sim
