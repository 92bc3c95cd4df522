#include "hub/broker/broker_config.hpp"

#include <sstream>

namespace espial::broker {

namespace {

void add_anonymous(std::ostream& text, std::uint16_t port, std::uint16_t websockets_port) {
  text << "\n"
          "# Anonymous, therefore on loopback only. The domain is stated because Mosquitto's\n"
          "# websockets otherwise listen on every interface, whatever address is given.\n"
          "allow_anonymous true\n"
       << "listener " << port << " 127.0.0.1\n"
       << "socket_domain ipv4\n";
  if (websockets_port != 0) {
    text << "listener " << websockets_port << " 127.0.0.1\n"
         << "protocol websockets\n"
            "socket_domain ipv4\n";
  }
}

void add_listener(std::ostream& text, std::uint16_t port, bool lan) {
  text << "\nlistener " << port << (lan ? " 0.0.0.0\n" : " 127.0.0.1\n") << "socket_domain ipv4\n"
       << "allow_anonymous false\n"
       << "password_file " << kPasswordFile << "\n"
       << "acl_file " << kAccessFile << "\n";
}

void add_secured(std::ostream& text, const BrokerAccess& access, std::uint16_t port,
                 std::uint16_t websockets_port) {
  const bool tls = !access.certificate.empty();
  text << "per_listener_settings true\n";
  add_listener(text, port, access.lan && !tls);
  if (access.lan && tls) {
    add_listener(text, access.tls_port, true);
    text << "certfile " << kCertificateFile << "\n"
         << "keyfile " << kKeyFile << "\n"
         << "tls_version tlsv1.2\n";
  }
  if (websockets_port != 0) {
    add_listener(text, websockets_port, false);
    text << "protocol websockets\n";
  }
  if (access.lan && access.s2_port) {
    text << "\n"
            "# S2's boards have neither names nor passwords, and nothing here can change that.\n"
         << "listener " << *access.s2_port << " 0.0.0.0\n"
         << "socket_domain ipv4\n"
            "allow_anonymous true\n"
         << "acl_file " << kS2AccessFile << "\n"
         << "max_connections " << kS2ConnectionsMax << "\n";
  }
}

/// A stranger may leave as many sessions behind as he likes, each with a queue: they end, and all
/// of them together are bounded. The hub's own queue still has its room.
void add_limits_on_strangers(std::ostream& text, const BrokerOptions& options) {
  text << "persistent_client_expiration 7d\n"
       << "memory_limit " << 2 * options.max_queued_bytes << "\n";
}

}  // namespace

std::string broker_config(const BrokerOptions& options, std::uint16_t port,
                          std::uint16_t websockets_port) {
  std::ostringstream text;
  text << "# Written by Espial at every start: changes made here are lost.\n";
  if (options.access) {
    add_secured(text, *options.access, port, websockets_port);
  } else {
    add_anonymous(text, port, websockets_port);
  }
  text << "\n"
          "# Mosquitto's own limits (20 in flight, 1000 queued) drop messages for a subscriber "
          "that\n"
          "# is slow or away. Here only bytes are limited, for each client.\n"
          "max_inflight_messages 0\n"
          "max_queued_messages 0\n"
       << "max_queued_bytes " << options.max_queued_bytes << "\n"
       << "max_packet_size " << options.max_packet_bytes << "\n"
       << "set_tcp_nodelay true\n";
  if (options.access && options.access->lan && options.access->s2_port) {
    add_limits_on_strangers(text, options);
  }
  if (options.max_keepalive_s) text << "max_keepalive " << *options.max_keepalive_s << "\n";
  text << "\n"
          "# Everything is written when it ends in order and about once a second besides: what a\n"
          "# kill or a power cut takes is at most what came in the last two seconds.\n"
          "persistence true\n"
       << "persistence_location " << kDataFolder << "/\n"
       << "autosave_on_changes false\n"
          "autosave_interval 1\n"
          "\n"
          "# Of what anybody can cause as often as he likes, a line each time: nothing.\n"
          "connection_messages false\n"
          "log_dest stderr\n"
          "log_type error\n"
          "log_type warning\n"
          "log_timestamp_format %Y-%m-%dT%H:%M:%S\n";
  return text.str();
}

}  // namespace espial::broker
