#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub/http/client.hpp"

namespace espial::http {

/// Where a hook is: "http://host:port/path", or https.
struct HookAddress {
  HubAddress host;
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
  std::uint64_t dropped = 0;               ///< the queue was full: the oldest went
  std::size_t waiting = 0;
};

/// Posts JSON to other programs, in the order given, from a thread of its own: one that hangs holds
/// up nobody but the hooks behind it.
class Webhook {
 public:
  struct Options {
    std::size_t max_waiting = 256;
    int max_tries = 6;
    /// Doubled after each failed try.
    int retry_delay_ms = 1'000;
    /// Whose certificates are believed over TLS (PEM); empty: this machine's authorities'.
    std::string ca_file{};
  };

  explicit Webhook(Options options);
  Webhook() : Webhook(Options{}) {}
  /// Gives up what waits; a post under way ends within its ten seconds.
  ~Webhook();
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  /// Never blocks. An answer of 2xx is a delivery; anything else is tried again.
  void post(HookAddress address, std::string json);
  WebhookCounters counters() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace espial::http
