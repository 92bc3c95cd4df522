#pragma once

#include <string>
#include <string_view>

#include "hub/http/client.hpp"

namespace espial::http {

/// An answer over TLS.
struct SecureAnswer {
  Answer answer;
  /// There is none because the server proved to be another one, or proved nothing.
  bool certificate_refused = false;
};

/// Asks once over TLS and waits, at most ten seconds a step. The server's certificate must be for
/// `host.host` and come from an authority of `ca_file` (PEM), or of this machine when that is
/// empty.
SecureAnswer ask_securely(const HubAddress& host, const std::string& ca_file,
                          std::string_view method, std::string_view target, std::string_view body);

}  // namespace espial::http
