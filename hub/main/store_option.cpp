#include "hub/main/store_option.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "ports/linux/private_file.hpp"

namespace espial::main {
namespace {

constexpr char kPasswordVariable[] = "ESPIAL_STORE_PASSWORD";

std::string read_password(const std::string& file) {
  if (file.empty()) {
    const char* const password = std::getenv(kPasswordVariable);
    return password == nullptr ? "" : password;
  }
  if (const auto problem = readable_by_others("password", file)) {
    throw CLI::ValidationError("--store-password-file", *problem);
  }
  std::ifstream stream(file);
  std::string password;
  if (!stream || !std::getline(stream, password) || password.empty()) {
    throw CLI::ValidationError("--store-password-file",
                               file + " can't be read, or its first line is empty");
  }
  return password;
}

}  // namespace

void StoreOption::add_to(CLI::App& command) {
  command.add_option("--store", store,
                     "The database: sqlite:PATH, mariadb://USER@HOST/DATABASE or "
                     "postgresql://USER@HOST/DATABASE (with ?tls_ca=FILE over TLS, to whom that "
                     "authority vouches for); without it espial.db among the data");
  command.add_option("--store-password-file", password_file,
                     std::string("File whose first line is the database's password; without it ") +
                         kPasswordVariable + " in the environment");
}

store::StoreAddress StoreOption::address(const DataDirectory& data) const {
  if (!store.empty()) return given();
  return {store::StoreAddress::Engine::sqlite, data.database(), {}};
}

store::StoreAddress StoreOption::address_to_read(const std::string& data) const {
  store::StoreAddress found = store.empty() ? address(DataDirectory::existing(data)) : given();
  if (found.engine == store::StoreAddress::Engine::sqlite && !std::filesystem::exists(found.file)) {
    throw CLI::ValidationError(store.empty() ? "--data" : "--store",
                               "there is no database " + found.file.string());
  }
  return found;
}

store::StoreAddress StoreOption::given() const {
  auto parsed = store::parse_store_address(store);
  if (!parsed.address) throw CLI::ValidationError("--store", parsed.problem);
  const std::string& authority = parsed.address->server.tls_ca;
  if (!authority.empty() && std::ifstream(authority).peek() == std::ifstream::traits_type::eof()) {
    throw CLI::ValidationError("--store", "tls_ca: " + authority + " can't be read, or is empty");
  }
  parsed.address->server.password = read_password(password_file);
  return *parsed.address;
}

}  // namespace espial::main
