#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/chips/bare/print.hpp"

/// As much of GoogleTest as the core's tests use, for a machine without operating system,
/// exceptions and run-time type information. The same test files are compiled against it; main() is
/// in main.cpp.
namespace testing {

class Test {
 public:
  virtual ~Test() = default;
  virtual void SetUp() {}
  virtual void TearDown() {}
  virtual void TestBody() = 0;
};

template <typename T>
class TestWithParam : public Test {
 public:
  using ParamType = T;
  static const T& GetParam() { return *param_; }
  static void SetParam(const T& param) { param_ = &param; }

 private:
  static inline const T* param_ = nullptr;
};

template <typename T>
struct TestParamInfo {
  T param;
  std::size_t index;
};

template <typename... Ts>
struct Types {};

/// What follows `<<` behind a check.
class Message {
 public:
  template <typename T>
  Message& operator<<(const T& value) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      text += std::string_view(value);
    } else {
      text += bare::printed(value);
    }
    return *this;
  }

  std::string text;
};

}  // namespace testing

namespace testing::bare {

/// A test that runs with `make`; tests with parameters become several of them.
struct Case {
  std::string suite;
  std::string name;
  std::function<Test*()> make;
};

std::vector<Case>& cases();
/// Called once, before the first test: makes cases of the tests with parameters.
std::vector<std::function<void()>>& expanders();
/// The running test failed at `file`:`line`.
void fail(const char* file, int line, const std::string& what);

template <typename T>
bool add_case(std::string suite, std::string name) {
  cases().push_back({std::move(suite), std::move(name), [] { return static_cast<Test*>(new T); }});
  return true;
}

/// Reports what the Message assigned to it says; the assignment makes `return` possible before it.
struct Failure {
  const char* file;
  int line;
  std::string what;
  void operator=(const Message& message) const {
    fail(file, line, message.text.empty() ? what : what + "\n  " + message.text);
  }
};

/// The outcome of a check; empty when it holds.
struct Complaint {
  std::string text;
  bool none() const { return text.empty(); }
};

template <typename A, typename B, typename Holds>
Complaint compare(const char* a_text, const char* sign, const char* b_text, const A& a, const B& b,
                  Holds holds) {
  if (holds(a, b)) return {};
  return {std::string(a_text) + " " + sign + " " + b_text + "\n  left:  " + printed(a) +
          "\n  right: " + printed(b)};
}

inline Complaint expect_bool(const char* text, bool value, bool wanted) {
  if (value == wanted) return {};
  return {std::string(text) + " is " + (value ? "true" : "false")};
}

template <typename T, typename Matcher>
Complaint expect_that(const char* text, const T& value, const Matcher& matcher) {
  if (matcher.matches(value)) return {};
  return {std::string(text) + " is " + printed(value)};
}

/// What SCOPED_TRACE leaves behind until its scope ends.
class Trace {
 public:
  explicit Trace(const std::string& text) { stack().push_back(text); }
  ~Trace() { stack().pop_back(); }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  static std::vector<std::string>& stack();
};

/// TEST_P and INSTANTIATE_TEST_SUITE_P of one suite, in whatever order they were met.
template <typename Suite>
struct WithParam {
  using Param = typename Suite::ParamType;
  using Add = std::function<void(const std::string& suite, const std::string& name, const Param*)>;
  static inline std::vector<Add> tests;

  template <typename T>
  static bool add_test(const char* suite, const char* name) {
    tests.push_back([=](const std::string& prefix, const std::string& value, const Param* param) {
      cases().push_back({prefix + "/" + suite, std::string(name) + "/" + value, [param] {
                           T::SetParam(*param);
                           return static_cast<Test*>(new T);
                         }});
    });
    return true;
  }

  template <typename Name>
  static bool instantiate(const char* prefix, std::vector<Param> values, Name name) {
    expanders().push_back([=, held = std::move(values)] {
      for (std::size_t i = 0; i < held.size(); ++i) {
        for (const Add& add : tests) add(prefix, name(TestParamInfo<Param>{held[i], i}), &held[i]);
      }
    });
    return true;
  }
};

template <typename... Ts>
struct Listed {
  std::tuple<Ts...> values;
  template <typename T>
  operator std::vector<T>() const {
    return std::apply([](const auto&... each) { return std::vector<T>{T(each)...}; }, values);
  }
};

template <template <typename> class... Tests>
struct Templates {
  /// Adds every test for type T; `names` holds theirs, separated by commas.
  template <typename T>
  static bool add(const std::string& suite, std::string_view names) {
    (add_one<Tests<T>>(suite, names), ...);
    return true;
  }

 private:
  template <typename T>
  static void add_one(const std::string& suite, std::string_view& names) {
    const std::size_t end = std::min(names.find(','), names.size());
    add_case<T>(suite, std::string(names.substr(0, end)));
    names.remove_prefix(std::min(names.size(), names.find_first_not_of(", ", end)));
  }
};

template <template <typename> class Test, typename Types>
struct ForTypes;
template <template <typename> class Test, typename... Ts>
struct ForTypes<Test, Types<Ts...>> {
  static bool add(const std::string& suite, const char* name) {
    int number = 0;
    (add_case<Test<Ts>>(suite + "/" + std::to_string(number++), name), ...);
    return true;
  }
};

}  // namespace testing::bare

namespace testing {

template <typename... Ts>
bare::Listed<Ts...> Values(Ts... values) {
  return {{values...}};
}

}  // namespace testing

// --- tests ---

#define ESPIAL_TEST_CLASS(suite, name) suite##_##name##_Test
#define ESPIAL_TEST(suite, name, parent)                                      \
  class ESPIAL_TEST_CLASS(suite, name) : public parent {                      \
    void TestBody() override;                                                 \
  };                                                                          \
  static const bool suite##_##name##_added [[maybe_unused]] =                 \
      testing::bare::add_case<ESPIAL_TEST_CLASS(suite, name)>(#suite, #name); \
  void ESPIAL_TEST_CLASS(suite, name)::TestBody()
#define TEST(suite, name) ESPIAL_TEST(suite, name, testing::Test)
#define TEST_F(suite, name) ESPIAL_TEST(suite, name, suite)

#define TEST_P(suite, name)                                                                     \
  class ESPIAL_TEST_CLASS(suite, name) : public suite {                                         \
    void TestBody() override;                                                                   \
  };                                                                                            \
  static const bool suite##_##name##_added [[maybe_unused]] =                                   \
      testing::bare::WithParam<suite>::add_test<ESPIAL_TEST_CLASS(suite, name)>(#suite, #name); \
  void ESPIAL_TEST_CLASS(suite, name)::TestBody()
#define INSTANTIATE_TEST_SUITE_P(prefix, suite, values, name)          \
  static const bool prefix##_##suite##_instantiated [[maybe_unused]] = \
      testing::bare::WithParam<suite>::instantiate(#prefix, values, name)

#define TYPED_TEST_SUITE(suite, types) using suite##_Types = types
#define TYPED_TEST(suite, name)                                                                   \
  template <typename T>                                                                           \
  class ESPIAL_TEST_CLASS(suite, name) : public suite<T> {                                        \
    using TypeParam [[maybe_unused]] = T;                                                         \
    void TestBody() override;                                                                     \
  };                                                                                              \
  static const bool suite##_##name##_added [[maybe_unused]] =                                     \
      testing::bare::ForTypes<ESPIAL_TEST_CLASS(suite, name), suite##_Types>::add(#suite, #name); \
  template <typename T>                                                                           \
  void ESPIAL_TEST_CLASS(suite, name)<T>::TestBody()

#define TYPED_TEST_SUITE_P(suite) \
  namespace suite##_tests {}
#define TYPED_TEST_P(suite, name)           \
  namespace suite##_tests {                 \
    template <typename T>                   \
    class name : public suite<T> {          \
      using TypeParam [[maybe_unused]] = T; \
      void TestBody() override;             \
    };                                      \
  }                                         \
  template <typename T>                     \
  void suite##_tests::name<T>::TestBody()
#define REGISTER_TYPED_TEST_SUITE_P(suite, ...)        \
  namespace suite##_tests {                            \
    using All = testing::bare::Templates<__VA_ARGS__>; \
    inline constexpr char kNames[] = #__VA_ARGS__;     \
  }
#define INSTANTIATE_TYPED_TEST_SUITE_P(prefix, suite, type)            \
  static const bool prefix##_##suite##_instantiated [[maybe_unused]] = \
      suite##_tests::All::add<type>(#prefix "/" #suite, suite##_tests::kNames)

// --- checks ---

#define ESPIAL_CHECK(complaint, leave)                                        \
  switch (0)                                                                  \
  case 0:                                                                     \
  default:                                                                    \
    if (const testing::bare::Complaint found_ = (complaint); found_.none()) { \
    } else                                                                    \
      leave testing::bare::Failure{__FILE__, __LINE__, found_.text} = testing::Message()

#define ESPIAL_COMPARE(a, sign, b)            \
  testing::bare::compare(#a, #sign, #b, a, b, \
                         [](const auto& left, const auto& right) { return left sign right; })

#define EXPECT_TRUE(value) \
  ESPIAL_CHECK(testing::bare::expect_bool(#value, static_cast<bool>(value), true), )
#define EXPECT_FALSE(value) \
  ESPIAL_CHECK(testing::bare::expect_bool(#value, static_cast<bool>(value), false), )
#define EXPECT_EQ(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, ==, b), )
#define EXPECT_NE(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, !=, b), )
#define EXPECT_LT(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, <, b), )
#define EXPECT_LE(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, <=, b), )
#define EXPECT_GT(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, >, b), )
#define EXPECT_GE(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, >=, b), )
#define EXPECT_NEAR(a, b, error) EXPECT_LE((a) < (b) ? (b) - (a) : (a) - (b), error)
#define EXPECT_THAT(value, matcher) \
  ESPIAL_CHECK(testing::bare::expect_that(#value, value, matcher), )

#define ASSERT_TRUE(value) \
  ESPIAL_CHECK(testing::bare::expect_bool(#value, static_cast<bool>(value), true), return )
#define ASSERT_FALSE(value) \
  ESPIAL_CHECK(testing::bare::expect_bool(#value, static_cast<bool>(value), false), return )
#define ASSERT_EQ(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, ==, b), return )
#define ASSERT_NE(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, !=, b), return )
#define ASSERT_LT(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, <, b), return )
#define ASSERT_LE(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, <=, b), return )
#define ASSERT_GT(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, >, b), return )
#define ASSERT_GE(a, b) ESPIAL_CHECK(ESPIAL_COMPARE(a, >=, b), return )
#define ASSERT_THAT(value, matcher) \
  ESPIAL_CHECK(testing::bare::expect_that(#value, value, matcher), return )

#define FAIL() return testing::bare::Failure{__FILE__, __LINE__, "failed"} = testing::Message()
#define ADD_FAILURE() testing::bare::Failure{__FILE__, __LINE__, "failed"} = testing::Message()

#define ESPIAL_JOIN(a, b) a##b
#define ESPIAL_TRACE(line) ESPIAL_JOIN(trace_, line)
#define SCOPED_TRACE(where) \
  const testing::bare::Trace ESPIAL_TRACE(__LINE__)((testing::Message() << (where)).text)
