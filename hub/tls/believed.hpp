#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <optional>
#include <string>

/// The client's side of TLS: whom we believe, and what to say when we do not.
namespace espial::tls {

/// Makes `context` believe the authorities in `ca_file` (PEM) and nobody else; empty: this
/// machine's. TLS 1.2 is the oldest that is spoken.
/// @returns why not, as a sentence that names the file.
[[nodiscard]] std::optional<std::string> believe(boost::asio::ssl::context& context,
                                                 const std::string& ca_file);

/// To be called before the handshake: the certificate must be `host`'s, a name or an address, and
/// its chain must end with somebody who is believed. Names are told to the server (SNI).
/// @returns whether that can be demanded; if not, whoever is believed at all would pass for it.
[[nodiscard]] bool demand_name(SSL* connection, const std::string& host);

/// Whether the certificate was looked at and not believed: another try would find the same one.
bool is_refused(const SSL* connection);

/// After a handshake with `server` (as a sentence is to name it) that failed with `error`: why.
std::string refusal_text(const SSL* connection, const std::string& server,
                         const boost::system::error_code& error);

}  // namespace espial::tls
