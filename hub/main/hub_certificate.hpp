#pragma once

#include <optional>
#include <string>

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

  /// To be called often: the log asks for another one once a day, if it is time. The files are not
  /// looked at again, for what is in use is what they held at the start.
  void tick(UnixTime now);
  /// Whole days until its end, below 0 afterwards; nothing where there is no certificate.
  std::optional<int> days_left(UnixTime now) const;
  /// How often the log has asked.
  unsigned asked() const { return asked_; }

 private:
  http::TlsFiles files_;
  std::string authority_pem_;
  std::optional<UnixTime> end_;
  std::optional<UnixTime> asked_at_;
  unsigned asked_ = 0;
};

}  // namespace espial::main
