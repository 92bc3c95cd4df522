#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <csignal>
#include <cstdlib>

#include "hub/main/commands.hpp"

namespace espial::main {

void run_until_stopped(boost::asio::io_context& io, const std::function<void()>& stop) {
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (error) return;
    // The default action comes back: a second Ctrl-C need not wait for a clean end.
    signals.clear();
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    stop();
  });
  std::signal(SIGPIPE, SIG_IGN);
  io.run();
}

Endpoint parse_endpoint(const std::string& text, std::uint16_t default_port,
                        const std::string& option) {
  Endpoint endpoint{text, default_port};
  // An IPv6 address has colons of its own: before a port it stands in brackets, as in any URL.
  const std::size_t colon = text.rfind(':');
  const bool is_only = colon == text.find(':');
  const bool has_port = colon != std::string::npos && (is_only || text[colon - 1] == ']');
  if (has_port) {
    endpoint.host = text.substr(0, colon);
    const char* const begin = text.data() + colon + 1;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(begin, end, endpoint.port);
    if (result.ec != std::errc{} || result.ptr != end) endpoint.port = 0;
  }
  std::string& host = endpoint.host;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty() || endpoint.port == 0) {
    throw CLI::ValidationError(
        option, "must be HOST:PORT, for example 127.0.0.1:" + std::to_string(default_port));
  }
  return endpoint;
}

}  // namespace espial::main
