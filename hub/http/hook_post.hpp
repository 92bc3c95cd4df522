#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "hub/http/webhook.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::http {

/// What came of one post.
struct HookAnswer {
  unsigned status = 0;  ///< 0: there is no answer, and `error` says why
  std::string error;
  bool certificate_refused = false;
};

/// Posts `json` once and calls `done` on `io`, when `patience` is over at the latest.
///
///     look the name up -> connect -> (shake hands) -> write -> read the header
///
/// `ca_file` says whose certificates are believed over TLS (PEM); empty: this machine's
/// authorities'.
void post_hook(boost::asio::io_context& io, const HookAddress& address, const std::string& ca_file,
               const std::string& json, std::chrono::milliseconds patience,
               std::function<void(const HookAnswer&)> done);

}  // namespace espial::http
