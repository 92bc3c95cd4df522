#include "hub/features/groups/groups.hpp"

/// What is accepted is written back to what reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::groups;
  const auto read = read_members({reinterpret_cast<const char*>(data), size});
  const auto* members = std::get_if<Members>(&read);
  if (members == nullptr) return 0;
  if (members->empty() || members->size() > kMaxMembers) __builtin_trap();
  const auto again = read_members(write_members(*members));
  if (!std::holds_alternative<Members>(again) || std::get<Members>(again) != *members) {
    __builtin_trap();
  }
  return 0;
}
