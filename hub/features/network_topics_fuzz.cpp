#include "hub/features/network_topics.hpp"

/// What parses as a frame's topic must be spelled the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::topics;
  const std::string_view topic(reinterpret_cast<const char*>(data), size);
  const Network network("home", espial::ServerId{1});
  using What = Network::Parsed::What;
  if (const auto parsed = network.parse(topic)) {
    const bool same =
        parsed->what != What::kUp || network.up(parsed->gateway, parsed->mac) == topic;
    if (!same) __builtin_trap();
  }
  if (const auto mac = parse_device_set(topic)) {
    if (device(*mac) + "/set" != topic) __builtin_trap();
  }
  return 0;
}
