// With connection.cpp and client.cpp the only file that knows Boost.Beast.
#include "hub/http/hook_post.hpp"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "hub/tls/believed.hpp"

namespace espial::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using ErrorCode = beast::error_code;

class HookPost : public std::enable_shared_from_this<HookPost> {
 public:
  HookPost(asio::io_context& io, const HookAddress& address, const std::string& json,
           std::function<void(const HookAnswer&)> done)
      : place_(address.place), resolver_(io), socket_(io), deadline_(io), done_(std::move(done)) {
    request_.method(beast::http::verb::post);
    request_.target(address.target);
    request_.version(11);
    request_.set(beast::http::field::host, name());
    request_.set(beast::http::field::content_type, "application/json");
    request_.keep_alive(false);
    request_.body() = json;
    request_.prepare_payload();
  }

  /// Makes it a post over TLS. False, and the answer given, when nobody can be believed.
  bool secure(const std::string& ca_file) {
    context_.emplace(asio::ssl::context::tls_client);
    if (const auto problem = tls::believe(*context_, ca_file)) {
      end({0, *problem});
      return false;
    }
    stream_.emplace(socket_, *context_);
    return true;
  }

  void begin(std::chrono::milliseconds patience) {
    deadline_.expires_after(patience);
    deadline_.async_wait([self = shared_from_this()](ErrorCode error) {
      if (!error) self->end({0, self->name() + " does not answer in time"});
    });
    ErrorCode is_name;
    const auto literal = asio::ip::make_address(place_.host, is_name);
    if (!is_name) return connect(std::array{tcp::endpoint(literal, place_.port)});
    resolver_.async_resolve(place_.host, std::to_string(place_.port),
                            [self = shared_from_this()](ErrorCode error, const auto& places) {
                              if (self->failed(error, " is not known: ")) return;
                              self->connect(places);
                            });
  }

 private:
  std::string name() const { return place_.text(); }

  template <typename Places>
  void connect(const Places& places) {
    asio::async_connect(socket_, places, [self = shared_from_this()](ErrorCode error, const auto&) {
      if (self->failed(error, " does not answer: ")) return;
      if (self->stream_) return self->shake_hands();
      self->exchange(self->socket_);
    });
  }

  void shake_hands() {
    if (!tls::demand_name(stream_->native_handle(), place_.host)) {
      return end({0, name() + " is no name that a certificate could have", true});
    }
    stream_->async_handshake(
        asio::ssl::stream_base::client, [self = shared_from_this()](ErrorCode error) {
          const SSL* const connection = self->stream_->native_handle();
          if (error) {
            return self->end({0, tls::refusal_text(connection, self->name(), error),
                              tls::is_refused(connection)});
          }
          self->exchange(*self->stream_);
        });
  }

  template <typename Stream>
  void exchange(Stream& stream) {
    beast::http::async_write(
        stream, request_, [self = shared_from_this(), &stream](ErrorCode error, std::size_t) {
          if (self->failed(error, " does not listen: ")) return;
          // What it says beyond its status is nothing to a hook.
          beast::http::async_read_header(stream, self->buffer_, self->parser_,
                                         [self](ErrorCode unread, std::size_t) {
                                           if (self->failed(unread, " gives no answer: ")) return;
                                           self->end({self->parser_.get().result_int(), {}});
                                         });
        });
  }

  bool failed(ErrorCode error, const char* what) {
    if (error) end({0, name() + what + error.message()});
    return static_cast<bool>(error);
  }

  /// Whatever ends after the first end comes from closing.
  void end(const HookAnswer& answer) {
    const auto done = std::exchange(done_, {});
    if (!done) return;
    ErrorCode ignored;
    deadline_.cancel();
    resolver_.cancel();
    socket_.close(ignored);
    asio::post(deadline_.get_executor(), [done, answer] { done(answer); });
  }

  const HostPort place_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::optional<asio::ssl::context> context_;
  std::optional<asio::ssl::stream<tcp::socket&>> stream_;
  asio::steady_timer deadline_;
  beast::http::request<beast::http::string_body> request_;
  beast::flat_buffer buffer_;
  beast::http::response_parser<beast::http::empty_body> parser_;
  std::function<void(const HookAnswer&)> done_;
};

}  // namespace

void post_hook(asio::io_context& io, const HookAddress& address, const std::string& ca_file,
               const std::string& json, std::chrono::milliseconds patience,
               std::function<void(const HookAnswer&)> done) {
  const auto post = std::make_shared<HookPost>(io, address, json, std::move(done));
  if (!address.secure || post->secure(ca_file)) post->begin(patience);
}

}  // namespace espial::http
