#include <string>
#include <string_view>

#include "hub/features/network_topics.hpp"

namespace {

/// Takes what stands before the next line end off `rest`.
std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

void append_text(std::string& block, std::string_view text) {
  block += static_cast<char>(text.size() >> 8 & 0xff);
  block += static_cast<char>(text.size() & 0xff);
  block += text;
}

void append_property(std::string& block, std::string_view name, std::string_view value) {
  block += static_cast<char>(espial::mqtt::PropertyId::kUserProperty);
  append_text(block, name);
  append_text(block, value);
}

espial::mqtt::UserProperties read(const std::string& block) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(block.data());
  return espial::mqtt::UserProperties(espial::ByteView(bytes, block.size()));
}

/// What we would send for it.
template <typename Properties>
std::string write(const Properties& properties) {
  const espial::topics::PropertyList list(properties);
  std::string block;
  for (const auto& [name, value] : list.view()) append_property(block, name, value);
  return block;
}

}  // namespace

/// Names and values, a line each. What is accepted must come back from what we would write for it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::topics;
  std::string_view rest(reinterpret_cast<const char*>(data), size < 0x1000 ? size : 0x1000);
  std::string block;
  while (!rest.empty()) {
    const std::string_view name = next_line(rest);
    append_property(block, name, next_line(rest));
  }
  if (const auto up = parse_up(read(block))) {
    const std::string written = write(*up);
    const auto again = parse_up(read(written));
    if (!again || again->rssi_dbm != up->rssi_dbm || again->held_ms != up->held_ms)
      __builtin_trap();
  }
  if (const auto down = parse_down(read(block))) {
    const std::string written = write(*down);
    const auto again = parse_down(read(written));
    if (!again || again->down_class != down->down_class) __builtin_trap();
  }
  return 0;
}
