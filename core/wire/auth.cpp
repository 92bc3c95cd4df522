#include "core/wire/auth.hpp"

#include <algorithm>

#include "core/wire/detail.hpp"

namespace espial::wire {
namespace {

constexpr std::size_t kMaxAuthSize = 256;

/// How the part from byte 5 on is divided.
struct StepSizes {
  std::size_t key = 0;
  std::size_t plaintext = 0;  ///< at least; Hello and Welcome are extensible
};

constexpr StepSizes step_sizes(AuthStep step) {
  switch (step) {
    case AuthStep::kJoin:
      return {kEphemeralKeySize, kHelloSize};
    case AuthStep::kJoinAccept:
      return {kEphemeralKeySize, kJoinWelcomeSize};
    case AuthStep::kResume:
      return {kResumeRandomSize, kHelloSize};
    case AuthStep::kResumeAccept:
      return {kResumeRandomSize, kWelcomeSize};
    case AuthStep::kRefused:
      break;
  }
  return {};
}

bool valid_reason(std::uint8_t reason) {
  return reason >= static_cast<std::uint8_t>(RefusedReason::kUnknownKey) &&
         reason <= static_cast<std::uint8_t>(RefusedReason::kClosedByServer);
}

/// The part by step, `rest` being what follows byte 4.
Refusal parse_step(ByteView rest, AuthFrame& frame) {
  if (frame.header.step == AuthStep::kRefused) {
    constexpr std::size_t kSize = kRefusedSize - kAuthHeaderSize;
    const auto refusal = detail::check_size(rest.size(), kSize, kSize);
    if (refusal != Refusal::kNone) return refusal;
    if (!valid_reason(rest[0])) return Refusal::kBadValue;
    frame.reason = static_cast<RefusedReason>(rest[0]);
    frame.proof = rest.subview(1);
    return Refusal::kNone;
  }
  const StepSizes sizes = step_sizes(frame.header.step);
  if (rest.size() < sizes.key + sizes.plaintext + kAuthTagSize) return Refusal::kTooShort;
  frame.key = rest.subview(0, sizes.key);
  frame.sealed = rest.subview(sizes.key);
  frame.message = rest;
  return Refusal::kNone;
}

}  // namespace

Parsed<AuthFrame> parse_auth(ByteView body) {
  const auto packet = detail::parse_plain(body, PacketType::kAuth);
  if (!packet) return packet.refusal();
  if (packet->flags < 1 || packet->flags > 5) return Refusal::kBadValue;
  if (body.size() > kMaxAuthSize) return Refusal::kBadLength;
  if (body.size() < kAuthHeaderSize) return Refusal::kTooShort;

  AuthFrame frame;
  frame.body = body;
  frame.header.step = static_cast<AuthStep>(packet->flags);
  frame.header.server = {body[2]};
  frame.header.generation = body[4];
  const auto refusal = parse_step(body.subview(kAuthHeaderSize), frame);
  if (refusal != Refusal::kNone) return refusal;
  if (body[2] == 0 || body[3] > static_cast<std::uint8_t>(KeyId::kPair)) return Refusal::kBadValue;
  frame.header.key_id = static_cast<KeyId>(body[3]);
  return frame;
}

Parsed<Hello> parse_hello(ByteView plaintext) {
  ByteReader reader(plaintext);
  Hello hello;
  hello.version = reader.u8();
  const std::uint8_t capabilities = reader.u8();
  hello.long_bodies = detail::bit(capabilities, 0);
  hello.always_listening = detail::bit(capabilities, 1);
  hello.wanted_module = {reader.u8()};
  hello.receive_limit_log2 = reader.u8();
  hello.stream_id = reader.u32();
  if (!reader.ok()) return Refusal::kTooShort;
  if (hello.receive_limit_log2 > kMaxReceiveLimitLog2) return Refusal::kBadValue;
  return hello;
}

Parsed<Welcome> parse_welcome(ByteView plaintext, AuthStep step) {
  ByteReader reader(plaintext);
  Welcome welcome;
  welcome.session = reader.u8();
  welcome.module = {reader.u8()};
  const std::uint64_t unix_time_ms = reader.u64();
  welcome.zone_minutes = reader.i16();
  if (step == AuthStep::kJoinAccept) {
    welcome.generation = reader.u8();
    reader.copy(welcome.node_key);
    const ByteView discovery_key = reader.rest();
    if (discovery_key.size() >= kMaxJoinWelcomeSize - kJoinWelcomeSize) {
      ByteReader(discovery_key).copy(welcome.discovery_key.emplace());
    }
  }
  if (!reader.ok()) return Refusal::kTooShort;
  if (unix_time_ms > kMaxTime_ms) return Refusal::kBadValue;
  welcome.time = {static_cast<std::int64_t>(unix_time_ms)};
  return welcome;
}

std::size_t encode_auth_header(const AuthHeader& header, std::size_t rest_size,
                               MutableByteView out) {
  if (header.server.value == 0 || kAuthHeaderSize + rest_size > kMaxAuthSize) return 0;
  const unsigned first =
      (static_cast<unsigned>(PacketType::kAuth) << 4) | static_cast<unsigned>(header.step);
  return ByteWriter(out)
      .u8(static_cast<std::uint8_t>(first))
      .u8(static_cast<std::uint8_t>(kAuthHeaderSize - 2 + rest_size))
      .u8(header.server.value)
      .u8(static_cast<std::uint8_t>(header.key_id))
      .u8(header.generation)
      .size();
}

std::size_t encode_refused(const AuthHeader& header, RefusedReason reason, ByteView proof,
                           MutableByteView out) {
  AuthHeader refused = header;
  refused.step = AuthStep::kRefused;
  constexpr std::array<std::uint8_t, kRefusedProofSize> kNoProof{};
  const ByteView shown = proof.empty() ? ByteView(kNoProof) : proof;
  if (out.size() < kRefusedSize || shown.size() != kRefusedProofSize) return 0;
  if (encode_auth_header(refused, kRefusedSize - kAuthHeaderSize, out) == 0) return 0;
  out[kAuthHeaderSize] = static_cast<std::uint8_t>(reason);
  std::copy(shown.begin(), shown.end(), out.data() + kRefusedSignedSize);
  return kRefusedSize;
}

std::size_t encode(const Hello& hello, MutableByteView out) {
  if (hello.receive_limit_log2 > kMaxReceiveLimitLog2) return 0;
  return ByteWriter(out)
      .u8(hello.version)
      .u8(detail::bits(hello.long_bodies, hello.always_listening))
      .u8(hello.wanted_module.value)
      .u8(hello.receive_limit_log2)
      .u32(hello.stream_id)
      .size();
}

std::size_t encode_welcome(const Welcome& welcome, AuthStep step, MutableByteView out) {
  if (welcome.time.ms < 0 || welcome.time.ms > kMaxTime_ms) return 0;
  ByteWriter writer(out);
  writer.u8(welcome.session)
      .u8(welcome.module.value)
      .u64(static_cast<std::uint64_t>(welcome.time.ms))
      .i16(welcome.zone_minutes);
  if (step == AuthStep::kJoinAccept) {
    writer.u8(welcome.generation).bytes(welcome.node_key);
    if (welcome.discovery_key) writer.bytes(*welcome.discovery_key);
  }
  return writer.size();
}

}  // namespace espial::wire
