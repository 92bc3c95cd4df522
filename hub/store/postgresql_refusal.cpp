#include "hub/store/postgresql_refusal.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

#include "hub/store/soci_support.hpp"

namespace espial::store {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kStateSize = 5;

using Clock = std::chrono::steady_clock;

struct Attempt {
  PostgresPollingStatusType outcome = PGRES_POLLING_WRITING;
  ConnStatusType last_step = CONNECTION_STARTED;  ///< what it was at when it came to that
};

/// Goes on until the connection stands, fails or patience ends.
Attempt connect(PGconn* connection) {
  const auto until = Clock::now() + kPatience;
  Attempt attempt;
  PostgresPollingStatusType& wants = attempt.outcome;
  while (wants == PGRES_POLLING_READING || wants == PGRES_POLLING_WRITING) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    pollfd socket{::PQsocket(connection),
                  static_cast<short>(wants == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    if (left.count() <= 0 || ::poll(&socket, 1, static_cast<int>(left.count())) < 0) break;
    attempt.last_step = ::PQstatus(connection);
    wants = ::PQconnectPoll(connection);
  }
  return attempt;
}

bool is_state(std::string_view word) {
  return word.size() == kStateSize && std::all_of(word.begin(), word.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

PostgresqlRefusal refusal_of_postgresql(const std::string& parameters) {
  const std::unique_ptr<PGconn, decltype(&::PQfinish)> connection(
      ::PQconnectStart(parameters.c_str()), &::PQfinish);
  if (!connection || ::PQstatus(connection.get()) == CONNECTION_BAD) return {};
  // "... FATAL:  28P01" in place of a sentence in the server's language.
  ::PQsetErrorVerbosity(connection.get(), PQERRORS_SQLSTATE);
  const Attempt attempt = connect(connection.get());
  if (attempt.outcome != PGRES_POLLING_FAILED) return {};
  std::string_view words = ::PQerrorMessage(connection.get());
  if (attempt.last_step == CONNECTION_SSL_STARTUP) return {{}, is_about_proof(words)};
  while (!words.empty() && words.back() == '\n') words.remove_suffix(1);
  const std::string_view last = words.substr(words.rfind(' ') + 1);
  return {is_state(last) ? std::string(last) : std::string()};
}

}  // namespace espial::store
