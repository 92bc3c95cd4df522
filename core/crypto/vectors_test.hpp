#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/file_test.hpp"
#include "core/base/mac_address.hpp"
#include "core/crypto/hex_test.hpp"

namespace espial {

/// For tests: a file of protocol/vectors.
inline nlohmann::json load_vectors(const std::string& file) {
  return nlohmann::json::parse(read_file("protocol/vectors/" + file), nullptr, false);
}

/// The bytes that a vector names in hex.
inline std::vector<std::uint8_t> bytes_of(const nlohmann::json& vector, const char* name) {
  return from_hex(vector.at(name).get<std::string>());
}

inline Key key_of(const nlohmann::json& vector, const char* name) {
  return key_from_hex(vector.at(name).get<std::string>());
}

inline MacAddress mac_of(const nlohmann::json& vector) {
  MacAddress mac;
  const auto bytes = bytes_of(vector, "mac");
  for (std::size_t i = 0; i < 6 && i < bytes.size(); ++i) mac.octets[i] = bytes[i];
  return mac;
}

}  // namespace espial
