#include "core/session/session.hpp"

#include <algorithm>
#include <cstring>

#include "core/port/radio.hpp"

namespace espial::session {
namespace {

constexpr std::uint8_t kStateVersion = 1;
constexpr std::size_t kStateCheckSize = 12;
constexpr std::size_t kStateBodySize = Session::kStateSize - kStateCheckSize;
/// The shortest inner packet is a header alone.
constexpr std::size_t kMinPlaintext = 2;

static_assert(kStateBodySize == 4 + 8 + 2 * kKeySize + ReplayWindow::kStateSize);
static_assert(wire::kSealTagSize == kTagSize);

bool lies_within(const std::uint8_t* pointer, MutableByteView buffer) {
  // As numbers: pointers into different buffers have no order of their own.
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  const auto begin = reinterpret_cast<std::uintptr_t>(buffer.data());
  return address >= begin && address - begin < buffer.size();
}

OpenStatus status_of(wire::Refusal refusal) {
  return refusal == wire::Refusal::kNotOurs || refusal == wire::Refusal::kBadValue
             ? OpenStatus::kWrongSession
             : OpenStatus::kTooShort;
}

}  // namespace

Session::Session(Side side, ServerId server, std::uint8_t session_id, const SessionKeys& keys,
                 bool between_peers)
    : side_(side), server_(server), id_(session_id), between_peers_(between_peers), keys_(keys) {}

Sealed Session::seal(Crypto& crypto, Listening listening, ByteView plaintext, MutableByteView out) {
  if (next_counter_ >= reserved_until_) return {SealStatus::kCounterNotReserved, {}, 0};
  const std::size_t size = wire::sealed_size(plaintext.size());
  if (plaintext.size() < kMinPlaintext || size > out.size() || size > kMaxBodyV2) return {};

  std::uint8_t* const ciphertext = out.data() + (size - kTagSize - plaintext.size());
  if (lies_within(plaintext.data(), out) && plaintext.data() != ciphertext) {
    std::memmove(ciphertext, plaintext.data(), plaintext.size());
    plaintext = {ciphertext, plaintext.size()};
  }
  wire::SealedHeader header;
  header.server = server_;
  header.session = id_;
  header.counter = static_cast<std::uint16_t>(next_counter_);
  header.down = side_ == Side::kCoordinator;
  header.listening = listening == Listening::kYes;
  header.peer = between_peers_;
  if (wire::encode_sealed_header(header, plaintext.size(), out) == 0) return {};

  const ByteView body(out.data(), size);
  crypto.seal(side_ == Side::kNode ? keys_.uplink : keys_.downlink, next_counter_,
              wire::associated_data(body), plaintext, ciphertext);
  return {SealStatus::kOk, body, next_counter_++};
}

Opened Session::open(Crypto& crypto, ByteView body, MutableByteView out) {
  const auto frame = wire::parse_sealed(body);
  Opened opened;
  if (!frame) {
    opened.status = status_of(frame.refusal());
    return opened;
  }
  opened = examine(*frame);
  if (opened.status != OpenStatus::kOk) return opened;
  if (frame->sealed.size() - kTagSize > out.size()) {
    opened.status = OpenStatus::kTooLong;
    return opened;
  }
  finish(crypto, *frame, out.data(), opened);
  return opened;
}

Opened Session::open_in_place(Crypto& crypto, MutableByteView body) {
  const auto frame = wire::parse_sealed(body);
  Opened opened;
  if (!frame) {
    opened.status = status_of(frame.refusal());
    return opened;
  }
  opened = examine(*frame);
  if (opened.status != OpenStatus::kOk) return opened;
  finish(crypto, *frame, body.data() + (body.size() - frame->sealed.size()), opened);
  return opened;
}

Opened Session::examine(const wire::SealedFrame& frame) const {
  const wire::SealedHeader& header = frame.header;
  Opened opened;
  opened.listening = header.listening;
  opened.more = header.more;
  // No frame has server 0, so an invalid session opens nothing.
  if (header.peer != between_peers_ || header.server != server_ || header.session != id_ ||
      header.down != (side_ == Side::kNode)) {
    opened.status = OpenStatus::kWrongSession;
    return opened;
  }
  opened.counter = window_.restore(header.counter);
  switch (window_.check(opened.counter)) {
    case ReplayWindow::Verdict::kAcceptable:
      opened.status = OpenStatus::kOk;
      break;
    case ReplayWindow::Verdict::kSeen:
      opened.status = OpenStatus::kReplayed;
      break;
    case ReplayWindow::Verdict::kTooOld:
      opened.status = OpenStatus::kTooOld;
      break;
  }
  return opened;
}

void Session::finish(Crypto& crypto, const wire::SealedFrame& frame, std::uint8_t* out,
                     Opened& opened) {
  const Key& key = side_ == Side::kNode ? keys_.downlink : keys_.uplink;
  if (!crypto.open(key, opened.counter, frame.associated_data, frame.sealed, out)) {
    opened.status = OpenStatus::kNotAuthentic;
    return;
  }
  opened.overtaken = opened.counter < window_.highest();
  window_.accept(opened.counter);
  opened.plaintext = {out, frame.sealed.size() - kTagSize};
}

void Session::reserve(std::uint64_t limit) {
  if (valid()) reserved_until_ = std::max(reserved_until_, limit);
}

Session::State Session::save(Crypto& crypto) const {
  State state{};
  ByteWriter out(state);
  out.u8(kStateVersion).u8(static_cast<std::uint8_t>(side_)).u8(server_.value).u8(id_);
  out.u64(std::max(next_counter_, reserved_until_)).bytes(keys_.uplink).bytes(keys_.downlink);
  window_.save(out);
  out.bytes(ByteView(crypto.sha256(out.written())).subview(0, kStateCheckSize));
  return state;
}

std::optional<Session> Session::load(Crypto& crypto, ByteView state) {
  if (state.size() != kStateSize) return std::nullopt;
  const ByteView body = state.subview(0, kStateBodySize);
  if (!crypto.equal(ByteView(crypto.sha256(body)).subview(0, kStateCheckSize),
                    state.subview(kStateBodySize))) {
    return std::nullopt;
  }
  ByteReader in(body);
  if (in.u8() != kStateVersion) return std::nullopt;
  const std::uint8_t side = in.u8();
  Session session;
  session.server_ = {in.u8()};
  if (side > static_cast<std::uint8_t>(Side::kCoordinator) || !session.valid()) return std::nullopt;
  session.side_ = static_cast<Side>(side);
  session.id_ = in.u8();
  session.next_counter_ = session.reserved_until_ = in.u64();
  in.copy(session.keys_.uplink);
  in.copy(session.keys_.downlink);
  session.window_.load(in);
  return session;
}

void Session::retain(ByteWriter& out) const {
  out.u8(id_).u64(next_counter_).bytes(keys_.uplink).bytes(keys_.downlink);
  window_.save_recent(out);
}

Session Session::from_retained(ServerId server, ByteReader& in) {
  Session session;
  session.server_ = server;
  session.id_ = in.u8();
  session.next_counter_ = session.reserved_until_ = in.u64();
  in.copy(session.keys_.uplink);
  in.copy(session.keys_.downlink);
  session.window_.load_recent(in);
  return session;
}

void Session::wipe(Crypto& crypto) {
  crypto.wipe(keys_.uplink);
  crypto.wipe(keys_.downlink);
  *this = Session();
}

}  // namespace espial::session
