#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace espial::store {

/// A statement on an engine's own interface, for what runs once a reading: SOCI takes several times
/// as long for a row. Its parameters are question marks. Throws SOCI's errors, so that one
/// `classify` serves both.
class Statement {
 public:
  Statement() = default;
  virtual ~Statement() = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Runs a statement without rows, with `values` for its parameters in their order.
  template <typename... Values>
  void run(const Values&... values) {
    begin(values...);
    while (next()) {
    }
  }

  /// Begins a query; texts must outlive it.
  template <typename... Values>
  void begin(const Values&... values) {
    reset();
    [[maybe_unused]] int position = 0;
    (bind(++position, values), ...);
  }
  /// The same in steps: `reset`, `bind` for every parameter (the first is 1), `next`.
  void bind(int position, std::int64_t value) { bind_integer(position, value); }
  void bind(int position, long long value) { bind_integer(position, std::int64_t{value}); }
  void bind(int position, std::uint64_t value) {
    bind_integer(position, static_cast<std::int64_t>(value));
  }
  void bind(int position, int value) { bind_integer(position, std::int64_t{value}); }
  void bind(int position, std::uint32_t value) { bind_integer(position, std::int64_t{value}); }
  void bind(int position, std::uint8_t value) { bind_integer(position, std::int64_t{value}); }
  void bind(int position, double value) { bind_number(position, value); }
  void bind(int position, std::string_view value) { bind_text(position, value); }
  void bind(int position, const std::string& value) { bind_text(position, value); }
  void bind(int position, std::monostate) { bind_null(position); }
  template <typename T>
  void bind(int position, const std::optional<T>& value) {
    value ? bind(position, *value) : bind_null(position);
  }

  /// True while there is a row to read; after the last one the statement holds no lock.
  virtual bool next() = 0;
  /// Ends a query before its last row.
  virtual void reset() = 0;

  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double number(int column) const = 0;
  virtual std::string text(int column) const = 0;

 protected:
  virtual void bind_integer(int position, std::int64_t value) = 0;
  virtual void bind_number(int position, double value) = 0;
  virtual void bind_text(int position, std::string_view value) = 0;
  virtual void bind_null(int position) = 0;
};

}  // namespace espial::store
