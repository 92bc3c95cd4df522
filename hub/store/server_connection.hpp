#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hub/store/connection.hpp"

namespace espial::store {

/// What a server answers to a query, all of it in memory.
class ServerRows {
 public:
  ServerRows() = default;
  virtual ~ServerRows() = default;
  ServerRows(const ServerRows&) = delete;
  ServerRows& operator=(const ServerRows&) = delete;

  virtual bool next() = 0;
  /// Of the present row, as text; nothing for NULL. Valid until the next call.
  virtual std::optional<std::string_view> cell(int column) const = 0;
};

/// A connection to a database server. Statements travel as text with their values in it, many rows
/// in one: what a row costs on a server is the way there and back.
class ServerConnection : public Connection {
 public:
  /// Runs one statement, or several that are separated by semicolons; the rows are those of the
  /// first.
  virtual std::unique_ptr<ServerRows> ask(const std::string& text) = 0;
  /// Appends a text as the engine writes one, with its quotes.
  virtual void append_text(std::string& out, std::string_view text) = 0;
  /// The same for a value of the type Dialect::bytes.
  virtual void append_bytes(std::string& out, std::string_view bytes) = 0;

  std::unique_ptr<Statement> prepare(const std::string& text) override;
  std::unique_ptr<ReadingInserter> inserter(const std::string& table, IfThere if_there) override;
  void run_many(const std::string& text, std::span<const Value> values,
                std::size_t parameters) override;

  bool is_remote() const override { return true; }
  std::uint32_t schema_version() override;
  void set_schema_version(std::uint32_t version) override;
  bool holds_something_else() override;

 protected:
  /// Whether the database has a table of this name.
  virtual bool has_table(const std::string& name) = 0;
};

/// As SQL writes a number; every double is read back as it was.
void append_integer(std::string& out, std::int64_t value);
void append_number(std::string& out, double value);

}  // namespace espial::store
