#include "hub/store/store_address.hpp"

#include <charconv>
#include <utility>

#include "hub/store/mariadb_store.hpp"
#include "hub/store/percent.hpp"
#include "hub/store/postgresql_store.hpp"
#include "hub/store/sql_store.hpp"
#include "hub/store/sqlite_connection.hpp"

namespace espial::store {
namespace {

constexpr std::size_t kMaxAddressBytes = 4'096;
constexpr char kForms[] =
    "write sqlite:PATH, mariadb://USER@HOST/DATABASE or postgresql://USER@HOST/DATABASE";

constexpr char kNoPercent[] = "a % must be followed by two hexadecimal digits";

ParsedStoreAddress refuse(const std::string& problem) { return {std::nullopt, problem}; }

/// Takes what is before the first `mark` off the text, and the mark; nothing without one.
std::optional<std::string_view> take_before(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return part;
}

/// What follows the question mark. Says what is wrong; nothing when all is well.
std::string take_parameters(std::string_view text, ServerAddress& server) {
  std::optional<std::string_view> rest = text;
  while (rest) {
    std::string_view value = *rest;
    const auto before = take_before(value, '&');
    rest = before ? std::optional(value) : std::nullopt;
    value = before.value_or(value);
    const std::string_view name = take_before(value, '=').value_or(std::string_view());
    std::string* const to = name == "socket"   ? &server.socket
                            : name == "tls_ca" ? &server.tls_ca
                                               : nullptr;
    if (to == nullptr || !to->empty() || value.empty()) {
      return "after the question mark only socket=PATH or tls_ca=FILE may follow, or both with & "
             "between them";
    }
    const auto plain = decode_percent(value);
    if (!plain) return kNoPercent;
    *to = *plain;
  }
  return {};
}

/// What follows "mariadb://" or "postgresql://".
ParsedStoreAddress parse_server(StoreAddress::Engine engine, std::string_view text) {
  StoreAddress address;
  address.engine = engine;
  ServerAddress& server = address.server;
  std::string_view rest = text;
  const auto authority = take_before(rest, '/');
  if (!authority) return refuse("the name of the database is missing: " + std::string(kForms));
  std::string_view host = *authority;
  std::string_view user;
  if (const auto before = take_before(host, '@')) user = *before;
  if (user.find(':') != std::string_view::npos) {
    return refuse(
        "a password has no place in the address, where everybody on this machine can read it: "
        "use --store-password-file FILE or the environment variable ESPIAL_STORE_PASSWORD");
  }
  std::string_view port = host;
  if (const auto before = take_before(port, ':')) {
    host = *before;
    const auto read = std::from_chars(port.data(), port.data() + port.size(), server.port);
    if (read.ec != std::errc{} || read.ptr != port.data() + port.size() || server.port == 0) {
      return refuse("the port must be a number from 1 to 65535");
    }
  }
  std::string_view parameters = rest;
  if (const auto before = take_before(parameters, '?')) {
    rest = *before;
    if (auto problem = take_parameters(parameters, server); !problem.empty()) {
      return refuse(problem);
    }
  }
  for (const auto& [from, to] : {std::pair(user, &server.user), std::pair(host, &server.host),
                                 std::pair(rest, &server.database)}) {
    const auto plain = decode_percent(from);
    if (!plain) return refuse(kNoPercent);
    *to = *plain;
  }
  // PostgreSQL's library takes a path for a socket, and would do without TLS in silence.
  if (!server.tls_ca.empty() &&
      (server.host.empty() || server.host.find('/') != std::string::npos)) {
    return refuse("tls_ca needs the HOST that the server's certificate is for");
  }
  if (server.database.empty()) {
    return refuse("the name of the database is missing: " + std::string(kForms));
  }
  return {address, {}};
}

}  // namespace

ParsedStoreAddress parse_store_address(std::string_view text) {
  if (text.size() > kMaxAddressBytes) return refuse("the address is too long");
  const auto takes = [&text](std::string_view beginning) {
    if (text.substr(0, beginning.size()) != beginning) return false;
    text.remove_prefix(beginning.size());
    return true;
  };
  if (takes("sqlite:")) {
    if (text.empty() || text.find('\0') != std::string_view::npos) {
      return refuse("the database's file is missing: write sqlite:PATH");
    }
    StoreAddress address;
    address.file = std::string(text);
    return {address, {}};
  }
  if (takes("mariadb://") || takes("mysql://")) {
    return parse_server(StoreAddress::Engine::mariadb, text);
  }
  if (takes("postgresql://") || takes("postgres://")) {
    return parse_server(StoreAddress::Engine::postgresql, text);
  }
  return refuse("this is no address of a database: " + std::string(kForms));
}

std::string_view to_text(StoreAddress::Engine engine) {
  switch (engine) {
    case StoreAddress::Engine::mariadb:
      return "mariadb";
    case StoreAddress::Engine::postgresql:
      return "postgresql";
    case StoreAddress::Engine::sqlite:
      break;
  }
  return "sqlite";
}

std::string to_text(const StoreAddress& address) {
  if (address.engine == StoreAddress::Engine::sqlite) return "sqlite:" + address.file.string();
  const ServerAddress& server = address.server;
  std::string text =
      address.engine == StoreAddress::Engine::mariadb ? "mariadb://" : "postgresql://";
  if (!server.user.empty()) text += encode_percent(server.user) + "@";
  text += encode_percent(server.host);
  if (server.port != 0) text += ":" + std::to_string(server.port);
  text += "/" + encode_percent(server.database);
  char mark = '?';
  for (const auto& [name, value] :
       {std::pair("socket=", &server.socket), std::pair("tls_ca=", &server.tls_ca)}) {
    if (value->empty()) continue;
    text += std::exchange(mark, '&') + (name + encode_percent(*value));
  }
  return text;
}

Connector make_connector(const StoreAddress& address) {
  switch (address.engine) {
    case StoreAddress::Engine::mariadb:
      return make_mariadb_connector(address.server);
    case StoreAddress::Engine::postgresql:
      return make_postgresql_connector(address.server);
    case StoreAddress::Engine::sqlite:
      break;
  }
  return [file = address.file](Purpose purpose) { return connect_sqlite({.file = file}, purpose); };
}

std::unique_ptr<Store> make_store(const StoreAddress& address, SorterLimits sorting,
                                  AuditLimits audit) {
  return make_sql_store(make_connector(address), sorting, audit);
}

}  // namespace espial::store
