#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "hub/http/server.hpp"
#include "hub/main/data_directory.hpp"
#include "hub/main/hub.hpp"

namespace espial::main {

/// The certificate that the hub shows: found or made at the start, and watched until its end.
class HubCertificate {
 public:
  /// From then on people are asked for another one.
  static constexpr int kWarnDays = 30;

  /// Finds the files for TLS, if it is wanted: given, or of this house's own authority, made if
  /// need be.
  /// @returns why not.
  [[nodiscard]] std::optional<std::string> find(const HubOptions& options,
                                                const DataDirectory& data);
  /// That of `files` is the one in use.
  void use(http::TlsFiles files);

  /// Whether there is one.
  bool exists() const { return !files_.certificate.empty(); }
  const http::TlsFiles& files() const { return files_; }
  /// The local authority's own certificate; empty: there is none.
  const std::string& authority_pem() const { return authority_pem_; }

  /// Begins to show the certificate of these files. @returns why it can't.
  using Take = std::function<std::optional<std::string>(const http::TlsFiles&)>;
  /// To be called often. Once both files are there, at least one is another than it was, and
  /// neither has changed since the call before, `take` is given them. What it can't use is logged,
  /// and not tried again until a file changes: what is in use stays.
  void look_again(const Take& take);
  /// To be called often: the log asks for another one once a day, if it is time.
  void tick(UnixTime now);
  /// Whole days until its end, below 0 afterwards; nothing where there is no certificate.
  std::optional<int> days_left(UnixTime now) const;
  /// How often the log has asked.
  unsigned asked() const { return asked_; }

 private:
  /// Tells files from others, and from themselves once somebody has written to them.
  using Stamp = std::vector<std::int64_t>;
  /// Nothing while one of them is not there.
  static std::optional<Stamp> stamp_of(const http::TlsFiles& files);

  http::TlsFiles files_;
  std::string authority_pem_;
  std::optional<UnixTime> end_;
  std::optional<Stamp> seen_;   ///< when it was last looked
  std::optional<Stamp> tried_;  ///< in use, or refused
  std::optional<UnixTime> asked_at_;
  unsigned asked_ = 0;
};

}  // namespace espial::main
