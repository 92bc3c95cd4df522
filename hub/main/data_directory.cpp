#include "hub/main/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "hub/store/hex.hpp"
#include "ports/linux/private_file.hpp"

namespace espial::main {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHexKeySize = 2 * kKeySize;
constexpr const char* kDatabase = "espial.db";
constexpr const char* kLocalSecret = "keys/local.token";

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

/// What is in it need not be looked at, then: others don't get in. A folder of something else may
/// be open for a reason.
void close_to_others(const fs::path& directory) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) == 0 && (status.st_mode & 077) == 0) return;
  std::error_code error;
  const bool ours = is_data_directory(directory) || fs::is_empty(directory, error);
  if (ours && ::chmod(directory.c_str(), 0700) == 0) return;
  throw DataDirectoryError("others can enter " + directory.string() + "; run: chmod 700 " +
                           directory.string() + ", or choose another place with --data DIR");
}

void write_key_file(const fs::path& file, const Key& key, std::uint8_t generation = 0) {
  std::string text = store::to_hex(key);
  if (generation != 0) text += " " + std::to_string(generation);
  text += "\n";
  if (const auto error = write_private_file(file, as_bytes(text))) {
    throw DataDirectoryError(*error);
  }
}

std::optional<NumberedKey> parse_key_text(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  const auto bytes = store::from_hex(text.substr(0, kHexKeySize));
  if (!bytes || bytes->size() != kKeySize) return std::nullopt;
  NumberedKey result;
  std::copy(bytes->begin(), bytes->end(), result.key.begin());
  text.remove_prefix(kHexKeySize);
  if (text.empty()) return result;
  const auto [end, error] =
      std::from_chars(text.data() + 1, text.data() + text.size(), result.generation);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return text.front() == ' ' && whole ? std::optional(result) : std::nullopt;
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
  close_to_others(root_);
  for (const char* name : {"keys", "log", "gateway", "house"}) make_private_directory(root_ / name);
}

DataDirectory DataDirectory::existing(const fs::path& root) {
  if (!is_data_directory(root)) throw DataDirectoryError(no_data_in(root));
  DataDirectory found;
  found.root_ = fs::absolute(root);
  return found;
}

fs::path DataDirectory::database() const { return root_ / kDatabase; }

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

fs::path DataDirectory::former_key_file(ServerId server) const {
  return root_ / "keys" / ("former-" + numbered("network", server));
}

features::NetworkKeyPair DataDirectory::network_key(ServerId server, Random& random) const {
  (void)load_or_draw(network_key_file(server), random);
  const NumberedKey present = read_numbered_key_file(network_key_file(server));
  features::NetworkKeyPair keys{present.key, present.generation, std::nullopt};
  if (!fs::exists(former_key_file(server))) return keys;
  const Key former = read_key_file(former_key_file(server));
  // Equal: the change was begun and the new key not yet written. It has not begun, then.
  if (former != present.key) keys.former = former;
  return keys;
}

bool DataDirectory::keep_network_key(ServerId server, const features::NetworkKeyPair& keys,
                                     const Key& discovery_key) const {
  try {
    if (keys.former) write_key_file(former_key_file(server), *keys.former);
    write_key_file(network_key_file(server), keys.key, keys.generation);
    write_key_file(discovery_key_file(server), discovery_key);
    std::error_code error;
    if (!keys.former) fs::remove(former_key_file(server), error);
    return !error;
  } catch (const DataDirectoryError&) {
    return false;
  }
}

Key DataDirectory::wrap_key(Random& random) const {
  return load_or_draw(root_ / "keys" / "wrap.key", random);
}

void DataDirectory::keep_discovery_key(ServerId server, const Key& discovery_key) const {
  write_key_file(discovery_key_file(server), discovery_key);
}

std::string DataDirectory::broker_password(Random& random) const {
  return store::to_hex(load_or_draw(root_ / "keys" / "broker.key", random));
}

DirectoryClaim DataDirectory::claim() const {
  if (auto claim = claim_if_free()) return *std::move(claim);
  throw DataDirectoryError("another hub runs on " + root_.string() +
                           "; stop it, or choose another place with --data DIR");
}

std::optional<DirectoryClaim> DataDirectory::claim_if_free() const {
  const fs::path file = root_ / "hub.lock";
  DirectoryClaim claim(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (claim.fd() < 0) {
    throw DataDirectoryError("cannot open " + file.string() + ": " + std::strerror(errno));
  }
  if (::flock(claim.fd(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return claim;
}

DirectoryClaim::~DirectoryClaim() {
  if (fd_ >= 0) ::close(fd_);
}

void DataDirectory::keep_local_secret(std::string_view secret) const {
  const std::string line = std::string(secret) + "\n";
  if (const auto error = write_private_file(root_ / kLocalSecret, as_bytes(line))) {
    throw DataDirectoryError(*error);
  }
}

bool is_data_directory(const fs::path& root) {
  std::error_code error;
  return fs::is_directory(root / "keys", error) || fs::is_regular_file(root / kDatabase, error);
}

std::string no_data_in(const fs::path& root) {
  return "there is no data of a hub in " + fs::absolute(root).string() +
         ", or it is another user's; say where with --data DIR";
}

std::string local_secret(const fs::path& root) {
  std::ifstream in(root / kLocalSecret);
  std::string secret;
  std::getline(in, secret);
  return secret;
}

Key read_key_file(const fs::path& file) { return read_numbered_key_file(file).key; }

NumberedKey read_numbered_key_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw DataDirectoryError("cannot read the key " + file.string() + ": " + std::strerror(errno));
  }
  if (const auto problem = readable_by_others("key", file)) throw DataDirectoryError(*problem);
  std::array<char, kHexKeySize + 7> text{};
  in.read(text.data(), text.size());
  const auto key = parse_key_text({text.data(), static_cast<std::size_t>(in.gcount())});
  if (!key) {
    throw DataDirectoryError(file.string() +
                             " is not a key: it must hold 64 hexadecimal digits, and after a space "
                             "its generation where that is not 0");
  }
  return *key;
}

}  // namespace espial::main
