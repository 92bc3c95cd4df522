// Rooms with the coordinator: who is bound to whom, kept over resets.

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/node/rooms.hpp"

namespace espial::node {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr MacAddress kAnybody{};

}  // namespace

std::uint8_t Bond::session_id() const {
  const bool subscriber = role == wire::Role::kSubscriber;
  const unsigned first = subscriber ? slot : peer_slot;
  const unsigned second = subscriber ? peer_slot : slot;
  return static_cast<std::uint8_t>(first << 4U | second);
}

Rooms::Rooms(Instant now, ServerId server, const MacAddress& own, const Ports& ports,
             Span<Bond> bonds)
    : started_at_(now),
      server_(server),
      own_(own),
      ports_(ports),
      bonds_(bonds.data(), std::min(bonds.size(), kMaxBonds)) {
  for (Bond& bond : bonds_) bond = {};
  life_ = ports_.random.u32();
  load();
}

/// The record: |1|server| and for each bond |role|slot|peer slot|kind|peer MAC[6]|key[32]|.
void Rooms::load() {
  std::array<std::uint8_t, kMaxSettingSize> record;
  const std::size_t size = ports_.settings.load(SettingKey::kRooms, record);
  if (size > record.size()) return;
  ByteReader in(ByteView(record).subview(0, size));
  const bool ours = in.u8() == kVersion && in.u8() == server_.value;
  for (Bond& bond : bonds_) {
    if (!ours || in.left() < kBondRecordSize) break;
    bond.role = in.u8() == 0 ? wire::Role::kSubscriber : wire::Role::kProvider;
    bond.slot = in.u8();
    bond.peer_slot = in.u8();
    bond.kind = in.u8();
    bond.peer = in.mac();
    in.copy(bond.key);
    bond.used = bond.bound = true;
    // A new session asks at once. One that goes on knows, and a sleeper's wake stays short.
    bond.ask_at = started_at_ + kBondConfirm;
  }
  ports_.crypto.wipe(record);
}

bool Rooms::save() {
  std::array<std::uint8_t, kMaxSettingSize> record;
  ByteWriter out(record);
  out.u8(kVersion).u8(server_.value);
  for (const Bond& bond : bonds_) {
    if (!bond.bound) continue;
    out.u8(static_cast<std::uint8_t>(bond.role)).u8(bond.slot).u8(bond.peer_slot).u8(bond.kind);
    out.mac(bond.peer).bytes(bond.key);
  }
  const bool saved = ports_.settings.save(SettingKey::kRooms, out.written());
  ports_.crypto.wipe(record);
  return saved;
}

std::uint8_t Rooms::index_of(const Bond& bond) const {
  return static_cast<std::uint8_t>(&bond - bonds_.data());
}

Bond* Rooms::find(const MacAddress& peer, wire::Role role, std::uint8_t session) {
  for (Bond& bond : bonds_) {
    if (bond.bound && bond.peer == peer && bond.role == role && bond.session_id() == session) {
      return &bond;
    }
  }
  return nullptr;
}

bool Rooms::bind(Instant now, std::uint8_t slot, std::uint8_t kind, const MacAddress& provider) {
  if (!wire::valid_slot(slot) || !wire::valid_kind(kind)) return false;
  Bond* place = nullptr;
  for (Bond& bond : bonds_) {
    const bool same = bond.used && bond.role == wire::Role::kSubscriber && bond.slot == slot &&
                      bond.kind == kind && (provider == kAnybody || bond.peer == provider);
    if (same) return true;
    if (!bond.used && place == nullptr) place = &bond;
  }
  if (place == nullptr) return false;
  *place = {};
  place->used = true;
  place->slot = slot;
  place->kind = kind;
  place->peer = provider;
  place->ask_at = now;
  return true;
}

void Rooms::unbind(Instant now, std::uint8_t slot) {
  for (Bond& bond : bonds_) {
    if (!bond.used || bond.role != wire::Role::kSubscriber || bond.slot != slot) continue;
    bond.leaving = bond.session.valid();
    if (!bond.leaving) end_bond(now, bond);
  }
}

void Rooms::begin_session() {
  for (Bond& bond : bonds_) {
    if (bond.used) bond.ask_at = {};
  }
}

Instant Rooms::send_at() const {
  Instant earliest = kNever;
  for (const Bond& bond : bonds_) {
    if (bond.used) earliest = std::min(earliest, bond.ask_at);
  }
  return earliest;
}

void Rooms::append_first(Instant now, const Around&, wire::PacketsBuilder& packets) {
  for (Bond& bond : bonds_) {
    if (!bond.used || bond.ask_at > now) continue;
    wire::Subscribe subscribe;
    subscribe.role = bond.role;
    subscribe.request = static_cast<std::uint8_t>(index_of(bond) + 1);
    subscribe.slot = bond.slot;
    subscribe.kind = bond.kind;
    subscribe.peer = bond.peer;
    if (bond.role == wire::Role::kProvider) subscribe.peer_slot = bond.peer_slot;
    if (!packets.append(subscribe)) return;
    bond.ask_at = now + kBondAskAgain;
  }
}

void Rooms::failed(Instant, std::uint32_t) {}

Taking Rooms::on_packet(Instant now, const Around& around, wire::Packet& packet) {
  if (packet.type != wire::PacketType::kSuback) return Taking::kNotOurs;
  auto suback = wire::parse_suback(packet);
  if (!suback) {
    around.counters.add(Count::kBadInner);
    return Taking::kTaken;
  }
  wire::Suback said = *suback;
  on_suback(now, said);
  ports_.crypto.wipe(said.pair_key);
  return Taking::kTaken;
}

void Rooms::on_suback(Instant now, const wire::Suback& suback) {
  if (suback.success) {
    Bond* const bond = place_for(now, suback);
    if (bond == nullptr) return;
    bond->ask_at = now + kBondConfirm;
    const bool known = bond->bound && ports_.crypto.equal(bond->key, suback.pair_key) &&
                       bond->peer == suback.peer && bond->peer_slot == suback.peer_slot;
    if (known) return;
    bond->used = bond->bound = true;
    bond->role = suback.role;
    bond->slot = suback.slot;
    bond->peer_slot = suback.peer_slot;
    bond->kind = suback.kind;
    bond->peer = suback.peer;
    bond->key = suback.pair_key;
    bond->session.wipe(ports_.crypto);
    // What can't be kept is asked for again, and holds until the next reset.
    if (!save()) bond->ask_at = now + kBondAskAgain;
    ports_.events.on_bound(now, *bond);
    return;
  }
  const std::size_t index = suback.request - std::size_t{1};
  if (index >= bonds_.size() || !bonds_[index].used) return;
  Bond& bond = bonds_[index];
  if (bond.role != suback.role || bond.slot != suback.slot || bond.kind != suback.kind) return;
  if (bond.bound) {
    end_bond(now, bond);
  } else {
    bond.ask_at = now + kBondNobody;
  }
}

/// The bond that a SUBACK speaks of: this pair's, the wish that it answers, or a free one.
Bond* Rooms::place_for(Instant now, const wire::Suback& suback) {
  for (Bond& bond : bonds_) {
    const bool same = bond.bound && bond.role == suback.role && bond.slot == suback.slot &&
                      bond.peer == suback.peer && bond.peer_slot == suback.peer_slot;
    if (same) return &bond;
  }
  const std::size_t index = suback.request - std::size_t{1};
  if (suback.role == wire::Role::kSubscriber) {
    if (index >= bonds_.size()) return nullptr;
    Bond& bond = bonds_[index];
    const bool asked = bond.used && bond.role == suback.role && bond.slot == suback.slot &&
                       bond.kind == suback.kind &&
                       (bond.peer == kAnybody || bond.peer == suback.peer);
    return asked ? &bond : nullptr;
  }
  Bond* place = nullptr;
  for (Bond& bond : bonds_) {
    if (!bond.used) return &bond;
    if (bond.role == wire::Role::kProvider && !bond.here) place = &bond;
  }
  if (place != nullptr) end_bond(now, *place);
  return place;
}

void Rooms::end_bond(Instant now, Bond& bond) {
  for (std::size_t i = presses_.size(); i-- > 0;) {
    if (presses_[i].bond == index_of(bond)) presses_.erase(i);
  }
  // What its peer asked for last is nothing that another bond in its place may answer.
  if (answering_ == index_of(bond)) accept_due_ = false;
  if (pending_bond_ == index_of(bond)) pending_.wipe(ports_.crypto);
  if (bond.bound) ports_.events.on_unbound(now, bond);
  const bool kept = bond.bound;
  bond.session.wipe(ports_.crypto);
  ports_.crypto.wipe(bond.key);
  bond = {};
  if (kept) (void)save();
}

}  // namespace espial::node
