#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mac_address.hpp"
#include "core/port/random.hpp"

namespace espial::broker {

/// Somebody who may log in to the private broker, and what with.
struct BrokerUser {
  std::string name;
  std::string password_hash;        ///< as `hash_broker_password` makes it
  std::vector<std::string> reads;   ///< filters
  std::vector<std::string> writes;  ///< likewise
};

/// "$7$101$<salt>$<hash>": PBKDF2 with SHA-512, as Mosquitto keeps passwords. Few rounds, since the
/// broker computes them on its only thread: good for passwords that are drawn, not chosen.
std::string hash_broker_password(std::string_view password, Random& random);

/// The name of a gateway's user: "gateway-5e501a010002", for a password file has no colons in
/// names.
std::string gateway_user(const MacAddress& gateway);

/// What a gateway may, by protocol/mqtt.md: its own frames up and down, its own state, and the
/// plain bytes of modules without keys.
BrokerUser make_gateway_user(std::string_view site, const MacAddress& gateway, std::string hash);

/// Whether an application may be given this filter: 1..200 printable ASCII characters without
/// blanks, '#' and '+' only where MQTT has them, and none of the broker's own '$' topics.
bool acceptable_filter(std::string_view filter);

/// Mosquitto's password file and access list for these users. Nobody else may anything.
std::string password_file(const std::vector<BrokerUser>& users);
std::string access_list(const std::vector<BrokerUser>& users);

/// The access list of the listener for S2's boards, who have no names: they say what boards say and
/// hear what boards hear, on S2's seven topics, and nothing else.
std::string s2_access_list();

}  // namespace espial::broker
