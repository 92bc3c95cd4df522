#include "hub/store/mariadb_store.hpp"

#include <mysqld_error.h>
#include <soci/mysql/soci-mysql.h>
#include <spdlog/fmt/fmt.h>

#include <utility>
#include <vector>

#include "hub/store/hex.hpp"
#include "hub/store/mariadb_inserter.hpp"
#include "hub/store/server_connection.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sql_store.hpp"

namespace espial::store {
namespace {

/// Waits so many seconds for the last hub's connection to end, when one follows the other.
constexpr char kLock[] = "SELECT GET_LOCK(CONCAT('{}:', DATABASE()), 2)";
constexpr const char* lock_of(Purpose purpose) {
  if (purpose == Purpose::writing) return "espial";
  if (purpose == Purpose::tidying) return "espial-tidying";
  return purpose == Purpose::tidying_2 ? "espial-tidying-2" : "espial-tidying-3";
}
/// What is tidied is of devices that are known. To look them up again would lock their rows, which
/// the writer changes meanwhile.
constexpr char kNoLookingUp[] = "SET SESSION foreign_key_checks = 0";
/// Of `recent`, as many as Dialect::by_arrival makes; the server calls them p0, p1, ...
constexpr int kPartitions = 8;

/// Texts between double quotes are names, as everywhere else, and nothing is cut off in silence.
constexpr char kManners[] =
    "SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
    "lock_wait_timeout = 2, innodb_lock_wait_timeout = 2";

using Result = std::unique_ptr<MYSQL_RES, decltype(&::mysql_free_result)>;

[[noreturn]] void fail(MYSQL* connection) {
  throw soci::mysql_soci_error(::mysql_error(connection),
                               static_cast<int>(::mysql_errno(connection)));
}

class MariadbRows final : public ServerRows {
 public:
  explicit MariadbRows(Result result) : result_(std::move(result)) {}

  bool next() override {
    if (!result_) return false;
    row_ = ::mysql_fetch_row(result_.get());
    lengths_ = ::mysql_fetch_lengths(result_.get());
    return row_ != nullptr;
  }

  std::optional<std::string_view> cell(int column) const override {
    if (row_[column] == nullptr) return std::nullopt;
    return std::string_view(row_[column], lengths_[column]);
  }

 private:
  Result result_;
  MYSQL_ROW row_ = nullptr;
  const unsigned long* lengths_ = nullptr;
};

/// A parameter of SOCI's connection string.
void append_parameter(std::string& out, const char* name, std::string_view value) {
  if (value.empty()) return;
  out += std::string(name) + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  out += "' ";
}

/// The library means its usual socket by `localhost`, whatever the port; in these letters alone,
/// though names of hosts know no difference.
std::string reached_by_port(const ServerAddress& address) {
  const bool means_socket = address.host == "localhost" && address.socket.empty();
  return means_socket ? "LOCALHOST" : address.host;
}

/// SOCI knows no option for a server that has to prove who it is. The library takes a host for a
/// list of its own options where it has a semicolon; another library finds no such host.
std::string secured_host(const ServerAddress& address) {
  const auto quoted = [](const std::string& value) {
    std::string text = "{";
    for (const char c : value) text.append(c == '}' ? 2 : 1, c);
    return text + '}';
  };
  return "host=" + quoted(reached_by_port(address)) + ";ssl-ca=" + quoted(address.tls_ca) +
         ";ssl-verify-server-cert=1";
}

std::string parameters_of(const ServerAddress& address) {
  std::string parameters = "charset=utf8mb4 connect_timeout=5 ";
  append_parameter(parameters, "host",
                   address.tls_ca.empty() ? reached_by_port(address) : secured_host(address));
  append_parameter(parameters, "unix_socket", address.socket);
  if (address.port != 0) append_parameter(parameters, "port", std::to_string(address.port));
  append_parameter(parameters, "user", address.user);
  append_parameter(parameters, "password", address.password);
  append_parameter(parameters, "db", address.database);
  return parameters;
}

MYSQL* handle_of(soci::session& session) {
  return static_cast<soci::mysql_session_backend*>(session.get_backend())->conn_;
}

class MariadbConnection final : public ServerConnection {
 public:
  MariadbConnection(const ServerAddress& address, Purpose purpose)
      : parameters_(parameters_of(address)),
        session_(soci::mysql, parameters_),
        connection_(handle_of(session_)) {
    if (::mysql_set_server_option(connection_, MYSQL_OPTION_MULTI_STATEMENTS_ON) != 0) {
      fail(connection_);
    }
    execute(kManners);
    if (purpose == Purpose::reading) return;
    const auto lock = prepare(fmt::format(kLock, lock_of(purpose)));
    if (!lock->next() || lock->integer(0) != 1) {
      throw soci::mysql_soci_error("another hub writes to this database", ER_LOCK_WAIT_TIMEOUT);
    }
    if (purpose != Purpose::writing) execute(kNoLookingUp);
  }

  const Dialect& dialect() const override { return kMariadb; }
  soci::session& session() override { return session_; }

  std::unique_ptr<ServerRows> ask(const std::string& text) override {
    if (::mysql_real_query(connection_, text.data(), text.size()) != 0) fail(connection_);
    Result first = take_result();
    int more = 0;
    while ((more = ::mysql_next_result(connection_)) == 0) take_result();
    if (more > 0) fail(connection_);
    return std::make_unique<MariadbRows>(std::move(first));
  }

  void append_text(std::string& out, std::string_view text) override {
    out += '\'';
    const std::size_t begin = out.size();
    out.resize(begin + 2 * text.size() + 1);
    out.resize(begin + ::mysql_real_escape_string(connection_, out.data() + begin, text.data(),
                                                  static_cast<unsigned long>(text.size())));
    out += '\'';
  }

  void append_bytes(std::string& out, std::string_view bytes) override {
    out += "x'" + to_hex(as_bytes(bytes)) + "'";
  }

  std::unique_ptr<ReadingInserter> inserter(const std::string& table, IfThere if_there) override {
    if (!::mariadb_connection(connection_)) return ServerConnection::inserter(table, if_there);
    return make_mariadb_inserter(connection_, "INSERT INTO " + table + " " + kReadingColumns +
                                                  " VALUES (?,?,?,?,?,?,?)" +
                                                  std::string(insertion_rule(kMariadb, if_there)));
  }

  void begin() override {
    to_drop_.clear();
    to_empty_.clear();
    execute("START TRANSACTION");
  }
  // The moment is that of the first question, which keeps `sweep` from touching the table until the
  // end: what is emptied is gone for those as well who would look at an earlier moment.
  void begin_reading() override {
    execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    execute("START TRANSACTION READ ONLY");
    execute("SELECT arrival FROM recent LIMIT 1");
  }

  void commit() override {
    execute("COMMIT");
    for (const std::string& table : std::exchange(to_drop_, {})) Connection::drop(table);
    if (!to_empty_.empty()) empty(std::exchange(to_empty_, {}));
  }

  void drop(const std::string& table) override { to_drop_.push_back(table); }

  /// To delete a row takes as long as to insert it, so whole partitions are emptied, right after
  /// the commit. Those that hold something newer as well wait for the next time.
  bool sweep(std::uint64_t end, std::size_t) override {
    std::string question;
    for (int i = 0; i < kPartitions; ++i) {
      question += fmt::format("{}SELECT 'p{}', max(arrival) FROM recent PARTITION (p{})",
                              i > 0 ? " UNION ALL " : "", i, i);
    }
    const auto newest = prepare(question);
    while (newest->next()) {
      if (newest->is_null(1) || static_cast<std::uint64_t>(newest->integer(1)) >= end) continue;
      to_empty_ += (to_empty_.empty() ? "" : ", ") + newest->text(0);
    }
    return true;
  }

  /// What is appended to a partition after the question would be gone with it.
  bool sweeps_alone() const override { return true; }

  /// To make a table ends the transaction here, so it is made over a connection of its own.
  void define(const std::string& text) override {
    if (!definer_) {
      definer_ = std::make_unique<soci::session>(soci::mysql, parameters_);
      *definer_ << kManners;
    }
    *definer_ << text;
  }

  std::uint64_t size_bytes() override {
    const auto query = prepare(
        "SELECT coalesce(sum(data_length + index_length), 0) FROM information_schema.tables "
        "WHERE table_schema = DATABASE()");
    query->next();
    return static_cast<std::uint64_t>(query->integer(0));
  }

 protected:
  bool has_table(const std::string& name) override {
    const auto query = prepare(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() "
        "AND table_name = ?");
    query->begin(name);
    return query->next() && query->integer(0) > 0;
  }

 private:
  void empty(const std::string& partitions) {
    try {
      execute("ALTER TABLE recent TRUNCATE PARTITION " + partitions);
    } catch (const soci::mysql_soci_error& error) {
      // Somebody reads for long, a backup perhaps: the next time will do.
      if (error.err_num_ != ER_LOCK_WAIT_TIMEOUT) throw;
    }
  }

  Result take_result() {
    Result result(::mysql_store_result(connection_), &::mysql_free_result);
    if (!result && ::mysql_field_count(connection_) != 0) fail(connection_);
    return result;
  }

  const std::string parameters_;
  soci::session session_;
  MYSQL* const connection_;
  std::unique_ptr<soci::session> definer_;
  std::vector<std::string> to_drop_;
  std::string to_empty_;  // partitions of `recent`
};

}  // namespace

Connector make_mariadb_connector(ServerAddress address) {
  return [address = std::move(address)](Purpose purpose) {
    return std::make_unique<MariadbConnection>(address, purpose);
  };
}

std::unique_ptr<Store> make_mariadb_store(ServerAddress address, SorterLimits sorting) {
  return make_sql_store(make_mariadb_connector(std::move(address)), sorting);
}

}  // namespace espial::store
