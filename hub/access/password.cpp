#include "hub/access/password.hpp"

#include <sodium.h>
#include <unistd.h>

#include <array>

namespace espial::access {
namespace {

constexpr std::uint64_t kSmallMachine_bytes = 1024ULL * 1024 * 1024;
constexpr std::size_t kSmallMemory_bytes = 19 * 1024 * 1024;

}  // namespace

bool acceptable_password(std::string_view password, std::string_view account) {
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) return false;
  return password != account && password.find_first_not_of(password[0]) != std::string_view::npos;
}

PasswordCost cost_for_machine(std::uint64_t machine_bytes) {
  PasswordCost cost;
  if (machine_bytes < kSmallMachine_bytes) cost.memory_bytes = kSmallMemory_bytes;
  return cost;
}

std::uint64_t machine_memory_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return 0;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

std::string hash_password(std::string_view password, const PasswordCost& cost) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (sodium_init() < 0 ||
      crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return {};
  }
  return text.data();
}

bool verify_password(std::string_view hash, std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (sodium_init() < 0 || hash.size() >= text.size()) return false;
  hash.copy(text.data(), hash.size());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

}  // namespace espial::access
