#pragma once

#include <array>
#include <cstddef>

namespace espial {

/// A borrowed run of Ts: how a role takes its tables, so that a hub may have thousands of entries
/// and a chip a few. It owns nothing.
template <typename T>
class Span {
 public:
  constexpr Span() = default;
  constexpr Span(T* data, std::size_t size) : data_(data), size_(size) {}
  template <std::size_t N>
  constexpr Span(std::array<T, N>& items)  // NOLINT(google-explicit-constructor)
      : data_(items.data()), size_(N) {}

  constexpr T* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + size_; }
  constexpr T& operator[](std::size_t index) const { return data_[index]; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace espial
