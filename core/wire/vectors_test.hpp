#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"
#include "core/wire/refusal.hpp"

/// What the tests of protocol/vectors share: a packet as the JSON of a vector, both ways.
namespace espial::wire {

using Json = nlohmann::ordered_json;
using Bytes = std::vector<std::uint8_t>;

inline constexpr std::size_t kVectorSize = 4096;

struct Decoded {
  Refusal refusal = Refusal::kNone;
  Json fields;
};

/// How one kind of packet is read and written, in terms of a vector's "fields".
struct Codec {
  std::function<Decoded(ByteView)> decode;
  std::function<Bytes(const Json&)> encode;
};
using Codecs = std::map<std::string, Codec>;

/// Sections 2 to 4.
Codecs plain_codecs();
/// Sections 5 to 8.
Codecs inner_codecs();
/// Section 9.
Codecs s0_codecs();

inline Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline std::string to_hex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0x0f];
  }
  return hex;
}

inline ByteView view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

inline std::string mac_text(const MacAddress& mac) {
  const auto text = to_text(mac);
  return {text.data(), text.size()};
}

inline MacAddress mac_of(const Json& json) { return parse_mac(json.get<std::string>()).value(); }

template <std::size_t N>
void fill(std::array<std::uint8_t, N>& out, const Json& hex) {
  const Bytes bytes = from_hex(hex.get<std::string>());
  std::copy_n(bytes.begin(), std::min(bytes.size(), N), out.begin());
}

/// The name of enumerator `value`, the first of which has the number `first`.
template <class Enum>
std::string name_of(const std::vector<std::string>& names, Enum value, unsigned first = 0) {
  return names.at(static_cast<unsigned>(value) - first);
}

template <class Enum>
Enum named(const std::vector<std::string>& names, const Json& name, unsigned first = 0) {
  const auto found = std::find(names.begin(), names.end(), name.get<std::string>());
  return static_cast<Enum>(static_cast<unsigned>(found - names.begin()) + first);
}

/// Lets an encoder write into a buffer of kVectorSize; no bytes where it refuses.
template <class Encode>
Bytes encoded(Encode encode) {
  Bytes out(kVectorSize);
  out.resize(encode(MutableByteView(out.data(), out.size())));
  return out;
}

}  // namespace espial::wire
