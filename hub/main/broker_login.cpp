#include "hub/main/broker_login.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "hub/access/secret.hpp"
#include "hub/main/data_directory.hpp"
#include "ports/linux/private_file.hpp"

namespace espial::main {
namespace {

constexpr std::size_t kEndingChars = 16;

}  // namespace

std::string unguessable_client_id(const std::string& name, const std::string& password) {
  return name + '-' + access::digest_of("client id of " + password).substr(0, kEndingChars);
}

void log_in(mqtt::ClientOptions& client, const std::string& user, const std::string& password) {
  if (user.empty()) return;
  client.user_name = user;
  client.password = password;
  client.client_id = unguessable_client_id(client.client_id, password);
}

std::string broker_password(const std::string& user, const std::filesystem::path& file) {
  if (user.empty()) return {};
  std::ifstream in(file);
  if (!in) {
    throw DataDirectoryError("cannot read \"" + file.string() + "\": " + std::strerror(errno) +
                             "; name the file with --broker-password-file");
  }
  if (const auto problem = readable_by_others("password", file)) throw DataDirectoryError(*problem);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace espial::main
