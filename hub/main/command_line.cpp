#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
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

http::HostPort parse_endpoint(const std::string& text, std::uint16_t default_port,
                              const std::string& option) {
  auto place = http::parse_host_port(text, default_port);
  if (!place) {
    throw CLI::ValidationError(
        option, "must be HOST:PORT, for example 127.0.0.1:" + std::to_string(default_port));
  }
  return *std::move(place);
}

}  // namespace espial::main
