#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub/http/host_port.hpp"

namespace espial::http {

/// Where a hook is: "http://host:port/path", or https.
struct HookAddress {
  HostPort place;
  std::string target = "/";
  bool secure = false;
};
/// Nothing for what is no http or https address.
std::optional<HookAddress> parse_hook_address(std::string_view text);

struct WebhookCounters {
  std::uint64_t delivered = 0;
  std::uint64_t failed_tries = 0;
  std::uint64_t given_up = 0;              ///< after the last try
  std::uint64_t certificates_refused = 0;  ///< tries that ended there
  std::uint64_t dropped = 0;               ///< there was no room
  std::size_t waiting = 0;
};

/// Posts JSON to other programs. Each address has a queue of its own and gets its posts in the
/// order given, one after the other; one that hangs holds up nobody else. All of it is one thread.
///
///     address A:  [post] [post] [post]  --turn-->  under way  --2xx-->  delivered, to the end of
///     address B:  [post]                               |                the line for the next
///                                                      '--else-->  waits, outside the line, and
///                                                                  is tried again, or given up
///
/// Only names that have to be looked up wait for each other: the system's resolver is asked one at
/// a time.
class Webhook {
 public:
  struct Options {
    /// For one address; beyond it the oldest goes.
    std::size_t max_waiting = 32;
    int max_tries = 6;
    /// Doubled after each failed try.
    int retry_delay_ms = 1'000;
    /// Whose certificates are believed over TLS (PEM); empty: this machine's authorities'.
    std::string ca_file{};
    /// For one try, from its look-up to its answer.
    int patience_ms = 10'000;
    /// Tries at the same time; the others wait for a turn.
    std::size_t max_under_way = 64;
    /// Addresses that have posts waiting; a post to one more is dropped.
    std::size_t max_addresses = 1'024;
  };

  explicit Webhook(Options options);
  Webhook() : Webhook(Options{}) {}
  /// Gives up what waits and what is under way.
  ~Webhook();
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  /// Never blocks. An answer of 2xx is a delivery; anything else is tried again.
  void post(const HookAddress& address, std::string json);
  WebhookCounters counters() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace espial::http
