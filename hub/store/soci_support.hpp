#pragma once

// Inside the adapters only: the one header that shows SOCI.

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "hub/store/changes.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// A rule of ours that the schema does not express.
class RuleBroken : public soci::soci_error {
 public:
  using soci_error::soci_error;
};

/// A server that has not proved who it is.
class NotProved : public soci::soci_error {
 public:
  using soci_error::soci_error;
};

/// Whether it is the server's certificate, or that it has none, of which the engine's library
/// complains in these words about TLS: neither MariaDB's nor PostgreSQL's has a number for that.
/// Both say it in English as long as nobody calls setlocale().
bool is_about_proof(std::string_view words);

/// What an exception of SOCI's means.
StoreError classify(const std::exception& error);

/// The engine's words, without the statement and its values.
std::string words_of(const std::exception& error);

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
