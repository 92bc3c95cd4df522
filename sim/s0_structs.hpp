#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"

/// S0's messages as its own firmware has them: C structs, sent as they lie in memory. They share
/// nothing with core/wire/s0.hpp, so that the two prove each other. Like S0's chips, whoever runs
/// this has to be little-endian.
namespace espial::sim::s0 {

enum : std::uint8_t { kPairing = 0, kData = 1, kSetPoints = 2, kPing = 3, kReset = 4 };
enum : std::uint8_t { kThermostat = 0, kThermometer = 1, kRelay = 2, kNone = 255 };
inline constexpr std::size_t kSlots = 12;

struct PairingStruct {
  std::uint8_t type = kPairing;
  std::uint8_t network = 0;
  std::uint8_t id = 0;
  std::uint8_t mac[6] = {};
  std::uint8_t channel = 0;
  std::uint8_t function_id[kSlots] = {};
  std::uint8_t function_type[kSlots] = {};
  std::uint8_t control_index[kSlots] = {};
};
static_assert(sizeof(PairingStruct) == 46);

struct DataStruct {
  std::uint8_t type = kData;
  std::uint8_t function_id = 0;
  std::uint8_t function_type = 0;
  std::uint8_t u1 = 0, u2 = 0, u3 = 0, u4 = 0, u5 = 0;
  float f1 = 0, f2 = 0, f3 = 0, f4 = 0, f5 = 0;
  std::uint8_t rom[8] = {};
};
static_assert(sizeof(DataStruct) == 36);

struct PingStruct {
  std::uint8_t type = kPing;
  /// In S0 whatever lay there; here a run does the same again.
  std::uint8_t gap[3] = {};
  std::int32_t message_id = 0;
};
static_assert(sizeof(PingStruct) == 8);

struct ResetStruct {
  std::uint8_t type = kReset;
  std::uint8_t server = 0;
};
static_assert(sizeof(ResetStruct) == 2);

/// The struct in `body`; nothing when it has another size.
template <class Struct>
std::optional<Struct> read(ByteView body) {
  Struct content;
  if (body.size() != sizeof content) return std::nullopt;
  std::memcpy(static_cast<void*>(&content), body.data(), sizeof content);
  return content;
}

/// A struct's bytes; they live as long as `content`.
template <class Struct>
ByteView bytes_of(const Struct& content) {
  return {reinterpret_cast<const std::uint8_t*>(&content), sizeof content};
}

inline void put(const MacAddress& mac, std::uint8_t (&out)[6]) {
  std::memcpy(out, mac.octets.data(), 6);
}
inline MacAddress get(const std::uint8_t (&mac)[6]) {
  MacAddress address;
  std::memcpy(address.octets.data(), mac, 6);
  return address;
}

}  // namespace espial::sim::s0
