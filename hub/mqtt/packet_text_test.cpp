#include "hub/mqtt/packet_text.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "hub/mqtt/decode.hpp"

namespace espial::mqtt {
namespace {

std::string hex_byte(unsigned value) {
  char text[5];
  std::snprintf(text, sizeof text, "0x%02x", value & 0xFF);
  return text;
}

std::string with_reason(std::string line, Reason reason) {
  return reason == Reason::kSuccess ? line : line + " " + hex_byte(static_cast<unsigned>(reason));
}

std::string publish_line(const Frame& frame) {
  Publish packet;
  if (is_failure(decode(frame, packet))) return "BROKEN PUBLISH";
  std::string line = packet.duplicate ? "PUBLISH dup" : "PUBLISH";
  if (packet.retain) line += " retain";
  line += " q" + std::to_string(static_cast<int>(packet.qos));
  if (packet.packet_id != 0) line += " #" + std::to_string(packet.packet_id);
  line += " " + std::string(packet.topic);
  return line + " " + std::string(packet.payload.begin(), packet.payload.end());
}

std::string ack_line(const Frame& frame) {
  constexpr const char* kNames[] = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"};
  Ack packet;
  if (is_failure(decode(frame, packet))) return "BROKEN ACK";
  const char* name = kNames[static_cast<int>(frame.type) - static_cast<int>(PacketType::kPuback)];
  return with_reason(std::string(name) + " #" + std::to_string(packet.packet_id), packet.reason);
}

std::string request_line(const Frame& frame) {
  SubscribeRequest request;
  if (is_failure(decode(frame, request))) return "BROKEN SUBSCRIBE";
  const bool subscribe = frame.type == PacketType::kSubscribe;
  std::string line = subscribe ? "SUBSCRIBE" : "UNSUBSCRIBE";
  line += " #" + std::to_string(request.packet_id);
  Subscription one;
  while (next_subscription(request, one)) {
    line += " " + std::string(one.filter);
    if (subscribe) line += ":" + std::to_string(static_cast<int>(one.qos));
    if (one.retain_handling != 0) line += "r" + std::to_string(one.retain_handling);
  }
  return line;
}

std::string line_of(const Frame& frame) {
  Connect connect;
  Disconnect disconnect;
  switch (frame.type) {
    case PacketType::kConnect:
      if (is_failure(decode(frame, connect))) return "BROKEN CONNECT";
      return "CONNECT " + std::string(connect.client_id) + (connect.clean_start ? " clean" : "");
    case PacketType::kPublish:
      return publish_line(frame);
    case PacketType::kPuback:
    case PacketType::kPubrec:
    case PacketType::kPubrel:
    case PacketType::kPubcomp:
      return ack_line(frame);
    case PacketType::kSubscribe:
    case PacketType::kUnsubscribe:
      return request_line(frame);
    case PacketType::kPingreq:
      return "PINGREQ";
    case PacketType::kDisconnect:
      if (is_failure(decode(frame, disconnect))) return "BROKEN DISCONNECT";
      return with_reason("DISCONNECT", disconnect.reason);
    default:
      return "UNEXPECTED type " + std::to_string(static_cast<int>(frame.type));
  }
}

}  // namespace

std::vector<std::uint8_t> from_hex(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  unsigned value = 0;
  unsigned digits = 0;
  for (const char c : hex) {
    if (c == ' ') continue;
    value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    if (++digits % 2 == 0) bytes.push_back(static_cast<std::uint8_t>(value));
  }
  return bytes;
}

std::string to_hex(ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ' ';
    text += hex_byte(byte).substr(2);
  }
  return text;
}

std::vector<std::string> packet_lines(ByteView bytes) {
  std::vector<std::string> lines;
  Frame frame;
  while (!bytes.empty()) {
    if (next_frame(bytes, 1 << 24, frame) != FrameStatus::kComplete) {
      lines.push_back("BROKEN");
      break;
    }
    lines.push_back(line_of(frame));
    bytes = bytes.subview(frame.bytes);
  }
  return lines;
}

TEST(PacketText, SaysWhatIsThere) {
  const std::vector<std::uint8_t> bytes =
      from_hex("40 02 00 07 c0 00 e0 01 04 3a 06 00 01 61 00 07 00 ff");
  EXPECT_EQ(packet_lines({bytes.data(), bytes.size()}),
            (std::vector<std::string>{"PUBACK #7", "PINGREQ", "DISCONNECT 0x04",
                                      "PUBLISH dup q1 #7 a ", "BROKEN"}));
}

}  // namespace espial::mqtt
