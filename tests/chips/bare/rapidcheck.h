#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

/// As much of RapidCheck as the core's tests use: generators that are drawn from with `*`, without
/// shrinking. The numbers come from a fixed seed, so that a run repeats itself.
namespace rc {

/// xorshift64*.
inline std::uint64_t draw() {
  static std::uint64_t state = 0x9e3779b97f4a7c15;
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545f4914f6cdd1d;
}

template <typename Draw>
struct Gen {
  Draw draw_one;
  auto operator*() const { return draw_one(); }
};
template <typename Draw>
Gen(Draw) -> Gen<Draw>;

}  // namespace rc

namespace rc::gen {

/// At least `minimum`, less than `maximum`.
template <typename T>
auto inRange(T minimum, T maximum) {
  return Gen{[=] {
    const auto width = static_cast<std::uint64_t>(maximum) - static_cast<std::uint64_t>(minimum);
    return static_cast<T>(static_cast<std::uint64_t>(minimum) + (width == 0 ? 0 : draw() % width));
  }};
}

template <typename T>
auto arbitrary() {
  return Gen{[] {
    if constexpr (std::is_same_v<T, bool>) {
      return (draw() >> 63) != 0;
    } else {
      return static_cast<T>(draw() >> 8);
    }
  }};
}

template <typename T>
auto nonZero() {
  return Gen{[] {
    T value{};
    while (value == T{}) value = *arbitrary<T>();
    return value;
  }};
}

/// One of the values; all become a `T`.
template <typename T, typename... Ts>
auto element(T first, Ts... others) {
  return Gen{[values = std::array<T, 1 + sizeof...(Ts)>{first, static_cast<T>(others)...}] {
    return values[draw() % values.size()];
  }};
}

template <typename Container, typename Element>
auto container(std::size_t size, Element element) {
  return Gen{[=] {
    Container values;
    for (std::size_t i = 0; i < size; ++i) values.push_back(*element);
    return values;
  }};
}

template <typename T>
auto weightedElement(std::initializer_list<std::pair<std::size_t, T>> elements) {
  std::size_t total = 0;
  for (const auto& [weight, value] : elements) total += weight;
  auto left = static_cast<std::size_t>(draw() % total);
  auto chosen = elements.begin();
  for (; left >= chosen->first; ++chosen) left -= chosen->first;
  return Gen{[value = chosen->second] { return value; }};
}

}  // namespace rc::gen
