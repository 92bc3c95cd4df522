#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace espial {

/// A borrowed, read-only run of bytes. It owns nothing: whoever hands one out says how long it
/// lives.
class ByteView {
 public:
  constexpr ByteView() = default;
  constexpr ByteView(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  template <std::size_t N>
  constexpr ByteView(
      const std::array<std::uint8_t, N>& bytes)  // NOLINT(google-explicit-constructor)
      : data_(bytes.data()), size_(N) {}

  constexpr const std::uint8_t* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const std::uint8_t* begin() const { return data_; }
  constexpr const std::uint8_t* end() const { return data_ + size_; }
  constexpr std::uint8_t operator[](std::size_t index) const { return data_[index]; }

  /// The part from `offset`, at most `count` bytes; empty where `offset` lies past the end.
  constexpr ByteView subview(std::size_t offset, std::size_t count = SIZE_MAX) const {
    if (offset >= size_) return {};
    const std::size_t rest = size_ - offset;
    return {data_ + offset, count < rest ? count : rest};
  }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A borrowed, writable run of bytes.
class MutableByteView {
 public:
  constexpr MutableByteView() = default;
  constexpr MutableByteView(std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  template <std::size_t N>
  constexpr MutableByteView(
      std::array<std::uint8_t, N>& bytes)  // NOLINT(google-explicit-constructor)
      : data_(bytes.data()), size_(N) {}

  constexpr std::uint8_t* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr std::uint8_t& operator[](std::size_t index) const { return data_[index]; }
  constexpr MutableByteView first(std::size_t count) const {
    return {data_, count < size_ ? count : size_};
  }
  constexpr operator ByteView() const {
    return {data_, size_};
  }  // NOLINT(google-explicit-constructor)

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// The bytes of a text; valid as long as the text is.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// True when both hold the same bytes. Not constant-time: for secrets use `Crypto::equal`.
bool equal(ByteView left, ByteView right);

}  // namespace espial
