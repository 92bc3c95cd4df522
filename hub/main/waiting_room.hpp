#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/port/random.hpp"
#include "hub/http/server.hpp"

namespace espial::main {

/// What the hub's port answers while its database is away: the page, which says so, and nothing of
/// what it would show. /healthz and the API answer 503 with the reason.
class WaitingRoom {
 public:
  /// `io` and `random` outlive it. `login_required`: whether the hub will demand accounts.
  WaitingRoom(boost::asio::io_context& io, Random& random, bool login_required,
              http::Options options);
  ~WaitingRoom();
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  /// Begins to listen, or says in a sentence what is in the way.
  [[nodiscard]] std::optional<std::string> open();
  /// Gives the port back. What is under way needs the room until the io_context has run dry.
  void close();
  /// 0 while it is not open.
  std::uint16_t port() const;

 private:
  class Sign;
  class Nobody;
  std::unique_ptr<Sign> sign_;
  std::unique_ptr<Nobody> nobody_;
  std::unique_ptr<access::AccessControl> access_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace espial::main
