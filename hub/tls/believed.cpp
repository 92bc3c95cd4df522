#include "hub/tls/believed.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>

namespace espial::tls {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// What a listener that knows no TLS does with a greeting: it answers in its own language, or goes.
bool speaks_no_tls(const error_code& error) {
  if (error == asio::error::eof || error == asio::error::connection_reset ||
      error == asio::ssl::error::stream_truncated) {
    return true;
  }
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_WRONG_VERSION_NUMBER;
}

}  // namespace

std::optional<std::string> believe(asio::ssl::context& context, const std::string& ca_file) {
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  error_code error;
  if (ca_file.empty()) {
    context.set_default_verify_paths(error);
    if (error) return "this machine's authorities can't be read: " + error.message();
  } else {
    context.load_verify_file(ca_file, error);
    if (error) return ca_file + " holds no certificates: " + error.message();
  }
  return std::nullopt;
}

bool demand_name(SSL* connection, const std::string& host) {
  ::SSL_set_verify(connection, SSL_VERIFY_PEER, nullptr);
  error_code is_name;
  auto address = asio::ip::make_address(host, is_name);
  if (is_name) {
    ::SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return ::SSL_set_tlsext_host_name(connection, host.c_str()) == 1 &&
           ::SSL_set1_host(connection, host.c_str()) == 1;
  }
  if (address.is_v6()) {
    // "fe80::1%eth0": by which interface it is reached is no part of its certificate.
    address = asio::ip::address_v6(address.to_v6().to_bytes());
  }
  return ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(connection),
                                         address.to_string().c_str()) == 1;
}

bool is_refused(const SSL* connection) { return ::SSL_get_verify_result(connection) != X509_V_OK; }

std::string refusal_text(const SSL* connection, const std::string& server,
                         const error_code& error) {
  if (is_refused(connection)) {
    return "the certificate of " + server +
           " is refused: " + ::X509_verify_cert_error_string(::SSL_get_verify_result(connection));
  }
  if (speaks_no_tls(error)) return server + " speaks no TLS at this port";
  return server + " can't be spoken to over TLS: " + error.message();
}

}  // namespace espial::tls
