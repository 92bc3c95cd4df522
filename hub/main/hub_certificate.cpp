#include "hub/main/hub_certificate.hpp"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "hub/main/own_names.hpp"
#include "hub/tls/authority.hpp"
#include "hub/tls/validity.hpp"

namespace espial::main {
namespace {

constexpr std::int64_t kDay_ms = 86'400'000;

}  // namespace

std::optional<std::string> HubCertificate::find(const HubOptions& options,
                                                const DataDirectory& data) {
  if (!options.lan) return std::nullopt;
  if (options.insecure_http) {
    spdlog::warn("without TLS, whoever is on the network can read the passwords, and take over");
    return std::nullopt;
  }
  if (!options.tls_certificate.empty()) {
    use({options.tls_certificate, options.tls_key});
    return std::nullopt;
  }
  const tls::Authority house(data.tls());
  if (!house.exists()) {
    if (const auto error = house.create()) return error;
    if (const auto error = house.certify(names_of_this_machine())) return error;
    spdlog::info("made an authority in {}; `espial tls show` says how to install it",
                 data.tls().string());
  }
  use({house.certificate().string(), house.key().string()});
  std::ifstream authority(house.ca_certificate());
  authority_pem_.assign(std::istreambuf_iterator<char>(authority), {});
  return std::nullopt;
}

void HubCertificate::use(http::TlsFiles files) {
  files_ = std::move(files);
  tried_ = stamp_of(files_);
  end_ = tls::end_of_certificate(files_.certificate);
}

std::optional<HubCertificate::Stamp> HubCertificate::stamp_of(const http::TlsFiles& files) {
  Stamp stamp;
  for (const std::string* file : {&files.certificate, &files.key}) {
    struct stat now {};
    if (::stat(file->c_str(), &now) != 0) return std::nullopt;
    stamp.insert(stamp.end(),
                 {static_cast<std::int64_t>(now.st_dev), static_cast<std::int64_t>(now.st_ino),
                  now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec});
  }
  return stamp;
}

void HubCertificate::look_again(const Take& take) {
  if (!exists()) return;
  const std::optional<Stamp> before = std::exchange(seen_, stamp_of(files_));
  if (!seen_ || seen_ != before || seen_ == tried_) return;
  tried_ = seen_;
  if (const auto problem = take(files_)) {
    spdlog::error("the new certificate is left alone, and the one from before stays: {}", *problem);
    return;
  }
  end_ = tls::end_of_certificate(files_.certificate);
  asked_at_.reset();
  spdlog::info("the new certificate {} is in use", files_.certificate);
}

std::optional<int> HubCertificate::days_left(UnixTime now) const {
  if (!end_) return std::nullopt;
  const std::int64_t left_ms = end_->ms - now.ms;
  return static_cast<int>(left_ms < 0 ? (left_ms + 1) / kDay_ms - 1 : left_ms / kDay_ms);
}

void HubCertificate::tick(UnixTime now) {
  const auto days = days_left(now);
  if (!days || *days >= kWarnDays) return;
  // A clock that was set back asks anew.
  if (asked_at_ && std::llabs(now.ms - asked_at_->ms) < kDay_ms) return;
  asked_at_ = now;
  ++asked_;
  const bool ours = !authority_pem_.empty();
  spdlog::warn("the certificate {}: {}; it is used as soon as it is there",
               *days < 0 ? "has ended" : "ends in " + std::to_string(*days) + " days",
               ours ? "run `espial tls renew`" : "put a newer one at --tls-cert");
}

}  // namespace espial::main
