#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace espial::tls {

/// A certificate authority for one house: its own key, and certificates for this machine made with
/// it. All of it ECDSA over P-256, as PEM files that only their owner may read:
///
///     ca.crt ca.key          the authority: ten years; browsers and gateways are to trust ca.crt
///     server.crt server.key  the hub: 397 days, the most that browsers believe
class Authority {
 public:
  explicit Authority(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path ca_certificate() const { return directory_ / "ca.crt"; }
  std::filesystem::path certificate() const { return directory_ / "server.crt"; }
  std::filesystem::path key() const { return directory_ / "server.key"; }
  bool exists() const;

  /// Makes an authority; one that is there stays.
  /// @returns why not.
  [[nodiscard]] std::optional<std::string> create() const;
  /// Makes a certificate for these names and addresses, with a new key; an older one is replaced.
  [[nodiscard]] std::optional<std::string> certify(const std::vector<std::string>& names) const;
  /// Days until the server's certificate ends; nothing when there is none.
  std::optional<int> days_left() const;
  /// The authority's SHA-256 fingerprint, "AB:CD:..": what a person compares before trusting it.
  std::string fingerprint() const;

 private:
  std::filesystem::path directory_;
};

}  // namespace espial::tls
