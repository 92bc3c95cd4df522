#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/port/crypto.hpp"
#include "core/port/random.hpp"
#include "hub/features/network_keys.hpp"

namespace espial::main {

/// A data directory that can't be used; the message says why and what to do.
class DataDirectoryError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A key, and which one of its kind.
struct NumberedKey {
  Key key{};
  std::uint8_t generation = 0;
};

/// While it lives no other hub may have the directory. The system ends it with the process.
class DirectoryClaim {
 public:
  explicit DirectoryClaim(int fd) : fd_(fd) {}
  ~DirectoryClaim();
  DirectoryClaim(DirectoryClaim&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DirectoryClaim(const DirectoryClaim&) = delete;
  DirectoryClaim& operator=(const DirectoryClaim&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// Everything an installation keeps, in one place that only its owner may enter:
///
///     espial.db            devices, readings, sessions (keys in it are wrapped)
///     keys/network-1.key   admits modules to network 1        64 hexadecimal digits, mode 0600
///     keys/former-network-1.key   the one before, while the key is being changed
///     keys/discovery-1.key lets a gateway prove itself to searching modules of network 1
///     keys/wrap.key        wraps the keys in espial.db: back it up apart from the database
///     keys/local.token     lets commands on this machine into a running hub; anew at every start
///     keys/broker.key      the hub's own password at its private broker
///     tls/                 the authority and the certificate (`espial tls`)
///     broker/              the private Mosquitto's configuration and memory
///     gateway/ house/      what simulated boards keep over a power cut
///     log/                 what the processes said
class DataDirectory {
 public:
  /// Opens `root`, creating it with mode 0700 where it is missing. One that is empty or holds a
  /// hub's data gets that mode; one of something else has to have it.
  /// @throws DataDirectoryError
  explicit DataDirectory(std::filesystem::path root);
  /// Opens one that a hub has begun, and creates nothing.
  /// @throws DataDirectoryError when there is none in `root`.
  static DataDirectory existing(const std::filesystem::path& root);

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path database() const;
  std::filesystem::path broker() const { return root_ / "broker"; }
  std::filesystem::path tls() const { return root_ / "tls"; }
  std::filesystem::path gateway_password() const { return root_ / "gateway" / "broker.password"; }
  std::filesystem::path logs() const { return root_ / "log"; }
  std::filesystem::path network_key_file(ServerId server) const;
  std::filesystem::path former_key_file(ServerId server) const;
  std::filesystem::path discovery_key_file(ServerId server) const;
  /// The file in which the simulated board `mac` keeps its settings.
  std::filesystem::path board_settings(const MacAddress& mac) const;

  /// Takes the directory for one hub.
  /// @throws DataDirectoryError when another one has it.
  DirectoryClaim claim() const;
  /// The same; nothing when another one has it.
  /// @throws DataDirectoryError
  std::optional<DirectoryClaim> claim_if_free() const;

  /// The key that admits modules to `server`, drawn and kept at the first call; and the one before
  /// it, while it is being changed.
  /// @throws DataDirectoryError
  features::NetworkKeyPair network_key(ServerId server, Random& random) const;
  /// Keeps what a change begins or ends with, and the discovery key for gateways. A power cut in
  /// between leaves the keys from before.
  /// @retval false  it can't be written.
  [[nodiscard]] bool keep_network_key(ServerId server, const features::NetworkKeyPair& keys,
                                      const Key& discovery_key) const;
  /// The key that wraps what the database holds of keys; drawn and kept at the first call.
  /// @throws DataDirectoryError
  Key wrap_key(Random& random) const;
  /// Writes the discovery key derived from `network_key`, for gateways to read.
  /// @throws DataDirectoryError
  void keep_discovery_key(ServerId server, const Key& discovery_key) const;

  /// What the hub logs in to its private broker with; drawn and kept at the first call.
  /// @throws DataDirectoryError
  std::string broker_password(Random& random) const;
  /// Leaves a secret for commands that its owner gives on this machine.
  /// @throws DataDirectoryError
  void keep_local_secret(std::string_view secret) const;

 private:
  DataDirectory() = default;

  std::filesystem::path root_;
};

/// Whether there is a data directory that this user may enter.
bool is_data_directory(const std::filesystem::path& root);
/// The sentence for people when there is not.
std::string no_data_in(const std::filesystem::path& root);

/// What a hub with this data directory has left for its owner's commands; empty where there is
/// none, or it belongs to somebody else.
std::string local_secret(const std::filesystem::path& root);

/// Reads a key file: 64 hexadecimal digits, a space and the generation where it is not 0, and at
/// most a line end.
/// @throws DataDirectoryError when it is missing, damaged, or readable by others than its owner.
NumberedKey read_numbered_key_file(const std::filesystem::path& file);
Key read_key_file(const std::filesystem::path& file);

}  // namespace espial::main
