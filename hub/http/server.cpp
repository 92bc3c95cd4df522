#include "hub/http/server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <utility>
#include <vector>

#include "hub/http/host_port.hpp"
#include "hub/http/server_state.hpp"

namespace espial::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds kAcceptPause{100};
/// Shortest time between two writes to a page, and what each page adds to it.
constexpr std::chrono::microseconds kPace{20'000};
constexpr std::chrono::microseconds kPacePerPage{250};

std::uint64_t first_revision() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::string address_text(const Options& options) {
  return HostPort{options.address, options.port}.text();
}

/// Nothing when the files are a certificate and its key.
std::optional<std::string> load_tls(const TlsFiles& files, std::optional<asio::ssl::context>& tls) {
  tls.emplace(asio::ssl::context::tls_server);
  tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                   asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                   asio::ssl::context::no_tlsv1_1);
  ErrorCode error;
  tls->use_certificate_chain_file(files.certificate, error);
  if (error) return "The certificate " + files.certificate + " can't be used: " + error.message();
  tls->use_private_key_file(files.key, asio::ssl::context::pem, error);
  if (error) return "The key " + files.key + " can't be used: " + error.message();
  return std::nullopt;
}

}  // namespace

ServerState::ServerState(asio::io_context& io_context, Dashboard& shown,
                         access::AccessControl& access_control, Options wanted)
    : io(io_context),
      dashboard(shown),
      access(access_control),
      options(std::move(wanted)),
      events(options.limits.events_kept, first_revision()),
      under_way(options.limits.bytes_under_way),
      snapshots(shown, events, under_way, options.limits.snapshot_age),
      router(shown, access_control, counters, snapshots, options.authority_pem),
      acceptor(io_context),
      accept_pause(io_context) {}

void ServerState::accept() {
  acceptor.async_accept([self = shared_from_this()](ErrorCode error, Tcp::socket socket) {
    if (!self->running) return;
    if (!error) {
      self->accepted(std::move(socket));
      return self->accept();
    }
    // Most likely no file descriptors are left: wait for some to come back.
    self->accept_pause.expires_after(kAcceptPause);
    self->accept_pause.async_wait([self](ErrorCode cancelled) {
      if (!cancelled && self->running) self->accept();
    });
  });
}

void ServerState::check_listeners() {
  // A client that is closed may be gone before the next one is looked at.
  const std::vector<ServedClient*> all(clients.begin(), clients.end());
  for (ServedClient* client : all) {
    if (clients.count(client) != 0) client->check_welcome();
  }
}

void ServerState::accepted(Tcp::socket socket) {
  ErrorCode ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  const auto peer = socket.remote_endpoint(ignored).address();
  const auto neighbours = std::count_if(
      clients.begin(), clients.end(),
      [from = peer.to_string()](const ServedClient* client) { return client->from() == from; });
  const bool too_many = !peer.is_loopback() && static_cast<std::size_t>(neighbours) >=
                                                   options.limits.connections_per_address;
  if (too_many || clients.size() >= options.limits.connections) {
    ++counters.connections_refused;
    // Best effort and without waiting: whoever can't take it now gets a closed connection.
    socket.non_blocking(true, ignored);
    static constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
        "Content-Length: 53\r\nConnection: close\r\n\r\n"
        "{\"error\": \"Too many connections. Try again shortly.\"}";
    (void)socket.write_some(asio::buffer(kFull), ignored);
    socket.shutdown(Tcp::socket::shutdown_both, ignored);
    return;
  }
  serve_client(shared_from_this(), std::move(socket));
}

// What is announced in one go is told in one go.
void ServerState::announce(Event event) {
  events.add(std::move(event));
  if (std::exchange(telling, true)) return;
  asio::post(io, [self = shared_from_this()] {
    self->telling = false;
    for (ServedClient* client : self->clients) client->tell();
  });
}

Server::Server(asio::io_context& io, Dashboard& dashboard, access::AccessControl& access,
               Options options)
    : state_(std::make_shared<ServerState>(io, dashboard, access, std::move(options))) {}

Server::~Server() { stop(); }

void Server::serve(std::vector<std::string> parts, Handler handler, Audience audience) {
  state_->router.serve(std::move(parts), std::move(handler), audience);
}

std::optional<std::string> Server::start() {
  ServerState& state = *state_;
  const Options& options = state.options;
  ErrorCode error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error || (!address.is_loopback() && !state.access.login_required())) {
    return "The page can't listen on \"" + options.address +
           "\": only this machine's own addresses (127.0.0.1 or ::1) are allowed without accounts.";
  }
  if (options.tls) {
    if (const auto problem = load_tls(*options.tls, state.tls)) return problem;
  }
  const Tcp::endpoint endpoint(address, options.port);
  state.acceptor.open(endpoint.protocol(), error);
  if (!error) state.acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) state.acceptor.bind(endpoint, error);
  if (!error) state.acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    ErrorCode ignored;
    state.acceptor.close(ignored);
    if (error == asio::error::address_in_use) {
      return "Port " + std::to_string(options.port) +
             " is in use by another program. Choose another one with --port.";
    }
    return "The page can't listen on " + address_text(options) + ": " + error.message() + '.';
  }
  state.running = true;
  state.access.on_revoked([weak = std::weak_ptr(state_)] {
    if (const auto alive = weak.lock()) alive->check_listeners();
  });
  state.accept();
  return std::nullopt;
}

void Server::set_page(std::string page) { state_->router.set_page(std::move(page)); }

std::optional<std::string> Server::use_certificate(const TlsFiles& files) {
  if (!state_->tls) return std::nullopt;
  std::optional<asio::ssl::context> fresh;
  if (auto problem = load_tls(files, fresh)) return problem;
  state_->tls = std::move(fresh);
  return std::nullopt;
}

void Server::set_broker_users(BrokerUsers& users) { state_->router.set_broker_users(&users); }

void Server::stop() {
  ServerState& state = *state_;
  if (!state.running) return;
  state.running = false;
  ErrorCode ignored;
  state.acceptor.close(ignored);
  state.accept_pause.cancel();
  state.access.on_revoked({});
  for (ServedClient* client : state.clients) client->close();
}

std::uint16_t Server::port() const {
  ErrorCode error;
  const auto endpoint = state_->acceptor.local_endpoint(error);
  return error ? std::uint16_t{0} : endpoint.port();
}

void Server::announce(Event event) { state_->announce(std::move(event)); }

std::uint64_t Server::revision() const { return state_->events.revision(); }

std::optional<PageWrites::Written> Server::written(std::uint64_t revision) const {
  return state_->page_writes.of(revision);
}

std::chrono::microseconds Server::pace() const {
  const auto pages = static_cast<std::chrono::microseconds::rep>(state_->counters.streams_open);
  return std::max(kPace, pages * kPacePerPage);
}

bool Server::anyone_listens() const {
  return state_->counters.streams_open > 0 ||
         std::chrono::steady_clock::now() < state_->listened_until;
}

void Server::skip_events() { state_->events.forget(); }

}  // namespace espial::http
