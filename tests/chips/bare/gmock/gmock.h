#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

/// The matchers of GoogleMock that the core's tests use, of plain values only.
namespace testing {
namespace bare {

template <typename... Ts>
struct ElementsAreMatcher {
  std::tuple<Ts...> wanted;

  template <typename Range>
  bool matches(const Range& values) const {
    if (values.size() != sizeof...(Ts)) return false;
    auto value = values.begin();
    return std::apply([&](const auto&... each) { return ((*value++ == each) && ...); }, wanted);
  }
};

template <typename T>
struct ContainsMatcher {
  T wanted;

  template <typename Range>
  bool matches(const Range& values) const {
    return std::find(values.begin(), values.end(), wanted) != values.end();
  }
};

template <typename Iterator>
struct ElementsAreArrayMatcher {
  Iterator first;
  Iterator last;

  template <typename Range>
  bool matches(const Range& values) const {
    return std::equal(values.begin(), values.end(), first, last);
  }
};

template <typename Matcher>
struct NotMatcher {
  Matcher matcher;

  template <typename Range>
  bool matches(const Range& values) const {
    return !matcher.matches(values);
  }
};

struct IsEmptyMatcher {
  template <typename Range>
  bool matches(const Range& values) const {
    return values.empty();
  }
};

struct SizeIsMatcher {
  std::size_t wanted;

  template <typename Range>
  bool matches(const Range& values) const {
    return values.size() == wanted;
  }
};

}  // namespace bare

inline bare::SizeIsMatcher SizeIs(std::size_t wanted) { return {wanted}; }

inline bare::IsEmptyMatcher IsEmpty() { return {}; }

template <typename Iterator>
bare::ElementsAreArrayMatcher<Iterator> ElementsAreArray(Iterator first, Iterator last) {
  return {first, last};
}

template <typename Matcher>
bare::NotMatcher<Matcher> Not(Matcher matcher) {
  return {matcher};
}

template <typename... Ts>
bare::ElementsAreMatcher<Ts...> ElementsAre(Ts... wanted) {
  return {{wanted...}};
}

template <typename T>
bare::ContainsMatcher<T> Contains(T wanted) {
  return {wanted};
}

}  // namespace testing
