#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/port/crypto.hpp"

namespace espial::wire {

/// What a module's label says (`protocol/label.md`).
struct Label {
  ServerId server;
  MacAddress mac;
  Key key{};
};

/// "ESPIAL:" server ":" MAC ":" key, at most.
inline constexpr std::size_t kMaxLabelText = 7 + 3 + 1 + 12 + 1 + 52;

/// The text of a label: `ESPIAL:1:5E501A020001:` and the key in base32, all in characters that a QR
/// code packs tightly.
class LabelText {
 public:
  explicit LabelText(const Label& label);
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  void add(std::string_view text);
  void add(char c) { text_[size_++] = c; }

  std::array<char, kMaxLabelText> text_{};
  std::size_t size_ = 0;
};

/// Reads it back; letters may be small, spaces around it are passed over.
/// @returns nothing when anything else is not exactly as LabelText writes it.
std::optional<Label> parse_label(std::string_view text);

}  // namespace espial::wire
