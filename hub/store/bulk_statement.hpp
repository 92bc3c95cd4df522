#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hub/store/connection.hpp"

namespace espial::store {

/// A statement that is run once for every collected row, together. Throws SOCI's errors.
class BulkStatement {
 public:
  explicit BulkStatement(std::string text) : text_(std::move(text)) {}

  /// As many values as the statement has parameters.
  template <typename... Values>
  void add(const Values&... values) {
    parameters_ = sizeof...(values);
    (values_.push_back(value_of(values)), ...);
  }
  void execute(Connection& connection) {
    if (values_.empty()) return;
    connection.run_many(text_, values_, parameters_);
    values_.clear();
  }
  void clear() { values_.clear(); }

 private:
  template <typename T>
  static Value value_of(const T& value) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return value;
    } else {
      return std::string(value);
    }
  }

  std::string text_;
  std::size_t parameters_ = 0;
  std::vector<Value> values_;
};

}  // namespace espial::store
