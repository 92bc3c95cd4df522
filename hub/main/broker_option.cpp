#include "hub/main/broker_option.hpp"

#include <CLI/CLI.hpp>
#include <string_view>

#include "hub/main/broker_login.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

constexpr std::string_view kPlain = "mqtt://";
constexpr std::string_view kSecure = "mqtts://";
constexpr std::uint16_t kPlainPort = 1883;
constexpr std::uint16_t kSecurePort = 8883;

bool begins_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

}  // namespace

void BrokerPlace::apply_to(mqtt::ConnectionOptions& options) const {
  options.host = host;
  options.port = port;
  options.secure = secure;
  options.ca_file = ca_file;
  log_in(options.client, user, password);
}

std::string BrokerPlace::text() const {
  return (secure ? std::string(kSecure) : std::string()) + http::HostPort{host, port}.text();
}

void BrokerOption::add_to(CLI::App& command, const std::string& about) {
  command.add_option("--broker", address, about);
  command
      .add_option("--broker-ca", ca_file,
                  "With mqtts://: FILE of authorities (PEM) that the broker's certificate is "
                  "checked against, as the hub's tls/ca.crt, in place of this machine's")
      ->check(CLI::ExistingFile);
  command.add_option("--broker-user", user, "With --broker: whom to log in as");
  command.add_option("--broker-password-file", password_file, "File with that user's password");
}

BrokerPlace BrokerOption::place() const {
  BrokerPlace place;
  place.secure = begins_with(address, kSecure);
  if (!ca_file.empty() && !place.secure) {
    throw CLI::ValidationError("--broker-ca", "needs --broker mqtts://HOST beside it");
  }
  std::string rest = address;
  if (place.secure || begins_with(address, kPlain)) rest.erase(0, rest.find("//") + 2);
  if (rest.find('/') != std::string::npos) {
    throw CLI::ValidationError("--broker",
                               "must be HOST:PORT, or mqtts://HOST:PORT for one over TLS");
  }
  const http::HostPort endpoint =
      parse_endpoint(rest, place.secure ? kSecurePort : kPlainPort, "--broker");
  place.host = endpoint.host;
  place.port = endpoint.port;
  place.ca_file = ca_file;
  place.user = user;
  place.password = broker_password(user, password_file);
  return place;
}

}  // namespace espial::main
