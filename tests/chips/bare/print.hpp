#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

/// Values as text, for the message of a failed check.
namespace testing::bare {

template <typename T>
std::string printed(const T& value);

template <typename T, typename = void>
struct IsRange : std::false_type {};
template <typename T>
struct IsRange<
    T, std::void_t<decltype(std::declval<const T&>().begin() != std::declval<const T&>().end())>>
    : std::true_type {};

template <typename T, typename = void>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<T, std::void_t<decltype(std::declval<const T&>().has_value()),
                                 decltype(*std::declval<const T&>())>> : std::true_type {};

template <typename T, typename = void>
struct IsJson : std::false_type {};
template <typename T>
struct IsJson<T, std::void_t<decltype(std::declval<const T&>().dump())>> : std::true_type {};

template <typename T>
std::string printed_range(const T& values) {
  std::string text = "{";
  for (const auto& value : values) {
    if (text.size() > 1) text += ", ";
    text += printed(value);
  }
  return text + "}";
}

template <typename T>
std::string printed_bytes(const T& value) {
  std::string text = std::to_string(sizeof value) + "-byte object <";
  for (std::size_t i = 0; i < sizeof value; ++i) {
    char hex[4];
    std::snprintf(hex, sizeof hex, "%02x", reinterpret_cast<const unsigned char*>(&value)[i]);
    text += hex;
  }
  return text + ">";
}

template <typename T>
std::string printed(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_null_pointer_v<T>) {
    return "nullptr";
  } else if constexpr (std::is_floating_point_v<T>) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", static_cast<double>(value));
    return text;
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (IsJson<T>::value) {
    return value.dump();
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return '"' + std::string(std::string_view(value)) + '"';
  } else if constexpr (IsRange<T>::value) {
    return printed_range(value);
  } else if constexpr (IsOptional<T>::value) {
    return value.has_value() ? printed(*value) : "nothing";
  } else {
    return printed_bytes(value);
  }
}

}  // namespace testing::bare
