#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace espial {

/// A text of at most N bytes that never touches the heap. Not zero-terminated.
template <std::size_t N>
class FixedText {
 public:
  constexpr FixedText() = default;

  /// @retval false  `text` is longer than N bytes; nothing changed.
  [[nodiscard]] constexpr bool assign(std::string_view text) {
    if (text.size() > N) return false;
    for (std::size_t i = 0; i < text.size(); ++i) characters_[i] = text[i];
    size_ = text.size();
    return true;
  }
  constexpr void clear() { size_ = 0; }

  constexpr std::string_view view() const { return {characters_.data(), size_}; }
  constexpr operator std::string_view() const {
    return view();
  }  // NOLINT(google-explicit-constructor)
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  static constexpr std::size_t capacity() { return N; }

  friend constexpr bool operator==(const FixedText& a, std::string_view b) { return a.view() == b; }
  friend constexpr bool operator!=(const FixedText& a, std::string_view b) { return a.view() != b; }

 private:
  std::array<char, N> characters_{};
  std::size_t size_ = 0;
};

}  // namespace espial
