#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/port/crypto.hpp"
#include "core/port/settings.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::node {

/// What a node keeps in its Settings. Each record begins with its version and the network it
/// belongs to: |1|server|...; one of another network, version or length counts as absent.

/// The key that replaced the network's, and what came with it:
/// |1|server|generation|key[32]|discovery key[32], or nothing|.
struct NodeKeyRecord {
  bool present = false;
  std::uint8_t generation = 0;
  Key key{};
  std::optional<Key> discovery_key;

  /// Only into a record that is new.
  void load(Settings& settings, ServerId server, Crypto& crypto);
  [[nodiscard]] bool save(Settings& settings, ServerId server, Crypto& crypto) const;
};

/// Where a session under the present key was last had: |1|server|channel|address[6]|.
struct GatewayRecord {
  Channel channel;  ///< 0 = none known
  MacAddress address;

  static GatewayRecord load(Settings& settings, ServerId server);
  [[nodiscard]] bool save(Settings& settings, ServerId server) const;
};

/// What the coordinator made of the node: |1|server|module|interval:2|size of name|name|.
struct AssignedRecord {
  ModuleId module;
  std::uint16_t interval_s = 0;
  std::array<char, wire::kMaxNameSize> name_bytes{};
  std::uint8_t name_size = 0;

  std::string_view name() const { return {name_bytes.data(), name_size}; }
  /// Takes at most wire::kMaxNameSize bytes.
  void set_name(std::string_view name);

  static AssignedRecord load(Settings& settings, ServerId server);
  [[nodiscard]] bool save(Settings& settings, ServerId server) const;
};

/// How the node shall behave, as the coordinator says: |1|server|id:4|slots:2|airtime:2|schedule|,
/// the schedule as in wire::encode_schedule().
struct Configuration {
  std::uint32_t id = 0;                    ///< names it; 0 = as it was made
  std::uint16_t slots = 0xffff;            ///< bit i: slot i is in use, bit 15: the module itself
  std::uint16_t max_airtime_permille = 0;  ///< 0 = as it was made
  wire::WeekSchedule schedule;

  bool in_use(std::uint8_t slot) const { return (slots >> slot & 1U) != 0; }

  static Configuration load(Settings& settings, ServerId server);
  [[nodiscard]] bool save(Settings& settings, ServerId server) const;
};

}  // namespace espial::node
