#pragma once

#include <gtest/gtest.h>

#include <type_traits>

#include "tests/chips/bare/rapidcheck.h"

namespace rc {

/// How often a property is tried.
inline constexpr int kTries = 100;

template <typename... Args>
void call(void (*property)(Args...)) {
  property(*gen::arbitrary<std::decay_t<Args>>()...);
}

}  // namespace rc

#define RC_GTEST_PROP(suite, name, arguments)                                 \
  static void suite##_##name##_property arguments;                            \
  TEST(suite, name) {                                                         \
    for (int i = 0; i < rc::kTries; ++i) rc::call(suite##_##name##_property); \
  }                                                                           \
  static void suite##_##name##_property arguments

#define RC_ASSERT(condition) \
  do {                       \
    ASSERT_TRUE(condition);  \
  } while (false)
