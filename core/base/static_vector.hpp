#pragma once

#include <array>
#include <cstddef>

namespace espial {

/// A list of at most N elements that never touches the heap. A full list refuses; the caller
/// counts. T must be default-constructible.
template <class T, std::size_t N>
class StaticVector {
 public:
  /// @retval false  the list is full; nothing changed.
  [[nodiscard]] constexpr bool push_back(const T& value) {
    if (size_ == N) return false;
    items_[size_++] = value;
    return true;
  }
  constexpr void pop_back() { --size_; }
  constexpr void clear() { size_ = 0; }

  /// Removes the element at `index`, keeping the order of the others.
  constexpr void erase(std::size_t index) {
    for (std::size_t i = index + 1; i < size_; ++i) items_[i - 1] = items_[i];
    --size_;
  }

  constexpr T& operator[](std::size_t index) { return items_[index]; }
  constexpr const T& operator[](std::size_t index) const { return items_[index]; }
  constexpr T& front() { return items_[0]; }
  constexpr const T& front() const { return items_[0]; }
  constexpr T& back() { return items_[size_ - 1]; }
  constexpr const T& back() const { return items_[size_ - 1]; }
  constexpr T* begin() { return items_.data(); }
  constexpr T* end() { return items_.data() + size_; }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }
  constexpr T* data() { return items_.data(); }
  constexpr const T* data() const { return items_.data(); }

  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr bool full() const { return size_ == N; }
  static constexpr std::size_t capacity() { return N; }

 private:
  std::array<T, N> items_{};
  std::size_t size_ = 0;
};

}  // namespace espial
