#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/access/access_control.hpp"
#include "hub/http/dashboard.hpp"
#include "station/problem.hpp"

namespace espial::http {

/// A request as the router sees it: what Beast read, without Beast.
struct Request {
  std::string method;
  /// Path and query as they came, still percent-encoded.
  std::string target;
  std::string host;
  /// Empty when the client sent none.
  std::string origin;
  std::string content_type;
  std::string accept_encoding;
  std::string accept_language;
  std::string if_none_match;
  std::string last_event_id;
  std::string cookie;
  std::string authorization;
  /// The address of whoever asks.
  std::string from;
  /// It came over TLS.
  bool secure = false;
  /// Whoever asks may read what is for admins; the router says so to features.
  bool by_admin = false;
  /// Who asks, as the audit log names him; the router says so to features.
  std::string by;
  std::string body;
};

/// What a change was, for the audit log: a word ("group.change"), and to what and from what to
/// what, in short. Never a secret.
struct AuditNote {
  std::string action;
  std::string about;
};

/// An answer without Beast. `body` may be borrowed from the embedded page.
struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string text;
  /// Used in place of `text` when not empty; lives as long as the program.
  std::string_view embedded;
  /// Likewise in place of `text`: what other clients may be sent as well.
  std::shared_ptr<const std::string> shared{};
  std::vector<std::pair<std::string, std::string>> headers;
  /// The connection becomes an event stream; `text` is not sent.
  bool event_stream = false;
  /// Whose stream it is: it ends when he is no longer welcome.
  access::Visitor listener{};
  /// Of a feature's answer to a change.
  std::optional<AuditNote> audit{};

  std::string_view body() const {
    if (!embedded.empty()) return embedded;
    return shared ? *shared : text;
  }
};

/// {"code": .., "error": reason}. The reason is a sentence that says what to do.
Response error_response(unsigned status, station::Problem problem, std::string_view reason);

/// The answer for an operation that did not happen.
Response refusal_response(const Refusal& refusal);

/// The answer while as much as may be is on its way to clients that read slowly: a 503 that says
/// when to try again.
Response too_much_under_way_response();

/// A 200 that carries JSON.
Response json_response(std::string json, unsigned status = 200);

}  // namespace espial::http
