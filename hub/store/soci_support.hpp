#pragma once

// Inside the adapters only: the one header that shows SOCI.

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "hub/store/changes.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// Bytes as text: SOCI's blobs are large objects in PostgreSQL and missing in MariaDB.
std::string to_hex(const Bytes& bytes);
/// Empty for what to_hex did not write.
Bytes from_hex(const std::string& text);

/// What an exception of SOCI's means.
StoreError classify(const std::exception& error);

/// The engine's words, without the statement and its values.
std::string words_of(const std::exception& error);

/// One column of rows to write. Optional ones become NULL.
template <typename T>
struct Column {
  std::vector<T> values;

  void add(const T& value) { values.push_back(value); }
  void clear() { values.clear(); }
  void bind(soci::details::prepare_temp_type& statement) { statement, soci::use(values); }
};

template <typename T>
struct Column<std::optional<T>> {
  std::vector<T> values;
  std::vector<soci::indicator> indicators;

  void add(const std::optional<T>& value) {
    values.push_back(value ? *value : T{});
    indicators.push_back(value ? soci::i_ok : soci::i_null);
  }
  void clear() {
    values.clear();
    indicators.clear();
  }
  void bind(soci::details::prepare_temp_type& statement) {
    statement, soci::use(values, indicators);
  }
};

/// A statement that is run once for every collected row, prepared at its first use. Throws SOCI's
/// errors; SOCI finalizes a statement that failed, so afterwards `forget` it.
template <typename... Columns>
class BulkStatement {
 public:
  explicit BulkStatement(const char* text) : text_(text) {}

  void add(const Columns&... values) {
    std::apply([&](auto&... column) { (column.add(values), ...); }, columns_);
  }
  void execute(soci::session& session) {
    if (std::get<0>(columns_).values.empty()) return;
    if (!statement_) {
      soci::details::prepare_temp_type prepared = (session.prepare << text_);
      std::apply([&](auto&... column) { (column.bind(prepared), ...); }, columns_);
      statement_ = std::make_unique<soci::statement>(prepared);
    }
    statement_->execute(true);
    clear();
  }
  void clear() {
    std::apply([](auto&... column) { (column.clear(), ...); }, columns_);
  }
  void forget() {
    statement_.reset();
    clear();
  }

 private:
  const char* text_;
  std::tuple<Column<Columns>...> columns_;
  std::unique_ptr<soci::statement> statement_;
};

/// One column of rows to read.
template <typename T>
struct Cell {
  T value{};

  void bind(soci::details::prepare_temp_type& statement) { statement, soci::into(value); }
  const T& get() const { return value; }
};

template <typename T>
struct Cell<std::optional<T>> {
  T value{};
  soci::indicator indicator = soci::i_null;

  void bind(soci::details::prepare_temp_type& statement) {
    statement, soci::into(value, indicator);
  }
  std::optional<T> get() const {
    return indicator == soci::i_ok ? std::optional<T>(value) : std::nullopt;
  }
};

/// A prepared query whose integer parameters are `parameters` in their order; `each` is called
/// with a row's columns.
template <typename... Columns>
class Query {
 public:
  Query(soci::session& session, const std::string& text, std::size_t parameter_count = 0)
      : parameters_(parameter_count) {
    soci::details::prepare_temp_type prepared = (session.prepare << text);
    std::apply([&](auto&... cell) { (cell.bind(prepared), ...); }, cells_);
    for (long long& parameter : parameters_) prepared, soci::use(parameter);
    statement_ = std::make_unique<soci::statement>(prepared);
  }

  template <typename Each>
  void run(const std::vector<long long>& parameters, Each&& each) {
    std::copy(parameters.begin(), parameters.end(), parameters_.begin());
    statement_->execute();
    while (statement_->fetch()) {
      std::apply([&](auto&... cell) { each(cell.get()...); }, cells_);
    }
  }

 private:
  std::vector<long long> parameters_;  // SOCI holds references: never resized
  std::tuple<Cell<Columns>...> cells_;
  std::unique_ptr<soci::statement> statement_;
};

}  // namespace espial::store
