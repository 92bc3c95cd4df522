#include "core/base/hash.hpp"
#include "ports/linux/settings_file.hpp"

/// The input as it is, and with a right sum behind it, so that what lies inside is reached too.
/// What parses must encode to records that parse to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)espial::parse_settings({data, size});
  std::vector<std::uint8_t> bytes(data, data + size);
  const std::uint64_t sum = espial::fnv1a({data, size});
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(sum >> (8 * i)));
  const auto records = espial::parse_settings({bytes.data(), bytes.size()});
  if (!records) return 0;
  const auto again = espial::encode_settings(*records);
  if (espial::parse_settings({again.data(), again.size()}) != records) __builtin_trap();
  return 0;
}
