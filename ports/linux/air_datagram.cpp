#include "ports/linux/air_datagram.hpp"

#include <algorithm>

#include "core/port/radio.hpp"

namespace espial::air_datagram {
namespace {

MacAddress read_mac(ByteView bytes, std::size_t offset) {
  MacAddress mac;
  std::copy_n(bytes.begin() + offset, mac.octets.size(), mac.octets.begin());
  return mac;
}

std::uint16_t read_u16(ByteView bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] | (bytes[offset + 1] << 8));
}

std::optional<Message> parse_attach(ByteView d) {
  if (d.size() != 16) return std::nullopt;
  const Attach attach{read_mac(d, 1), read_mac(d, 7), Channel{d[13]}, read_u16(d, 14)};
  const bool known_size = attach.max_body_size == kMaxBodyV1 || attach.max_body_size == kMaxBodyV2;
  if (!attach.channel.valid() || !known_size) return std::nullopt;
  return attach;
}

std::optional<Message> parse_received(ByteView d) {
  if (d.size() < 15 || d.size() - 15 > kMaxBodyV2 || !Channel{d[14]}.valid()) return std::nullopt;
  return Received{read_mac(d, 1), read_mac(d, 7), static_cast<std::int8_t>(d[13]), Channel{d[14]},
                  d.subview(15)};
}

class Writer {
 public:
  explicit Writer(char name) { bytes_.push_back(static_cast<std::uint8_t>(name)); }
  Writer& u8(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
  }
  Writer& u16(std::uint16_t value) {
    return u8(static_cast<std::uint8_t>(value & 0xff)).u8(static_cast<std::uint8_t>(value >> 8));
  }
  Writer& bytes(ByteView view) {
    bytes_.insert(bytes_.end(), view.begin(), view.end());
    return *this;
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

struct Encoder {
  std::vector<std::uint8_t> operator()(const Attach& m) const {
    return Writer('A')
        .bytes(m.address.octets)
        .bytes(m.second_address.octets)
        .u8(m.channel.number)
        .u16(m.max_body_size)
        .take();
  }
  std::vector<std::uint8_t> operator()(const SetChannel& m) const {
    return Writer('C').u8(m.channel.number).take();
  }
  std::vector<std::uint8_t> operator()(const Send& m) const {
    return Writer('S').u16(m.id).bytes(m.destination.octets).bytes(m.body).take();
  }
  std::vector<std::uint8_t> operator()(const Detach&) const { return Writer('X').take(); }
  std::vector<std::uint8_t> operator()(const Attached&) const { return Writer('a').take(); }
  std::vector<std::uint8_t> operator()(const Received& m) const {
    return Writer('R')
        .bytes(m.source.octets)
        .bytes(m.destination.octets)
        .u8(static_cast<std::uint8_t>(m.rssi_dbm))
        .u8(m.channel.number)
        .bytes(m.body)
        .take();
  }
  std::vector<std::uint8_t> operator()(const Sent& m) const {
    return Writer('D').u16(m.id).u8(m.acknowledged ? 1 : 0).take();
  }
};

}  // namespace

std::optional<Message> parse(ByteView d) {
  if (d.empty()) return std::nullopt;
  switch (d[0]) {
    case 'A':
      return parse_attach(d);
    case 'C':
      if (d.size() != 2 || !Channel{d[1]}.valid()) return std::nullopt;
      return SetChannel{Channel{d[1]}};
    case 'S':
      if (d.size() < 9 || d.size() - 9 > kMaxBodyV2) return std::nullopt;
      return Send{read_u16(d, 1), read_mac(d, 3), d.subview(9)};
    case 'X':
      if (d.size() != 1) return std::nullopt;
      return Detach{};
    case 'a':
      if (d.size() != 1) return std::nullopt;
      return Attached{};
    case 'R':
      return parse_received(d);
    case 'D':
      if (d.size() != 4 || d[3] > 1) return std::nullopt;
      return Sent{read_u16(d, 1), d[3] == 1};
    default:
      return std::nullopt;
  }
}

std::vector<std::uint8_t> encode(const Message& message) { return std::visit(Encoder{}, message); }

}  // namespace espial::air_datagram
