#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "core/wire/acknowledgement.hpp"
#include "core/wire/auth.hpp"
#include "core/wire/command.hpp"
#include "core/wire/fragment.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/report.hpp"
#include "core/wire/sealed.hpp"
#include "core/wire/search.hpp"
#include "core/wire/session_packets.hpp"
#include "core/wire/value.hpp"

namespace espial::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

ByteView view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

Bytes any_bytes(std::size_t minimum, std::size_t maximum) {
  const auto size = *rc::gen::inRange(minimum, maximum + 1);
  return *rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>());
}

std::uint8_t any_slot() {
  const auto slot = *rc::gen::inRange<std::uint8_t>(0, 13);
  return slot == 12 ? kModuleSlot : slot;
}

std::uint8_t any_kind() { return *rc::gen::inRange<std::uint8_t>(1, 255); }

template <class T>
T any() {
  return *rc::gen::arbitrary<T>();
}

/// A whole range, ends as likely as the middle: lengths change their form near the ends.
std::uint32_t any_size_of_number() { return any<std::uint32_t>() >> *rc::gen::inRange(0, 32); }

template <class T>
Bytes encoded(const T& packet, std::size_t room = 4096) {
  Bytes out(room);
  out.resize(encode(packet, {out.data(), out.size()}));
  return out;
}

RC_GTEST_PROP(RoundTrip, Report, ()) {
  Bytes readings;
  const int count = *rc::gen::inRange(1, 6);
  for (int i = 0; i < count; ++i) {
    const Bytes value = any_bytes(0, kMaxValueSize);
    const Bytes reading = encoded(Reading{any_slot(), any_kind(), view(value)});
    RC_ASSERT(reading.size() == reading_size(value.size()));
    readings.insert(readings.end(), reading.begin(), reading.end());
  }
  Report report;
  report.stream = any<bool>() ? Stream::kEvents : Stream::kReadings;
  report.acknowledged = any<bool>();
  if (report.acknowledged) {
    report.sequence = any<std::uint16_t>();
    report.held = static_cast<std::uint16_t>(any_size_of_number());
  }
  report.age_ms = any_size_of_number();
  report.readings = view(readings);

  const Bytes bytes = encoded(report);
  RC_ASSERT(bytes.size() == report_size(report));
  const auto packet = parse_packet(view(bytes));
  RC_ASSERT(static_cast<bool>(packet));
  const auto back = parse_report(*packet);
  RC_ASSERT(static_cast<bool>(back));
  RC_ASSERT(back->stream == report.stream && back->acknowledged == report.acknowledged);
  RC_ASSERT(back->sequence == report.sequence && back->held == report.held);
  RC_ASSERT(back->age_ms == report.age_ms);
  RC_ASSERT(equal(back->readings, report.readings));
  int walked = 0;
  for (const Reading& reading : *parse_readings(back->readings)) {
    RC_ASSERT(valid_slot(reading.slot));
    ++walked;
  }
  RC_ASSERT(walked == count);
}

RC_GTEST_PROP(RoundTrip, AnEncoderWritesNothingWhereThereIsNoRoom, ()) {
  const Bytes value = any_bytes(0, kMaxValueSize);
  const Command command{
      any<std::uint32_t>(), any<std::uint32_t>(), {any_slot(), any_kind(), view(value)}};
  const std::size_t size = encoded(command).size();
  RC_ASSERT(size > 0u);
  const auto room = *rc::gen::inRange<std::size_t>(0, size + 3);
  Bytes out(size + 3, 0xee);
  const std::size_t written = encode(command, {out.data(), room});
  RC_ASSERT(written == (room >= size ? size : 0u));
  const auto untouched = out.begin() + static_cast<std::ptrdiff_t>(written);
  RC_ASSERT(std::all_of(untouched, out.end(), [](std::uint8_t byte) { return byte == 0xee; }));
}

RC_GTEST_PROP(RoundTrip, Command, ()) {
  const Bytes value = any_bytes(0, kMaxValueSize);
  const Command command{
      any<std::uint32_t>(), any<std::uint32_t>(), {any_slot(), any_kind(), view(value)}};
  const Bytes bytes = encoded(command);
  const auto back = parse_command(*parse_packet(view(bytes)));
  RC_ASSERT(static_cast<bool>(back));
  RC_ASSERT(back->id == command.id && back->expiry_s == command.expiry_s);
  RC_ASSERT(back->reading.slot == command.reading.slot);
  RC_ASSERT(back->reading.kind == command.reading.kind);
  RC_ASSERT(equal(back->reading.value, view(value)));
}

RC_GTEST_PROP(RoundTrip, StoredAndFragack, ()) {
  const Stored stored{any<bool>() ? Stream::kEvents : Stream::kReadings, any<std::uint16_t>(),
                      any_size_of_number()};
  const Bytes stored_bytes = encoded(stored);
  const auto stored_back = parse_stored(*parse_packet(view(stored_bytes)));
  RC_ASSERT(static_cast<bool>(stored_back));
  RC_ASSERT(stored_back->floor == stored.floor && stored_back->bitmap == stored.bitmap);
  RC_ASSERT(stored_back->stream == stored.stream);

  Fragack fragack;
  fragack.message = any<std::uint16_t>();
  fragack.unit = *rc::gen::nonZero<std::uint16_t>();
  fragack.floor = any<std::uint16_t>();
  fragack.bitmap = any_size_of_number();
  const Bytes fragack_bytes = encoded(fragack);
  const auto fragack_back = parse_fragack(*parse_packet(view(fragack_bytes)));
  RC_ASSERT(static_cast<bool>(fragack_back));
  RC_ASSERT(fragack_back->bitmap == fragack.bitmap && fragack_back->unit == fragack.unit);
}

RC_GTEST_PROP(RoundTrip, SealedOfEverySize, ()) {
  const auto plaintext_size = *rc::gen::inRange<std::size_t>(2, 1447);
  SealedHeader header;
  header.server = {*rc::gen::nonZero<std::uint8_t>()};
  header.session = any<std::uint8_t>();
  header.counter = any<std::uint16_t>();
  header.down = any<bool>();
  header.more = any<bool>();
  header.peer = any<bool>();
  Bytes body(sealed_size(plaintext_size));
  const std::size_t header_size =
      encode_sealed_header(header, plaintext_size, {body.data(), body.size()});
  RC_ASSERT(header_size > 0u);
  const auto frame = parse_sealed(view(body));
  RC_ASSERT(static_cast<bool>(frame));
  RC_ASSERT(frame->sealed.size() == plaintext_size + kSealTagSize);
  RC_ASSERT(frame->associated_data.size == header_size);
  RC_ASSERT(frame->header.counter == header.counter && frame->header.more == header.more);
  RC_ASSERT(sealed_room(body.size()) == plaintext_size);
}

RC_GTEST_PROP(RoundTrip, FragmentsOfOnePacket, ()) {
  const Bytes part = any_bytes(1, 1400);
  const auto total =
      *rc::gen::inRange(static_cast<std::uint32_t>(part.size()), kMaxFragmentedSize + 1);
  const auto offset =
      *rc::gen::inRange<std::uint32_t>(0, total - static_cast<std::uint32_t>(part.size()) + 1);
  const Bytes bytes = encoded(Fragment{any<std::uint16_t>(), offset, total, view(part)});
  const auto back = parse_fragment(*parse_packet(view(bytes)));
  RC_ASSERT(static_cast<bool>(back));
  RC_ASSERT(back->offset == offset && back->total == total);
  RC_ASSERT(equal(back->bytes, view(part)));
}

TEST(RoundTripTest, ATimeOfMoreThan48BitsIsNotWritten) {
  EXPECT_FALSE(encoded(PingResponse{{kMaxTime_ms}, 0}).empty());
  EXPECT_TRUE(encoded(PingResponse{{kMaxTime_ms + 1}, 0}).empty());
  Welcome welcome;
  std::array<std::uint8_t, kWelcomeSize> out;
  welcome.time = {kMaxTime_ms};
  EXPECT_EQ(encode_welcome(welcome, AuthStep::kResumeAccept, out), kWelcomeSize);
  welcome.time = {kMaxTime_ms + 1};
  EXPECT_EQ(encode_welcome(welcome, AuthStep::kResumeAccept, out), 0U);
}

/// Every number on the air that lies within a field's limits survives both ways.
RC_GTEST_PROP(RoundTrip, ScaledNumbers, ()) {
  const KindInfo& kind = standard_kinds()[*rc::gen::inRange<std::size_t>(0, 11)];
  FieldValues values;
  for (const FieldInfo& field : kind.fields) {
    const double share = *rc::gen::inRange(0, 1000001) / 1e6;
    const double number = field.minimum + share * (field.maximum - field.minimum);
    RC_ASSERT(values.push_back(any<bool>() ? FieldValue::of(number) : FieldValue::none()));
  }
  std::array<std::uint8_t, 16> first{};
  const auto size = encode_value(kind, values, first);
  RC_ASSERT(size.has_value());
  const auto decoded = decode_value(kind, {first.data(), *size});
  RC_ASSERT(static_cast<bool>(decoded));
  RC_ASSERT(decoded->size() == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& before = values[i].number;
    const auto& after = (*decoded)[i].number;
    RC_ASSERT(before.has_value() == after.has_value());
    if (before) RC_ASSERT(std::abs(*before - *after) <= kind.fields[i].scale * 0.500001);
  }
  std::array<std::uint8_t, 16> second{};
  RC_ASSERT(encode_value(kind, *decoded, second) == size);
  RC_ASSERT(first == second);
}

/// Whatever the air brings: refused, or readable to its end.
RC_GTEST_PROP(AnyBytes, NeverLeadAParserPastTheirEnd, ()) {
  const Bytes bytes = any_bytes(0, 300);
  const auto packets = parse_packets(view(bytes));
  std::size_t walked = 0;
  for (const Packet& packet : *packets) walked += packet.whole.size();
  RC_ASSERT(walked == (packets ? bytes.size() : 0u));
}

}  // namespace
}  // namespace espial::wire
