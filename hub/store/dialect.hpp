#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace espial::store {

/// What the engines' languages call differently. The rest is written once, in the part of SQL that
/// all of them read the same way; "quoted" names are names in each.
struct Dialect {
  const char* integer;     ///< 64 bits, signed
  const char* real;        ///< a double
  const char* key;         ///< a text that can be part of a key, compared byte by byte
  const char* text;        ///< a text of any length
  const char* bytes;       ///< what a board calls a text: any bytes, zero among them
  const char* serial;      ///< a primary key that counts by itself
  const char* by_key;      ///< ends the definition of a table that is kept in order of its key
  const char* by_arrival;  ///< the same of one that is emptied in the order in which it was filled
  const char* greater;     ///< the function that returns the greater one of two numbers
  bool has_on_conflict;    ///< ON CONFLICT, else ON DUPLICATE KEY
  bool has_partial_index;  ///< CREATE INDEX ... WHERE
  bool can_undo_tables;    ///< making a table is part of a transaction
};

extern const Dialect kSqlite;
extern const Dialect kPostgresql;
extern const Dialect kMariadb;

/// Replaces {integer}, {real}, {key}, {text}, {bytes}, {serial}, {by_key} and {by_arrival} in the
/// definition of a table.
std::string in_dialect(const Dialect& dialect, std::string_view definition);

/// What becomes of a reading whose key is in the table already.
enum class IfThere : std::uint8_t {
  refuse,         ///< an error: it breaks the table's rule
  drop,           ///< the row stays as it is
  keep_the_newer  ///< by time taken and arrival; for `latest`
};

/// The end of the statement that inserts readings.
std::string_view insertion_rule(const Dialect& dialect, IfThere if_there);

using Names = std::initializer_list<std::string_view>;

/// "INSERT INTO table (columns) VALUES (?, ...)", which replaces all but the key of a row that has
/// the same key. The first column is part of the key. A row that breaks another rule is refused.
std::string upsert(const Dialect& dialect, std::string_view table, Names key, Names others);

}  // namespace espial::store
