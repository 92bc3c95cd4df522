#include "sim/network/hub_box.hpp"

#include <algorithm>
#include <array>

#include "core/base/byte_writer.hpp"
#include "core/session/replay_window.hpp"
#include "core/wire/sealed.hpp"
#include "sim/network/board.hpp"
#include "sim/network/gateway_box.hpp"

namespace espial::sim {
namespace {

constexpr std::size_t kFrames = 256;
constexpr std::int16_t kZoneMinutes = 60;
constexpr Duration kRenewEvery = Duration::seconds(3);
constexpr std::size_t kLongSlots = 3;
constexpr std::size_t kLongBytes = 2048;
constexpr std::size_t kLongDowns = 2;
/// All slots that a board has anything in, and itself; the others may be out of use.
constexpr std::uint16_t kSlotsOfBoards = 0x801f;
constexpr std::uint16_t kLongestInterval_s = 20;
constexpr std::uint64_t kPeopleSeed = 0x70;
static_assert(link::kFullAirtime_permille << 5U < 0x8000);

}  // namespace

HubBox::Owner::Owner(const HubSettings& settings, HubStore& store)
    : ledger(store, store.begin_epoch()),
      nodes(settings.nodes),
      handshakes(std::max<std::size_t>(settings.nodes / 4, 16)),
      commands(settings.nodes + 16),
      pending(kFrames * 4),
      frames(kFrames),
      long_slots(kLongSlots),
      long_bytes(kLongSlots * kLongBytes),
      long_downs(kLongDowns),
      labels(settings.labelled.size()),
      former(settings.nodes) {}

HubBox::HubBox(Scene& scene, const HubSettings& settings)
    : scene_(scene),
      settings_(settings),
      random_(settings.seed),
      store_(settings.store, scene.crypto, scene.backbone, scene.watch),
      clock_(scene.now, settings.clock_origin, settings.drift_ppm),
      network_key_(scene.network_key),
      people_(settings.seed ^ kPeopleSeed) {}

std::unique_ptr<HubBox::Owner> HubBox::make_owner() {
  coordinator::Config config;
  config.server = kSimServer;
  config.network_key = network_key_;
  config.network_key_generation = network_key_generation_;
  config.former_network_key = former_network_key_;
  config.join_policy = settings_.approves_within > Duration{} ? coordinator::JoinPolicy::kApproval
                                                              : coordinator::JoinPolicy::kOpen;
  auto owner = std::make_unique<Owner>(settings_, store_);
  const coordinator::Storage storage{{owner->nodes.data(), owner->nodes.size()},
                                     {owner->handshakes.data(), owner->handshakes.size()},
                                     {owner->commands.data(), owner->commands.size()},
                                     {owner->pending.data(), owner->pending.size()},
                                     {owner->frames.data(), owner->frames.size()},
                                     {{owner->long_slots.data(), owner->long_slots.size()},
                                      {owner->long_bytes.data(), owner->long_bytes.size()},
                                      {owner->long_downs.data(), owner->long_downs.size()}},
                                     {owner->labels.data(), owner->labels.size()},
                                     {owner->former.data(), owner->former.size()}};
  owner->role.emplace(config, storage,
                      coordinator::Ports{*this, owner->ledger, *this, random_, scene_.crypto});
  if (settings_.s0_modules > 0)
    owner->s0.emplace(scene_, settings_.s0_modules, static_cast<coordinator::Downlink&>(*this));
  return owner;
}

void HubBox::switch_on() {
  if (on() || paused_) return;
  own();
}

void HubBox::own() {
  store_.set_now(scene_.now);
  owner_ = make_owner();
  acting_ = owner_.get();
  approve_at_ = kNever;
  if (!store_.restore(local_now(), *owner_->role)) restore_failed_ = true;
  owner_->role->set_time(local_now(), scene_.utc(), kZoneMinutes);
  renew_lease();
  scene_.backbone.redeliver(scene_.now);
  list_keyed();
}

void HubBox::switch_off() {
  if (!on() && !paused_) return;
  owner_.reset();
  paused_.reset();
  resume_at_ = kNever;
  unheard_.clear();
  unread_.reset();
  store_.power_cut();
}

bool HubBox::pause(Duration span) {
  if (!on() || paused_) return false;
  paused_ = std::move(owner_);
  receive_paused();
  resume_at_ = scene_.now + span;
  return true;
}

/// The broker does not know that nobody reads: a socket takes one message all the same.
void HubBox::receive_paused() {
  if (unread_) return;
  if (const Backbone::Up* const up = scene_.backbone.take_up(scene_.now)) unread_ = *up;
}

HubBox::Owner& HubBox::acting() {
  acting_ = owner_.get();
  return *owner_;
}

Instant HubBox::next_renewal() const { return lease_until_ - kLease + kRenewEvery; }

/// Nothing but the owner's own word keeps a lease, so that one who is paused loses it.
void HubBox::renew_lease() {
  lease_until_ = scene_.now + kLease;
  owner_->role->set_lease(local_now(), clock_.local(lease_until_));
}

/// It goes on where it was: with a message in its socket, answers of the store, timers long due.
void HubBox::resume() {
  resume_at_ = kNever;
  const bool deposed = paused_->ledger.epoch() != store_.epoch();
  std::unique_ptr<Owner> former;
  Owner& resumed = *paused_;
  (deposed ? former : owner_) = std::move(paused_);
  if (!deposed) {
    renew_lease();
    keyed_stale_ = true;  // gateways may have heard that nobody is there
  }
  acting_ = &resumed;
  const auto hear = [&] {
    for (const HubStore::Answer& answer : std::exchange(unheard_, {})) {
      core(resumed)->on_committed(local_now(), answer.ticket, answer.ok);
    }
  };
  // What is asked before a failure is told would have to fail too (Ledger, promise 3).
  const bool failed = std::any_of(unheard_.begin(), unheard_.end(),
                                  [](const HubStore::Answer& answer) { return !answer.ok; });
  if (failed) hear();
  const auto message = std::exchange(unread_, std::nullopt);
  if (message && deposed) ++deposed_frames_;
  if (message && take(resumed, *message) && deposed) ++deposed_acts_;
  hear();
  core(resumed)->on_timer(local_now());
}

void HubBox::on_timer() {
  store_.set_now(scene_.now);
  for (const HubStore::Answer& answer : store_.run(scene_.now)) give(answer);
  if (resume_at_ <= scene_.now) resume();
  if (paused_ && !on()) receive_paused();
  if (paused_ && !on() && lease_until_ <= scene_.now) {
    ++takeovers_;
    own();
  }
  if (!on()) return;
  if (next_renewal() <= scene_.now) renew_lease();
  show_labels();
  if (approve_at_ <= scene_.now) approve();
  take_messages();
  if (acting().role->next_timer() <= local_now()) core(acting())->on_timer(local_now());
  if (owner_->s0) owner_->s0->on_timer(local_now());
  say_revocations();
  if (keyed_stale_) list_keyed();
}

void HubBox::give(const HubStore::Answer& answer) {
  if (on() && owner_->ledger.epoch() == answer.epoch) {
    core(acting())->on_committed(local_now(), answer.ticket, answer.ok);
  } else if (paused_ && paused_->ledger.epoch() == answer.epoch) {
    unheard_.push_back(answer);
  }
}

bool HubBox::take(Owner& owner, const Backbone::Up& up) {
  coordinator::UplinkFrame frame;
  frame.server = kSimServer;
  frame.gateway = gateway_address(up.gateway);
  frame.mac = up.mac;
  // A copy: the broker may drop the message during the call.
  body_ = up.body;
  frame.body = {body_.data(), body_.size()};
  frame.rssi_dbm = up.rssi_dbm;
  frame.channel = up.channel;
  frame.held = up.held + up.waited;
  if (owner.s0 && espial::s0::claims(frame.body)) return take_s0(owner, frame, up.token);
  const std::uint32_t opened = owner.role->counters()[coordinator::Count::kOpened];
  const bool taken = core(owner)->on_uplink(local_now(), frame, up.token);
  if (owner.role->counters()[coordinator::Count::kOpened] == opened) return taken;
  const bool first = !owner.opened.knows(frame.mac);
  const auto again = owner.opened.note(
      frame.mac, frame.body, first ? store_.durable_session(frame.mac) : OpenedAudit::Durable{});
  if (again) {
    scene_.watch.on_broken(scene_.now, "a frame was opened twice",
                           "board " + std::to_string(board_number(frame.mac).value_or(0)) +
                               " counter " + std::to_string(*again));
  }
  return taken;
}

/// What is S0's is nobody's promise: nothing is committed before it counts as taken. What a deposed
/// owner took its successor gets again.
bool HubBox::take_s0(Owner& owner, const coordinator::UplinkFrame& frame,
                     coordinator::Token token) {
  if (&owner != owner_.get()) return false;
  owner.s0->on_uplink(local_now(), frame);
  scene_.backbone.finished(token);
  return true;
}

void HubBox::take_messages() {
  while (const Backbone::Up* const up = scene_.backbone.take_up(scene_.now)) {
    acting_ = owner_.get();
    (void)take(*owner_, *up);
  }
}

Instant HubBox::next_timer() const {
  Instant next = std::min(store_.next_event(), resume_at_);
  if (paused_ && !on()) {
    next = std::min(next, lease_until_);
    if (!unread_) next = std::min(next, scene_.backbone.next_up());
  }
  if (on()) {
    next = std::min({next, scene_.backbone.next_up(), clock_.world(owner_->role->next_timer()),
                     next_renewal(), approve_at_});
    if (owner_->s0) next = std::min(next, clock_.world(owner_->s0->next_timer()));
  }
  return std::max(next, scene_.now);
}

void HubBox::on_gateway_lost(std::uint32_t gateway) {
  store_.set_now(scene_.now);
  if (on()) core(acting())->on_gateway_lost(local_now(), gateway_address(gateway));
}

bool HubBox::command(std::uint32_t board, std::uint32_t number, Duration lifetime) {
  if (!on()) return false;
  store_.set_now(scene_.now);
  std::array<std::uint8_t, 4> value{};
  ByteWriter(value).u32(number);
  const bool ends = lifetime > Duration{};
  const UnixTime expiry = ends ? UnixTime{scene_.utc().ms + lifetime.ms()} : UnixTime{};
  const auto ticket =
      core(acting())->command(local_now(), board_address(board), kCommandSlot, kCommandKind, value,
                              static_cast<std::uint32_t>(expiry.ms / 1000));
  if (ticket.status != coordinator::CommandStatus::kOk) return false;
  scene_.watch.on_command(scene_.now, board, ticket.id, number, expiry);
  return true;
}

bool HubBox::forget(std::uint32_t board) {
  store_.set_now(scene_.now);
  return on() && core(acting())->forget(local_now(), board_address(board));
}

bool HubBox::set_revoked(std::uint32_t board, bool revoked) {
  const bool known = on() && owner_->role->find(board_address(board)) != nullptr;
  if (revoked && !known) return false;
  revocations_[board] = revoked;
  if (!known) return false;  // said as soon as somebody is there
  store_.set_now(scene_.now);
  say_revocations();
  return true;
}

void HubBox::say_revocations() {
  for (const auto& [board, revoked] : revocations_) {
    const MacAddress mac = board_address(board);
    const coordinator::NodeEntry* const node = owner_->role->find(mac);
    if (node == nullptr || node->revoked == revoked) continue;
    if (!revoked) {
      (void)core(acting())->unrevoke(mac);
    } else if (core(acting())->revoke(local_now(), mac)) {
      owner_->opened.end_session(mac);
    }
  }
}

/// A label counts until its board has a key, and again when that is forgotten: people show it to
/// whoever owns the network.
void HubBox::show_labels() {
  for (const std::uint32_t board : settings_.labelled) {
    (void)core(acting())->add_label(board_address(board), label_key(board));
  }
}

void HubBox::on_node_joined(const MacAddress& mac, ModuleId) {
  const OutsideCore port;
  keyed_stale_ = true;
  const auto board = board_number(mac);
  const auto& labelled = settings_.labelled;
  if (board && std::find(labelled.begin(), labelled.end(), *board) != labelled.end()) {
    ++joined_by_label_;
  }
}

void HubBox::on_node_waiting(const MacAddress& mac) {
  (void)mac;
  const OutsideCore port;
  const auto within = static_cast<std::uint64_t>(settings_.approves_within.us);
  const Instant at = scene_.now + Duration{static_cast<std::int64_t>(people_.below(within) + 1)};
  approve_at_ = std::min(approve_at_, at);
}

void HubBox::approve() {
  approve_at_ = kNever;
  for (const coordinator::Admission::Entry& entry : owner_->role->admission().entries()) {
    if (!entry.used || entry.verdict != coordinator::Verdict::kNone) continue;
    if (owner_->role->admission().judge(entry.mac, coordinator::Verdict::kApproved)) ++approved_;
  }
}

bool HubBox::revocations_stored() const {
  return std::all_of(revocations_.begin(), revocations_.end(), [this](const auto& said) {
    return store_.revoked(board_address(said.first)).value_or(said.second) == said.second;
  });
}

bool HubBox::begin_key_change(const Key& fresh) {
  if (!on() || !core(acting())->begin_key_change(fresh)) return false;
  former_network_key_ = std::exchange(network_key_, fresh);
  ++network_key_generation_;
  return true;
}

void HubBox::end_key_change() {
  const auto change = key_change();
  if (change && change->under_way) keys_renewed_ += change->renewed;
  former_network_key_.reset();
  if (on()) core(acting())->end_key_change();
}

std::optional<coordinator::KeyChange> HubBox::key_change() const {
  return on() ? std::optional(owner_->role->key_change()) : std::nullopt;
}

coordinator::LongStatus HubBox::send_long(std::uint32_t board, transfer::LongSource& source,
                                          std::uint32_t size) {
  if (!on()) return coordinator::LongStatus::kUnknownNode;
  store_.set_now(scene_.now);
  return core(acting())->send_long(local_now(), board_address(board), source, size);
}

bool HubBox::configure(std::uint32_t board, std::uint16_t max_airtime_permille) {
  if (!on()) return false;
  store_.set_now(scene_.now);
  coordinator::Configuration configuration;
  configuration.max_airtime_permille = max_airtime_permille;
  configuration.schedule.emplace();
  configuration.schedule->slot = kCommandSlot;
  // A week that is as long as the limit is high: configurations differ in their length too.
  for (std::uint16_t i = 0; i < max_airtime_permille % wire::kMaxSwitchingPoints; ++i) {
    const auto minute = static_cast<std::uint16_t>(360 * i);
    (void)configuration.schedule->points.push_back({minute, 2000});
  }
  configuration.slots = static_cast<std::uint16_t>(kSlotsOfBoards | max_airtime_permille << 5U);
  const auto interval_s = static_cast<std::uint16_t>(1 + max_airtime_permille % kLongestInterval_s);
  const MacAddress mac = board_address(board);
  if (!core(acting())->set_config(local_now(), mac, {}, interval_s)) return false;
  if (!core(acting())->configure(local_now(), mac, configuration)) return false;
  configurations_[board] = {configuration, interval_s};
  return true;
}

bool HubBox::all_configured() const {
  return std::all_of(configurations_.begin(), configurations_.end(), [this](const auto& told) {
    return on() && owner_->role->configured(board_address(told.first));
  });
}

const HubBox::Wanted* HubBox::confirmed_configuration(std::uint32_t board) const {
  const auto found = configurations_.find(board);
  const bool confirmed =
      found != configurations_.end() && on() && owner_->role->configured(board_address(board));
  return confirmed ? &found->second : nullptr;
}

void HubBox::send(ServerId server, const MacAddress& gateway, const MacAddress& mac,
                  DownClass down_class, ByteView body, std::uint32_t command,
                  std::uint32_t expires_s) {
  (void)server;
  const OutsideCore port;
  if (acting_ != owner_.get()) ++deposed_acts_;
  check_counter(mac, body);
  const auto number = gateway_number(gateway);
  if (!number || *number >= settings_.gateways) return;
  scene_.backbone.publish_down(scene_.now, *number, mac, down_class, body, command, expires_s);
}

/// The counter of each frame lies within what the store has reserved for its session.
void HubBox::check_counter(const MacAddress& mac, ByteView body) {
  const auto sealed = wire::parse_sealed(body);
  const auto board = board_number(mac);
  if (!sealed || !board) return;
  const auto reserved = store_.reserved_until(mac, sealed->header.session);
  // The frame has the low 16 bits only.
  const bool within = reserved && *reserved > 0 &&
                      session::restore_counter(*reserved - 1, sealed->header.counter) < *reserved;
  if (!within) scene_.watch.on_unreserved_counter(scene_.now, *board, sealed->header.counter);
}

void HubBox::on_command_ended(const MacAddress& mac, std::uint32_t id,
                              coordinator::CommandState state) {
  const OutsideCore port;
  // What a deposed owner tells of a command that was never stored reaches nobody; its successor has
  // given that identity to another one.
  if (acting_ != owner_.get()) return;
  if (const auto board = board_number(mac)) {
    scene_.watch.on_command_ended(scene_.now, *board, id, state);
  }
}

/// Also what a board shall keep to that has joined anew.
void HubBox::list_keyed() {
  keyed_stale_ = false;
  for (const auto& [board, wanted] : configurations_) {
    const MacAddress mac = board_address(board);
    (void)acting().role->restore_config(mac, {}, wanted.report_interval_s);
    (void)acting().role->restore_configuration(mac, wanted.configuration);
  }
  keyed_changed_ = true;
  std::vector<MacAddress> macs(owner_->nodes.size());
  macs.resize(std::min(acting().role->keyed({macs.data(), macs.size()}), macs.size()));
  keyed_.clear();
  for (const MacAddress& mac : macs) {
    keyed_.insert(keyed_.end(), mac.octets.begin(), mac.octets.end());
  }
}

}  // namespace espial::sim
