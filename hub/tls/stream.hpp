#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <optional>
#include <utility>

namespace espial::tls {

/// A TCP connection, plain until `secure` has made it TLS: a stream as Asio and Beast want one,
/// chosen at run time so that everything above is compiled once. Operations under way refer to it,
/// also after its socket is closed: whoever starts one keeps it alive until that is over.
class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using executor_type = Socket::executor_type;
  using Handshake = boost::asio::ssl::stream_base::handshake_type;

  explicit Stream(Socket socket) : socket_(std::move(socket)) {}

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }
  /// Nothing while it is plain.
  SSL* tls() { return tls_ ? tls_->native_handle() : nullptr; }

  /// To be called on a connected socket, once, before `async_shake_hands`. OpenSSL keeps what it
  /// needs of the context.
  void secure(boost::asio::ssl::context& context) { tls_.emplace(socket_, context); }
  /// One end's half of the handshake; `handler(error)`.
  template <typename Handler>
  void async_shake_hands(Handshake end, Handler&& handler) {
    tls_->async_handshake(end, std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

  /// Writes what goes at once; only while no `async_write_some` is under way.
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers, boost::system::error_code& error) {
    return tls_ ? tls_->write_some(buffers, error) : socket_.write_some(buffers, error);
  }

 private:
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
};

}  // namespace espial::tls
