#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace espial::access {

inline constexpr std::size_t kPasswordBytesMin = 10;
inline constexpr std::size_t kPasswordBytesMax = 256;

/// Whether `password` may be chosen: kPasswordBytesMin..kPasswordBytesMax bytes, not the account's
/// own name, not one character over and over.
bool acceptable_password(std::string_view password, std::string_view account);

/// What one argon2id hash costs.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = 64 * 1024 * 1024;
};

/// The cost for a machine with so much memory: 64 MiB and two passes, but 19 MiB below 1 GiB (the
/// least that OWASP recommends).
PasswordCost cost_for_machine(std::uint64_t machine_memory_bytes);
/// The memory of this machine.
std::uint64_t machine_memory_bytes();

/// An argon2id hash with its salt and cost, as text: "$argon2id$v=19$m=..". Empty when there is not
/// enough memory. Slow on purpose: not for an event loop.
std::string hash_password(std::string_view password, const PasswordCost& cost);

/// Whether `hash` was made of `password`. As slow as making it.
bool verify_password(std::string_view hash, std::string_view password);

}  // namespace espial::access
