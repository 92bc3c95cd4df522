#include "hub/main/data_directory.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "ports/linux/private_file.hpp"

namespace espial::main {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHexKeySize = 2 * kKeySize;

void make_private_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    throw DataDirectoryError("cannot create " + directory.string() + ": " + std::strerror(errno) +
                             "; choose another place with --data DIR");
  }
  if (!fs::is_directory(directory, error)) {
    throw DataDirectoryError(directory.string() +
                             " is not a directory; choose another place with --data DIR");
  }
}

std::string to_hex(const Key& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : key) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0f];
  }
  return text;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void write_key_file(const fs::path& file, const Key& key) {
  const std::string text = to_hex(key) + "\n";
  if (const auto error = write_private_file(file, as_bytes(text))) {
    throw DataDirectoryError(*error);
  }
}

Key load_or_draw(const fs::path& file, Random& random) {
  if (fs::exists(file)) return read_key_file(file);
  Key key;
  random.fill(key);
  write_key_file(file, key);
  return key;
}

std::string numbered(std::string_view name, ServerId server) {
  return std::string(name) + "-" + std::to_string(server.value) + ".key";
}

}  // namespace

DataDirectory::DataDirectory(fs::path root) : root_(fs::absolute(std::move(root))) {
  make_private_directory(root_);
  for (const char* name : {"keys", "log", "gateway", "house"}) make_private_directory(root_ / name);
}

fs::path DataDirectory::network_key_file(ServerId server) const {
  return root_ / "keys" / numbered("network", server);
}

fs::path DataDirectory::discovery_key_file(ServerId server) const {
  return root_ / "keys" / numbered("discovery", server);
}

fs::path DataDirectory::board_settings(const MacAddress& mac) const {
  const auto text = to_text(mac);
  return root_ / "house" / (std::string(text.begin(), text.end()) + ".settings");
}

Key DataDirectory::network_key(ServerId server, Random& random) const {
  return load_or_draw(network_key_file(server), random);
}

Key DataDirectory::wrap_key(Random& random) const {
  return load_or_draw(root_ / "keys" / "wrap.key", random);
}

void DataDirectory::keep_discovery_key(ServerId server, const Key& discovery_key) const {
  write_key_file(discovery_key_file(server), discovery_key);
}

Key read_key_file(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    throw DataDirectoryError("cannot read the key " + file.string() + ": " + std::strerror(errno));
  }
  if ((status.st_mode & 077) != 0) {
    throw DataDirectoryError("the key " + file.string() +
                             " can be read by others; run: chmod 600 " + file.string());
  }
  std::ifstream in(file, std::ios::binary);
  std::array<char, kHexKeySize + 3> text{};
  in.read(text.data(), text.size());
  std::string_view digits(text.data(), static_cast<std::size_t>(in.gcount()));
  if (!digits.empty() && digits.back() == '\n') digits.remove_suffix(1);
  if (!digits.empty() && digits.back() == '\r') digits.remove_suffix(1);
  Key key{};
  bool good = digits.size() == kHexKeySize;
  for (std::size_t i = 0; good && i < kKeySize; ++i) {
    const int high = digit(digits[2 * i]);
    const int low = digit(digits[2 * i + 1]);
    good = high >= 0 && low >= 0;
    if (good) key[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  if (!good) {
    throw DataDirectoryError(file.string() +
                             " is not a key: it must hold 64 hexadecimal digits and nothing else");
  }
  return key;
}

}  // namespace espial::main
