#include "hub/store/postgresql_store.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <bit>
#include <utility>

#include "hub/store/hex.hpp"
#include "hub/store/percent.hpp"
#include "hub/store/postgresql_refusal.hpp"
#include "hub/store/server_connection.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sql_store.hpp"

namespace espial::store {
namespace {

constexpr Oid kByteaType = 17;
/// Any number that other programs on that database don't use for a lock of theirs.
constexpr char kLock[] = "SELECT pg_advisory_lock({})";
constexpr std::int64_t kWritersLock = 7'311'146'993'676'511;
/// Each purpose has one, from that on.
constexpr std::int64_t lock_of(Purpose purpose) {
  return kWritersLock + (static_cast<int>(purpose) - static_cast<int>(Purpose::writing));
}
/// How long a statement waits for what another one holds; also for the last hub's connection to
/// end, when one follows the other.
constexpr char kPatience[] = "SET lock_timeout = '2s'";
/// Of a table that has just been filled the planner knows nothing, and would read all of it; what
/// it is forbidden to do looks so dear to it that it would compile the rest.
constexpr char kByKey[] = "SET enable_seqscan = off; SET jit = off";

/// A crash of the server's may take back the last pieces of sorting, mark and readings together:
/// they are in `recent` until a later commit has deleted them there. The log is one, so that what
/// the writer commits puts all of it on disk.
constexpr char kUnhurried[] = "SET synchronous_commit = off";

using Result = std::unique_ptr<PGresult, decltype(&::PQclear)>;

[[noreturn]] void fail(PGconn* connection, const PGresult* result) {
  const char* const state = result ? ::PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  // What libpq says by itself, without the server, has no state: the connection is gone.
  const char* words = result ? ::PQresultErrorMessage(result) : "";
  if (*words == '\0') words = ::PQerrorMessage(connection);
  throw soci::postgresql_soci_error(words, state ? state : "08006");
}

class PostgresqlRows final : public ServerRows {
 public:
  explicit PostgresqlRows(Result result) : result_(std::move(result)) {}

  bool next() override { return ++row_ < ::PQntuples(result_.get()); }

  std::optional<std::string_view> cell(int column) const override {
    const PGresult* const result = result_.get();
    if (::PQgetisnull(result, row_, column)) return std::nullopt;
    const std::string_view cell(::PQgetvalue(result, row_, column),
                                static_cast<std::size_t>(::PQgetlength(result, row_, column)));
    if (::PQftype(result, column) != kByteaType || cell.substr(0, 2) != "\\x") return cell;
    const Bytes bytes = from_hex(cell.substr(2)).value_or(Bytes{});
    bytes_.assign(bytes.begin(), bytes.end());
    return bytes_;
  }

 private:
  Result result_;
  int row_ = -1;
  mutable std::string bytes_;
};

/// Into a table that has none of the rows: COPY takes half of what INSERT does, and in its binary
/// form the server need not read numbers.
class CopyInserter final : public ReadingInserter {
 public:
  CopyInserter(PGconn* connection, const std::string& table)
      : connection_(connection),
        beginning_("COPY " + table + " " + kReadingColumns + " FROM STDIN (FORMAT binary)") {}

  void insert(std::span<const ReadingRow> rows) override {
    if (rows.empty()) return;
    const Result begun(::PQexec(connection_, beginning_.c_str()), &::PQclear);
    if (::PQresultStatus(begun.get()) != PGRES_COPY_IN) fail(connection_, begun.get());
    data_.assign(kSignature.begin(), kSignature.end());
    for (const ReadingRow& row : rows) append(row);
    append(kEnd);
    // What goes wrong here is told by the result.
    ::PQputCopyData(connection_, data_.data(), static_cast<int>(data_.size()));
    ::PQputCopyEnd(connection_, nullptr);
    Result done(::PQgetResult(connection_), &::PQclear);
    while (const Result more{::PQgetResult(connection_), &::PQclear}) {
    }
    if (::PQresultStatus(done.get()) != PGRES_COMMAND_OK) fail(connection_, done.get());
  }

 private:
  static constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
  static constexpr std::int16_t kEnd = -1;   // in place of a row's number of columns
  static constexpr std::int32_t kNull = -1;  // in place of a value's length

  template <typename Integer>
  void append(Integer value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
      data_ += static_cast<char>(value >> shift);
    }
  }
  void append_value(std::int64_t value) {
    append(static_cast<std::int32_t>(sizeof value));
    append(value);
  }

  void append(const ReadingRow& reading) {
    const auto& [series, row] = reading.entry;
    append(std::int16_t{7});
    append_value(series.device().value);
    append_value(series.slot());
    append_value(series.field());
    append_value(row.taken_at_ms);
    append_value(static_cast<std::int64_t>(row.arrival));
    if (row.type == ValueType::number) {
      append_value(std::bit_cast<std::int64_t>(row.number));
    } else {
      append(kNull);
    }
    if (reading.text) {
      append(static_cast<std::int32_t>(reading.text->size()));
      data_ += *reading.text;
    } else {
      append(kNull);
    }
  }

  PGconn* const connection_;
  const std::string beginning_;
  std::string data_;
};

/// Into a table that may have some of the rows. A statement of one array a column: to read as many
/// rows of VALUES takes the server twice as long.
class ArrayInserter final : public ReadingInserter {
 public:
  ArrayInserter(ServerConnection& connection, const std::string& table, IfThere if_there)
      : connection_(connection),
        beginning_("INSERT INTO " + table + " " + kReadingColumns + " SELECT * FROM unnest("),
        end_(")" + std::string(insertion_rule(kPostgresql, if_there))) {}

  void insert(std::span<const ReadingRow> rows) override {
    if (rows.empty()) return;
    for (std::string& column : columns_) column = "'{";
    for (const ReadingRow& row : rows) append(row);
    std::string text = beginning_;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns_[i].back() = '}';  // in place of the last comma
      text += columns_[i] + "'::" + kTypes[i] + (i + 1 < columns_.size() ? "[]," : "[]");
    }
    connection_.ask(text += end_);
  }

 private:
  static constexpr std::array kTypes{"bigint", "bigint", "bigint", "bigint",
                                     "bigint", "float8", "bytea"};

  void append(const ReadingRow& reading) {
    const auto& [series, row] = reading.entry;
    std::size_t column = 0;
    for (const std::int64_t value :
         {std::int64_t{series.device().value}, std::int64_t{series.slot()},
          std::int64_t{series.field()}, row.taken_at_ms, static_cast<std::int64_t>(row.arrival)}) {
      append_integer(columns_[column], value);
      columns_[column++] += ',';
    }
    if (row.type == ValueType::number) {
      append_number(columns_[5], row.number);
    } else {
      columns_[5] += "NULL";
    }
    columns_[5] += ',';
    columns_[6] +=
        reading.text ? "\"\\\\x" + to_hex(Bytes(reading.text->begin(), reading.text->end())) + "\","
                     : "NULL,";
  }

  ServerConnection& connection_;
  const std::string beginning_;
  const std::string end_;
  std::array<std::string, kTypes.size()> columns_;
};

/// libpq takes an address with everything in it. Of the other form SOCI would split what stands
/// between quotes at its spaces.
std::string parameters_of(const ServerAddress& address) {
  std::string parameters =
      "postgresql:///?connect_timeout=5&application_name=espial&client_encoding=UTF8";
  const auto append = [&parameters](const char* name, std::string_view value) {
    if (!value.empty()) parameters.append("&").append(name).append("=") += encode_percent(value);
  };
  append("host", address.host.empty() ? address.socket : address.host);
  append("port", address.port == 0 ? "" : std::to_string(address.port));
  append("user", address.user);
  append("password", address.password);
  append("dbname", address.database);
  if (address.tls_ca.empty()) return parameters;
  // Encryption by Kerberos would go before, and asks for no certificate.
  append("gssencmode", "disable");
  append("sslmode", "verify-full");
  append("sslrootcert", address.tls_ca);
  return parameters;
}

/// What SOCI says of a connection that fails has no SQLSTATE.
std::unique_ptr<soci::session> open_session(const ServerAddress& address) {
  const std::string parameters = parameters_of(address);
  try {
    return std::make_unique<soci::session>(soci::postgresql, parameters);
  } catch (const soci::soci_error& error) {
    const auto [state, is_untrusted] = refusal_of_postgresql(parameters);
    if (is_untrusted) throw NotProved(error.get_error_message());
    // Who may not connect to the database has no right to any table either.
    const bool no_right = state == "42501";
    const char* const nobody_there = "08001";
    throw soci::postgresql_soci_error(
        error.get_error_message(),
        no_right ? "28000" : (state.empty() ? nobody_there : state.c_str()));
  }
}

class PostgresqlConnection final : public ServerConnection {
 public:
  PostgresqlConnection(const ServerAddress& address, Purpose purpose)
      : session_(open_session(address)),
        connection_(
            static_cast<soci::postgresql_session_backend*>(session_->get_backend())->conn_) {
    ::PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
    if (purpose == Purpose::reading) return;
    execute(kPatience);
    execute(kByKey);
    execute(fmt::format(kLock, lock_of(purpose)));
    if (purpose != Purpose::writing) execute(kUnhurried);
  }

  const Dialect& dialect() const override { return kPostgresql; }
  soci::session& session() override { return *session_; }

  std::unique_ptr<ServerRows> ask(const std::string& text) override {
    Result result(::PQexec(connection_, text.c_str()), &::PQclear);
    const ExecStatusType status = ::PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(connection_, result.get());
    return std::make_unique<PostgresqlRows>(std::move(result));
  }

  void append_text(std::string& out, std::string_view text) override {
    out += '\'';
    const std::size_t begin = out.size();
    out.resize(begin + 2 * text.size() + 1);
    int error = 0;
    const std::size_t size =
        ::PQescapeStringConn(connection_, out.data() + begin, text.data(), text.size(), &error);
    if (error != 0) throw RuleBroken("a text that is no UTF-8");
    out.resize(begin + size);
    out += '\'';
  }

  void append_bytes(std::string& out, std::string_view bytes) override {
    out += "'\\x" + to_hex(as_bytes(bytes)) + "'";
  }

  std::unique_ptr<ReadingInserter> inserter(const std::string& table, IfThere if_there) override {
    if (if_there != IfThere::refuse) {
      return std::make_unique<ArrayInserter>(*this, table, if_there);
    }
    return std::make_unique<CopyInserter>(connection_, table);
  }

  void begin() override { execute("BEGIN"); }
  void begin_reading() override { execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"); }

  std::uint64_t size_bytes() override {
    const auto query = prepare("SELECT pg_database_size(current_database())");
    query->next();
    return static_cast<std::uint64_t>(query->integer(0));
  }

 protected:
  bool has_table(const std::string& name) override {
    const auto query = prepare("SELECT to_regclass(?) IS NOT NULL");
    query->begin(name);
    return query->next() && query->text(0) == "t";
  }

 private:
  const std::unique_ptr<soci::session> session_;
  PGconn* const connection_;
};

}  // namespace

Connector make_postgresql_connector(ServerAddress address) {
  return [address = std::move(address)](Purpose purpose) {
    return std::make_unique<PostgresqlConnection>(address, purpose);
  };
}

std::unique_ptr<Store> make_postgresql_store(ServerAddress address, SorterLimits sorting) {
  return make_sql_store(make_postgresql_connector(std::move(address)), sorting);
}

}  // namespace espial::store
