#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace espial::wire {

/// Why a parser refused. Graded, so that a counter for each tells noise from a fault: other
/// people's frames are kNotOurs, a bad link or a broken sender shows in the others.
enum class Refusal : std::uint8_t {
  kNone,          ///< nothing was refused
  kTooShort,      ///< ends before its picture does
  kNotOurs,       ///< another packet, or none of this protocol
  kBadLength,     ///< the stated length is not the one its picture, or the body, has
  kNotCanonical,  ///< a length or varint in another form than the shortest
  kBadVersion,    ///< another version of the protocol
  kBadValue,      ///< a field holds what the standard does not allow
};
inline constexpr std::size_t kRefusalCount = 7;

/// "too_short", "not_ours"...: the label of a counter.
std::string_view to_text(Refusal refusal);

/// What a parser found: a T, or the reason why it is none.
template <class T>
class [[nodiscard]] Parsed {
 public:
  constexpr Parsed(const T& value) : value_(value) {}       // NOLINT(google-explicit-constructor)
  constexpr Parsed(Refusal refusal) : refusal_(refusal) {}  // NOLINT(google-explicit-constructor)

  constexpr explicit operator bool() const { return refusal_ == Refusal::kNone; }
  constexpr Refusal refusal() const { return refusal_; }

  /// The value; only default contents where something was refused.
  constexpr const T& operator*() const& { return value_; }
  /// By value from a temporary, so that `for (... : *parse_readings(bytes))` walks something alive.
  constexpr T operator*() && { return value_; }
  constexpr const T* operator->() const { return &value_; }

 private:
  T value_{};
  Refusal refusal_ = Refusal::kNone;
};

}  // namespace espial::wire
