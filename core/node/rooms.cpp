#include "core/node/rooms.hpp"

#include <algorithm>

#include "core/wire/packets.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::node {
namespace {

/// The longest plaintext between two nodes: a command, or its end.
constexpr std::size_t kMaxPeerPlaintext = 64;
/// Two clocks may differ by so much in the lifetime of a press.
constexpr Duration kUptimeMargin = Duration::milliseconds(20);

Duration timeout_after(std::uint32_t silences) {
  constexpr std::uint32_t kMaxDoublings = 6;
  const std::int64_t factor = std::int64_t{1} << std::min(silences, kMaxDoublings);
  return std::min(kPeerTimeout * factor, kMaxPeerTimeout);
}

}  // namespace

std::size_t Rooms::press(Instant now, std::uint8_t slot, ByteView value) {
  std::size_t told = 0;
  if (value.size() > kMaxPressValue) return 0;
  for (Bond& bond : bonds_) {
    if (!bond.bound || bond.role != wire::Role::kSubscriber || bond.slot != slot) continue;
    Press press;
    press.bond = index_of(bond);
    press.size = static_cast<std::uint8_t>(value.size());
    press.id = last_press_ + 1;
    press.due_at = now;
    press.until = now + kPressLifetime;
    std::copy(value.begin(), value.end(), press.value.begin());
    if (!presses_.push_back(press)) continue;
    bond.last_press = ++last_press_;
    ++told;
  }
  return told;
}

session::Credentials Rooms::credentials_of(const Bond& bond) const {
  session::Credentials credentials;
  credentials.server = server_;
  credentials.mac = bond.role == wire::Role::kSubscriber ? own_ : bond.peer;
  credentials.key_id = wire::KeyId::kPair;
  credentials.generation = bond.session_id();
  credentials.key = bond.key;
  return credentials;
}

bool Rooms::on_frame(Instant now, const ReceivedFrame& frame) {
  const auto type = wire::peek_type(frame.body);
  if (type == wire::PacketType::kAuth) {
    const auto auth = wire::parse_auth(frame.body);
    if (!auth || auth->header.key_id != wire::KeyId::kPair) return false;
    on_auth(now, frame, *auth);
    return true;
  }
  if (type != wire::PacketType::kSealed) return false;
  const auto sealed = wire::parse_sealed(frame.body);
  return sealed && sealed->header.peer && on_sealed(now, frame, sealed->header);
}

void Rooms::on_auth(Instant now, const ReceivedFrame& frame, const wire::AuthFrame& auth) {
  if (auth.header.step == wire::AuthStep::kResume) {
    Bond* const bond = find(frame.source, wire::Role::kProvider, auth.header.generation);
    if (bond == nullptr) {
      ++counters_.refused;
      return;
    }
    if (now < free_at()) {
      ++counters_.put_off;
      return;
    }
    session::Credentials credentials = credentials_of(*bond);
    wire::Hello hello;
    session::ResumeResponder responder;
    const auto read = responder.read(ports_.crypto, credentials, frame.body, hello);
    ports_.crypto.wipe(credentials.key);
    if (read != session::HandshakeStatus::kOk) {
      ++counters_.refused;
      return;
    }
    responder_ = responder;
    responder.wipe(ports_.crypto);
    answering_ = index_of(*bond);
    asker_life_ = hello.stream_id;
    accept_due_ = true;
    return;
  }
  Bond& bond = bonds_[asking_];
  session::Session session;
  wire::Welcome welcome;
  if (bonds_.empty() || !bond.bound || frame.source != bond.peer ||
      initiator_.on_accept(ports_.crypto, frame.body, session, welcome) !=
          session::HandshakeStatus::kOk) {
    ++counters_.refused;
    return;
  }
  in_session(now, bond, session, now);
  session.wipe(ports_.crypto);
  // What was sent to the provider before its reset may have run: never again.
  const Instant up_since = now - Duration::milliseconds(welcome.time.ms) + kUptimeMargin;
  Press* press = first_press(bond);
  if (press != nullptr && press->sent_at < up_since) end_press(now, *press, PressEnd::kUnknown);
  press = first_press(bond);
  if (press != nullptr) press->due_at = now;
}

void Rooms::in_session(Instant now, Bond& bond, const session::Session& session, Instant since) {
  bond.session = session;
  bond.fresh_at = since;
  // The keys live in memory only: after a reset of either there are others.
  bond.session.reserve(UINT64_MAX);
  bond.silences = 0;
  bond.spoken = false;
  ++counters_.sessions;
  set_here(now, bond, true);
}

void Rooms::set_here(Instant now, Bond& bond, bool here) {
  if (bond.here == here) return;
  bond.here = here;
  ports_.events.on_peer(now, bond);
}

bool Rooms::on_sealed(Instant now, const ReceivedFrame& frame, const wire::SealedHeader& header) {
  const wire::Role role = header.down ? wire::Role::kSubscriber : wire::Role::kProvider;
  Bond* const bond = find(frame.source, role, header.session);
  if (bond == nullptr) {
    ++counters_.refused;
    return true;
  }
  std::array<std::uint8_t, kMaxPeerPlaintext> plaintext;
  session::Opened opened = bond->session.open(ports_.crypto, frame.body, plaintext);
  if (opened.status != session::OpenStatus::kOk && pending_.valid() &&
      pending_bond_ == index_of(*bond)) {
    opened = pending_.open(ports_.crypto, frame.body, plaintext);
    if (opened.status == session::OpenStatus::kOk) {
      // The one before ends only now, or a replayed RESUME would end it.
      in_session(now, *bond, pending_, pending_since_);
      pending_.wipe(ports_.crypto);
      if (bond->subscriber_life != pending_life_) bond->last_press = 0;
      bond->subscriber_life = pending_life_;
    }
  }
  if (opened.status != session::OpenStatus::kOk) {
    ++counters_.refused;
    return true;
  }
  set_here(now, *bond, true);
  on_opened(now, *bond, opened.plaintext);
  return true;
}

void Rooms::on_opened(Instant now, Bond& bond, ByteView plaintext) {
  const auto packets = wire::parse_packets(plaintext);
  if (!packets) return;
  for (const wire::Packet& packet : *packets) {
    if (wire::parse_session_end(packet)) {
      end_bond(now, bond);
      return;
    }
    if (bond.role == wire::Role::kProvider) {
      if (const auto command = wire::parse_command(packet)) on_command(now, bond, *command);
    } else if (const auto end = wire::parse_command_end(packet)) {
      on_end(now, bond, *end);
    }
  }
}

void Rooms::on_command(Instant now, Bond& bond, const wire::Command& command) {
  const bool fits = command.reading.slot == bond.slot && command.reading.kind == bond.kind;
  if (!fits || command.id < bond.last_press) return;
  if (bond.spoken && now < free_at()) {
    ++counters_.put_off;
    return;
  }
  bond.spoken = true;
  if (command.id > bond.last_press) {
    if (now - bond.fresh_at > kPressLifetime) return;
    bond.fresh_at = now;
    bond.last_press = command.id;
    bond.last_outcome = ports_.application.execute(now, command.reading);
    ++counters_.run;
  } else {
    ++counters_.repeated;
  }
  bond.answer_due = true;
}

void Rooms::on_end(Instant now, Bond& bond, const wire::CommandEnd& end) {
  Press* const press = first_press(bond);
  if (press == nullptr || press->id != end.id) return;
  bond.silences = 0;
  bond.fresh_at = now;
  end_press(now, *press,
            end.outcome == wire::Outcome::kExecuted ? PressEnd::kExecuted : PressEnd::kRefused);
}

Rooms::Press* Rooms::first_press(const Bond& bond) {
  for (Press& press : presses_) {
    if (press.bond == index_of(bond)) return &press;
  }
  return nullptr;
}

void Rooms::end_late_presses(Instant now) {
  for (std::size_t i = 0; i < presses_.size();) {
    if (presses_[i].until <= now) {
      end_press(now, presses_[i], PressEnd::kTooLate);
    } else {
      ++i;
    }
  }
}

void Rooms::end_press(Instant now, Press& press, PressEnd how) {
  const Bond& bond = bonds_[press.bond];
  const std::uint32_t id = press.id;
  presses_.erase(static_cast<std::size_t>(&press - presses_.data()));
  ports_.events.on_press_ended(now, bond, id, how);
}

/// Since when its share of the air allows something new.
Instant Rooms::free_at() const {
  return ports_.conduct != nullptr ? ports_.conduct->room_free_at() : Instant{};
}

/// When the press, or the RESUME that has to come before it, may be sent, or it is too late.
Instant Rooms::press_at(const Bond& bond, const Press& press) const {
  const bool goes_on = bond.session.valid() && !bond.spoken;
  return std::min(press.until, goes_on ? press.due_at : std::max(press.due_at, free_at()));
}

Instant Rooms::frame_at() const {
  if (accept_due_) return {};
  Instant earliest = kNever;
  for (const Bond& bond : bonds_) {
    if (bond.answer_due || bond.leaving) return {};
    for (const Press& press : presses_) {
      if (press.bond != index_of(bond)) continue;
      earliest = std::min(earliest, press_at(bond, press));
      break;
    }
  }
  return earliest;
}

PartFrame Rooms::next_frame(Instant now, MutableByteView room) {
  end_late_presses(now);
  const PartFrame frame = due_frame(now, room);
  if (ports_.conduct != nullptr && !frame.body.empty()) {
    ports_.conduct->on_room_frame(now, frame.body.size());
  }
  return frame;
}

PartFrame Rooms::due_frame(Instant now, MutableByteView room) {
  if (accept_due_) return accept_frame(now, room);
  for (Bond& bond : bonds_) {
    if (bond.leaving) return leave_frame(now, bond, room);
    if (!bond.answer_due) continue;
    bond.answer_due = false;
    std::array<std::uint8_t, kMaxPeerPlaintext> plaintext;
    wire::PacketsBuilder packets(plaintext);
    (void)packets.append(wire::CommandEnd{bond.last_press, bond.last_outcome});
    return sealed_frame(bond, packets.bytes(), room);
  }
  for (Bond& bond : bonds_) {
    Press* const press = first_press(bond);
    if (press == nullptr || press_at(bond, *press) > now) continue;
    return press_frame(now, bond, *press, room);
  }
  return {};
}

PartFrame Rooms::leave_frame(Instant now, Bond& bond, MutableByteView room) {
  std::array<std::uint8_t, kMaxPeerPlaintext> plaintext;
  wire::PacketsBuilder packets(plaintext);
  (void)packets.append(wire::SessionEnd{wire::EndReason::kLeaving});
  const PartFrame frame = sealed_frame(bond, packets.bytes(), room);
  end_bond(now, bond);
  return frame;
}

PartFrame Rooms::accept_frame(Instant now, MutableByteView room) {
  accept_due_ = false;
  Bond& bond = bonds_[answering_];
  wire::Welcome welcome;
  welcome.session = bond.session_id();
  welcome.time.ms = (now - started_at_).ms();
  pending_bond_ = answering_;
  pending_life_ = asker_life_;
  pending_since_ = now;
  const ByteView body = responder_.accept(ports_.crypto, ports_.random, welcome, room, pending_);
  pending_.reserve(UINT64_MAX);
  return {bond.peer, body};
}

/// The press itself, or the RESUME that has to come before it.
PartFrame Rooms::press_frame(Instant now, Bond& bond, Press& press, MutableByteView room) {
  if (now - bond.fresh_at > kPeerIdle) bond.session.wipe(ports_.crypto);
  press.due_at = now + timeout_after(bond.silences);
  if (++bond.silences > kPeerTries) {
    bond.session.wipe(ports_.crypto);
    set_here(now, bond, false);
    // The peer may not know of the bond: let the coordinator tell it.
    bond.ask_at = std::min(bond.ask_at, now + kBondAskAgain);
  }
  if (!bond.session.valid()) {
    wire::Hello hello;
    hello.stream_id = life_;
    session::Credentials credentials = credentials_of(bond);
    asking_ = index_of(bond);
    const ByteView body = initiator_.start(ports_.crypto, ports_.random, credentials, hello, room);
    ports_.crypto.wipe(credentials.key);
    return {bond.peer, body};
  }
  bond.spoken = true;
  if (press.sent_at == kNever) press.sent_at = now;
  ++counters_.sent;
  wire::Command command;
  command.id = press.id;
  command.reading = {bond.peer_slot, bond.kind, ByteView(press.value).subview(0, press.size)};
  std::array<std::uint8_t, kMaxPeerPlaintext> plaintext;
  wire::PacketsBuilder packets(plaintext);
  if (!packets.append(command)) return {};
  return sealed_frame(bond, packets.bytes(), room);
}

PartFrame Rooms::sealed_frame(Bond& bond, ByteView packets, MutableByteView room) {
  return {bond.peer,
          bond.session.seal(ports_.crypto, session::Listening::kYes, packets, room).body};
}

}  // namespace espial::node
