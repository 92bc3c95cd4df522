#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/access/access_control.hpp"
#include "hub/http/dashboard.hpp"
#include "hub/http/handler.hpp"
#include "hub/http/page_writes.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::http {

/// What one server takes on at most. Whatever exceeds a limit is refused and counted.
struct Limits {
  std::size_t connections = 1'280;
  /// Of one address; this machine's own count as none.
  std::size_t connections_per_address = 64;
  /// How many of the connections may be event streams.
  std::size_t event_streams = 1'024;
  std::size_t header_bytes = 8 * 1024;
  std::size_t body_bytes = 64 * 1024;
  /// Past events kept for pages that are slow, or come back with Last-Event-ID; a page that is
  /// further behind gets a fresh snapshot.
  std::size_t events_kept = 8'192;
  /// From the first byte of a request (or the connection's start) to its end.
  std::chrono::milliseconds request_time{15'000};
  /// After so long a change that can't be stored is answered; after the longer time every one.
  std::chrono::milliseconds change_time{2'500};
  std::chrono::milliseconds longest_change_time{10'000};
  /// How long one write to a client may stand still.
  std::chrono::milliseconds write_time{15'000};
  /// What a client has to read on average, beyond `write_time`: nobody holds a place for ever.
  std::size_t read_bytes_per_second_min = 4 * 1024;
  /// Of large answers that clients have not read yet, each text counted once; one alone may be
  /// larger.
  std::size_t bytes_under_way = 64 * 1024 * 1024;
  /// How long a snapshot is given to further clients.
  std::chrono::milliseconds snapshot_age{2'000};
  /// How long an idle connection is kept for another request.
  std::chrono::milliseconds idle_time{60'000};
};

/// A certificate with its chain, and its key, as PEM files.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

struct Options {
  /// A loopback address, unless accounts are demanded.
  std::string address = "127.0.0.1";
  /// 0 lets the kernel choose a free one; ask `Server::port()`.
  std::uint16_t port = 8080;
  /// With it the same port speaks HTTP and HTTPS: this machine may use either, others are led from
  /// the former to the latter, but where they read what is public.
  std::optional<TlsFiles> tls{};
  /// The certificate of the local authority, for browsers to download; empty: there is none.
  std::string authority_pem{};
  std::chrono::milliseconds heartbeat{15'000};
  Limits limits{};
};

/// A change to tell the pages. Of events with the same kind and key that a page was not yet told
/// of, only the newest is sent.
struct Event {
  enum class Kind {
    kDevice,   ///< a device as a whole (name, online, gateways); key: the MAC
    kReading,  ///< one function's values; key: MAC and slot
    kCommand,  ///< a command's fate; key: the command's ID
    kSystem,   ///< broker, store, gateways; key: empty
    kKeys,     ///< who may join, whose keys are good; key: empty
    kChanged,  ///< a list that pages ask for is another now; key: its name
  };
  Kind kind = Kind::kDevice;
  std::string key;
  /// One line of JSON.
  std::string json;
};

/// Where `Options::authority_pem` is to be had, by anybody and without TLS.
inline constexpr const char* kAuthorityPath = "/ca.crt";

class BrokerUsers;
struct ServerState;

/// The page, its API and its events over HTTP.
///
/// 1. All functions are called on the thread that runs the io_context (or before it runs).
/// 2. `dashboard` and `access` outlive the server, which takes `access.on_revoked` for itself; the
///    server may be destroyed while requests are under way.
/// 3. Nothing that a client sends ends the server or disturbs another client.
class Server {
 public:
  Server(boost::asio::io_context& io, Dashboard& dashboard, access::AccessControl& access,
         Options options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Lets `handler` answer whatever lies below these parts of a path: {"api", "groups"}.
  /// Outside of "api" it answers those who may look only, unless `audience` says everybody.
  void serve(std::vector<std::string> parts, Handler handler,
             Audience audience = Audience::kViewers);
  /// Lets admins manage who may log in to the broker; `users` outlives the server.
  void set_broker_users(BrokerUsers& users);

  /// Where people open the page, for links to it: "https://192.168.1.5:8080".
  void set_page(std::string page);

  /// Begins to listen. Otherwise returns the sentence for the person who started the hub: the
  /// address is not loopback, or the port is taken (and which option chooses another).
  [[nodiscard]] std::optional<std::string> start();

  /// Shows the certificate of these files to whoever connects from now on; of a server without TLS
  /// nothing changes. @returns why it can't be used: then the one from before stays.
  [[nodiscard]] std::optional<std::string> use_certificate(const TlsFiles& files);

  /// Closes the listener and every connection. Harmless when it is not running.
  void stop();

  /// The port in use; 0 before `start`.
  std::uint16_t port() const;

  /// Tells every open page of a change. The server numbers the events itself (the `id:` of the
  /// stream, called revision); what a snapshot shows must have been announced before it is taken,
  /// or be announced later.
  void announce(Event event);

  /// The number of the newest event.
  std::uint64_t revision() const;
  /// How many pages were written the event of that number; nothing when that is too long ago.
  std::optional<PageWrites::Written> written(std::uint64_t revision) const;

  /// Whether anybody would miss an event: a page's stream is open, or has just ended, so that its
  /// page may come back and ask for what it missed.
  bool anyone_listens() const;

  /// How long to gather changes before they are announced, so that all pages together get some
  /// thousand writes a second at most: 20 ms for a few pages, a quarter of a second for a thousand.
  std::chrono::microseconds pace() const;

  /// Says that changes happened which were not announced, since nobody listened: a page that comes
  /// back with an older revision gets a snapshot.
  void skip_events();

 private:
  std::shared_ptr<ServerState> state_;
};

}  // namespace espial::http
