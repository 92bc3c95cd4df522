#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "hub/http/bytes_under_way.hpp"
#include "hub/http/counters.hpp"
#include "hub/http/event_log.hpp"
#include "hub/http/page_writes.hpp"
#include "hub/http/router.hpp"
#include "hub/http/server.hpp"
#include "hub/http/shared_snapshot.hpp"

namespace espial::http {

/// A connected client, as its server sees it.
class ServedClient {
 public:
  virtual ~ServedClient() = default;
  /// The address it comes from.
  virtual const std::string& from() const = 0;
  /// Something was announced.
  virtual void tell() = 0;
  /// Ends an event stream whose listener is no longer welcome.
  virtual void check_welcome() = 0;
  virtual void close() = 0;
};

/// What a server and its clients share.
struct ServerState : std::enable_shared_from_this<ServerState> {
  ServerState(boost::asio::io_context& io_context, Dashboard& shown,
              access::AccessControl& access_control, Options wanted);

  void accept();
  /// Ends the streams of those who are no longer welcome.
  void check_listeners();
  void accepted(boost::asio::ip::tcp::socket socket);

  void announce(Event event);
  boost::asio::io_context& io;
  Dashboard& dashboard;
  access::AccessControl& access;
  Options options;
  Counters counters;
  EventLog events;
  BytesUnderWay under_way;
  SharedSnapshot snapshots;
  PageWrites page_writes;
  Router router;
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer accept_pause;
  /// Nothing: no TLS.
  std::optional<boost::asio::ssl::context> tls;
  std::unordered_set<ServedClient*> clients;
  std::chrono::steady_clock::time_point listened_until{};
  bool telling = false;  ///< the pages will be told of what was announced
  bool running = false;
};

/// Serves a client until it goes; `state` knows it meanwhile.
void serve_client(std::shared_ptr<ServerState> state, boost::asio::ip::tcp::socket socket);

}  // namespace espial::http
